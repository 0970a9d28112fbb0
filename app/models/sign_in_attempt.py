"""Guessing is slow: tries are counted in the database before they are checked, by all processes together."""

import hashlib
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import sqlalchemy as sa
from sqlmodel import Field, Session, col, func, select

from app.errors import TooMany
from app.i18n import N_, _
from app.models.base import Choice, Table, one_of
from app.settings import now

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
"""Wrong tries of one kind within the window."""

PER_NETWORK = 100
"""Wrong tries from one address: many people may sit behind it."""


class Tried(Choice):
    password = "password", N_("Password")
    code = "code", N_("One-time code")
    link = "link", N_("Password link")


class SignInAttempt(Table, table=True):
    """A try to sign in that was wrong, or is just being checked (loginforsøg). It is forgotten after 15 minutes.

    Of what was typed only a hash is kept: people type their password into the wrong field.
    """

    id: int | None = Field(default=None, primary_key=True)
    tried: Tried = one_of(Tried)
    account_sha256: str = Field(max_length=64, index=True)
    network: str = Field(max_length=45, index=True)
    at: datetime = Field(index=True)


def network_of(address: str) -> str:
    """Whose tries count together: an IPv4 address, an IPv6 network of 64 bits, as a household or an office has one."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:45]
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(found) if isinstance(found, IPv4Address) else str(ip_network((found, 64), strict=False))


def take_a_try(session: Session, tried: Tried, account: str, address: str) -> SignInAttempt:
    """Counts one more try, for everybody to see, before it is checked; `TooMany` when there were too many already.

    It is committed at once: while a password is checked, which is slow on purpose, nobody waits for the database.
    Whoever was right deletes it again.
    """
    hashed, network, since = hashlib.sha256(account.encode()).hexdigest(), network_of(address), now() - WINDOW
    _one_at_a_time(session, network, hashed)
    session.connection().execute(sa.delete(SignInAttempt).where(col(SignInAttempt.at) <= since))
    of_account = (SignInAttempt.account_sha256 == hashed, SignInAttempt.tried == tried)
    for most, whose in ((PER_ACCOUNT, of_account), (PER_NETWORK, (SignInAttempt.network == network,))):
        if session.exec(select(func.count()).select_from(SignInAttempt).where(*whose)).one() >= most:
            raise TooMany(_("Too many attempts. Wait 15 minutes and try again."))
    attempt = SignInAttempt(tried=tried, account_sha256=hashed, network=network, at=now())
    session.add(attempt)
    session.commit()
    return attempt


def _one_at_a_time(session: Session, *names: str) -> None:
    """Two tries at once are counted one after the other; SQLite has one writer anyhow."""
    if session.get_bind().dialect.name == "postgresql":
        for name in names:
            session.connection().execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(name))))
