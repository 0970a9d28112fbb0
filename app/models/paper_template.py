"""The municipality's own Word template for the board paper. It is data: what stands in it is never run (trust V15)."""

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from pydantic import field_validator
from sqlmodel import Field, Session, SQLModel, select

from app.i18n import N_
from app.models.base import Row, wrong
from app.models.event import record
from app.settings import now

if TYPE_CHECKING:
    from app.models.user import User


class PaperTemplateForm(SQLModel):
    """The name of the file that was chosen; what is in it is looked at by whoever can open it."""

    file: str = Field(default="", max_length=120, title=N_("Word template"))

    @field_validator("file")
    @classmethod
    def _is_a_word_file(cls, name: str) -> str:
        if not name.lower().endswith(".docx"):
            raise wrong("file", N_("Choose a Word document (.docx)"))
        return name


class PaperTemplate(Row, table=True):
    """The Word file that the board paper of a list is written into (skabelon); without one, ours is used."""

    portfolio_id: int = Field(foreign_key="portfolio.id", unique=True)
    file_name: str = Field(max_length=120)
    content: bytes = Field(sa_type=sa.LargeBinary)
    sha256: str = Field(max_length=64)
    uploaded_at: datetime
    active: bool = True

    def __str__(self) -> str:
        return self.file_name


def paper_template_of(session: Session, portfolio_id: int) -> PaperTemplate | None:
    """The template in use; None when it is ours."""
    query = select(PaperTemplate).where(PaperTemplate.portfolio_id == portfolio_id, PaperTemplate.active)
    return session.exec(query).first()


def use_paper_template(
    session: Session, by: "User", portfolio_id: int, file_name: str, content: bytes
) -> PaperTemplate:
    """Takes a template into use, which the caller has tried out."""
    known = session.exec(select(PaperTemplate).where(PaperTemplate.portfolio_id == portfolio_id)).first()
    before = {"file_name": known.file_name, "sha256": known.sha256} if known else {}
    row = known or PaperTemplate(portfolio_id=portfolio_id, file_name="", content=b"", sha256="", uploaded_at=now())
    row.file_name, row.content, row.active = file_name, content, True
    row.sha256, row.uploaded_at = hashlib.sha256(content).hexdigest(), now()
    session.add(row)
    session.flush()
    after = {"file_name": row.file_name, "sha256": row.sha256}
    record(session, by, "changed" if known else "created", row, before=before, after=after)
    return row


def put_paper_template_away(session: Session, by: "User", row: PaperTemplate) -> None:
    """Ours is used again; theirs is kept."""
    row.active = False
    record(session, by, "changed", row, before={"active": True}, after={"active": False})
