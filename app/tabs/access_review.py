"""Who may see and change what, and why: each account with its roles and with what follows from the projects."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, or_

from app.i18n import _, danish_order, search_key
from app.models import ApiToken, Body, BodyProject, Deputy, Project, Seat, User
from app.models.api_token import keys_that_read
from app.models.base import columns
from app.models.project import Confidentiality
from app.models.role import Role
from app.models.user import all_users
from app.models.user_session import last_sign_ins

CLOSED, INACTIVE = "closed", "inactive"


@dataclass(frozen=True)
class Tie:
    """What somebody has to do with a project: it makes them see it when it is closed, and change it when they may."""

    person_id: int
    what: str
    number: str
    closed: bool
    body: str = ""


@dataclass(frozen=True)
class Access:
    """One account. `because` says what it may do and why, a sentence each; `closed` which closed projects it sees;
    `keys` with which programs read in its name."""

    account: User
    seen: datetime | None
    because: list[str]
    closed: list[str]
    keys: list[ApiToken]


def build_access(session: Session, day: date, *, q: str = "", only: str = "") -> list[Access]:
    """Every account that fits the filter, in Danish order. Closed projects are told to who may know of them."""
    ties: dict[int, list[Tie]] = defaultdict(list)
    for tie in (*_of_projects(session), *_deputies(session, day), *_seats(session, day)):
        ties[tie.person_id].append(tie)
    seen, keys = last_sign_ins(session), defaultdict(list)
    for key in keys_that_read(session):
        keys[key.user_id].append(key)
    found = [_access(user, ties.get(user.person_id or 0, []), seen, keys[user.pk]) for user in all_users(session)]
    fits = [each for each in found if _fits(each, search_key(q), only)]
    return sorted(fits, key=lambda each: danish_order(str(each.account)))


def _fits(access: Access, q: str, only: str) -> bool:
    account = access.account
    kept = {CLOSED: bool(access.closed), INACTIVE: not account.active}.get(only, not only or only in account.roles)
    return kept and q in search_key(f"{account} {account.email}")


def _access(user: User, ties: list[Tie], seen: Mapping[int, datetime], keys: list[ApiToken]) -> Access:
    because = [_role(Role(role)) for role in user.roles]
    told = {
        "leads": _("Leads %(numbers)s: writes the status and changes the project."),
        "owns": _("Owns %(numbers)s: approves the status and changes the project."),
        "leader": _("Is the leader's deputy in %(numbers)s: writes the status."),
        "owner": _("Is the owner's deputy in %(numbers)s: approves the status."),
    }
    for what, sentence in told.items():
        if numbers := _numbers(tie.number for tie in ties if tie.what == what):
            because.append(sentence % {"numbers": numbers})
    for body in dict.fromkeys(tie.body for tie in ties if tie.body):
        numbers = _numbers(tie.number for tie in ties if tie.body == body)
        because.append(_("Sits in »%(body)s« of %(numbers)s.") % {"body": body, "numbers": numbers})
    if user.sees_closed:
        closed = [_("All of them")]
    else:
        closed = sorted({tie.number for tie in ties if tie.closed and tie.what not in ("leader", "owner")})
    return Access(user, seen.get(user.pk), because, closed, keys)


def _role(role: Role) -> str:
    """What a role lets somebody do, in one sentence."""
    return {
        Role.admin: _("Administrator: accounts and events, no closed projects."),
        Role.secretariat: _("Secretariat: sees and changes everything."),
        Role.direktion: _("Executive board: sees everything, and approves for an absent owner."),
        Role.chefforum: _("Management forum: sees what is open, and saves scenarios."),
        Role.reader: _("Reader: sees what is open."),
    }[role]


def _numbers(numbers: Iterable[str]) -> str:
    return ", ".join(sorted(set(numbers)))


def _of_projects(session: Session) -> list[Tie]:
    query = columns(Project.number, Project.leader_id, Project.owner_id, Project.confidentiality)
    return [
        Tie(person_id, what, number, confidentiality is Confidentiality.closed)
        for number, leader_id, owner_id, confidentiality in session.exec(query)
        for what, person_id in (("leads", leader_id), ("owns", owner_id))
        if person_id is not None
    ]


def _deputies(session: Session, day: date) -> list[Tie]:
    query = (
        columns(Deputy.person_id, Deputy.stands_for, Project.number, Project.confidentiality)
        .join(Project, col(Project.id) == Deputy.project_id)
        .where(Deputy.from_on <= day, or_(col(Deputy.to_on).is_(None), col(Deputy.to_on) >= day))
    )
    return [
        Tie(person_id, stands_for.value, number, confidentiality is Confidentiality.closed)
        for person_id, stands_for, number, confidentiality in session.exec(query)
    ]


def _seats(session: Session, day: date) -> list[Tie]:
    query = (
        columns(Seat.person_id, Body.name, Project.number, Project.confidentiality)
        .join(Body, col(Body.id) == Seat.body_id)
        .join(BodyProject, col(BodyProject.body_id) == Body.id)
        .join(Project, col(Project.id) == BodyProject.project_id)
        .where(
            col(Seat.person_id).is_not(None),
            Seat.from_on <= day,
            or_(col(Seat.to_on).is_(None), col(Seat.to_on) >= day),
        )
        .order_by(Body.name)
    )
    return [
        Tie(person_id, "sits", number, confidentiality is Confidentiality.closed, body)
        for person_id, body, number, confidentiality in session.exec(query)
    ]
