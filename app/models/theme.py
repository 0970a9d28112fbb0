from datetime import date

from sqlmodel import Field, Session, col, select

from app.models.base import Row


class Theme(Row, table=True):
    """A thematic group of the list, in the secretariat's order (tema)."""

    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    name: str = Field(max_length=80)
    position: int
    valid_from: date | None = None
    valid_to: date | None = None

    def __str__(self) -> str:
        return self.name


def themes_of(session: Session, portfolio_id: int) -> list[Theme]:
    """The portfolio's themes in their order."""
    query = select(Theme).where(Theme.portfolio_id == portfolio_id).order_by(col(Theme.position))
    return list(session.exec(query))
