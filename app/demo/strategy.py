"""The strategy letters of the demo list: their themes, what was promised, and which projects serve them."""

from sqlmodel import Session

from app.demo.organisation import Projects
from app.demo.source import chosen, read, read_projects, sourced
from app.models import Portfolio, ProjectStrategy, StrategyTheme
from app.models.strategy_theme import StrategyThemeForm

TAGGED_YEAR = 2017
"""The year whose themes stand on the projects themselves, as `strategy_theme_2017`."""


def load_strategy(session: Session, portfolio: Portfolio, projects: Projects) -> None:
    tagged = [
        (table["strategy_theme_2017"], table["key"]) for table in read_projects() if "strategy_theme_2017" in table
    ]
    for table in read("strategy.toml")["theme"]:
        form = StrategyThemeForm(**chosen(table, "year", "position", "name", "promise"), source=sourced(table))
        theme = StrategyTheme(**form.model_dump(), portfolio_id=portfolio.pk)
        session.add(theme)
        session.flush()
        own = [key for name, key in tagged if (theme.year, theme.name) == (TAGGED_YEAR, name)]
        serving = table.get("serves", own)
        session.add_all(ProjectStrategy(project_id=projects[key].pk, strategy_theme_id=theme.pk) for key in serving)
