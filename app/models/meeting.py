"""A meeting of the executive board or the management forum, and where it stands (domain.md R10, R109, R110)."""

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import AfterValidator, model_validator
from sqlalchemy.orm import contains_eager, joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.errors import DomainError
from app.i18n import N_, _, show_date
from app.models.base import Choice, Row, one_of, rel, texts, wrong
from app.models.event import Facts, add, change, record
from app.models.project import CaseNumber
from app.models.reporting_round import ReportingRound

if TYPE_CHECKING:
    from app.models.portfolio import Portfolio
    from app.models.user import User


class MeetingBody(Choice):
    executive_board = "executive_board", N_("Executive board")
    management_forum = "management_forum", N_("Management forum")


class MeetingState(Choice):
    planned = "planned", N_("Planned")
    held = "held", N_("Held")
    cancelled = "cancelled", N_("Cancelled")


def _clock(text: str) -> str:
    """A time of day as 09.30; people also write 9:30 and 9."""
    written = re.fullmatch(r"([01]?\d|2[0-3])(?:[.:]([0-5]\d))?", text)
    if text and not written:
        raise wrong("", N_("Write the time as 09.30"))
    return f"{int(written[1]):02}.{written[2] or '00'}" if written else ""


Clock = Annotated[str, AfterValidator(_clock)]
"""A time of day as people here write it, 09.30; empty when it is not known."""


class MeetingForm(SQLModel):
    held_on: date = Field(title=N_("Date"))
    starts_at: Clock = Field(default="", max_length=5, title=N_("From"))
    ends_at: Clock = Field(default="", max_length=5, title=N_("Until"))
    place: str = Field(default="", max_length=80, title=N_("Place"))
    participants: list[str] = texts(title=N_("Participants"))
    apologies: list[str] = texts(title=N_("Apologies"))
    case_number: CaseNumber | None = Field(default=None, max_length=12, title=N_("Case number"))

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise wrong("ends_at", N_("The meeting ends before it begins"))
        return self


class Meeting(MeetingForm, Row, table=True):
    """One meeting (møde). `round_id` is the round whose edition it treats; a round has one such meeting."""

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    round_id: int | None = Field(default=None, foreign_key="reporting_round.id", unique=True)
    body: MeetingBody = one_of(MeetingBody, title=N_("Body"))
    state: MeetingState = one_of(MeetingState, default=MeetingState.planned, title=N_("State"))

    portfolio: "Portfolio" = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    round: ReportingRound | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return f"{self.body} {show_date(self.held_on)}"

    @property
    def is_planned(self) -> bool:
        return self.state is MeetingState.planned

    @property
    def takes_place(self) -> bool:
        return self.state is not MeetingState.cancelled

    def require(self, *states: MeetingState) -> None:
        if self.state not in states:
            raise DomainError(
                _("This cannot be done now: the meeting is %(state)s.") % {"state": str(self.state).lower()}
            )

    def hold(self, session: Session, by: "User") -> None:
        """It has taken place: the round that it treats has been presented (domain.md 3D)."""
        self.require(MeetingState.planned)
        round_ = self._round(session)
        if round_:
            round_.present()
        self.state = MeetingState.held
        after: Facts = {"state": self.state} | ({"round": str(round_)} if round_ else {})
        record(session, by, "held", self, before={"state": MeetingState.planned}, after=after)

    def cancel(self, session: Session, by: "User") -> None:
        """It does not take place; another meeting may treat its round."""
        self.require(MeetingState.planned)
        round_ = self._round(session)
        before: Facts = {"state": self.state} | ({"round": str(round_)} if round_ else {})
        self.state, self.round_id = MeetingState.cancelled, None
        record(session, by, "cancelled", self, before=before, after={"state": self.state})

    def _round(self, session: Session) -> ReportingRound | None:
        return session.get(ReportingRound, self.round_id) if self.round_id else None


def plan_meeting(
    session: Session,
    by: "User | None",
    portfolio_id: int,
    body: MeetingBody,
    form: MeetingForm,
    round_: ReportingRound | None = None,
) -> Meeting:
    """A new meeting; a round is treated at one."""
    if round_ and meeting_on(session, round_.pk):
        raise DomainError(_("There is already a meeting on this round."))
    said = form.model_dump(include=set(MeetingForm.model_fields))
    meeting = Meeting(**said, portfolio_id=portfolio_id, body=body, round_id=round_.pk if round_ else None)
    add(session, by, meeting, form)
    return meeting


def change_meeting(session: Session, by: "User", meeting: Meeting, form: MeetingForm) -> None:
    """New facts of a meeting; also of one that was held, because the minutes are written afterwards."""
    change(session, by, meeting, form)


def meeting_on(session: Session, round_id: int, *, for_update: bool = False) -> Meeting | None:
    """The meeting that treats a round's edition, with its list and its round."""
    query = select(Meeting).where(Meeting.round_id == round_id)
    query = query.options(joinedload(rel(Meeting.portfolio)), joinedload(rel(Meeting.round)))
    return session.exec(query.with_for_update(of=Meeting) if for_update else query).first()


def meeting_on_round(session: Session, portfolio_id: int, key: str) -> Meeting | None:
    """The meeting that treats the round with this key, with its list and its round."""
    query = select(Meeting).join(rel(Meeting.round)).where(Meeting.portfolio_id == portfolio_id)
    query = query.where(ReportingRound.key == key)
    return session.exec(query.options(joinedload(rel(Meeting.portfolio)), contains_eager(rel(Meeting.round)))).first()


def board_meeting_on(session: Session, portfolio_id: int, day: date) -> Meeting | None:
    """The executive board's meeting of a day, unless it was cancelled."""
    query = select(Meeting).where(
        Meeting.portfolio_id == portfolio_id,
        Meeting.held_on == day,
        Meeting.body == MeetingBody.executive_board,
        Meeting.state != MeetingState.cancelled,
    )
    return session.exec(query.order_by(col(Meeting.id))).first()


def meeting_by_id(session: Session, meeting_id: int, *, for_update: bool = False) -> Meeting | None:
    """A meeting with its list and its round."""
    query = select(Meeting).where(Meeting.id == meeting_id)
    query = query.options(joinedload(rel(Meeting.portfolio)), joinedload(rel(Meeting.round)))
    return session.exec(query.with_for_update(of=Meeting) if for_update else query).first()


def last_meeting(session: Session, portfolio_id: int, body: MeetingBody) -> Meeting | None:
    """The newest meeting of a body that was not cancelled: what a new one is suggested after."""
    query = select(Meeting).where(Meeting.portfolio_id == portfolio_id, Meeting.body == body)
    query = query.where(Meeting.state != MeetingState.cancelled)
    return session.exec(query.order_by(col(Meeting.held_on).desc(), col(Meeting.id).desc())).first()


def meetings_of(session: Session, portfolio_id: int, body: MeetingBody | None = None) -> list[Meeting]:
    """All meetings, or those of one body, the newest first, with their rounds."""
    query = select(Meeting).where(Meeting.portfolio_id == portfolio_id).options(joinedload(rel(Meeting.round)))
    if body is not None:
        query = query.where(Meeting.body == body)
    return list(session.exec(query.order_by(col(Meeting.held_on).desc(), col(Meeting.id).desc())))
