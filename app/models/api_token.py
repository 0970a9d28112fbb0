"""API tokens: a program reads with one what its owner may read. Only the SHA-256 is stored (decision 0015)."""

import secrets
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog
from sqlalchemy import Engine
from sqlmodel import Field, Relationship, Session, SQLModel, col, func, select

from app.i18n import N_
from app.models.base import Choice, Row, one_of, rel
from app.models.event import Facts, record
from app.models.user import User
from app.models.user_session import digest
from app.settings import day_of, now

if TYPE_CHECKING:
    from collections.abc import Sequence

log = structlog.get_logger()
MARK = "pf_"
"""How a token begins, so that a search through code and logs finds one that has leaked."""

SHOWN = len(MARK) + 6
"""How much of a token its prefix shows: enough to tell two from each other, 36 of 256 bits."""


class Scope(Choice):
    read = "read", N_("Read, without closed projects")
    read_closed = "read_closed", N_("Read, also the closed projects that its owner may see")


class Lifetime(Choice):
    """How long a token lasts, in days: a year at most."""

    month = "30", N_("30 days")
    quarter = "90", N_("90 days")
    half_year = "180", N_("180 days")
    year = "365", N_("1 year")


class ApiTokenForm(SQLModel):
    name: str = Field(min_length=2, max_length=60, title=N_("What the key is for"))
    scope: Scope = one_of(Scope, default=Scope.read, title=N_("What the key may do"))
    lifetime: Lifetime = one_of(Lifetime, default=Lifetime.quarter, title=N_("How long it lasts"))


class ApiToken(Row, table=True):
    """A key with which a program reads the API in its owner's name (adgangsnøgle). It is shown once."""

    user_id: int = Field(foreign_key="user.id", index=True)
    name: str = Field(max_length=60, title=N_("What the key is for"))
    scope: Scope = one_of(Scope, title=N_("What the key may do"))
    prefix: str = Field(max_length=SHOWN, title=N_("Begins with"))
    token_sha256: str = Field(max_length=64, unique=True)
    created_at: datetime
    expires_at: datetime = Field(title=N_("Lasts until"))
    last_used_on: date | None = None
    """The last day on which it was used; of a day no more is known, so that reading hardly writes."""
    revoked_at: datetime | None = None

    user: User = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def reads_closed(self) -> bool:
        return self.scope is Scope.read_closed

    @property
    def works(self) -> bool:
        """Whether it may be used, as far as the token itself says; its owner's account must be active too."""
        return self.revoked_at is None and self.expires_at > now()

    def revoke(self, session: Session, by: User) -> None:
        """Ends it for good, from the next request on. Once is enough."""
        if self.revoked_at is None:
            self.revoked_at = now()
            record(session, by, "revoked", self)


def make_token(session: Session, owner: User, form: ApiTokenForm) -> tuple[ApiToken, str]:
    """A new token, and its text: 256 random bits that nobody can read again."""
    text, made = MARK + secrets.token_urlsafe(32), now()
    row = ApiToken(
        user_id=owner.pk,
        name=form.name,
        scope=form.scope,
        prefix=text[:SHOWN],
        token_sha256=digest(text),
        created_at=made,
        expires_at=made + timedelta(days=int(form.lifetime.value)),
    )
    session.add(row)
    session.flush()
    record(session, owner, "created", row, after={"scope": row.scope, "expires_at": day_of(row.expires_at)})
    return row, text


def open_token(session: Session, text: str) -> ApiToken | None:
    """The token with its owner; None when it was revoked, has expired, or its owner's account is closed."""
    query = (
        select(ApiToken)
        .join(rel(ApiToken.user))
        .where(ApiToken.token_sha256 == digest(text), *_not_ended(), col(User.active))
        .options(sa.orm.contains_eager(rel(ApiToken.user)).joinedload(rel(User.person)))
    )
    return session.exec(query).first()


def note_use(engine: Engine, token: ApiToken) -> None:
    """Notes the day of a token's use, once a day and in a transaction of its own: the request that uses it only reads.

    That somebody else is writing just then must not stop the reading; the next request notes it.
    """
    day = day_of(now())
    if token.last_used_on == day:
        return
    try:
        with Session(engine) as session:
            session.execute(sa.update(ApiToken).where(col(ApiToken.id) == token.pk).values(last_used_on=day))
            session.commit()
    except sa.exc.OperationalError:
        log.warning("token_use_not_noted", prefix=token.prefix)


def end_tokens(session: Session, user: User) -> Facts:
    """Ends all keys of somebody's that work, and says how many, for the event of whatever ended them."""
    ended = session.connection().execute(sa.update(ApiToken).where(*_working(user)).values(revoked_at=now())).rowcount
    return {"ended_keys": ended} if ended else {}


def working_tokens(session: Session, user: User) -> int:
    """How many keys of somebody's may be used just now, as far as the keys themselves say."""
    return session.exec(select(func.count(col(ApiToken.id))).where(*_working(user))).one()


def keys_that_read(session: Session) -> "Sequence[ApiToken]":
    """Every key with which a program can read just now, the oldest first: its owner's account is open too."""
    query = select(ApiToken).join(rel(ApiToken.user)).where(*_not_ended(), col(User.active))
    return session.exec(query.order_by(col(ApiToken.id))).all()


def _working(user: User) -> tuple[sa.ColumnElement[bool], ...]:
    return (col(ApiToken.user_id) == user.pk, *_not_ended())


def _not_ended() -> tuple[sa.ColumnElement[bool], ...]:
    return (col(ApiToken.revoked_at).is_(None), col(ApiToken.expires_at) > now())


def tokens_of(session: Session, user: User) -> "Sequence[ApiToken]":
    """Somebody's tokens, the newest first; also those that have ended, for whoever wonders why one no longer works."""
    query = select(ApiToken).where(ApiToken.user_id == user.pk)
    return session.exec(query.order_by(col(ApiToken.id).desc())).all()


def all_tokens(session: Session) -> "Sequence[ApiToken]":
    """Everybody's tokens with their owners, the newest first."""
    query = select(ApiToken).options(sa.orm.joinedload(rel(ApiToken.user)).joinedload(rel(User.person)))
    return session.exec(query.order_by(col(ApiToken.id).desc())).all()
