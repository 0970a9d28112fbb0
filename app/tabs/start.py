"""The front page: the projects that I lead and own, what they lack, and the lists I may see."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, or_, select

from app.i18n import _, ngettext
from app.models import EffectTarget, KeyPersons, Milestone, Portfolio, Project, ReportingRound, SuccessCriterion, User
from app.models.base import columns
from app.models.milestone import last_day
from app.models.report import ReportState
from app.tabs.filters import on_list
from app.tabs.overview import OverviewRow, rows_of


@dataclass
class MyProject:
    """A project of mine as it stands, with what is missing on it, each as one sentence."""

    row: OverviewRow
    leads: bool
    owns: bool
    lacks: list[str]


@dataclass
class Start:
    portfolios: list[Portfolio]
    round: ReportingRound | None
    mine: list[MyProject]
    nameless: list[Project]


def build_start(session: Session, user: User, portfolio: Portfolio, day: date) -> Start:
    """What concerns this user. Ten queries, however many projects there are."""
    keys = _mine(session, user)
    rows, rounds = rows_of(session, portfolio.pk, day, set(keys))
    counts = _counts(session, set(rows), day)
    current = rounds[0] if rounds and rounds[0].under_way else None
    mine = [
        MyProject(
            row=row,
            leads=keys[key].leader_id == user.person_id,
            owns=keys[key].owner_id == user.person_id,
            lacks=_lacks(row, key, counts, current),
        )
        for key, row in rows.items()
    ]
    return Start(
        portfolios=list(session.exec(select(Portfolio).order_by(Portfolio.name))),
        round=rounds[0] if rounds else None,
        mine=mine,
        nameless=_nameless(session, portfolio, day) if user.can_run_the_list else [],
    )


def _mine(session: Session, user: User) -> dict[int, Project]:
    if user.person_id is None:
        return {}
    query = select(Project).where(or_(Project.leader_id == user.person_id, Project.owner_id == user.person_id))
    return {project.pk: project for project in session.exec(query)}


def _nameless(session: Session, portfolio: Portfolio, day: date) -> list[Project]:
    """Projects on the list without an owner or a leader: the secretariat's to solve."""
    query = (
        select(Project)
        .where(on_list(portfolio.pk, day), or_(col(Project.leader_id).is_(None), col(Project.owner_id).is_(None)))
        .order_by(col(Project.series).desc(), col(Project.sequence))
    )
    return list(session.exec(query))


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


def _lacks(row: OverviewRow, key: int, counts: _Counts, current: ReportingRound | None) -> list[str]:
    """What a leader or owner should see to, the most urgent first."""
    lacks = []
    if current and row.report_state is ReportState.submitted:
        lacks.append(_("The status has been submitted and awaits the project owner."))
    elif current and not row.mark.is_colour and row.report_state is not ReportState.approved:
        lacks.append(_("The status of %(round)s has not been approved.") % {"round": current.name})
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
