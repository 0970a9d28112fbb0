"""Who is signed in where: from the sign-in until somebody signs out, is idle for too long, or must sign in again."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import contains_eager
from sqlmodel import Field, Relationship, Session, col, select

from app.i18n import _
from app.models.base import Row, columns, rel
from app.models.event import record
from app.models.user import User
from app.settings import now

log = structlog.get_logger()
SESSION_LENGTH = timedelta(hours=10)
"""A working day: then one signs in again, also when busy (decision 0005)."""

IDLE = timedelta(minutes=30)
"""So long a session lives without anybody doing anything."""

WARNED = timedelta(minutes=2)
"""So long before it ends the page says so (WCAG 2.2.1)."""

CODE_WAITS = timedelta(minutes=10)
"""So long there is from the password to the code."""

SEEN_EVERY = timedelta(minutes=1)
"""How often it is written down that somebody is still there: reading is to stay reading."""

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
"""What is told of a browser, the first that fits: each names the ones after it too, to be let in everywhere."""


class UserSession(Row, table=True):
    """One signed-in browser (session). Only the token's SHA-256 is stored; logging out ends it for good."""

    key: str = Field(default_factory=lambda: secrets.token_urlsafe(8), max_length=16, unique=True)
    """Its name in addresses: a number would tell how often others sign in."""
    user_id: int = Field(foreign_key="user.id", index=True)
    token_sha256: str = Field(max_length=64, unique=True)
    started_at: datetime
    last_seen_at: datetime
    """When its user last did something, to the minute. What a page asks by itself is not counted."""
    expires_at: datetime
    ended_at: datetime | None = None
    browser: str = Field(default="", max_length=40)
    awaits_code: bool = False
    """Whether only the password has been shown: it opens nothing but the second step."""

    user: User = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return self.browser or _("Unknown browser")

    @property
    def unseen(self) -> bool:
        """Whether it is time to write down that somebody is still there."""
        return self.last_seen_at < now() - SEEN_EVERY

    @property
    def can_go_on(self) -> bool:
        """Whether it ends because nobody does anything, and not because a working day is over."""
        return self.last_seen_at + IDLE < self.expires_at

    def left(self, *, active: bool) -> timedelta:
        """How long it lasts yet. `active` is whether somebody is doing something now: at least so long then.

        What is written down of it is up to a minute old, so a page says the same whenever within it one asks.
        """
        idle = IDLE - SEEN_EVERY if active else self.last_seen_at + IDLE - now()
        return min(idle, self.expires_at - now())

    def end(self, session: Session, by: User) -> None:
        """Somebody ends one of their own sessions, in this browser or in another."""
        self.ended_at = now()
        record(session, by, "ended", self)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def browser_in_words(user_agent: str) -> str:
    """»Firefox, Windows«: what somebody knows their own browser by; empty when it does not say."""
    names = (
        next((name for mark, name in marks if re.search(rf"\b{mark}", user_agent)), "") for marks in (BROWSERS, SYSTEMS)
    )
    return ", ".join(name for name in names if name)


def start_session(session: Session, user: User, user_agent: str = "", *, awaits_code: bool = False) -> str:
    """Opens a session and gives the token for the cookie: 256 random bits, stored only as a hash."""
    token = secrets.token_urlsafe(32)
    started = now()
    session.add(
        UserSession(
            user_id=user.pk,
            token_sha256=digest(token),
            started_at=started,
            last_seen_at=started,
            expires_at=started + (CODE_WAITS if awaits_code else SESSION_LENGTH),
            browser=browser_in_words(user_agent),
            awaits_code=awaits_code,
        )
    )
    return token


def open_session(session: Session, token: str) -> UserSession | None:
    """The running session behind a cookie, with its user and person; None when it has ended or the user may not."""
    return _behind(session, token, col(UserSession.awaits_code).is_(False))


def pending_session(session: Session, token: str) -> UserSession | None:
    """The session behind a cookie that waits for the code, with its user and person."""
    return _behind(session, token, col(UserSession.awaits_code).is_(True))


def _behind(session: Session, token: str, which: sa.ColumnElement[bool]) -> UserSession | None:
    query = (
        select(UserSession)
        .join(rel(UserSession.user))
        .where(UserSession.token_sha256 == digest(token), *_not_over(), which, col(User.active))
        .options(contains_eager(rel(UserSession.user)).joinedload(rel(User.person)))
    )
    return session.exec(query).first()


def _not_over() -> tuple[sa.ColumnElement[bool], ...]:
    """Neither ended, nor idle for too long, nor older than a working day."""
    return (
        col(UserSession.ended_at).is_(None),
        col(UserSession.last_seen_at) > now() - IDLE,
        col(UserSession.expires_at) > now(),
    )


def _running() -> tuple[sa.ColumnElement[bool], ...]:
    return (*_not_over(), col(UserSession.awaits_code).is_(False))


def sessions_of(session: Session, user: User) -> list[UserSession]:
    """Where somebody is signed in just now, the newest first."""
    query = select(UserSession).where(UserSession.user_id == user.pk, *_running())
    return list(session.exec(query.order_by(col(UserSession.started_at).desc(), col(UserSession.id).desc())))


def last_sign_ins(session: Session) -> dict[int, datetime]:
    """When each account was last signed in with."""
    last = columns(UserSession.user_id, sa.func.max(UserSession.started_at)).group_by(UserSession.user_id)
    return dict(session.exec(last).all())


def session_of(session: Session, user: User, key: str) -> UserSession | None:
    """One of somebody's own running sessions; those of others are not there."""
    query = select(UserSession).where(UserSession.key == key, UserSession.user_id == user.pk, *_running())
    return session.exec(query).first()


def end_sessions(session: Session, user: User, *, but: int | None = None) -> int:
    """Ends all of somebody's sessions, or all but one; how many there were. Whoever calls records why."""
    running = (col(UserSession.user_id) == user.pk, col(UserSession.id).is_distinct_from(but), *_not_over())
    ended = session.connection().execute(sa.update(UserSession).where(*running).values(ended_at=now()))
    return ended.rowcount


def end_other_sessions(session: Session, by: User, this: UserSession) -> None:
    """Somebody signs out everywhere but here."""
    if end_sessions(session, by, but=this.pk):
        record(session, by, "signed_out_elsewhere", by)


def keep_alive(engine: Engine, session_id: int) -> None:
    """Writes down that somebody is still there: after the answer, in a transaction of its own, once a minute.

    The answer has been given: that the database is busy just then is no fault of it, and the next request notes it.
    """
    seen = sa.update(UserSession).where(
        col(UserSession.id) == session_id, col(UserSession.last_seen_at) < now() - SEEN_EVERY
    )
    try:
        with engine.begin() as connection:
            connection.execute(seen.values(last_seen_at=now()))
    except (sa.exc.OperationalError, sa.exc.TimeoutError):
        log.warning("session_use_not_noted")
