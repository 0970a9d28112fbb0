"""What the strategy letter of a year promised, theme by theme, and how it goes (domain.md R94, R95, 5B Q14).

Projects, colours and shares of the path are those of Overblik and Effekter, today's or an edition's; the themes and
which projects serve them are today's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date

from pydantic import BaseModel
from sqlmodel import Session, col

from app.models import Portfolio, Project, ProjectStrategy, StrategyTheme
from app.models.assessment import Colour
from app.models.base import columns
from app.models.effect_target import Direction, Standing
from app.models.project import Phase
from app.models.strategy_theme import strategy_themes
from app.tabs.edition import overview_and_effects_of
from app.tabs.effects import Effects, TargetRow
from app.tabs.filters import Filters
from app.tabs.mark import Mark, Trend
from app.tabs.overview import Overview


class StrategyQuestion(BaseModel):
    """Which letter, and as the list stood in which round; the newest letter and today when nothing is said."""

    year: str = ""
    round: str = ""


class StrategyProject(BaseModel):
    """A project that serves a theme. `effects` are its effect targets, without deliveries and context."""

    number: str
    title: str
    owner: str
    phase: Phase
    closed: bool
    mark: Mark
    trend: Trend | None
    rounds_in_colour: int
    effects: list[TargetRow]


class Beside(BaseModel):
    """A project that serves a theme and does not stand on the list."""

    number: str
    title: str


class ThemeStatus(BaseModel):
    """One theme of the letter. `mix` counts its projects by mark, `stands` their effect targets by how they stand."""

    id: int
    name: str
    promise: str
    source: str
    projects: list[StrategyProject]
    beside: list[Beside]
    mix: dict[Mark, int]
    targets: int
    stands: dict[Standing, int]
    reached: int
    without_target: list[str]
    """The numbers of the projects that have no effect target."""


class Strategy(BaseModel):
    """The page of one letter, its themes without a project first."""

    portfolio: str
    slug: str
    year: int | None
    years: list[int]
    round_key: str
    day: date
    themes: list[ThemeStatus]

    @property
    def without_project(self) -> list[ThemeStatus]:
        """The themes that no project serves or has served."""
        return [theme for theme in self.themes if not theme.projects and not theme.beside]


def build_strategy(session: Session, portfolio: Portfolio, question: StrategyQuestion) -> Strategy:
    """The page as the session's reader may see it. Two queries more than Effekter, however many projects and themes."""
    overview, effects = overview_and_effects_of(session, portfolio, Filters(round=question.round))
    return assemble_strategy(session, portfolio, overview, effects, question)


def assemble_strategy(
    session: Session, portfolio: Portfolio, overview: Overview, effects: Effects, question: StrategyQuestion
) -> Strategy:
    """The page out of Overblik and Effekter, which nobody has filtered. Two queries."""
    known = strategy_themes(session, portfolio.pk)
    years = list(dict.fromkeys(theme.year for theme in known))
    year = next((each for each in years if str(each) == question.year or not question.year), None)
    listed = _listed(overview, {project.number: project.effects for project in effects.projects})
    tagged = tagged_projects(session, portfolio)
    themes = [_status(theme, tagged.get(theme.pk, []), listed) for theme in known if theme.year == year]
    return Strategy(
        portfolio=overview.portfolio,
        slug=overview.slug,
        year=year,
        years=years,
        round_key=question.round,
        day=effects.day,
        themes=sorted(themes, key=lambda theme: bool(theme.projects or theme.beside)),
    )


def tagged_projects(session: Session, portfolio: Portfolio) -> dict[int, list[Beside]]:
    """The visible projects that serve each theme, on the list or beside it, by the theme's key. One query."""
    query = (
        columns(ProjectStrategy.strategy_theme_id, Project.number, Project.title)
        .join(Project, col(Project.id) == ProjectStrategy.project_id)
        .join(StrategyTheme, col(StrategyTheme.id) == ProjectStrategy.strategy_theme_id)
        .where(StrategyTheme.portfolio_id == portfolio.pk)
        .order_by(col(Project.series).desc(), Project.sequence)
    )
    found: dict[int, list[Beside]] = defaultdict(list)
    for theme, number, title in session.exec(query):
        found[theme].append(Beside.model_construct(number=number, title=title))
    return found


def _listed(overview: Overview, effects: dict[str, list[TargetRow]]) -> dict[str, StrategyProject]:
    """Every project on the list by number, out of the tabs' own rows."""
    return {
        row.number: StrategyProject.model_construct(
            number=row.number,
            title=row.title,
            owner=row.owner,
            phase=row.phase,
            closed=row.closed,
            mark=row.mark,
            trend=row.trend,
            rounds_in_colour=row.rounds_in_colour,
            effects=effects[row.number],
        )
        for group in overview.groups
        for row in group.rows
    }


def _status(theme: StrategyTheme, tagged: Iterable[Beside], listed: dict[str, StrategyProject]) -> ThemeStatus:
    projects = [listed[each.number] for each in tagged if each.number in listed]
    marks = Counter(project.mark for project in projects)
    targets = [target for project in projects for target in project.effects]
    stands = Counter(target.standing for target in targets)
    return ThemeStatus.model_construct(
        id=theme.pk,
        name=theme.name,
        promise=theme.promise,
        source=theme.source,
        projects=projects,
        beside=[each for each in tagged if each.number not in listed],
        mix={mark: marks[mark] for mark in Mark if marks[mark]},
        targets=len(targets),
        stands={standing: stands[standing] for standing in Standing if stands[standing]},
        reached=sum(reached(target) for target in targets),
        without_target=[project.number for project in projects if not project.effects],
    )


def reached(target: TargetRow) -> bool:
    """Whether the newest figure, from after the baseline, has come as far as the target.

    A level to hold is reached when it is held on the target date.
    """
    latest, goal = target.latest, target.target_value
    if latest is None or goal is None or (target.baseline_on and latest.last_day <= target.baseline_on):
        return False
    if target.direction is Direction.up:
        return latest.value >= goal
    if target.direction is Direction.down:
        return latest.value <= goal
    return target.colour is Colour.green and target.target_on is not None and latest.last_day >= target.target_on
