"""What somebody signs in with: how it is kept, checked and changed (ASVS 6.2)."""

import re
import secrets
import unicodedata
from functools import cache
from threading import BoundedSemaphore
from typing import Self

from pwdlib import PasswordHash
from pydantic import SecretStr, model_validator
from sqlmodel import Field, Session, SQLModel, col, select
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.i18n import N_, _
from app.models.api_token import end_tokens
from app.models.base import wrong
from app.models.event import record
from app.models.sign_in_attempt import Tried, take_a_try
from app.models.user import User, with_person
from app.models.user_session import end_sessions

SHORTEST, LONGEST = 12, 128
GUESSES = 10**10
"""As many tries a password must withstand: zxcvbn's highest mark."""

LEAKED = frozenset(FREQUENCY_LISTS["passwords"])
"""The most used of the passwords that have leaked."""

OURS = ("portefølje", "porteføljelisten", "portefoelje", "portefoeljelisten", "direktion", "kommune", "kommunen")
"""What everybody here would think of."""

_hasher = PasswordHash.recommended()
_FOUR_AT_A_TIME = BoundedSemaphore(4)
"""Each check takes 64 MiB and a processor: many at once would stop everybody else."""


class NewPasswordForm(SQLModel):
    password: SecretStr = Field(min_length=SHORTEST, max_length=LONGEST, title=N_("New password"))
    again: SecretStr = Field(title=N_("The new password once more"))

    @model_validator(mode="after")
    def _typed_alike(self) -> Self:
        if self.password != self.again:
            raise wrong("again", N_("The two are not alike"))
        return self


class CurrentPasswordForm(SQLModel):
    current: SecretStr = Field(title=N_("Your password"))


class PasswordChangeForm(NewPasswordForm):
    current: SecretStr = Field(title=N_("The password you have now"))
    end_keys: bool = Field(default=True, title=N_("End my access keys too"))


def hash_password(password: str) -> str:
    with _FOUR_AT_A_TIME:
        return _hasher.hash(_as_typed_anywhere(password))


def matches(password: str, hashed: str) -> bool:
    """Whether it is the password; for an account that has none it takes as long to say no."""
    with _FOUR_AT_A_TIME:
        absent = _nobodys_hash()  # made by the first check, whoever it is of: otherwise that one would tell by its time
        return _hasher.verify(_as_typed_anywhere(password), hashed or absent)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe())


def _as_typed_anywhere(password: str) -> str:
    """One keyboard sends »å« as one character, another as two."""
    return unicodedata.normalize("NFC", password)


def too_easy(password: str, *known: str) -> str:
    """Why a password can be guessed, as a sentence; empty when it cannot. `known` is what is known of its user."""
    words = [*OURS, *(word.lower() for text in known for word in (text, *re.findall(r"\w{3,}", text)))]
    lower = _as_typed_anywhere(password).lower()
    if lower in LEAKED:
        return _("It is among the passwords that have leaked most often. Choose another.")
    if zxcvbn(lower[:72], user_inputs=words)["guesses"] < GUESSES:  # it reads no more than 72 characters
        return _("It can be guessed. Choose words that have nothing to do with each other, with you or with the list.")
    return ""


def authenticate(session: Session, email: str, password: str, address: str = "") -> User | None:
    """The account with this password; `TooMany` says no after ten wrong ones.

    An unknown account, one that is closed and one without a password take as long to refuse as a wrong password.
    """
    account = email.strip().lower()
    query = select(User).where(User.email == account, col(User.active)).options(with_person())
    user = session.exec(query).first()
    hashed = user.password_hash if user else ""
    attempt = take_a_try(session, Tried.password, account, address)
    if not matches(password, hashed):
        return None
    session.delete(attempt)
    return user


def is_own_password(session: Session, user: User, password: str, address: str) -> bool:
    """Whether somebody who is signed in knows the password; guessing is as slow as at the sign-in."""
    attempt = take_a_try(session, Tried.password, user.email, address)
    right = matches(password, user.password_hash)
    if right:
        session.delete(attempt)
    return right


def set_password(session: Session, user: User, password: str, *, keep_keys: bool = False) -> None:
    """Gives somebody a password of their own choice. Wherever they are signed in, they are signed out.

    Their access keys end with the old password, which whoever made one may have known (decision 0015).
    """
    user.password_hash = hash_password(password)
    end_sessions(session, user)
    record(session, user, "password_set", user, after={} if keep_keys else end_tokens(session, user))
