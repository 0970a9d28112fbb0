"""A round's coverage: who has reported, who owes what, and what stands in the way of the freeze (domain.md R06, Q4).

A round that is under way asks the projects that stand on the list today: one that joins owes a status, one that leaves
no longer does, whatever draft it has. A frozen round is what was frozen. Missing counts as missing. An exempt project
is asked for nothing; it is named beside the figures, never in them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from app.i18n import N_, _, danish_order, show_date
from app.models import Assessment, Deputy, Event, Person, Portfolio, Project, Report, ReportingRound, Unit
from app.models.base import Choice, columns
from app.models.deputy import DeputyFor
from app.models.event import recorded_of
from app.models.placement import on_list
from app.models.project import Confidentiality
from app.models.report import AT_THE_FREEZE, COUNTS, WRITABLE, ApprovedAs, ReportState
from app.models.reporting_round import RoundState, rounds_of
from app.settings import day_of


class Standing(Choice):
    """Where a project's status has come to in a round."""

    approved = "approved", N_("Approved")
    awaits_owner = "awaits_owner", N_("Awaits the owner")
    returned = "returned", N_("Returned")
    with_leader = "with_leader", N_("With the leader")
    missing = "missing", N_("Missing")
    exempt = "exempt", N_("Exempt")


WITH_LEADER = (Standing.missing, Standing.returned, Standing.with_leader)


class Step(Choice):
    """The dates of a round, in their order."""

    opening = "opening", N_("Opening")
    leaders = "leaders", N_("Deadline, project leaders")
    owners = "owners", N_("Deadline, project owners")
    freeze = "freeze", N_("Freeze")
    board = "board", N_("Before the board")
    conclusion = "conclusion", N_("Conclusion")


class StepTaken(BaseModel):
    """One step on the bar. `days` are those left until its date, negative when it is past; only of the current one."""

    step: Step
    on: date | None
    done: bool
    current: bool
    days: int | None


class CoverageRow(BaseModel):
    """One project in the round."""

    number: str
    title: str
    closed: bool
    unit: str
    leader: str
    leader_id: int | None
    owner: str
    owner_id: int | None
    standing: Standing
    has_report: bool
    begun: bool
    submitted_on: date | None
    approved_on: date | None
    approver: str
    approved_as: ApprovedAs | None
    working_days: int | None
    reason: str
    decided_by: str
    decided_on: date | None


class Owed(BaseModel):
    """What is owed for a project, by whom (nobody when there is no name), and how long it is overdue in days."""

    row: CoverageRow
    role: DeputyFor
    who: str
    person_id: int | None
    deputies: list[str]
    due_on: date
    days_over: int

    @property
    def what(self) -> str:
        """What has come in, and what has not, said without blame."""
        row = self.row
        if row.standing is Standing.awaits_owner:
            return _("Submitted %(day)s, awaits approval") % {"day": show_date(row.submitted_on)}
        if row.standing is Standing.returned:
            return _("Returned, awaits correction")
        return _("Draft begun, not submitted") if row.begun else _("Draft not begun")


class Share(BaseModel):
    """How much has been approved of what one person or unit answers for, and how many statuses wait for them."""

    name: str
    person_id: int | None
    asked: int
    approved: int
    owes: int


class Coverage(BaseModel):
    """The whole page. `asked` are the projects that owe a status; the exempt ones are not among them."""

    round_key: str
    round_name: str
    state: RoundState
    steps: list[StepTaken]
    figures: dict[Standing, int]
    asked: int
    approved: int
    rows: list[CoverageRow]
    owed: list[Owed]
    units: list[Share]
    leaders: list[Share]
    owners: list[Share]
    on_list: int

    @property
    def per_cent(self) -> int:
        """The share that is approved, never rounded up: 100 is everything."""
        return 100 * self.approved // self.asked if self.asked else 0

    @property
    def lacking(self) -> int:
        """How many projects have no approved status: what stands in the way of the freeze."""
        return self.asked - self.approved

    @property
    def exempt(self) -> list[CoverageRow]:
        return [row for row in self.rows if row.standing is Standing.exempt]

    @property
    def not_reported(self) -> list[CoverageRow]:
        return [row for row in self.rows if row.standing is Standing.missing]


class RoundLine(BaseModel):
    """One round on the list of rounds; `asked` is 0 before it opens."""

    key: str
    name: str
    state: RoundState
    opens_on: date
    leader_deadline_on: date
    owner_deadline_on: date
    as_of: date
    board_on: date | None
    asked: int
    approved: int
    exempt: int


def working_days(start: date, end: date) -> int:
    """The weekdays after `start` up to and including `end`: 0 on the same day. Public holidays count as weekdays."""
    return sum((start + timedelta(days=n)).weekday() < 5 for n in range(1, (end - start).days + 1))


def build_coverage(session: Session, portfolio: Portfolio, round_: ReportingRound, day: date) -> Coverage:
    """The round as the session's reader may see it on a day. At most three queries, however many projects there are."""
    found = list(session.exec(_projects_in(portfolio, round_, day)))
    asks = round_.was_opened
    exempted = _exemptions(session, round_)
    rows = {each.id: _row(each, round_, day, exempted.get(each.id)) for each in found} if asks else {}
    owing = [row for row in rows.values() if row.standing is not Standing.exempt]
    return Coverage(
        round_key=round_.key,
        round_name=round_.name,
        state=round_.state,
        steps=steps(round_, day),
        figures=dict.fromkeys(Standing, 0) | Counter(row.standing for row in rows.values()),
        asked=len(owing),
        approved=sum(row.standing is Standing.approved for row in owing),
        rows=list(rows.values()),
        owed=_owed(rows, round_, day, _deputies(session, day)) if round_.under_way else [],
        units=_shares(owing, lambda row: (row.unit, None), (*WITH_LEADER, Standing.awaits_owner)),
        leaders=_shares(owing, lambda row: (row.leader, row.leader_id), WITH_LEADER),
        owners=_shares(owing, lambda row: (row.owner, row.owner_id), (Standing.awaits_owner,)),
        on_list=len(found),
    )


def build_rounds(session: Session, portfolio: Portfolio, day: date) -> list[RoundLine]:
    """All rounds, newest first, with their coverage. Three queries, however many rounds there are."""
    rounds = rounds_of(session, portfolio.pk)
    counts: dict[int, Counter[ReportState | None]] = defaultdict(Counter)
    frozen = columns(Report.round_id, Report.state, sa.func.count()).where(
        col(Report.round_id).in_([each.pk for each in rounds if each.is_frozen]), col(Report.state).in_(AT_THE_FREEZE)
    )
    for key, state, count in session.exec(frozen.group_by(Report.round_id, Report.state)):
        counts[key][state] = count
    current = columns(ReportingRound.id, Report.state, sa.func.count()).select_from(Project)
    current = (
        current.join(ReportingRound, col(ReportingRound.id).in_([each.pk for each in rounds if each.under_way]))
        .outerjoin(Report, sa.and_(col(Report.project_id) == Project.id, col(Report.round_id) == ReportingRound.id))
        .where(on_list(portfolio.pk, day))
    )
    for key, state, count in session.exec(current.group_by(ReportingRound.id, Report.state)):
        counts[key][state] = count
    return [_line(each, counts[each.pk]) for each in rounds]


def _line(round_: ReportingRound, counts: Counter[ReportState | None]) -> RoundLine:
    exempt = counts[ReportState.exempt]
    return RoundLine(
        **round_.model_dump(include=set(RoundLine.model_fields)),
        asked=counts.total() - exempt,
        approved=sum(counts[state] for state in COUNTS),
        exempt=exempt,
    )


def steps(round_: ReportingRound, day: date) -> list[StepTaken]:
    """The step bar on a day. A deadline is behind us when it has passed; the other steps when somebody took them."""
    over = round_.state is not RoundState.open
    presented = round_.state in (RoundState.presented, RoundState.finished)
    dates = [
        (Step.opening, round_.opens_on, round_.was_opened),
        (Step.leaders, round_.leader_deadline_on, round_.was_opened and (over or day > round_.leader_deadline_on)),
        (Step.owners, round_.owner_deadline_on, round_.was_opened and day > round_.owner_deadline_on),
        (Step.freeze, round_.as_of, round_.is_frozen),
        (Step.board, round_.board_on, presented),
        (Step.conclusion, None, round_.state is RoundState.finished),
    ]
    furthest = max((place for place, (_step, _on, done) in enumerate(dates) if done), default=-1)
    return [
        StepTaken(
            step=step,
            on=on,
            done=place <= furthest,
            current=place == furthest + 1,
            days=(on - day).days if on and place == furthest + 1 else None,
        )
        for place, (step, on, _done) in enumerate(dates)
    ]


def _projects_in(portfolio: Portfolio, round_: ReportingRound, day: date) -> Any:
    """The projects of the round with their reports, in the order of their numbers, closed ones last."""
    owner, leader, approver = aliased(Person), aliased(Person), aliased(Person)
    in_round = col(Report.state).in_(AT_THE_FREEZE) if round_.is_frozen else on_list(portfolio.pk, day)
    assessed = select(Assessment.id).where(Assessment.report_id == Report.id).exists()
    return (
        columns(
            Project.id,
            Project.number,
            Project.title,
            Project.confidentiality,
            Project.leader_id,
            Project.owner_id,
            col(Unit.code).label("unit"),
            col(leader.name).label("leader"),
            col(owner.name).label("owner"),
            col(approver.name).label("approver"),
            Report.state,
            or_(col(Report.version) > 1, assessed).label("begun"),
            Report.submitted_at,
            Report.approved_at,
            Report.approved_as,
            Report.exempt_reason,
        )
        .outerjoin(Report, sa.and_(col(Report.project_id) == Project.id, col(Report.round_id) == round_.pk))
        .outerjoin(leader, col(leader.id) == Project.leader_id)
        .outerjoin(owner, col(owner.id) == Project.owner_id)
        .outerjoin(approver, col(approver.id) == Report.approver_id)
        .outerjoin(Unit, col(Unit.id) == Project.unit_id)
        .where(in_round)
        .order_by(col(Project.series).desc(), Project.sequence)
    )


def _row(found: Any, round_: ReportingRound, day: date, exempted: tuple[str, date] | None) -> CoverageRow:
    submitted_on, approved_on = day_of(found.submitted_at), day_of(found.approved_at)
    standing = _standing(found.state, bool(found.leader_id), round_, day)
    decided_by, decided_on = exempted if exempted and standing is Standing.exempt else ("", None)
    return CoverageRow(
        number=found.number,
        title=found.title,
        closed=found.confidentiality is Confidentiality.closed,
        unit=found.unit or "",
        leader=found.leader or "",
        leader_id=found.leader_id,
        owner=found.owner or "",
        owner_id=found.owner_id,
        standing=standing,
        has_report=found.state is not None,
        begun=bool(found.begun),
        submitted_on=submitted_on,
        approved_on=approved_on,
        approver=found.approver or "",
        approved_as=found.approved_as,
        working_days=working_days(submitted_on, approved_on) if submitted_on and approved_on else None,
        reason=found.exempt_reason or "",
        decided_by=decided_by,
        decided_on=decided_on,
    )


def _standing(state: ReportState | None, has_leader: bool, round_: ReportingRound, day: date) -> Standing:
    """A draft is with its leader until the leaders' deadline; after that, and when nobody leads, it is missing."""
    if state in COUNTS:
        return Standing.approved
    if state is ReportState.submitted:
        return Standing.awaits_owner
    if state is ReportState.exempt:
        return Standing.exempt
    if state is ReportState.returned:
        return Standing.returned
    with_leader = state in WRITABLE and has_leader and day <= round_.leader_deadline_on
    return Standing.with_leader if with_leader else Standing.missing


def _owed(
    rows: dict[int, CoverageRow], round_: ReportingRound, day: date, deputies: dict[tuple[int, DeputyFor], list[str]]
) -> list[Owed]:
    """What is owed, the longest overdue first. One returned after the leaders' deadline is due with the owners'."""
    owed = []
    for key, row in rows.items():
        waits_for_owner = row.standing is Standing.awaits_owner
        if not waits_for_owner and row.standing not in WITH_LEADER:
            continue
        role = DeputyFor.owner if waits_for_owner else DeputyFor.leader
        second_chance = row.standing is Standing.returned and day > round_.leader_deadline_on
        due_on = round_.owner_deadline_on if waits_for_owner or second_chance else round_.leader_deadline_on
        owed.append(
            Owed(
                row=row,
                role=role,
                who=row.owner if waits_for_owner else row.leader,
                person_id=row.owner_id if waits_for_owner else row.leader_id,
                deputies=deputies.get((key, role), []),
                due_on=due_on,
                days_over=(day - due_on).days,
            )
        )
    return sorted(owed, key=lambda each: (each.due_on, danish_order(each.who)))


def _shares(
    rows: Iterable[CoverageRow], of: Callable[[CoverageRow], tuple[str, int | None]], owing: tuple[Standing, ...]
) -> list[Share]:
    """How far each one has come, by name in Danish order; those without a name last."""
    groups: dict[tuple[str, int | None], list[CoverageRow]] = defaultdict(list)
    for row in rows:
        groups[of(row)].append(row)
    return [
        Share(
            name=name,
            person_id=person_id,
            asked=len(group),
            approved=sum(row.standing is Standing.approved for row in group),
            owes=sum(row.standing in owing for row in group),
        )
        for (name, person_id), group in sorted(groups.items(), key=lambda each: (not each[0][0], _order(each[0])))
    ]


def _order(key: tuple[str, int | None]) -> tuple[str, int]:
    return danish_order(key[0]), key[1] or 0


def _deputies(session: Session, day: date) -> dict[tuple[int, DeputyFor], list[str]]:
    """Who acts on a day, by project and by whom they stand in for."""
    query = (
        columns(Deputy.project_id, Deputy.stands_for, Person.name)
        .join(Person, col(Person.id) == Deputy.person_id)
        .where(Deputy.from_on <= day, or_(col(Deputy.to_on).is_(None), col(Deputy.to_on) >= day))
        .order_by(Deputy.no)
    )
    found: dict[tuple[int, DeputyFor], list[str]] = defaultdict(list)
    for project_id, stands_for, name in session.exec(query):
        found[project_id, stands_for].append(name)
    return found


def _exemptions(session: Session, round_: ReportingRound) -> dict[int, tuple[str, date]]:
    """Who exempted a project from the round last, and when, as the log knows it."""
    query = columns(Event.project_id, Event.actor, Event.at).where(
        Event.action == "exempted",
        Event.subject == "Report",
        col(Event.subject_name).endswith(f" {round_.name}", autoescape=True),
    )
    found = {key: (actor, day_of(at) or at) for key, actor, at in session.exec(query.order_by(Event.at))}
    for each in recorded_of(session, "Report", "exempted"):
        if each.subject_name.endswith(f" {round_.name}"):
            found[each.project_id] = (each.actor, day_of(each.at) or each.at)
    return found
