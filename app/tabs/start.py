"""The front page: what I must do, how my projects stand, and the lists I may see."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, or_, select

from app.i18n import _, ngettext
from app.models import (
    EffectTarget,
    KeyPersons,
    Milestone,
    Portfolio,
    Project,
    Report,
    ReportingRound,
    SuccessCriterion,
    User,
)
from app.models.base import columns
from app.models.deputy import DeputyFor, stands_in
from app.models.milestone import last_day
from app.models.placement import on_list
from app.models.report import ReportState
from app.models.role import Role
from app.tabs.overview_row import OverviewRow, rows_of
from app.tabs.todo import Todo, build_todos


@dataclass
class MyProject:
    """A project of mine as it stands, with what is missing on it, each as one sentence."""

    row: OverviewRow
    leads: bool
    owns: bool
    this_round: str
    lacks: list[str]


@dataclass
class Start:
    """`on_behalf` is how many statuses a director may approve for others, should they be absent."""

    todos: list[Todo]
    on_behalf: int
    portfolios: list[Portfolio]
    round: ReportingRound | None
    rounds: list[str]
    mine: list[MyProject]

    @property
    def to_approve(self) -> int:
        return sum(todo.approves for todo in self.todos)


def build_start(session: Session, user: User, portfolio: Portfolio, day: date) -> Start:
    """What concerns this user. A fixed number of queries, however many projects there are."""
    keys = _mine(session, user, day)
    rows, rounds = rows_of(session, portfolio.pk, day, set(keys))
    counts = _counts(session, set(rows), day)
    current = rounds[0] if rounds and rounds[0].under_way else None
    mine = [
        MyProject(
            row=row,
            leads=keys[key].leader_id == user.person_id,
            owns=keys[key].owner_id == user.person_id,
            this_round=_this_round(row, current),
            lacks=_lacks(row, key, counts),
        )
        for key, row in rows.items()
    ]
    return Start(
        todos=build_todos(session, user, portfolio, day),
        on_behalf=_on_behalf(session, user, portfolio, day) if user.has(Role.direktion) else 0,
        portfolios=list(session.exec(select(Portfolio).order_by(Portfolio.name))),
        round=rounds[0] if rounds else None,
        rounds=[a_round.name for a_round in reversed(rounds)],
        mine=mine,
    )


def _mine(session: Session, user: User, day: date) -> dict[int, Project]:
    """The projects that the user leads, owns, or is a deputy in today."""
    if user.person_id is None:
        return {}
    query = select(Project).where(
        or_(
            Project.leader_id == user.person_id,
            Project.owner_id == user.person_id,
            col(Project.id).in_(stands_in(user.person_id, day)),
        )
    )
    return {project.pk: project for project in session.exec(query)}


def _on_behalf(session: Session, user: User, portfolio: Portfolio, day: date) -> int:
    """How many submitted statuses await an owner who is somebody else."""
    query = (
        select(func.count())
        .select_from(Report)
        .join(Project, col(Project.id) == Report.project_id)
        .where(
            on_list(portfolio.pk, day),
            Report.state == ReportState.submitted,
            col(Report.author_id).is_distinct_from(user.person_id),
            col(Project.owner_id).is_distinct_from(user.person_id),
            col(Project.id).not_in(stands_in(user.person_id, day, DeputyFor.owner)),
        )
    )
    return session.exec(query).one()


def _this_round(row: OverviewRow, current: ReportingRound | None) -> str:
    """Where the project's status has come to in the round under way; empty between rounds."""
    return str(row.report_state) if current and row.report_state else ""


@dataclass
class _Counts:
    late: Counter[int]
    targets: set[int]
    unmeasurable: Counter[int]
    criteria: set[int]
    key_persons: set[int]


def _counts(session: Session, keys: set[int], day: date) -> _Counts:
    milestones = columns(Milestone.project_id, Milestone.due_on, Milestone.precision).where(
        col(Milestone.project_id).in_(keys), col(Milestone.done_on).is_(None), col(Milestone.dropped_on).is_(None)
    )
    targets = columns(EffectTarget.project_id, EffectTarget.baseline_value, EffectTarget.target_value).where(
        col(EffectTarget.project_id).in_(keys), ~col(EffectTarget.withdrawn)
    )
    criteria = select(SuccessCriterion.project_id).where(
        col(SuccessCriterion.project_id).in_(keys), ~col(SuccessCriterion.withdrawn)
    )
    counted = select(KeyPersons.project_id).where(col(KeyPersons.project_id).in_(keys))
    found = list(session.exec(targets))
    return _Counts(
        late=Counter(key for key, due_on, precision in session.exec(milestones) if last_day(due_on, precision) < day),
        targets={key for key, _baseline, _target in found},
        unmeasurable=Counter(key for key, baseline, target in found if baseline is None or target is None),
        criteria=set(session.exec(criteria)),
        key_persons=set(session.exec(counted)),
    )


def _lacks(row: OverviewRow, key: int, counts: _Counts) -> list[str]:
    """What a leader or owner should see to, the most urgent first."""
    lacks = []
    if late := counts.late[key]:
        lacks.append(ngettext("%(n)s milestone is overdue.", "%(n)s milestones are overdue.", late) % {"n": late})
    if key not in counts.targets:
        lacks.append(_("There is no effect target."))
    elif vague := counts.unmeasurable[key]:
        lacks.append(
            ngettext(
                "%(n)s effect target lacks a baseline or a target figure.",
                "%(n)s effect targets lack a baseline or a target figure.",
                vague,
            )
            % {"n": vague}
        )
    if key not in counts.criteria:
        lacks.append(_("There are no success criteria."))
    if key not in counts.key_persons:
        lacks.append(_("Key persons have not been stated."))
    if not row.leader:
        lacks.append(_("No project leader has been named."))
    return lacks
