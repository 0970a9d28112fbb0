"""What left the system as a file: who took what for whom, and the file's fingerprint (domain.md 3A ExportLog, L13)."""

import hashlib
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from pydantic import ConfigDict, ValidationInfo, field_validator
from sqlmodel import Field, Session, SQLModel, col, select

from app.i18n import N_
from app.models.base import Choice, Table, one_of, wrong
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


SHORTEST_REASON = 10
"""Characters. A word is no reason."""


class ExportForm(SQLModel):
    """What is asked when somebody takes out a file for others (L13).

    What leaves the house must be said to whom and why, and confirmed; the internal edition needs a reason of its own.
    """

    model_config = ConfigDict(validate_default=True)  # type: ignore[assignment] # SQLModel's own type has it too

    profile: Profile = one_of(Profile, default=Profile.external, title=N_("Profile"))
    recipient: Recipient = one_of(Recipient, title=N_("Who it is for"))
    note: str = Field(default="", max_length=160, title=N_("To whom, and why"))
    reason: str = Field(default="", max_length=160, title=N_("Why it must be the internal edition"))
    confirmed: bool = Field(default=False, title=N_("I know that the file loses its internal status"))

    @field_validator("note", "reason", "confirmed")
    @classmethod
    def _must_be_said(cls, value: str | bool, asked: ValidationInfo) -> str | bool:
        recipient = asked.data.get("recipient")
        if recipient is None or not recipient.outside:
            return value
        is_internal = asked.data.get("profile") is Profile.internal
        if asked.field_name == "note" and not value:
            raise wrong("note", N_("Write to whom the file goes, and why"))
        if asked.field_name == "reason" and is_internal and len(str(value)) < SHORTEST_REASON:
            raise wrong("reason", N_("Write why outsiders must have the internal edition, or choose the external one"))
        if asked.field_name == "confirmed" and not value:
            raise wrong("confirmed", N_("Confirm that the file leaves the house and loses its internal status"))
        return value


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
    reason: str = Field(default="", max_length=160, title=N_("Why it must be the internal edition"))
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
    reason: str = "",
    round_key: str = "",
    filters: str = "",
) -> Export:
    """Notes a file before it is handed out. What was read before is let go of, so that nobody waits meanwhile.

    A request that reads sees the list as it stood when it began; to write it must begin anew. The event, which
    administrators read too, has neither words nor fingerprint: they would tell of closed projects.
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
        reason=reason,
        round_key=round_key,
        filters=filters,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    session.add(export)
    session.flush()
    after = export.model_dump(include={"profile", "recipient", "round_key"})
    record(session, by, "exported", export, after={name: value for name, value in after.items() if value})
    return export


def exports_of(session: Session, portfolio_id: int, limit: int = 200) -> list[Export]:
    """The newest files that were taken out of a list."""
    query = select(Export).where(Export.portfolio_id == portfolio_id)
    return list(session.exec(query.order_by(col(Export.id).desc()).limit(limit)))


def exports_with(session: Session, portfolio_id: int, sha256: str) -> list[Export]:
    """Every time that this very file was taken out, the newest first."""
    query = select(Export).where(Export.portfolio_id == portfolio_id, Export.sha256 == sha256)
    return list(session.exec(query.order_by(col(Export.id).desc())))
