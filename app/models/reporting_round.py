"""The round: a half-year with its own dates, from planned to concluded (domain.md 1B, 3D)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self

import sqlalchemy as sa
from pydantic import field_validator, model_validator
from sqlmodel import Field, Session, SQLModel, col, select

from app.errors import DomainError
from app.i18n import N_, _
from app.models.base import Choice, Row, one_of, wrong
from app.models.event import add, change, record
from app.models.portfolio import Portfolio

if TYPE_CHECKING:
    from app.models.user import User


class RoundState(Choice):
    planned = "planned", N_("Planned")
    open = "open", N_("Open")
    closed_for_leaders = "closed_for_leaders", N_("Closed for leaders")
    frozen = "frozen", N_("Frozen")
    presented = "presented", N_("Presented")
    finished = "finished", N_("Concluded")


UNDER_WAY = (RoundState.open, RoundState.closed_for_leaders)
"""The states in which reports can still change."""


class RoundForm(SQLModel):
    """A round's name and dates. The dates follow each other: opening, leaders, owners, board."""

    name: str = Field(min_length=3, max_length=40, title=N_("Name"))
    key: str = Field(min_length=4, max_length=12, title=N_("Key in addresses, for example 2022-06"))
    as_of: date = Field(title=N_("As of"))
    opens_on: date = Field(title=N_("Opens on"))
    leader_deadline_on: date = Field(title=N_("Deadline for project leaders"))
    owner_deadline_on: date = Field(title=N_("Deadline for project owners"))
    board_on: date | None = Field(default=None, title=N_("Before the board on"))

    @field_validator("key")
    @classmethod
    def _fits_an_address(cls, key: str) -> str:
        if not all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in key):
            raise wrong("key", N_("Use letters, digits and hyphens only"))
        return key

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.leader_deadline_on < self.opens_on:
            raise wrong("leader_deadline_on", N_("The leaders' deadline lies before the opening"))
        if self.owner_deadline_on < self.leader_deadline_on:
            raise wrong("owner_deadline_on", N_("The owners' deadline lies before the leaders'"))
        if self.board_on and self.board_on < self.owner_deadline_on:
            raise wrong("board_on", N_("The board meets before the owners' deadline"))
        return self


class ReportingRound(RoundForm, Row, table=True):
    """A half-year in which every project on the list is reported (statusrunde), with a key like 2018-01."""

    __table_args__ = (sa.UniqueConstraint("portfolio_id", "key"),)

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    state: RoundState = one_of(RoundState, default=RoundState.planned, title=N_("State"))
    frozen_at: datetime | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def under_way(self) -> bool:
        """Reports can still change: colours that are missing now may still come."""
        return self.state in UNDER_WAY

    @property
    def awaits_the_board(self) -> bool:
        """It has been opened, and the executive board has yet to meet on it."""
        return self.state in (*UNDER_WAY, RoundState.frozen)

    @property
    def was_opened(self) -> bool:
        return self.state is not RoundState.planned

    @property
    def is_frozen(self) -> bool:
        return self.state in (RoundState.frozen, RoundState.presented, RoundState.finished)

    def refuse_when_frozen(self) -> None:
        """The dates of an edition are part of what the board has read."""
        if self.is_frozen:
            raise DomainError(_("The round is frozen and can no longer be changed."))

    def require(self, *states: RoundState) -> None:
        """That the round is in one of these states, or a sentence why something cannot be done."""
        if self.state not in states:
            raise DomainError(
                _("This cannot be done now: the round is %(state)s.") % {"state": str(self.state).lower()}
            )

    def close_for_leaders(self, session: Session, by: "User") -> None:
        """No more writing; owners still approve and return."""
        self.move(session, by, "closed_for_leaders", RoundState.closed_for_leaders, RoundState.open)

    def let_leaders_in_again(self, session: Session, by: "User") -> None:
        """The deadline is put off: leaders may write again."""
        self.move(session, by, "reopened", RoundState.open, RoundState.closed_for_leaders)

    def present(self) -> None:
        """The board has met on the edition; the event of the meeting tells of it. Minutes may also be written later."""
        self.require(RoundState.frozen, RoundState.presented, RoundState.finished)
        if self.state is RoundState.frozen:
            self.state = RoundState.presented

    def finish(self, session: Session, by: "User", unanswered: Sequence[str]) -> None:
        """Everything the board was asked has an answer, also »not treated« (domain.md 3D)."""
        self.require(RoundState.presented)
        if unanswered:
            raise DomainError(
                _("Take down a decision first, also »Not treated«: %(which)s.") % {"which": ", ".join(unanswered)}
            )
        self.move(session, by, "finished", RoundState.finished, RoundState.presented)

    def move(self, session: Session, by: "User | None", action: str, to: RoundState, *from_: RoundState) -> None:
        """One step of the state machine, or a sentence why not."""
        self.require(*from_)
        before, self.state = self.state, to
        record(session, by, action, self, before={"state": before}, after={"state": to})


HALF_YEARS = {1: "januar", 6: "juni"}
"""The two rounds of a year (product.md, decision 1), by the month they are named after: names are data, so Danish."""


def suggested_round(latest: date | None, day: date) -> RoundForm:
    """The dates of the first half-year after `latest`, the newest round's as-of date, that is not long past on `day`.

    As the list has always done it: leaders and owners by the Fridays ten and three days before the Monday that the list
    is as of, the board on the Monday after, the last of the month; opened on 1 December or 1 May (domain.md 3D).
    """
    after = max(latest or date.min, day - timedelta(days=31))
    month = 6 if after.month < 6 else 1
    year = after.year if month == 6 else after.year + 1
    board = _last_monday(year, month)
    return RoundForm(
        name=f"{HALF_YEARS[month]} {year}",
        key=f"{year}-{month:02}",
        as_of=board - timedelta(days=7),
        opens_on=date(year, 5, 1) if month == 6 else date(year - 1, 12, 1),
        leader_deadline_on=board - timedelta(days=17),
        owner_deadline_on=board - timedelta(days=10),
        board_on=board,
    )


def _last_monday(year: int, month: int) -> date:
    last = date(year, month + 1, 1) - timedelta(days=1)
    return last - timedelta(days=last.weekday())


def next_round(session: Session, portfolio_id: int, day: date) -> RoundForm:
    """What is suggested when a round is planned on a day."""
    rounds = rounds_of(session, portfolio_id)
    return suggested_round(rounds[0].as_of if rounds else None, day)


def lock_rounds(session: Session, portfolio_id: int) -> None:
    """Lets one writer at a time decide what depends on all rounds of a list: their keys, and which one is open."""
    query = select(Portfolio.id).where(Portfolio.id == portfolio_id)
    session.exec(query.with_for_update(key_share=True)).one()


def key_taken(session: Session, portfolio_id: int, key: str, besides: ReportingRound | None = None) -> bool:
    """Whether another round of the list has this key; until the answer has been used, nobody else can take it."""
    lock_rounds(session, portfolio_id)
    found = round_by_key(session, portfolio_id, key)
    return found is not None and found is not besides


def plan_round(session: Session, by: "User", portfolio: Portfolio, form: RoundForm) -> ReportingRound:
    """A new round, planned. Two rounds of a list never have the same key."""
    if key_taken(session, portfolio.pk, form.key):
        raise DomainError(_("There is already a round with this key."))
    planned = ReportingRound(portfolio_id=portfolio.pk, **form.model_dump())
    add(session, by, planned, form)
    return planned


def change_round(session: Session, by: "User", round_: ReportingRound, form: RoundForm) -> None:
    """New dates, as long as the round is not frozen. Its key never changes once it has been opened."""
    round_.refuse_when_frozen()
    if round_.was_opened and form.key != round_.key:
        raise DomainError(_("The key stands in addresses that have been mailed; it cannot be changed any more."))
    if key_taken(session, round_.portfolio_id, form.key, besides=round_):
        raise DomainError(_("There is already a round with this key."))
    change(session, by, round_, form)


def round_by_key(session: Session, portfolio_id: int, key: str, *, for_update: bool = False) -> ReportingRound | None:
    query = select(ReportingRound).where(ReportingRound.portfolio_id == portfolio_id, ReportingRound.key == key)
    return session.exec(query.with_for_update() if for_update else query).first()


def round_under_way(session: Session, portfolio_id: int) -> ReportingRound | None:
    """The round in which statuses are being written and approved: at most one at a time."""
    query = select(ReportingRound).where(
        ReportingRound.portfolio_id == portfolio_id, col(ReportingRound.state).in_(UNDER_WAY)
    )
    return session.exec(query.order_by(col(ReportingRound.as_of).desc())).first()


def rounds_of(session: Session, portfolio_id: int) -> list[ReportingRound]:
    """All rounds, newest first."""
    query = select(ReportingRound).where(ReportingRound.portfolio_id == portfolio_id)
    return list(session.exec(query.order_by(col(ReportingRound.as_of).desc())))


def latest_rounds(session: Session, portfolio_id: int, count: int) -> list[ReportingRound]:
    """The last `count` rounds that have been opened, newest first; the first of them is the current one."""
    query = (
        select(ReportingRound)
        .where(ReportingRound.portfolio_id == portfolio_id, ReportingRound.state != RoundState.planned)
        .order_by(col(ReportingRound.as_of).desc())
        .limit(count)
    )
    return list(session.exec(query))
