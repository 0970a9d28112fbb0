"""Handing over everything that somebody does to one receiver, or leaving it vacant (issue of somebody who leaves)."""

import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Field, Session, SQLModel, and_, col, func, or_, select

from app.i18n import N_, danish_order
from app.models.base import Choice, long_text, rel, wrong
from app.models.body import Body
from app.models.deputy import Deputy, DeputyForm
from app.models.effect_follow_up import OPEN, EffectFollowUp
from app.models.effect_target import EffectTarget
from app.models.event import about, add_below, change, record
from app.models.person import Person
from app.models.project import Project
from app.models.report import Report, ReportState
from app.models.seat import Seat, SeatForm, SeatFunction, seat_points, take_seat
from app.models.task import Task, TaskState
from app.models.topic import Topic, TopicState
from app.settings import today

if TYPE_CHECKING:
    from app.models.user import User


class HandoverPlanForm(SQLModel):
    """What decides what would happen; a receiver of 0 is nobody, so that it is never nobody by mistake."""

    on_day: date = Field(title=N_("From"))
    receiver_id: int = Field(title=N_("Receiver"))
    vacant_seat_ids: list[int] = Field(default_factory=list, title=N_("Leave these seats empty"))


class HandoverForm(HandoverPlanForm):
    """What else must be said before it is done."""

    reason: str = long_text(min_length=3, max_length=200, title=N_("Reason"))
    deactivate: bool = Field(default=False, title=N_("Deactivate the person"))

    @model_validator(mode="after")
    def _stays_active_until_the_day(self) -> Self:
        if self.deactivate and self.on_day > today():
            raise wrong("on_day", N_("Deactivate the person on the day or later: until then the seats still count"))
        return self


class Fate(Choice):
    """What becomes of one duty."""

    passes = "passes", N_("passes to the receiver")
    vacant = "vacant", N_("becomes vacant")
    ends = "ends", N_("ends")
    sits = "sits", N_("ends: the receiver sits there already")
    raised = "raised", N_("ends: the receiver sits there already and takes over the function")


@dataclass
class HandedSeat:
    """A seat, from which day it changes hands, what becomes of it, and the receiver's own seats in its way."""

    seat: Seat
    start: date
    fate: Fate
    receivers: list[Seat]


@dataclass
class HandedDeputy:
    deputy: Deputy
    project: Project
    start: date
    fate: Fate


@dataclass
class Handover:
    """Everything that a person does from a day on, and what would become of it. Nothing is changed by making one.

    Seats and deputyships have dates and change hands on the day. Owner, leader and effect owner have none and change
    at once, and so do the effect follow-ups that are still owed, open tasks from decisions, and topics for the
    management forum that have not been treated. What waits for approval follows the project's owner.
    """

    person: Person
    receiver: Person | None
    day: date
    seats: list[HandedSeat]
    deputies: list[HandedDeputy]
    projects: list[Project]
    targets: list[tuple[EffectTarget, Project]]
    follow_ups: list[tuple[EffectFollowUp, EffectTarget, Project]]
    tasks: list[Task]
    topics: list[Topic]
    awaiting: int

    @property
    def empty(self) -> bool:
        of_projects = self.projects or self.targets or self.follow_ups
        return not (self.seats or self.deputies or of_projects or self.tasks or self.topics)

    @property
    def fate(self) -> Fate:
        """What becomes of a role without dates."""
        return Fate.passes if self.receiver else Fate.vacant

    @property
    def owned(self) -> list[Project]:
        return [project for project in self.projects if project.owner_id == self.person.pk]

    @property
    def led(self) -> list[Project]:
        return [project for project in self.projects if project.leader_id == self.person.pk]

    @property
    def version(self) -> int:
        """Another number as soon as one of the rows is changed, or there is another row."""
        rows: list[Any] = [each.seat for each in self.seats] + [each.deputy for each in self.deputies]
        rows += [*self.projects, *(target for target, _project in self.targets), self.person]
        rows += [*(follow_up for follow_up, _target, _project in self.follow_ups), *self.tasks, *self.topics]
        return zlib.crc32(repr([(type(row).__name__, row.pk, row.version) for row in rows]).encode()) % 10**9


def plan_handover(
    session: Session,
    person: Person,
    day: date,
    receiver: Person | None,
    vacant_seat_ids: tuple[int, ...] = (),
    *,
    lock: bool = False,
) -> Handover:
    """What would be handed over from a day on; `lock` keeps others from changing the rows until it has been done."""
    theirs = _seats(session, receiver) if receiver else []
    return Handover(
        person=person,
        receiver=receiver,
        day=day,
        seats=[
            _handed_seat(seat, max(day, seat.from_on), receiver, theirs, vacant_seat_ids)
            for seat in current_seats(session, person, day, lock=lock)
        ],
        deputies=_deputies(session, person, day, receiver, lock),
        projects=_projects(session, person, lock),
        targets=_targets(session, person, lock),
        follow_ups=_follow_ups(session, person, lock),
        tasks=_tasks(session, person, lock),
        topics=_topics(session, person, lock),
        awaiting=session.exec(
            select(func.count(col(Report.id)))
            .join(Project, col(Project.id) == Report.project_id)
            .where(Project.owner_id == person.pk, Report.state == ReportState.submitted)
        ).one(),
    )


def current_seats(session: Session, person: Person, day: date, *, lock: bool = False) -> list[Seat]:
    """The person's seats of a day and those that come after it, in bodies that still meet then."""
    return [
        seat
        for seat in _seats(session, person, lock=lock)
        if not seat.lapsed
        and (seat.to_on is None or seat.to_on >= day)
        and (seat.body.valid_to is None or seat.body.valid_to >= day)
    ]


def hand_over(session: Session, by: "User", handover: Handover, form: HandoverForm) -> None:
    """Does what the plan says: an event for each row that changes, and then one about the person that names none.

    Each event belongs to the row's own project, so that nothing of a closed project is told to others. A seat's
    belongs to an open project of its body where there is one: whoever sees that, sees the body.
    """
    person, receiver_id = handover.person, handover.receiver.pk if handover.receiver else None
    with about(session, person):
        for seat in handover.seats:
            _hand_seat(session, by, seat, person, handover.receiver)
        for deputy in handover.deputies:
            _hand_deputy(session, by, deputy, handover.receiver)
        for project in handover.projects:
            owner_id = receiver_id if project.owner_id == person.pk else project.owner_id
            leader_id = receiver_id if project.leader_id == person.pk else project.leader_id
            change(session, by, project, _Roles(owner_id=owner_id, leader_id=leader_id), project_id=project.pk)
        for target, project in handover.targets:
            change(session, by, target, _EffectOwner(owner_id=receiver_id), project_id=project.pk)
        for follow_up, _target, project in handover.follow_ups:
            change(session, by, follow_up, _EffectOwner(owner_id=receiver_id), project_id=project.pk)
        duties: list[Task | Topic] = [*handover.tasks, *handover.topics]
        for duty in duties:
            unit_id = duty.owner_unit_id if receiver_id else duty.owner_unit_id or person.unit_id
            owner = _DutyOwner(owner_id=receiver_id, owner_unit_id=unit_id)
            change(session, by, duty, owner, project_id=duty.project_id)
        after = {"on_day": form.on_day, "receiver_id": str(handover.receiver or ""), "reason": form.reason}
        if form.deactivate and person.active:
            person.active = False
            record(session, by, "handed_over", person, before={"active": True}, after=after | {"active": False})
        else:
            record(session, by, "handed_over", person, after=after)


class _Roles(SQLModel):
    owner_id: int | None
    leader_id: int | None


class _EffectOwner(SQLModel):
    owner_id: int | None


class _DutyOwner(SQLModel):
    """Of a task or a topic; without a receiver the person's unit has it until somebody is named."""

    owner_id: int | None
    owner_unit_id: int | None


class _End(SQLModel):
    to_on: date | None


def _before(day: date) -> date:
    return day - timedelta(days=1)


def _projects(session: Session, person: Person, lock: bool) -> list[Project]:
    query = select(Project).where(or_(Project.owner_id == person.pk, Project.leader_id == person.pk))
    query = query.order_by(col(Project.series).desc(), col(Project.sequence))
    return list(session.exec(query.with_for_update(of=Project) if lock else query))


def _targets(session: Session, person: Person, lock: bool) -> list[tuple[EffectTarget, Project]]:
    query = (
        select(EffectTarget, Project)
        .join(Project, col(Project.id) == EffectTarget.project_id)
        .where(EffectTarget.owner_id == person.pk, col(EffectTarget.withdrawn).is_(False))
        .order_by(col(Project.series).desc(), col(Project.sequence), col(EffectTarget.no))
    )
    return list(session.exec(query.with_for_update(of=EffectTarget) if lock else query))


def _follow_ups(session: Session, person: Person, lock: bool) -> list[tuple[EffectFollowUp, EffectTarget, Project]]:
    """The looks at effects that the person still owes; without a receiver the unit or the project's owner has them."""
    query = (
        select(EffectFollowUp, EffectTarget, Project)
        .join(EffectTarget, col(EffectTarget.id) == EffectFollowUp.effect_target_id)
        .join(Project, col(Project.id) == EffectTarget.project_id)
        .where(EffectFollowUp.owner_id == person.pk, col(EffectFollowUp.state).in_(OPEN))
        .order_by(col(EffectFollowUp.due_on), col(EffectFollowUp.id))
    )
    return list(session.exec(query.with_for_update(of=EffectFollowUp) if lock else query))


def _tasks(session: Session, person: Person, lock: bool) -> list[Task]:
    """What somebody has still to do because of a decision, by deadline, with the project if there is one."""
    query = select(Task).where(Task.owner_id == person.pk, Task.state == TaskState.open)
    query = query.options(joinedload(rel(Task.project))).order_by(col(Task.due_on), col(Task.id))
    return list(session.exec(query.with_for_update(of=Task) if lock else query))


def _topics(session: Session, person: Person, lock: bool) -> list[Topic]:
    """What somebody has still to bring before the management forum."""
    waits = col(Topic.state).in_((TopicState.sent, TopicState.planned))
    query = select(Topic).where(Topic.owner_id == person.pk, waits).options(joinedload(rel(Topic.project)))
    query = query.order_by(col(Topic.id))
    return list(session.exec(query.with_for_update(of=Topic) if lock else query))


def _seats(session: Session, person: Person, *, lock: bool = False) -> list[Seat]:
    """All seats that a person has, had and will have, with body and projects, in Danish order of the body."""
    query = (
        select(Seat)
        .where(Seat.person_id == person.pk)
        .options(joinedload(rel(Seat.person)), joinedload(rel(Seat.body)).options(selectinload(rel(Body.projects))))
        .order_by(col(Seat.from_on), col(Seat.no))
    )
    found = session.exec(query.with_for_update(of=Seat) if lock else query)
    return sorted(found, key=lambda seat: danish_order(seat.body.name))


def _handed_seat(
    seat: Seat, start: date, receiver: Person | None, theirs: list[Seat], vacant_seat_ids: tuple[int, ...]
) -> HandedSeat:
    """One person sits once in a body at a time (invariant I15): a receiver who sits there keeps the stronger seat."""
    if receiver is None or seat.pk in vacant_seat_ids:
        return HandedSeat(seat, start, Fate.vacant, [])
    in_the_way = [other for other in theirs if other.body_id == seat.body_id and other.overlaps(start, seat.to_on)]
    if not in_the_way:
        return HandedSeat(seat, start, Fate.passes, [])
    weaker = [other for other in in_the_way if _strength(other) < _strength(seat)]
    return HandedSeat(seat, start, Fate.raised if weaker else Fate.sits, weaker)


def _strength(seat: Seat) -> tuple[float, bool]:
    """By seat points (domain.md 4F); of chair and owner the chair, which a body cannot be without."""
    return seat_points(seat.function, seat.attendance), seat.function is SeatFunction.chair


def _hand_seat(session: Session, by: "User", handed: HandedSeat, person: Person, receiver: Person | None) -> None:
    seat = handed.seat
    if handed.fate is Fate.vacant:
        role = seat.role or person.title or person.organisation or str(seat.function)
        _pass_seat(session, by, seat, handed.start, person_id=None, role=role, unit_id=seat.unit_id or person.unit_id)
    elif handed.fate is Fate.passes and receiver:
        _pass_seat(session, by, seat, handed.start, person_id=receiver.pk)
    else:
        change(session, by, seat, _End(to_on=_before(handed.start)), project_id=_told_on(seat.body))
    for other in handed.receivers:
        start = max(handed.start, other.from_on)
        _pass_seat(session, by, other, start, function=seat.function, attendance=seat.attendance)


def _pass_seat(session: Session, by: "User", seat: Seat, start: date, **changes: Any) -> None:
    """From a day on, the seat is another: it ends the day before and a new one begins. One that comes later changes."""
    form = SeatForm.model_validate(seat.model_dump(include=set(SeatForm.model_fields)) | changes | {"from_on": start})
    if seat.from_on >= start:
        change(session, by, seat, form, project_id=_told_on(seat.body))
        return
    change(session, by, seat, _End(to_on=_before(start)), project_id=_told_on(seat.body))
    session.flush()
    take_seat(session, by, _told_on(seat.body), seat.body, form)


def _told_on(body: Body) -> int | None:
    """The project whose log tells of a body's seats: an open one if there is one."""
    found = sorted(body.projects, key=lambda project: (project.closed, project.sequence))
    return found[0].pk if found else None


def _deputies(session: Session, person: Person, day: date, receiver: Person | None, lock: bool) -> list[HandedDeputy]:
    """Where the person stands in from the day on; it ends where the receiver has a role already, or stands in too."""
    lasting = or_(col(Deputy.to_on).is_(None), and_(col(Deputy.to_on) >= day, col(Deputy.to_on) >= col(Deputy.from_on)))
    query = (
        select(Deputy, Project)
        .join(Project, col(Project.id) == Deputy.project_id)
        .where(Deputy.person_id == person.pk, lasting)
        .options(joinedload(rel(Deputy.person)), selectinload(rel(Project.deputies)))
        .order_by(col(Project.series).desc(), col(Project.sequence), col(Deputy.no))
    )
    found = session.exec(query.with_for_update(of=Deputy) if lock else query)
    return [
        HandedDeputy(
            deputy, project, start := max(day, deputy.from_on), _deputys_fate(deputy, project, start, person, receiver)
        )
        for deputy, project in found
    ]


def _deputys_fate(deputy: Deputy, project: Project, start: date, person: Person, receiver: Person | None) -> Fate:
    if receiver is None or {receiver.pk, person.pk} & {project.owner_id, project.leader_id}:
        return Fate.ends
    stands_in = any(
        other.person_id == receiver.pk and other.stands_for is deputy.stands_for and other.overlaps(start, deputy.to_on)
        for other in project.deputies
    )
    return Fate.ends if stands_in else Fate.passes


def _hand_deputy(session: Session, by: "User", handed: HandedDeputy, receiver: Person | None) -> None:
    deputy, start, project = handed.deputy, handed.start, handed.project
    if handed.fate is Fate.ends or receiver is None:
        change(session, by, deputy, _End(to_on=_before(start)), project_id=project.pk)
        return
    form = DeputyForm(stands_for=deputy.stands_for, person_id=receiver.pk, from_on=start, to_on=deputy.to_on)
    if deputy.from_on >= start:
        change(session, by, deputy, form, project_id=project.pk)
        return
    change(session, by, deputy, _End(to_on=_before(start)), project_id=project.pk)
    add_below(session, by, project, Deputy, form, person=receiver)
