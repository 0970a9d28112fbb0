"""What left the system as a file: who took what for whom, and the file's fingerprint (domain.md 3A ExportLog, L13)."""

import hashlib
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from app.i18n import N_
from app.models.base import Choice, Table, one_of
from app.models.event import record
from app.settings import now

if TYPE_CHECKING:
    from app.models.user import User


class Profile(Choice):
    internal = "internal", N_("Internal")
    external = "external", N_("External")


class Recipient(Choice):
    """Who a file is for. A document given to outsiders loses its internal status (offentlighedsloven § 23(2))."""

    own_use = "own_use", N_("Own use")
    board = "board", N_("Executive board and management forum")
    committee = "committee", N_("Political committee or council")
    housing = "housing", N_("Housing organisations")
    authority = "authority", N_("Another authority")
    public = "public", N_("The public and the press")

    @property
    def outside(self) -> bool:
        """Whether the file leaves the house."""
        return self not in (Recipient.own_use, Recipient.board)


class ExportForm(SQLModel):
    """What is asked when a file is to leave the house."""

    recipient: Recipient = one_of(Recipient, title=N_("Who it is for"))
    note: str = Field(default="", max_length=160, title=N_("To whom, and why"))
    confirmed: bool = Field(default=False, title=N_("I know that the file loses its internal status"))


class Export(Table, table=True):
    """A file that somebody took out (udtræk). Written once, never changed."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(default_factory=lambda: secrets.token_urlsafe(8), max_length=16, unique=True)
    portfolio_id: int = Field(foreign_key="portfolio.id", index=True)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    actor: str = Field(max_length=120)
    taken_at: datetime
    file_name: str = Field(max_length=160, title=N_("File"))
    profile: Profile = one_of(Profile, title=N_("Profile"))
    recipient: Recipient = one_of(Recipient, title=N_("Who it is for"))
    note: str = Field(default="", max_length=160, title=N_("To whom, and why"))
    round_key: str = Field(default="", max_length=12, title=N_("Edition"))
    filters: str = Field(default="", sa_type=sa.Text, title=N_("Filters"))
    size: int
    sha256: str = Field(max_length=64, title=N_("Fingerprint"))

    def __str__(self) -> str:
        return self.file_name


def log_export(
    session: Session,
    by: "User | None",
    portfolio_id: int,
    file_name: str,
    content: bytes,
    *,
    profile: Profile = Profile.internal,
    recipient: Recipient = Recipient.own_use,
    note: str = "",
    round_key: str = "",
    filters: str = "",
) -> Export:
    """Notes a file before it is handed out. What was read before is let go of, so that nobody waits meanwhile.

    A request that reads sees the list as it stood when it began; to write it must begin anew.
    """
    session.commit()
    export = Export(
        portfolio_id=portfolio_id,
        user_id=by.id if by else None,
        actor=str(by) if by else "python -m app",
        taken_at=now(),
        file_name=file_name,
        profile=profile,
        recipient=recipient,
        note=note,
        round_key=round_key,
        filters=filters,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    session.add(export)
    session.flush()
    after = export.model_dump(include={"profile", "recipient", "note", "round_key", "filters", "sha256"})
    record(session, by, "exported", export, after={name: value for name, value in after.items() if value})
    return export


def exports_of(session: Session, portfolio_id: int, limit: int = 200) -> list[Export]:
    """The newest files that were taken out of a list."""
    query = select(Export).where(Export.portfolio_id == portfolio_id)
    return list(session.exec(query.order_by(col(Export.id).desc()).limit(limit)))
