from collections.abc import Collection
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Field, Session, SQLModel, col, select

from app.errors import DomainError
from app.i18n import N_, _
from app.models.base import Row, Table, long_text
from app.models.event import add, change, record

if TYPE_CHECKING:
    from app.models.project import Project
    from app.models.user import User


class StrategyThemeForm(SQLModel):
    """A theme of the year's strategy letter, and what it promised (domain.md R94, R95)."""

    year: int = Field(ge=2000, le=2100, title=N_("Year of the letter"))
    name: str = Field(min_length=3, max_length=120, title=N_("Theme of the letter"))
    position: int = Field(default=1, ge=1, le=50, title=N_("Order"))
    promise: str = long_text(default="", max_length=600, title=N_("What was promised"))
    source: str = Field(default="", max_length=120, title=N_("Source"))


class StrategyTheme(StrategyThemeForm, Row, table=True):
    """A theme of a strategy letter (strategitema): a tag beside the list's own themes, and new every year."""

    __table_args__ = (sa.UniqueConstraint("portfolio_id", "year", "name"),)

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.year})"


class ProjectStrategy(Table, table=True):
    """That a project serves a theme of a strategy letter (projektets strategitema)."""

    project_id: int = Field(foreign_key="project.id", primary_key=True)
    strategy_theme_id: int = Field(foreign_key="strategy_theme.id", primary_key=True, index=True)


class StrategyTags(SQLModel):
    """The themes that a project serves, of any number of letters; by the keys of the themes, which are public."""

    theme_ids: list[int] = Field(default_factory=list, title=N_("Strategy themes"))


class ThemeTaken(DomainError):
    """The letter of the year already has a theme with this name."""


def add_strategy_theme(session: Session, by: "User", portfolio_id: int, form: StrategyThemeForm) -> StrategyTheme:
    _refuse_when_taken(session, portfolio_id, form, None)
    theme = StrategyTheme(**form.model_dump(), portfolio_id=portfolio_id)
    add(session, by, theme, form)
    return theme


def change_strategy_theme(session: Session, by: "User", theme: StrategyTheme, form: StrategyThemeForm) -> None:
    _refuse_when_taken(session, theme.portfolio_id, form, theme)
    change(session, by, theme, form)


def _refuse_when_taken(
    session: Session, portfolio_id: int, form: StrategyThemeForm, theme: StrategyTheme | None
) -> None:
    known = strategy_themes(session, portfolio_id)
    if any(each is not theme and (each.year, each.name) == (form.year, form.name) for each in known):
        raise ThemeTaken(_("The letter already has a theme with this name."))


def tag_project(session: Session, by: "User", project: "Project", themes: Collection[StrategyTheme]) -> None:
    """Sets which themes a project serves, as one event that names them."""
    rows = list(session.exec(select(ProjectStrategy).where(ProjectStrategy.project_id == project.pk)))
    wanted = {theme.pk for theme in themes}
    if wanted == {row.strategy_theme_id for row in rows}:
        return
    before = [str(theme) for theme in themes_of_project(session, project)]
    for row in rows:
        if row.strategy_theme_id not in wanted:
            session.delete(row)
    had = {row.strategy_theme_id for row in rows}
    session.add_all(ProjectStrategy(project_id=project.pk, strategy_theme_id=key) for key in sorted(wanted - had))
    flag_modified(project, "title")  # a new version of the project: its tags have none of their own
    after = [str(theme) for theme in in_order(themes)]
    record(
        session, by, "changed", project, project_id=project.pk, before={"theme_ids": before}, after={"theme_ids": after}
    )


def in_order(themes: Collection[StrategyTheme]) -> list[StrategyTheme]:
    """The newest letter first, its themes in the letter's order."""
    return sorted(themes, key=lambda theme: (-theme.year, theme.position, theme.name))


def strategy_themes(session: Session, portfolio_id: int) -> list[StrategyTheme]:
    """Every theme of every letter of a list, in order."""
    return in_order(list(session.exec(select(StrategyTheme).where(StrategyTheme.portfolio_id == portfolio_id))))


def themes_of_project(session: Session, project: "Project") -> list[StrategyTheme]:
    """The themes that a project serves, in order."""
    query = select(StrategyTheme).join(ProjectStrategy, col(ProjectStrategy.strategy_theme_id) == StrategyTheme.id)
    return in_order(list(session.exec(query.where(ProjectStrategy.project_id == project.pk))))
