"""Everything about one project, for its page: read once, in a fixed number of queries."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Session, col, or_, select

from app.models import (
    Body,
    BodyProject,
    Deputy,
    KeyPersons,
    Milestone,
    Project,
    Report,
    ReportingRound,
    Seat,
    StatusNote,
    StrategyTheme,
    SuccessCriterion,
    Task,
)
from app.models.assessment import Assessment, Colour, Dimension
from app.models.base import rel
from app.models.decision import Decision, decisions_about
from app.models.event import Event, events
from app.models.project import descendants, family
from app.models.status_note import notes_of
from app.models.strategy_theme import themes_of_project
from app.tabs.benefits import BenefitFacts, BenefitSum, benefit_facts, benefit_sum
from app.tabs.effects import TargetRow, target_rows
from app.tabs.funding import FundingFacts, FundingSum, funding_sum, read_funding
from app.tabs.implementation import ImplementationRow, read_implementation
from app.tabs.link import ProjectRelation, relations_of
from app.tabs.overview_row import OverviewRow, rows_of
from app.tabs.place_history import PlaceHistory, build_place_history
from app.tabs.programme import Programme, build_programme
from app.tabs.staffing import StaffingLine, StaffingSum, read_staffing, staffing_sum
from app.tabs.task_force import TaskForcePage, build_task_force, expires_undecided
from app.tabs.tasks import TaskLine, agenda_items, decided_on, lines_by_decision

EVENTS_SHOWN = 50


@dataclass
class BodyOnPage:
    """A body that serves the project, under its number below the project, with the seats that are filled today."""

    no: int
    body: Body
    seats: list[Seat]
    former: list[Seat]


@dataclass
class DecisionOnPage:
    """A decision about the project, what it was made on, and the tasks that it gave; without one, tasks alone."""

    decision: Decision | None
    item: str
    tasks: list[TaskLine]


@dataclass
class ProjectPage:
    project: Project
    row: OverviewRow | None
    rounds: list[str]
    reports: list[Report]
    current: Report | None
    previous: Report | None
    programme: Programme | None
    task_force: TaskForcePage | None
    expiry_open: bool
    staffing: list[StaffingLine]
    staffing_sum: StaffingSum
    funding: FundingFacts | None
    funding_sum: FundingSum | None
    benefits: BenefitFacts
    benefit_sum: BenefitSum
    milestones: list[Milestone]
    success_criteria: list[SuccessCriterion]
    bodies: list[BodyOnPage]
    key_persons: list[KeyPersons]
    deputies: list[Deputy]
    targets: list[TargetRow]
    implementation: ImplementationRow
    strategy: list[StrategyTheme]
    events: list[Event]
    notes: list[StatusNote]
    decisions: list[DecisionOnPage]
    relations: list[ProjectRelation]
    places: PlaceHistory

    @property
    def key_person_total(self) -> int | None:
        """All key persons; None when no unit has said: unknown is not zero (invariant I12)."""
        return sum(row.count for row in self.key_persons) if self.key_persons else None

    def assessments(self, report: Report | None) -> dict[Dimension, Assessment]:
        """In the order of the status form."""
        found = {each.dimension: each for each in report.assessments} if report and report.counts else {}
        return {dimension: found[dimension] for dimension in Dimension if dimension in found}

    def colours(self, report: Report | None) -> dict[Dimension, Colour | None]:
        return {dimension: each.colour for dimension, each in self.assessments(report).items()}


def build_project_page(session: Session, project: Project, day: date, *, with_events: bool) -> ProjectPage:
    below = descendants(family(session, project.portfolio_id), project.pk)
    rows, rounds = rows_of(session, project.portfolio_id, day, below | {project.pk})
    posts = read_staffing(session, {project.pk}, date.min).get(project.pk, [])
    money = read_funding(session, {project.pk}).get(project.pk)
    benefits = benefit_facts(session, project.pk)
    reports = _reports(session, project)
    current = reports[0] if reports else None
    return ProjectPage(
        project=project,
        row=rows.get(project.pk),
        rounds=[a_round.name for a_round in reversed(rounds)],
        reports=reports,
        current=current,
        previous=next((report for report in reports[1:] if report.counts), None),
        programme=build_programme(session, project, below, rows, day),
        task_force=build_task_force(session, project, day),
        expiry_open=project.placement is not None and expires_undecided(project, day),
        staffing=posts,
        staffing_sum=staffing_sum((post for post in posts if not post.has_ended(day)), day.year),
        funding=money,
        funding_sum=funding_sum(money) if money else None,
        benefits=benefits,
        benefit_sum=benefit_sum(benefits.lines),
        milestones=list(
            session.exec(
                select(Milestone)
                .where(Milestone.project_id == project.pk)
                .order_by(col(Milestone.due_on), col(Milestone.no))
            )
        ),
        success_criteria=list(
            session.exec(
                select(SuccessCriterion)
                .where(SuccessCriterion.project_id == project.pk)
                .order_by(col(SuccessCriterion.withdrawn), col(SuccessCriterion.no))
            )
        ),
        bodies=_bodies(session, project, day),
        key_persons=list(
            session.exec(
                select(KeyPersons)
                .where(KeyPersons.project_id == project.pk)
                .options(joinedload(rel(KeyPersons.unit)))
                .order_by(col(KeyPersons.count).desc())
            )
        ),
        deputies=_deputies(session, project),
        targets=target_rows(session, col(Project.id) == project.pk, day).get(project.number, []),
        strategy=themes_of_project(session, project),
        implementation=read_implementation(session, col(Project.id) == project.pk)[project.number],
        events=events(session, project_id=project.pk, limit=EVENTS_SHOWN) if with_events else [],
        notes=notes_of(session, project),
        decisions=_decisions(session, project, day),
        relations=relations_of(session, project, day),
        places=build_place_history(session, project),
    )


def _reports(session: Session, project: Project) -> list[Report]:
    """The project's reports, newest round first."""
    query = (
        select(Report)
        .join(ReportingRound, col(ReportingRound.id) == Report.round_id)
        .where(Report.project_id == project.pk)
        .options(
            joinedload(rel(Report.project)),
            joinedload(rel(Report.round)),
            joinedload(rel(Report.author)),
            joinedload(rel(Report.approver)),
            selectinload(rel(Report.assessments)),
        )
        .order_by(col(ReportingRound.as_of).desc())
    )
    return list(session.exec(query).unique())


def _decisions(session: Session, project: Project, day: date) -> list[DecisionOnPage]:
    """What was decided about the project and what came of it, the newest meeting first; then tasks of no decision."""
    decisions = decisions_about(session, project)
    items = agenda_items(session, decisions)
    tasks: dict[int, list[TaskLine]] = defaultdict(list)
    for decision_id, line in lines_by_decision(session, Task.project_id == project.pk, day):
        tasks[decision_id].append(line)
    found = [DecisionOnPage(each, decided_on(each, items), tasks.pop(each.pk, [])) for each in decisions]
    rest = [line for lines in tasks.values() for line in lines]
    return [*found, DecisionOnPage(None, "", rest)] if rest else found


def _deputies(session: Session, project: Project) -> list[Deputy]:
    """Everybody who stands or stood in for the leader or the owner, the newest first."""
    query = select(Deputy).where(Deputy.project_id == project.pk).options(joinedload(rel(Deputy.person)))
    return list(session.exec(query.order_by(col(Deputy.from_on).desc(), col(Deputy.no).desc())))


def _bodies(session: Session, project: Project, day: date) -> list[BodyOnPage]:
    query = (
        select(BodyProject.no, Body)
        .join(Body, col(Body.id) == BodyProject.body_id)
        .where(BodyProject.project_id == project.pk, or_(col(Body.valid_to).is_(None), col(Body.valid_to) >= day))
        .order_by(col(BodyProject.no))
    )
    found = session.exec(query).all()
    seats = (
        select(Seat)
        .where(col(Seat.body_id).in_([body.pk for _no, body in found]))
        .options(joinedload(rel(Seat.person)), joinedload(rel(Seat.unit)))
        .order_by(col(Seat.no))
    )
    by_body: dict[int, list[Seat]] = defaultdict(list)
    for seat in session.exec(seats):
        by_body[seat.body_id].append(seat)
    return [
        BodyOnPage(
            no,
            body,
            [seat for seat in by_body[body.pk] if seat.valid_on(day)],
            [seat for seat in by_body[body.pk] if not seat.valid_on(day)],
        )
        for no, body in found
    ]
