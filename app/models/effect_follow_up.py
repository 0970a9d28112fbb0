"""What comes of an effect after its project has left the list (domain.md 3D, 4E; product.md, decision 13)."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Optional, Self

import sqlalchemy as sa
from pydantic import model_validator
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.errors import DomainError, NotAllowed
from app.i18n import N_, _, show_date
from app.models.base import Choice, Row, columns, long_text, one_of, rel, wrong
from app.models.effect_target import EffectTarget, IndicatorType
from app.models.event import Facts, change, facts, record
from app.models.measurement import Measurement, MeasurementForm, add_figure
from app.models.milestone import Precision, months_after
from app.settings import now, today

if TYPE_CHECKING:
    from app.models.person import Person
    from app.models.project import Project
    from app.models.unit import Unit
    from app.models.user import User

AFTER = (6, 12)
"""Months after a project has left the list at which its effects are looked at, unless something else is said (4E)."""


class FollowUpState(Choice):
    planned = "planned", N_("Planned")
    reported = "reported", N_("Reported")
    returned = "returned", N_("Returned")
    approved = "approved", N_("Approved")
    waived = "waived", N_("Not followed")

    @property
    def is_open(self) -> bool:
        """Whether something is still to come of it."""
        return self in OPEN


OPEN = (FollowUpState.planned, FollowUpState.reported, FollowUpState.returned)
TO_REPORT = (FollowUpState.planned, FollowUpState.returned)


class FollowUpResult(Choice):
    """What came of an effect after the project (domain.md 4E)."""

    reached = "reached", N_("Reached")
    partly = "partly", N_("Partly reached")
    not_reached = "not_reached", N_("Not reached")
    too_early = "too_early", N_("Too early to tell")
    not_measured = "not_measured", N_("Not measured")

    @property
    def tells(self) -> bool:
        """Whether it says what came of the effect."""
        return self in (FollowUpResult.reached, FollowUpResult.partly, FollowUpResult.not_reached)


class FollowUpPlan(SQLModel):
    """When an effect is followed up after the project has left the list, and by whom in the line."""

    due_on: date = Field(title=N_("Follow up on"))
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True, title=N_("Effect owner"))
    owner_unit_id: int | None = Field(default=None, foreign_key="unit.id", title=N_("Unit that owns the effect"))

    @model_validator(mode="after")
    def _has_an_owner(self) -> Self:
        if self.owner_id is None and self.owner_unit_id is None:
            raise wrong("owner_id", N_("Choose who follows up"))
        return self


class FollowUpReport(SQLModel):
    """What the effect owner says on the day."""

    result: FollowUpResult | None = one_of(FollowUpResult, default=None, nullable=True, title=N_("Result"))
    conclusion: str = long_text(default="", max_length=600, title=N_("What the figures show"))
    next_on: date | None = Field(default=None, title=N_("Next follow-up"))


class FollowUpEntry(SQLModel):
    """The same as a form, with the figure that it rests on. What it must say besides stands in `lacking`."""

    result: FollowUpResult = one_of(FollowUpResult, title=N_("Result"))
    value: float | None = Field(default=None, title=N_("New figure"))
    measured_on: date | None = Field(default=None, title=N_("Measured on"))
    precision: Precision = one_of(Precision, default=Precision.day, title=N_("How exact is the date"))
    source: str = Field(default="", max_length=120, title=N_("Source"))
    conclusion: str = long_text(min_length=3, max_length=600, title=N_("What the figures show"))
    next_on: date | None = Field(default=None, title=N_("Next follow-up"))

    @property
    def figure(self) -> MeasurementForm | None:
        """The figure that was entered, if any; the form is not `lacking`."""
        if self.value is None or self.measured_on is None:
            return None
        return MeasurementForm(
            value=self.value, measured_on=self.measured_on, precision=self.precision, source=self.source
        )


class WaiverForm(SQLModel):
    """Why an effect is no longer followed."""

    waived_reason: str = long_text(min_length=3, max_length=400, title=N_("Why it is not followed"))


class ReturningForm(SQLModel):
    """What must be said again, or otherwise."""

    reason: str = long_text(min_length=10, max_length=400, title=N_("Why it is returned"))


class EffectFollowUp(FollowUpPlan, FollowUpReport, Row, table=True):
    """One look at an effect after its project has left the list (effektopfølgning); `no` runs within the target."""

    __table_args__ = (sa.UniqueConstraint("effect_target_id", "no"),)

    effect_target_id: int = Field(foreign_key="effect_target.id", index=True)
    no: int
    state: FollowUpState = one_of(FollowUpState, default=FollowUpState.planned, title=N_("State"))
    waived_reason: str = long_text(default="", max_length=400, title=N_("Why it is not followed"))
    reported_at: datetime | None = None
    reported_by_id: int | None = Field(default=None, foreign_key="person.id")
    approved_at: datetime | None = None
    approved_by_id: int | None = Field(default=None, foreign_key="person.id")
    returned_reason: str = long_text(default="", max_length=400, title=N_("Why it is returned"))

    effect_target: EffectTarget = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    owner: Optional["Person"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "EffectFollowUp.owner_id"}
    )
    owner_unit: Optional["Unit"] = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    reported_by: Optional["Person"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "EffectFollowUp.reported_by_id"}
    )
    approved_by: Optional["Person"] = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "EffectFollowUp.approved_by_id"}
    )

    def __str__(self) -> str:
        return show_date(self.due_on)

    def report(self, session: Session, by: "User", project: "Project", entry: FollowUpEntry) -> None:
        """Says what came of the effect, with the figure that shows it."""
        self._require(*TO_REPORT)
        for name in FollowUpReport.model_fields:
            setattr(self, name, getattr(entry, name))
        if entry.result is not FollowUpResult.too_early:
            self.next_on = None
        self.reported_at, self.reported_by_id, self.returned_reason = now(), by.person_id, ""
        said = facts(session, self, set(FollowUpReport.model_fields))
        if entry.figure:
            said["measurements"] = [str(add_figure(session, self.effect_target, entry.figure))]
        self._move(session, by, project, "reported", FollowUpState.reported, said)

    def approve(self, session: Session, by: "User", project: "Project") -> None:
        """Accepts what was reported. Too early: it is looked at again. The last one concludes the project (3D)."""
        self._require(FollowUpState.reported)
        self._require_another(by)
        self.approved_at, self.approved_by_id = now(), by.person_id
        self._move(session, by, project, "approved", FollowUpState.approved)
        if self.result is FollowUpResult.too_early and self.next_on:
            self._look_again(session, self.next_on)
        conclude_when_done(session, project, today())

    def send_back(self, session: Session, by: "User", project: "Project", reason: str) -> None:
        self._require(FollowUpState.reported)
        self._require_another(by)
        self.returned_reason = reason
        self._move(session, by, project, "returned", FollowUpState.returned, {"returned_reason": reason})

    def waive(self, session: Session, by: "User", project: "Project", reason: str) -> None:
        """Gives it up, with the reason; it may be the last thing that the project waited for."""
        self._require(*TO_REPORT)
        self.waived_reason = reason
        self._move(session, by, project, "waived", FollowUpState.waived, {"waived_reason": reason})
        conclude_when_done(session, project, today())

    def plan(self, session: Session, by: "User", project: "Project", form: FollowUpPlan) -> None:
        """Another day, or somebody else who follows up."""
        self._require(*TO_REPORT)
        change(session, by, self, form, project_id=project.pk)

    def _look_again(self, session: Session, day: date) -> None:
        """The follow-up that »too early« asks for, unless one is planned for that day already."""
        same = (
            select(EffectFollowUp.id)
            .where(EffectFollowUp.effect_target_id == self.effect_target_id, EffectFollowUp.due_on == day)
            .where(col(EffectFollowUp.state).in_(OPEN))
        )
        if session.exec(same).first() is None:
            plan = FollowUpPlan(due_on=day, owner_id=self.owner_id, owner_unit_id=self.owner_unit_id)
            session.add_all(follow_ups(session, self.effect_target, [plan]))

    def _require(self, *states: FollowUpState) -> None:
        if self.state not in states:
            raise DomainError(
                _("This cannot be done now: the follow-up is %(state)s.") % {"state": str(self.state).lower()}
            )

    def _require_another(self, by: "User") -> None:
        if by.person_id is None or self.reported_by_id == by.person_id:
            raise NotAllowed(_("Nobody can approve a follow-up they have reported themselves."))

    def _move(
        self,
        session: Session,
        by: "User",
        project: "Project",
        action: str,
        to: FollowUpState,
        more: Facts | None = None,
    ) -> None:
        before, self.state = self.state, to
        session.flush()
        after = {"state": to} | (more or {})
        record(session, by, action, self, project_id=project.pk, before={"state": before}, after=after)


def default_dates(left_on: date, target_on: date | None) -> list[date]:
    """When an effect is looked at unless something else is said: 6 and 12 months after the project has left the list,
    and on the target date when that comes later (domain.md 4E)."""
    dates = [months_after(left_on, months) for months in AFTER]
    return [*dates, target_on] if target_on and target_on > dates[-1] else dates


def lacking(entry: FollowUpEntry, *, measured: bool, day: date) -> dict[str, str]:
    """What a report must still say, as a sentence at each field.

    A result rests on a figure or says »not measured«; »too early« names the day on which it is looked at again (4E).
    `measured`: a figure stands for the time since the last follow-up.
    """
    missing = {}
    if entry.value is None and entry.measured_on:
        missing["value"] = _("Write the figure, or leave its date empty")
    elif entry.value is None and entry.result.tells and not measured:
        missing["value"] = _("Write a figure, or choose »Not measured«")
    if entry.value is not None and entry.result is FollowUpResult.not_measured:
        missing["result"] = _("Choose another result: there is a figure")
    if entry.value is not None and entry.measured_on is None:
        missing["measured_on"] = _("Write when it was measured")
    if entry.measured_on and entry.measured_on > day:
        missing["measured_on"] = _("A measurement cannot lie in the future")
    if entry.value is not None and len(entry.source.strip()) < 2:
        missing["source"] = _("Write where the figure comes from")
    if entry.result is FollowUpResult.too_early and (entry.next_on is None or entry.next_on <= day):
        missing["next_on"] = _("Write a day to come on which it is looked at again")
    return missing


def follow_ups(session: Session, target: EffectTarget, plans: Iterable[FollowUpPlan]) -> list[EffectFollowUp]:
    """New follow-ups of a target under its next numbers; whoever adds them records the event."""
    highest = session.exec(
        select(sa.func.max(EffectFollowUp.no)).where(EffectFollowUp.effect_target_id == target.pk)
    ).one()
    return [
        EffectFollowUp(effect_target_id=target.pk, no=no, **plan.model_dump())
        for no, plan in enumerate(plans, start=1 + (highest or 0))
    ]


def waived(session: Session, target: EffectTarget, on: date, reason: str) -> list[EffectFollowUp]:
    """That a target is not followed from a day on, as a row that says why."""
    plan = FollowUpPlan.model_construct(due_on=on, owner_id=target.owner_id, owner_unit_id=target.owner_unit_id)
    rows = follow_ups(session, target, [plan])
    for row in rows:
        row.state, row.waived_reason = FollowUpState.waived, reason
    return rows


def conclude_when_done(session: Session, project: "Project", day: date) -> None:
    """Concludes the place that the project has left, once every follow-up is approved or waived (domain.md 3D)."""
    session.flush()
    place = project.placements[-1] if project.placements else None
    if place is None or place.to_on is None or place.concluded_on:
        return
    query = (
        columns(EffectFollowUp.state, EffectFollowUp.result, EffectTarget.indicator_type)
        .join(EffectTarget, col(EffectTarget.id) == EffectFollowUp.effect_target_id)
        .where(EffectTarget.project_id == project.pk)
    )
    found = session.exec(query).all()
    if any(state.is_open for state, _result, _kind in found):
        return
    results = [result for state, result, kind in found if state is FollowUpState.approved and kind.is_effect]
    place.concluded_on = max(day, place.to_on)
    place.concluded_unmeasured = closed_unmeasured(results, ever_measured=_ever_measured(session, project))


def closed_unmeasured(results: Iterable[FollowUpResult | None], *, ever_measured: bool) -> bool:
    """Whether a project is closed without knowing what came of its effects (»lukket uden effektmåling«, domain.md 4E).

    `results` are the approved ones of its effects; what was delivered and context are no effect (I10). Without any
    result it depends on whether a figure later than the baseline was `ever_measured`.
    """
    said = Counter(result is not None and result.tells for result in results)
    return said[True] == 0 if said else not ever_measured


def _ever_measured(session: Session, project: "Project") -> bool:
    """Whether an effect of the project has a figure; that of its baseline says nothing about what came of it."""
    query = (
        select(Measurement.id)
        .join(EffectTarget, col(EffectTarget.id) == Measurement.effect_target_id)
        .where(
            EffectTarget.project_id == project.pk,
            ~col(EffectTarget.withdrawn),
            ~col(Measurement.withdrawn),
            col(EffectTarget.indicator_type).not_in((IndicatorType.output, IndicatorType.context)),
            sa.or_(
                col(EffectTarget.baseline_on).is_(None), col(Measurement.measured_on) > col(EffectTarget.baseline_on)
            ),
        )
    )
    return session.exec(query.limit(1)).first() is not None


def end_follow_ups(session: Session, project: "Project", on: date) -> None:
    """Gives up what is planned when the project comes back on the list: its rounds ask for the effects again."""
    query = (
        select(EffectFollowUp)
        .join(EffectTarget, col(EffectTarget.id) == EffectFollowUp.effect_target_id)
        .where(EffectTarget.project_id == project.pk, col(EffectFollowUp.state).in_(OPEN))
    )
    for row in session.exec(query):
        row.state, row.waived_reason = FollowUpState.waived, _("The project is on the list again.")
    conclude_when_done(session, project, on)


def follow_up_of(session: Session, target: EffectTarget, no: int) -> EffectFollowUp | None:
    """One follow-up of a target with the people it names."""
    query = (
        select(EffectFollowUp)
        .where(EffectFollowUp.effect_target_id == target.pk, EffectFollowUp.no == no)
        .options(
            joinedload(rel(EffectFollowUp.effect_target)),
            joinedload(rel(EffectFollowUp.owner)),
            joinedload(rel(EffectFollowUp.owner_unit)),
            joinedload(rel(EffectFollowUp.reported_by)),
            joinedload(rel(EffectFollowUp.approved_by)),
        )
    )
    return session.exec(query).first()
