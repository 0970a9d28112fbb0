"""The way to a new password for whoever has forgotten it, or has none yet: a link, never a password."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, col, func, select

from app.models.base import Row, rel
from app.models.event import record
from app.models.password import matches, set_password
from app.models.sign_in_attempt import Tried, take_a_try
from app.models.user import User, with_person
from app.models.user_session import digest
from app.settings import now

LINK_LIVES = timedelta(minutes=60)


class PasswordLink(Row, table=True):
    """A link with which somebody chooses a password, once (adgangskodelink). Only its SHA-256 is stored."""

    user_id: int = Field(foreign_key="user.id", index=True)
    token_sha256: str = Field(max_length=64, unique=True)
    made_at: datetime
    ended_at: datetime | None = None

    user: User = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def use(self, session: Session, password: str) -> None:
        self.ended_at = now()
        set_password(session, self.user, password)


def make_link(session: Session, user: User) -> str:
    """A new link's token; the ones before it are worth nothing any more. Whoever calls records why."""
    _end_links(session, user)
    token = secrets.token_urlsafe(32)
    session.add(PasswordLink(user_id=user.pk, token_sha256=digest(token), made_at=now()))
    return token


def make_link_for(session: Session, by: User, user: User) -> str:
    """An administrator makes a link for somebody, and never learns the password."""
    token = make_link(session, user)
    record(session, by, "password_link_made", user)
    return token


def ask_for_link(session: Session, email: str, address: str) -> User | None:
    """Somebody asks for a link themselves: their account, if there is one. It takes as long where there is none.

    Who signs in elsewhere (single sign-on) has no password here, and gets none by asking.
    """
    account = email.strip().lower()
    take_a_try(session, Tried.link, account, address)
    matches(account, "")  # so slow that whatever else is done is not noticed
    theirs = (User.email == account, col(User.active), func.length(User.password_hash) > 0)
    user = session.exec(select(User).where(*theirs).options(with_person())).first()
    if user:
        record(session, user, "password_link_asked_for", user)
    return user


def open_link(session: Session, token: str, *, for_update: bool = False) -> PasswordLink | None:
    """The link behind an address; None when it has been used, is too old, or its account is closed."""
    query = (
        select(PasswordLink)
        .join(rel(PasswordLink.user))
        .where(
            PasswordLink.token_sha256 == digest(token),
            col(PasswordLink.ended_at).is_(None),
            PasswordLink.made_at > now() - LINK_LIVES,
            col(User.active),
        )
        .options(joinedload(rel(PasswordLink.user)).joinedload(rel(User.person)))
    )
    return session.exec(query.with_for_update(of=PasswordLink) if for_update else query).first()


def _end_links(session: Session, user: User) -> None:
    query = select(PasswordLink).where(PasswordLink.user_id == user.pk, col(PasswordLink.ended_at).is_(None))
    for link in session.exec(query):
        link.ended_at = now()
