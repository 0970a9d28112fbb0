"""Twice a year somebody goes through who may see what, and says that it was done."""

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.errors import DomainError
from app.i18n import N_, _
from app.models.account import lock_accounts
from app.models.base import Row, rel
from app.models.event import add
from app.models.user import User
from app.settings import today

if TYPE_CHECKING:
    from collections.abc import Sequence


class AccessReviewForm(SQLModel):
    note: str = Field(default="", max_length=400, title=N_("What was changed, or is to be"))


class AccessReview(AccessReviewForm, Row, table=True):
    """That somebody has gone through who may see what, once each half-year (adgangsgennemgang)."""

    half_year: str = Field(max_length=6, unique=True, title=N_("Half-year"))
    """2022-1 is January to June."""
    reviewed_on: date
    by_id: int = Field(foreign_key="user.id")

    by: User = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return half_year_in_words(self.half_year)


def half_year_of(day: date) -> str:
    return f"{day.year}-{1 if day.month <= 6 else 2}"


def half_year_after(half_year: str) -> str:
    year, half = map(int, half_year.split("-"))
    return f"{year}-2" if half == 1 else f"{year + 1}-1"


def last_day_of(half_year: str) -> date:
    year, half = map(int, half_year.split("-"))
    return date(year, 6, 30) if half == 1 else date(year, 12, 31)


def half_year_in_words(half_year: str) -> str:
    year, half = half_year.split("-")
    words = _("first half of %(year)s") if half == "1" else _("second half of %(year)s")
    return words % {"year": year}


def due_on(latest: str | None, day: date) -> date:
    """When the next review is due: at the end of the half-year after the latest one; the first at the end of this."""
    return last_day_of(half_year_after(latest) if latest else half_year_of(day))


def access_reviews(session: Session) -> "Sequence[AccessReview]":
    """All of them with who did it, the newest first."""
    query = select(AccessReview).options(joinedload(rel(AccessReview.by)).joinedload(rel(User.person)))
    return session.exec(query.order_by(col(AccessReview.half_year).desc())).all()


def latest_review(session: Session) -> str | None:
    """The half-year of the latest review."""
    return session.exec(select(AccessReview.half_year).order_by(col(AccessReview.half_year).desc())).first()


def record_review(session: Session, by: User, form: AccessReviewForm) -> None:
    """Somebody has gone through who may see what, in the half-year that runs. Once is enough."""
    lock_accounts(session)
    half_year = half_year_of(today())
    if session.exec(select(AccessReview.id).where(AccessReview.half_year == half_year)).first():
        raise DomainError(_("Who may see what has been reviewed in this half-year already."))
    review = AccessReview(half_year=half_year, reviewed_on=today(), by_id=by.pk, **form.model_dump())
    add(session, by, review, form)
