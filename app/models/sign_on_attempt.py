"""One attempt at signing on with the municipality's account: what is to come back, and to which browser."""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from app.models.base import Table
from app.models.user_session import digest
from app.settings import now

ATTEMPT_LENGTH = timedelta(minutes=10)
KEPT = timedelta(days=1)
"""How long attempts are kept; they tell of nobody, and nothing refers to them."""


class SignOnAttempt(Table, table=True):
    """Somebody on the way to the municipality's sign-on and back (pålogningsforsøg). Good for ten minutes, and once.

    State, nonce and the browser's cookie are kept as SHA-256; the verifier must be told to the sign-on and so stands
    as it is, until the attempt is used.
    """

    id: int | None = Field(default=None, primary_key=True)
    state_sha256: str = Field(max_length=64, unique=True)
    browser_sha256: str = Field(max_length=64)
    nonce_sha256: str = Field(max_length=64)
    verifier_secret: str = Field(max_length=128)
    next: str = Field(default="", sa_type=sa.Text)
    expires_at: datetime = Field(index=True)
    used_at: datetime | None = None


class Secrets(NamedTuple):
    """What an attempt is recognised by: three times 256 random bits, and the verifier of its code (RFC 7636)."""

    state: str
    browser: str
    nonce: str
    code_verifier: str


def begin(session: Session, wanted: str) -> Secrets:
    """A new attempt, which leads to a page of ours when it succeeds. Attempts of before yesterday are forgotten."""
    state, browser, nonce = (secrets.token_urlsafe(32) for _each in range(3))
    made = Secrets(state, browser, nonce, code_verifier=secrets.token_urlsafe(48))
    session.execute(sa.delete(SignOnAttempt).where(col(SignOnAttempt.expires_at) < now() - KEPT))
    session.add(
        SignOnAttempt(
            state_sha256=digest(made.state),
            browser_sha256=digest(made.browser),
            nonce_sha256=digest(made.nonce),
            verifier_secret=made.code_verifier,
            next=wanted,
            expires_at=now() + ATTEMPT_LENGTH,
        )
    )
    return made


def use(session: Session, state: str, browser: str) -> SignOnAttempt | None:
    """The attempt that comes back, for the browser that began it; None when it is another's, too old, or used before.

    Only one of two that come at once finds it unused.
    """
    query = select(SignOnAttempt).where(
        SignOnAttempt.state_sha256 == digest(state),
        SignOnAttempt.browser_sha256 == digest(browser),
        SignOnAttempt.expires_at > now(),
    )
    found = session.exec(query).first()
    if found is None:
        return None
    unused = sa.update(SignOnAttempt).where(col(SignOnAttempt.id) == found.id, col(SignOnAttempt.used_at).is_(None))
    session.expunge(found)
    forgotten = {"used_at": now(), "verifier_secret": ""}  # what has been used is not kept # nosec
    won = session.execute(unused.values(forgotten))
    return found if won.rowcount == 1 else None  # type: ignore[attr-defined] # a cursor's result counts
