import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.i18n import N_
from app.models.base import Row, Table, long_text


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
