"""What an administrator does with accounts. There is always somebody left who can do it."""

from typing import Self

from pydantic import model_validator
from sqlmodel import Field, Session, SQLModel, col, select

from app.errors import DomainError
from app.i18n import N_, _, danish_order
from app.models.api_token import end_tokens
from app.models.base import wrong
from app.models.event import add, change, record
from app.models.person import Person
from app.models.role import Role
from app.models.user import User, with_person
from app.models.user_session import end_sessions


class AccountForm(SQLModel):
    email: str = Field(min_length=6, max_length=120, title=N_("E-mail"))
    person_id: int | None = Field(default=None, title=N_("Person"))
    roles: list[str] = Field(default_factory=list, title=N_("Roles"))

    @model_validator(mode="after")
    def _some_role(self) -> Self:
        if not self.roles:
            raise wrong("roles", N_("Choose at least one role"))
        return self


def lock_accounts(session: Session) -> None:
    """Until the request has answered, nobody else changes an account. All are locked, in one order."""
    session.exec(select(User.id).order_by(col(User.id)).with_for_update(key_share=True)).all()


def account(session: Session, user_id: int, *, for_update: bool = False) -> User | None:
    """One account. To change it all are locked: two administrators who close each other's take turns."""
    if for_update:
        lock_accounts(session)
    query = select(User).where(User.id == user_id).options(with_person())
    return session.exec(query.execution_options(populate_existing=for_update)).first()


def email_is_taken(session: Session, email: str, *, but: User | None = None) -> bool:
    found = session.exec(select(User.id).where(User.email == email)).first()
    return found is not None and (but is None or found != but.pk)


def people_without_account(session: Session, *and_this: int | None) -> list[Person]:
    """Active people who have no account, and one who may have this one, in Danish order of the name."""
    has_one = select(User.id).where(User.person_id == Person.id).exists()
    people = session.exec(select(Person).where((col(Person.active) & ~has_one) | col(Person.id).in_(and_this)))
    return sorted(people, key=lambda person: danish_order(person.name))


def create_account(session: Session, by: User, form: AccountForm) -> User:
    """An account without a password: its user chooses one with a link."""
    user = User(**form.model_dump(), person=_person(session, form))
    add(session, by, user, form)
    return user


def change_account(session: Session, by: User, user: User, form: AccountForm) -> None:
    """Gives an account other roles, another address or person. What it may is settled at the next sign-in."""
    if Role.admin.value not in form.roles:
        _keep_an_administrator(session, user)
    if change(session, by, user, form):
        end_sessions(session, user)


def deactivate(session: Session, by: User, user: User) -> None:
    """Nobody can sign in with it from now on, and its access keys end. What the account has done stays its own."""
    if not user.active:
        raise DomainError(_("The account is closed already."))
    _keep_an_administrator(session, user)
    user.active = False
    end_sessions(session, user)
    record(session, by, "deactivated", user, after=end_tokens(session, user))


def reactivate(session: Session, by: User, user: User) -> None:
    if user.active:
        raise DomainError(_("The account is open already."))
    user.active = True
    record(session, by, "reactivated", user)


def sign_out_everywhere(session: Session, by: User, user: User) -> None:
    """Of a computer that was lost. Programs have keys of their own, which an administrator revokes one by one."""
    end_sessions(session, user)
    record(session, by, "sessions_ended", user)


def _person(session: Session, form: AccountForm) -> Person | None:
    return session.get(Person, form.person_id) if form.person_id else None


def _keep_an_administrator(session: Session, user: User) -> None:
    """Says no when nobody else could administer. Whoever calls has locked the accounts."""
    if is_the_last_administrator(session, user):
        raise DomainError(_("There must be one more active administrator first."))


def is_the_last_administrator(session: Session, user: User) -> bool:
    """Whether nobody else could administer. Whoever calls has locked the accounts.

    The database is asked for the roles as they are now: whoever asks was loaded before the accounts were locked.
    """
    others = session.exec(select(User.roles).where(col(User.active), User.id != user.pk)).all()
    return user.has(Role.admin) and not any(Role.admin in roles for roles in others)
