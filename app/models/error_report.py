"""»Report an error«: what somebody says is wrong, and what the secretariat does about it (domain.md L7, L8)."""

import re
import secrets
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import LoaderOption
from sqlmodel import Field, Relationship, Session, SQLModel, col, func, select

from app.errors import DomainError
from app.i18n import N_, _, show_date
from app.models.base import Choice, Row, long_text, one_of, rel
from app.models.event import record
from app.models.user import User
from app.settings import now


class ErrorState(Choice):
    waiting = "waiting", N_("Waits for the secretariat")
    corrected = "corrected", N_("Corrected")
    unchanged = "unchanged", N_("Not corrected")


class Outcome(Choice):
    corrected = "corrected", N_("Corrected")
    unchanged = "unchanged", N_("Not corrected")


class ErrorReportForm(SQLModel):
    asks_about_health: ClassVar[bool] = False
    """It is here that such a text is reported."""

    text: str = long_text(min_length=10, max_length=1000, title=N_("What is wrong, and what is right?"))
    page: str = Field(default="", max_length=160, title=N_("On which page?"))
    health: bool = Field(
        default=False, title=N_("It tells of somebody's health or of something else that is sensitive")
    )


class AnswerForm(SQLModel):
    asks_about_health: ClassVar[bool] = False

    outcome: Outcome = one_of(Outcome, title=N_("What came of it"))
    answer: str = long_text(min_length=5, max_length=600, title=N_("Answer to whoever reported it"))


class ErrorReport(ErrorReportForm, Row, table=True):
    """Something that somebody says is wrong (fejlmelding). Read by whoever reported it and by the secretariat only."""

    key: str = Field(default_factory=lambda: secrets.token_urlsafe(8), max_length=16, unique=True)
    reported_by_id: int = Field(foreign_key="user.id", index=True)
    reported_at: datetime
    state: ErrorState = one_of(ErrorState, default=ErrorState.waiting)
    answer: str = long_text(default="")
    answered_by_id: int | None = Field(default=None, foreign_key="user.id")
    answered_at: datetime | None = None

    reported_by: User = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "[ErrorReport.reported_by_id]"}
    )

    def __str__(self) -> str:
        return show_date(self.reported_at)

    @property
    def address(self) -> str:
        """The page that it is about, when what is written is a path of ours."""
        return self.page if re.fullmatch(r"/(?![/\\])[^\x00-\x20\\]*", self.page) else ""

    def give_answer(self, session: Session, by: User, form: AnswerForm) -> None:
        """Closes it. The event says that it was answered and how, never what it was about: that may be sensitive."""
        if self.state is not ErrorState.waiting:
            raise DomainError(_("The error has been answered already."))
        self.state, self.answer = ErrorState(form.outcome.value), form.answer
        self.answered_by_id, self.answered_at = by.id, now()
        record(session, by, "answered", self, after={"state": self.state})


def report_error(session: Session, by: User, form: ErrorReportForm) -> ErrorReport:
    """Tells the secretariat. The event has no words: they may be sensitive, or about what is closed."""
    told = ErrorReport(**form.model_dump(), reported_by_id=by.pk, reported_at=now())
    session.add(told)
    session.flush()
    record(session, by, "reported", told)
    return told


def error_reports(session: Session, by: User | None = None) -> list[ErrorReport]:
    """Everything that has been reported, by everybody or by one account: what waits first, then the newest."""
    query = select(ErrorReport).options(_with_reporter())
    if by is not None:
        query = query.where(ErrorReport.reported_by_id == by.pk)
    waits = col(ErrorReport.state) != ErrorState.waiting
    return list(session.exec(query.order_by(waits, col(ErrorReport.id).desc())))


def error_report_by_key(session: Session, key: str, *, for_update: bool = False) -> ErrorReport | None:
    query = select(ErrorReport).where(ErrorReport.key == key)
    query = query.options(_with_reporter())
    return session.exec(query.with_for_update(of=ErrorReport) if for_update else query).first()


def _with_reporter() -> LoaderOption:
    return joinedload(rel(ErrorReport.reported_by)).joinedload(rel(User.person))


def errors_waiting(session: Session) -> int:
    return session.exec(select(func.count()).where(ErrorReport.state == ErrorState.waiting)).one()
