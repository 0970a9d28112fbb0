"""Effekter, after the project: the effects that are followed once their project has left the list (domain.md 4E)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col

from app.i18n import search_key
from app.models import EffectFollowUp, EffectTarget, Person, Placement, Portfolio, Project, Unit
from app.models.base import columns
from app.models.effect_follow_up import FollowUpResult, FollowUpState
from app.models.measurement import latest_measurements
from app.models.milestone import Precision, show_period
from app.models.project import Kind
from app.tabs.filters import Filters, passes, projects_beside_list, searchable


class Look(BaseModel):
    """One follow-up; what was said stands here once it has been approved."""

    no: int
    due_on: date
    owner: str
    state: FollowUpState
    result: FollowUpResult | None
    conclusion: str
    waived_reason: str


class FollowedTarget(BaseModel):
    """An effect target of a project that has left, with every follow-up in the order of the days.

    `latest` is the newest figure, in its unit of measure; None when nothing was measured.
    """

    no: int
    name: str
    unit_of_measure: str
    latest: float | None
    latest_on: date | None
    precision: Precision
    looks: list[Look]

    @property
    def latest_when(self) -> str:
        return show_period(self.latest_on, self.precision) if self.latest_on else ""

    @property
    def next(self) -> Look | None:
        """What is to be said next, or waits for approval."""
        return next((look for look in self.looks if look.state.is_open), None)

    @property
    def last(self) -> Look | None:
        """The latest approved follow-up."""
        return next((look for look in reversed(self.looks) if look.state is FollowUpState.approved), None)

    @property
    def not_followed(self) -> str:
        """Why nobody follows it; empty when somebody does or did."""
        waived = [look.waived_reason for look in self.looks if look.state is FollowUpState.waived]
        return waived[-1] if waived and len(waived) == len(self.looks) else ""


class AfterProject(BaseModel):
    number: str
    title: str
    kind: Kind
    theme: str
    owner: str
    unit: str
    closed: bool
    left_on: date
    concluded_on: date | None
    unmeasured: bool
    targets: list[FollowedTarget]


class AfterFacts(BaseModel):
    """A project with what filters ask for: an edition keeps this."""

    project: AfterProject
    theme: str
    unit: str
    kind: Kind
    owner_id: int | None
    search: str


class AfterNumbers(BaseModel):
    """Projects that are followed and that were closed without a measured effect, follow-ups that are overdue on the
    tab's day, and targets by their latest approved result. Always of the whole list."""

    followed: int
    overdue: int
    results: dict[FollowUpResult, int]
    unmeasured: int


class After(BaseModel):
    """The part »after the project«. The projects follow the filters."""

    numbers: AfterNumbers
    projects: list[AfterProject]
    unmeasured: list[AfterProject]


@dataclass
class _Left:
    to_on: date
    followed: bool
    concluded_on: date | None
    unmeasured: bool


def read_after(session: Session, portfolio: Portfolio, day: date) -> dict[int, AfterFacts]:
    """The projects that have left the list and are followed, or were concluded, by key. Six queries, however many."""
    left = _left(session, portfolio, day)
    projects = [each for each in projects_beside_list(session, portfolio.pk, day) if each.id in left]
    targets, search = _targets(session, left.keys(), day), searchable(session, projects)
    return {
        each.id: AfterFacts(
            project=AfterProject(
                number=each.number,
                title=each.title,
                kind=each.kind,
                theme=each.theme,
                owner=each.owner or "",
                unit=each.unit or "",
                closed=each.confidentiality == "closed",
                left_on=left[each.id].to_on,
                concluded_on=left[each.id].concluded_on,
                unmeasured=left[each.id].unmeasured,
                targets=targets.get(each.id, []),
            ),
            theme=each.theme,
            unit=each.unit or "",
            kind=each.kind,
            owner_id=each.owner_id,
            search=search[each.id],
        )
        for each in projects
    }


def _left(session: Session, portfolio: Portfolio, day: date) -> dict[int, _Left]:
    """How each project left the list for the last time, where its effects were to be followed or nobody knows them."""
    query = (
        columns(
            Placement.project_id,
            Placement.to_on,
            Placement.follow_up,
            Placement.concluded_on,
            Placement.concluded_unmeasured,
        )
        .join(Project, col(Project.id) == Placement.project_id)
        .where(Project.portfolio_id == portfolio.pk, col(Placement.to_on) <= day)
        .order_by(Placement.from_on)
    )
    found = {key: _Left(*rest) for key, *rest in session.exec(query)}
    return {key: each for key, each in found.items() if each.followed or each.unmeasured}


def _targets(session: Session, projects: Iterable[int], day: date) -> dict[int, list[FollowedTarget]]:
    measured = latest_measurements(session, day)
    query = (
        columns(
            EffectTarget.project_id,
            EffectTarget.id,
            EffectTarget.no,
            EffectTarget.name,
            EffectTarget.unit_of_measure,
            col(EffectFollowUp.no).label("look"),
            EffectFollowUp.due_on,
            col(Person.name).label("person"),
            col(Unit.code).label("unit"),
            EffectFollowUp.state,
            EffectFollowUp.result,
            EffectFollowUp.conclusion,
            EffectFollowUp.waived_reason,
        )
        .select_from(EffectFollowUp)
        .join(EffectTarget, col(EffectTarget.id) == EffectFollowUp.effect_target_id)
        .outerjoin(Person, col(Person.id) == EffectFollowUp.owner_id)
        .outerjoin(Unit, col(Unit.id) == EffectFollowUp.owner_unit_id)
        .where(col(EffectTarget.project_id).in_(list(projects)))
        .order_by(EffectTarget.project_id, EffectTarget.no, EffectFollowUp.due_on, EffectFollowUp.no)
    )
    found: dict[int, dict[int, FollowedTarget]] = defaultdict(dict)
    for row in session.exec(query):
        if row.id not in found[row.project_id]:
            figure = measured.get(row.id)
            found[row.project_id][row.id] = FollowedTarget(
                no=row.no,
                name=row.name,
                unit_of_measure=row.unit_of_measure,
                latest=figure.value if figure else None,
                latest_on=figure.measured_on if figure else None,
                precision=figure.precision if figure else Precision.day,
                looks=[],
            )
        found[row.project_id][row.id].looks.append(_look(row))
    return {key: list(targets.values()) for key, targets in found.items()}


def _look(row: Any) -> Look:
    told = row.state is FollowUpState.approved
    return Look(
        no=row.look,
        due_on=row.due_on,
        owner=", ".join(filter(None, [row.person, row.unit])),
        state=row.state,
        result=row.result if told else None,
        conclusion=row.conclusion if told else "",
        waived_reason=row.waived_reason,
    )


def assemble_after(facts: Mapping[int, AfterFacts], filters: Filters, day: date) -> After:
    """The part out of its facts, today's or an edition's. A colour belongs to the list: no project has one here."""
    everything = [each.project for each in facts.values()]
    followed = [each for each in everything if each.concluded_on is None or each.concluded_on > day]
    last = [target.last for each in everything for target in each.targets]
    results = Counter(look.result for look in last if look and look.result)
    words = search_key(filters.q).split()
    shown = [
        each.project
        for each in facts.values()
        if passes(each, "", filters) and all(word in each.search for word in words)
    ]
    return After(
        numbers=AfterNumbers(
            followed=len(followed),
            overdue=sum(
                look.state is not FollowUpState.reported and look.due_on < day
                for each in followed
                for target in each.targets
                for look in target.looks
                if look.state.is_open
            ),
            results={result: results[result] for result in FollowUpResult},
            unmeasured=sum(each.unmeasured for each in everything if each not in followed),
        ),
        projects=[each for each in shown if each in followed],
        unmeasured=[each for each in shown if each.unmeasured and each not in followed],
    )


def no_after() -> After:
    """The part of a list from which nothing has left."""
    return assemble_after({}, Filters(), date.min)
