"""Where effects are missing, claimed twice, or work against each other (domain.md R55, 5B Q9, Q13, Q14)."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from pydantic import BaseModel
from sqlmodel import Session, col, select

from app.i18n import search_key
from app.models import Portfolio, Project, Relation
from app.models.effect_target import Direction
from app.models.project import Phase
from app.models.relation import RelationKind, with_both_sides
from app.models.strategy_theme import strategy_themes
from app.models.theme import themes_of
from app.tabs.edition import overview_and_effects_of
from app.tabs.effects import Effects, ProjectEffects, TargetRow
from app.tabs.filters import Filters
from app.tabs.link import Aim, aims_of
from app.tabs.strategy import tagged_projects

LONG_WORD = 4
"""Words shorter than this say nothing about what is measured: »og«, »af«, »pr«."""


class Gap(BaseModel):
    """A theme, of the strategy letter or the list's own, that no effect is aimed at; `projects` it has on the list."""

    name: str
    projects: int


class Unaimed(BaseModel):
    """A project without an effect target."""

    number: str
    title: str
    theme: str
    owner: str
    phase: Phase
    others: int
    """How many deliveries and context figures it has instead."""


class Claim(BaseModel):
    """One project's target among those that look like the same effect."""

    number: str
    title: str
    name: str
    direction: Direction
    unit_of_measure: str
    source: str


class DoubleClaim(BaseModel):
    """Targets of several projects that look like the same effect, in the order of the projects."""

    claims: list[Claim]

    @property
    def opposed(self) -> bool:
        """Whether one wants up what another wants down."""
        return {Direction.up, Direction.down} <= {claim.direction for claim in self.claims}


class Side(BaseModel):
    """One project of a conflict, with what it wants to reach."""

    number: str
    title: str
    aims: list[Aim]


class Conflict(BaseModel):
    """Two projects whose goals are registered as working against each other."""

    one: Side
    other: Side
    text: str


class EffectCoverage(BaseModel):
    """The map of the whole list. `year` is that of the newest strategy letter."""

    portfolio: str
    slug: str
    day: date
    year: int | None
    strategy_without_project: list[Gap]
    strategy_without_target: list[Gap]
    themes_without_project: list[Gap]
    themes_without_target: list[Gap]
    projects_without_target: list[Unaimed]
    claimed_twice: list[DoubleClaim]
    conflicts: list[Conflict]
    opposed: list[DoubleClaim]


def build_effect_coverage(session: Session, portfolio: Portfolio, day: date) -> EffectCoverage:
    """The map as the session's reader may see it. Five queries more than Effekter, however many projects there are."""
    _overview, effects = overview_and_effects_of(session, portfolio, Filters())
    aimed = {project.number: bool(project.effects) for project in effects.projects}
    letters = strategy_themes(session, portfolio.pk)
    year = letters[0].year if letters else None
    tagged = tagged_projects(session, portfolio)
    strategy = {
        theme.name: [each.number for each in tagged.get(theme.pk, [])] for theme in letters if theme.year == year
    }
    own: dict[str, list[str]] = {theme.name: [] for theme in themes_of(session, portfolio.pk)}
    for project in effects.projects:
        own[project.theme].append(project.number)
    same = same_effect(effects.projects)
    return EffectCoverage(
        portfolio=effects.portfolio,
        slug=effects.slug,
        day=day,
        year=year,
        strategy_without_project=_without_project(strategy),
        strategy_without_target=_without_target(strategy, aimed),
        themes_without_project=_without_project(own),
        themes_without_target=_without_target(own, aimed),
        projects_without_target=_unaimed(effects),
        claimed_twice=[each for each in same if not each.opposed],
        conflicts=_conflicts(session, portfolio, day),
        opposed=[each for each in same if each.opposed],
    )


def _without_project(themes: dict[str, list[str]]) -> list[Gap]:
    return [Gap(name=name, projects=0) for name, numbers in themes.items() if not numbers]


def _without_target(themes: dict[str, list[str]], aimed: dict[str, bool]) -> list[Gap]:
    """The themes whose projects on the list aim at no effect."""
    listed = {name: [aimed[number] for number in numbers if number in aimed] for name, numbers in themes.items()}
    return [Gap(name=name, projects=len(found)) for name, found in listed.items() if themes[name] and not any(found)]


def _unaimed(effects: Effects) -> list[Unaimed]:
    return [
        Unaimed(
            number=project.number,
            title=project.title,
            theme=project.theme,
            owner=project.owner,
            phase=project.phase,
            others=len(project.others),
        )
        for project in effects.projects
        if not project.effects
    ]


def same_effect(projects: Iterable[ProjectEffects]) -> list[DoubleClaim]:
    """The effect targets of different projects that look like one and the same effect.

    Two do when they have the same name, or the same definition, or the same unit of measure and source and in their
    names the same words of four letters or more, two at least, in any order. Case and signs do not count. What looks
    like a target that looks like a third one stands with both.
    """
    claims: list[tuple[Claim, set[tuple[str, ...]]]] = [
        (_claim(project, target), _keys(target)) for project in projects for target in project.effects
    ]
    by_key: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, (_said, keys) in enumerate(claims):
        for key in keys:
            by_key[key].append(place)
    found, seen = [], set[int]()
    for start in range(len(claims)):
        if start in seen:
            continue
        group = _reached_from(start, claims, by_key)
        seen |= group
        if len({claims[place][0].number for place in group}) > 1:
            found.append(DoubleClaim(claims=[claims[place][0] for place in sorted(group)]))
    return found


def _reached_from(
    start: int, claims: list[tuple[Claim, set[tuple[str, ...]]]], by_key: dict[tuple[str, ...], list[int]]
) -> set[int]:
    """The places of the claims that look like one, or like one that does. Each key is followed once."""
    group, ahead, followed = {start}, [start], set[tuple[str, ...]]()
    while ahead:
        for key in claims[ahead.pop()][1] - followed:
            followed.add(key)
            new = set(by_key[key]) - group
            group |= new
            ahead += new
    return group


def _claim(project: ProjectEffects, target: TargetRow) -> Claim:
    return Claim(
        number=project.number,
        title=project.title,
        name=target.name,
        direction=target.direction,
        unit_of_measure=target.unit_of_measure,
        source=target.source,
    )


def _keys(target: TargetRow) -> set[tuple[str, ...]]:
    """What two targets must share one of to look the same."""
    name, definition = _words(target.name), _words(target.definition)
    unit, source = _words(target.unit_of_measure), _words(target.source)
    keys = {("name", *name)} if name else set()
    if definition:
        keys.add(("definition", *definition))
    long_words = sorted({word for word in name if len(word) >= LONG_WORD})
    if unit and source and len(long_words) > 1:
        keys.add(("words", " ".join(unit), " ".join(source), *long_words))
    return keys


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", search_key(text))


def _conflicts(session: Session, portfolio: Portfolio, day: date) -> list[Conflict]:
    """The conflicts of goals that apply, of projects that the reader may know of. Two queries."""
    query = (
        select(Relation)
        .join(Project, col(Project.id) == Relation.project_id)
        .where(Relation.kind == RelationKind.goal_conflict, Project.portfolio_id == portfolio.pk)
        .options(*with_both_sides())
        .order_by(col(Project.series).desc(), col(Project.sequence), col(Relation.no))
    )
    found = [each for each in session.exec(query) if each.other and each.applies_on(day)]
    aims = aims_of(session, {key for each in found for key in (each.project_id, each.other_id) if key})
    return [
        Conflict(one=_side(each.project, aims), other=_side(each.other, aims), text=each.text)
        for each in found
        if each.other
    ]


def _side(project: Project, aims: dict[int, list[Aim]]) -> Side:
    return Side(number=project.number, title=project.title, aims=aims.get(project.pk, []))
