"""Signing in in two steps: the password, then a code that an app shows for half a minute (RFC 6238)."""

import hashlib
import secrets
from datetime import datetime
from io import BytesIO

import pyotp
import segno
import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, select

from app.errors import DomainError
from app.i18n import N_, _
from app.models.base import Row
from app.models.event import record
from app.models.sign_in_attempt import Tried, take_a_try
from app.models.user import User
from app.settings import now

STEP = 30
"""Seconds that a code is shown."""

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 5, 5
"""25 letters of 31 are 123 bits: so many that a plain hash of them cannot be turned round (ASVS 6.5.2)."""

ISSUER = "Porteføljelisten"


class CodeForm(SQLModel):
    code: str = Field(min_length=6, max_length=60, title=N_("Code"))


class SecondFactor(Row, table=True):
    """What shows somebody's codes for signing in (totrinslogin): an app that knows the same secret as we do."""

    user_id: int = Field(foreign_key="user.id", unique=True)
    secret: str = Field(max_length=64)
    enrolled_at: datetime | None = None
    """Empty until the first code has shown that the app knows the secret."""
    last_step: int = 0
    """The half minute of the last code that was used: each works once."""
    recovery_sha256: list[str] = Field(default_factory=list, sa_type=sa.JSON, nullable=False)
    """Of the recovery codes that have not been used."""

    @property
    def in_use(self) -> bool:
        return self.enrolled_at is not None

    @property
    def secret_in_groups(self) -> str:
        """For whoever types it: four letters at a time."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))

    def qr(self, user: User) -> bytes:
        """The secret as a picture for the app to read: a complete SVG file."""
        picture = BytesIO()
        uri = pyotp.TOTP(self.secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
        segno.make(uri, micro=False).save(picture, kind="svg", scale=5, border=4, light="#fff", title=_("QR code"))
        return picture.getvalue()

    def accepts(self, code: str) -> bool:
        """Whether it is a code of now, or of the half minute before or after, that has not been used; it is then."""
        typed, at = code.replace(" ", ""), int(now().timestamp()) // STEP
        codes = pyotp.TOTP(self.secret)
        for step in (at - 1, at, at + 1):
            if step > self.last_step and secrets.compare_digest(codes.at(step * STEP).encode(), typed.encode()):
                self.last_step = step
                return True
        return False

    def accepts_recovery(self, code: str) -> bool:
        """Whether it is one of the recovery codes, each of which works once."""
        hashed = hash_recovery(code)
        if hashed not in self.recovery_sha256:
            return False
        self.recovery_sha256 = [each for each in self.recovery_sha256 if each != hashed]
        return True

    def confirm(self, session: Session, by: User, code: str) -> list[str] | None:
        """The first code is right: from now on it is asked for. Gives the recovery codes, which are shown once."""
        if self.in_use or not self.accepts(code):
            return None
        self.enrolled_at = now()
        record(session, by, "second_factor_enrolled", by)
        return self.new_recovery_codes()

    def new_recovery_codes(self) -> list[str]:
        codes = [_recovery_code() for _each in range(RECOVERY_CODES)]
        self.recovery_sha256 = [hash_recovery(code) for code in codes]
        return codes


def _recovery_code() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _letter in range(_GROUP)) for _group in range(_GROUPS))


def hash_recovery(code: str) -> str:
    """However somebody typed it: with capitals, with spaces, without hyphens."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def second_factor_of(session: Session, user: User, *, for_update: bool = False) -> SecondFactor | None:
    query = select(SecondFactor).where(SecondFactor.user_id == user.pk)
    return session.exec(query.with_for_update() if for_update else query).first()


def begin_enrolment(session: Session, by: User) -> None:
    """Makes a secret for somebody's app. It is asked for when the first code has shown that the app knows it."""
    known = second_factor_of(session, by, for_update=True)
    if known and known.in_use:
        raise DomainError(_("You sign in in two steps already."))
    if known is None:
        session.add(known := SecondFactor(user_id=by.pk, secret=pyotp.random_base32()))
    else:
        known.secret = pyotp.random_base32()
    record(session, by, "second_factor_begun", by)


def is_asked_for(session: Session, user: User) -> bool:
    """Whether somebody's sign-in takes a code."""
    known = second_factor_of(session, user)
    return known is not None and known.in_use


def renew_recovery_codes(session: Session, by: User) -> list[str]:
    """Ten new codes, shown once; the ones before them are worth nothing."""
    known = second_factor_of(session, by, for_update=True)
    if known is None or not known.in_use:
        raise DomainError(_("The account signs in with the password alone."))
    record(session, by, "recovery_codes_made", by)
    return known.new_recovery_codes()


def remove_second_factor(session: Session, by: User, user: User) -> None:
    """Whoever has lost the telephone signs in with the password alone, until they enrol another."""
    known = second_factor_of(session, user, for_update=True)
    if known is None or not known.in_use:
        raise DomainError(_("The account signs in with the password alone."))
    session.delete(known)
    record(session, by, "second_factor_removed", user)


def check_code(session: Session, user: User, code: str, address: str) -> bool:
    """Whether a code, of the app or a recovery code, is right; `TooMany` says no after ten wrong ones."""
    attempt = take_a_try(session, Tried.code, user.email, address)
    known = second_factor_of(session, user, for_update=True)
    if known is None or not (known.accepts(code) or known.accepts_recovery(code)):
        return False
    session.delete(attempt)
    return True
