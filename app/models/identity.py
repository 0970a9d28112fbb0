"""Who somebody is to the municipality's sign-on, and the roles that it gives (domain.md L23, L25, L26; trust V17)."""

from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from pydantic import field_validator
from sqlmodel import Field, Relationship, Session, SQLModel, col, func, select

from app.errors import DomainError, NotAllowed
from app.i18n import N_, _
from app.models.account import is_the_last_administrator, lock_accounts
from app.models.api_token import end_tokens
from app.models.base import Row, rel, wrong
from app.models.event import Facts, record
from app.models.mail import is_address
from app.models.person import Person
from app.models.role import Role
from app.models.user import User
from app.models.user_session import end_sessions
from app.settings import now

log = structlog.get_logger()
ROLES = {
    "leder": Role.reader,
    "ejer": Role.reader,
    "direktion": Role.direktion,
    "chefforum": Role.chefforum,
    "sekretariat": Role.secretariat,
    "admin": Role.admin,
}
"""What the sign-on's app roles are here (L23). Which projects somebody leads or owns is known here, not there (L25)."""

APPROVED_FOR = timedelta(days=14)
"""How long an account waits to be connected after an administrator has said whose it is."""


class IdentityForm(SQLModel):
    account_name: str = Field(min_length=3, max_length=120, title=N_("Account name at the municipality"))

    @field_validator("account_name")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not is_address(name.strip()):
            raise wrong("account_name", N_("Write the account name with its domain, for example abcd@kommune.example"))
        return name.strip().lower()


class Identity(IdentityForm, Row, table=True):
    """An account of ours at the municipality's sign-on (kommunekonto): known by issuer and subject alone.

    Until its owner has signed on for the first time there is no subject, only the name that an administrator approved.
    """

    __table_args__ = (sa.UniqueConstraint("issuer", "subject"),)

    user_id: int = Field(foreign_key="user.id", unique=True)
    issuer: str | None = Field(default=None, max_length=255)
    subject: str | None = Field(default=None, max_length=255)
    approved_at: datetime | None = None
    connected_at: datetime | None = None
    last_sign_on_at: datetime | None = None

    user: User = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return self.account_name

    @property
    def waits(self) -> bool:
        """Whether its owner may still connect it by signing on."""
        approved = self.approved_at is not None and self.approved_at + APPROVED_FOR > now()
        return self.subject is None and approved and self.user.active

    def connect(self, claims: "Claims") -> None:
        self.issuer, self.subject = claims.issuer, claims.subject
        self.connected_at = self.last_sign_on_at = now()

    def disconnect(self, session: Session, by: User) -> None:
        """The account no longer belongs to that identity: nobody is signed in to it any more, and no program reads."""
        if self.subject is None and self.approved_at is None:
            return
        self.issuer = self.subject = self.approved_at = self.connected_at = None
        end_sessions(session, self.user)
        ended = end_tokens(session, self.user)
        record(session, by, "disconnected", self, before={"email": self.user.email}, after=ended)


class Claims(SQLModel):
    """What a verified ID token says of somebody. `verified_email` is empty when the sign-on does not vouch for it."""

    issuer: str
    subject: str
    account_name: str = ""
    verified_email: str = ""
    app_roles: list[str] = []

    @property
    def roles(self) -> list[str]:
        """Ours, in the order of our own list; what we do not know gives nothing."""
        given = {ROLES[name.lower()] for name in self.app_roles if name.lower() in ROLES}
        return [role.value for role in Role if role in given]

    @property
    def address(self) -> str:
        """What an account is named after: the e-mail that the sign-on vouches for, otherwise the account's name."""
        return next((each for each in (self.verified_email, self.account_name) if is_address(each)), "").lower()


class NotConnected(NotAllowed):
    """The sign-on knows the person; which account here is theirs, an administrator must say."""


def sign_on(session: Session, claims: Claims) -> User | None:
    """The account of whoever has signed on, with the roles that the sign-on gives now; None when there is none.

    An account is found by issuer and subject alone. Somebody new gets an account of their own, or the one that an
    administrator approved for exactly their account name; never one that merely has the same e-mail (V17).
    """
    user = _connected(session, claims) or _approved(session, claims)
    if user is None and claims.roles:
        user = _new_account(session, claims)
    if user is not None:
        _take_roles(session, user, claims.roles)
    return user


def may_enter(user: User | None) -> User:
    """Whoever has an account and a role. What was learnt of the roles is kept, also of whoever may not enter."""
    if user is None or not user.roles:
        raise NotAllowed(_("Your account at the municipality has no role in Porteføljelisten."))
    if not user.active:
        raise NotAllowed(_("Your account in Porteføljelisten is closed."))
    return user


def _connected(session: Session, claims: Claims) -> User | None:
    query = select(Identity).where(Identity.issuer == claims.issuer, Identity.subject == claims.subject)
    identity = session.exec(query.options(_with_user())).first()
    if identity is None:
        return None
    identity.last_sign_on_at = now()
    return identity.user


def _approved(session: Session, claims: Claims) -> User | None:
    """The account that waits for exactly this account name. Whoever connects it first has it for good."""
    query = select(Identity).where(
        Identity.account_name == claims.account_name.lower(), col(Identity.subject).is_(None)
    )
    identity = session.exec(query.options(_with_user()).with_for_update(of=Identity)).first()
    if identity is None or not identity.waits:
        return None
    identity.connect(claims)
    record(session, identity.user, "connected", identity)
    return identity.user


def _new_account(session: Session, claims: Claims) -> User:
    """An account without a password, for the one employee with this address if there is one."""
    address = claims.address
    if not address:
        raise NotConnected(_("The municipality's sign-on does not say which e-mail address is yours."))
    if session.exec(select(User).where(User.email == address)).first():
        raise NotConnected(_("There is an account with your e-mail address already."))
    user = User(
        email=address,
        person_id=_person_with(session, address),
        password_hash="",  # there is none, and nothing is right for none # nosec
        roles=claims.roles,
    )
    session.add(user)
    session.flush()
    session.refresh(user, ["person"])
    identity = Identity(user_id=user.pk, account_name=claims.account_name or address, approved_at=now())
    identity.connect(claims)
    session.add(identity)
    record(session, user, "created", user, after={"email": user.email, "roles": user.roles})
    return user


def _person_with(session: Session, address: str) -> int | None:
    """The one active employee with an e-mail address who has no account; None when there are several, or none."""
    taken = select(User.person_id).where(col(User.person_id).is_not(None))
    query = select(Person.id).where(
        func.lower(Person.email) == address, col(Person.active), ~col(Person.external), col(Person.id).not_in(taken)
    )
    found = session.exec(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


def _take_roles(session: Session, user: User, roles: list[str]) -> None:
    """The sign-on says who has which role; whoever has none left is out, and their programs too.

    The last administrator stays one (trust row 10): a wrong claim at the sign-on must not leave nobody who can put it
    right. It is written to the log each time, and in the account's events when other roles change with it.
    """
    if user.has(Role.admin) and Role.admin not in roles:
        roles = _still_administered(session, user, roles)
    if user.roles == roles:
        return
    before, user.roles = user.roles, roles
    ended: Facts = {}
    if not roles:
        end_sessions(session, user)
        ended = end_tokens(session, user)
    record(session, user, "changed", user, before={"roles": before}, after={"roles": roles} | ended)


def _still_administered(session: Session, user: User, roles: list[str]) -> list[str]:
    """The roles that the sign-on gives, and the administrator's when nobody else would have it."""
    lock_accounts(session)
    session.refresh(user, ["roles", "active"])
    if not user.active or not is_the_last_administrator(session, user):
        return roles
    log.warning("last_administrator_kept", user_id=user.pk)
    return [role.value for role in Role if role is Role.admin or role.value in roles]


def approve(session: Session, by: User, user: User, form: IdentityForm) -> None:
    """An administrator says that an account belongs to whoever signs on under this name within a fortnight."""
    known = identity_of(session, user)
    if known and known.subject is not None:
        raise DomainError(_("The account is connected already. Disconnect it first."))
    same = select(Identity).where(
        Identity.account_name == form.account_name, Identity.user_id != user.pk, col(Identity.subject).is_(None)
    )
    if session.exec(same).first():
        raise DomainError(_("Another account waits for the same account name."))
    row = known or Identity(user_id=user.pk, account_name="", approved_at=now())
    row.account_name, row.approved_at = form.account_name, now()
    session.add(row)
    session.flush()
    record(session, by, "allowed", row, after={"account_name": row.account_name, "email": user.email})


def identity_of(session: Session, user: User) -> Identity | None:
    return session.exec(select(Identity).where(Identity.user_id == user.pk).options(_with_user())).first()


def _with_user() -> sa.orm.interfaces.LoaderOption:
    return sa.orm.joinedload(rel(Identity.user)).joinedload(rel(User.person))
