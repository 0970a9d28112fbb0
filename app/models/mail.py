"""Mail: written in the same transaction as what caused it, sent afterwards, logged for ever."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.i18n import N_
from app.models.base import Choice, Row, Table, long_text, one_of


class MailKind(Choice):
    opening = "opening", N_("The round opens")
    reminder = "reminder", N_("Reminder before the deadline")
    deadline = "deadline", N_("On the day of the deadline")
    overdue = "overdue", N_("After the deadline")
    approval = "approval", N_("Something waits for approval")
    returned = "returned", N_("A status was returned")
    digest = "digest", N_("What you must do")


class Mail(Table, table=True):
    """A letter that was sent or waits to be (mail). `key` is what it is about: the same one is never written twice."""

    id: int | None = Field(default=None, primary_key=True)
    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    round_id: int | None = Field(default=None, foreign_key="reporting_round.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    kind: MailKind = one_of(MailKind)
    key: str = Field(max_length=120, unique=True)
    address: str = Field(max_length=120)
    subject: str = Field(max_length=200)
    body: str = Field(sa_type=sa.Text)
    calendar: str = Field(default="", sa_type=sa.Text)
    written_at: datetime
    sent_at: datetime | None = None
    tries: int = 0
    error: str = Field(default="", max_length=200)


class MailTextForm(SQLModel):
    subject: str = Field(min_length=3, max_length=120, title=N_("Subject"))
    body: str = long_text(min_length=10, max_length=2000, title=N_("Text"))


class MailText(MailTextForm, Row, table=True):
    """The secretariat's own words for one kind of mail on one list (mailtekst)."""

    __table_args__ = (sa.UniqueConstraint("portfolio_id", "kind"),)

    portfolio_id: int = Field(foreign_key="portfolio.id")
    kind: MailKind = one_of(MailKind)

    def __str__(self) -> str:
        return str(self.kind)
