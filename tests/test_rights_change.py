"""Rights that change: with the same cookie and the same key, the very next request is answered anew (trust row 6)."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import AgendaItem, ApiToken, BodyProject, Deputy, Person, Project, Seat, Unit, User
from app.models.account import deactivate
from app.models.api_token import ApiTokenForm, Scope, make_token
from app.models.deputy import DeputyFor
from app.models.identity import Claims, Identity, IdentityForm, approve, identity_of, sign_on
from app.models.password import set_password
from app.models.project import Confidentiality
from app.models.role import Role
from app.models.user import with_person
from tests.conftest import SignIn, one_database
from tests.decided import a_decision, a_meeting, a_task

LIST, API = "/portfolios/direktionen", "/api/v1/portfolios/direktionen"
Sees = dict[str, bool]
SOMEBODY = 2
"""A person without an account."""


def part(name: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": f"div#{name}"}


def told(content: bytes) -> str:
    """Everything that a workbook says; nothing when it is none."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return ""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return "".join(file.read(name).decode() for name in file.namelist() if name.endswith(".xml"))


def sees_project(number: str) -> Callable[[TestClient, TestClient], Sees]:
    """On its page, in the list's fragment, in the workbook, in the API, and for a program."""
    return lambda browser, program: {
        "page": browser.get(f"/projects/{number}").status_code == 200,
        "fragment": number in browser.get(f"{LIST}/overview", headers=part("projects")).text,
        "export": number in told(browser.get(f"{LIST}/export.xlsx").content),
        "api": number in browser.get(f"{API}/overview").text,
        "program": number in program.get(f"{API}/overview").text,
    }


def sees_task(browser: TestClient, program: TestClient) -> Sees:
    return {
        "page": browser.get(f"{LIST}/tasks/lukket").status_code == 200,
        "fragment": "tasks/lukket" in browser.get(f"{LIST}/tasks", headers=part("tasks")).text,
        "api": "lukket" in browser.get(f"{API}/tasks").text,
        "program": "lukket" in program.get(f"{API}/tasks").text,
    }


def writes_status(browser: TestClient, _program: TestClient) -> Sees:
    address = "/projects/P-005/reports/2022-06/edit"
    return {
        "page": browser.get(address).status_code == 200,
        "fragment": browser.get(address, headers=part("autosave")).status_code == 200,
    }


def reads_with_key(_browser: TestClient, program: TestClient) -> Sees:
    return {"program": "P-006" in program.get(f"{API}/overview").text}


def project(session: Session, number: str) -> Project:
    return session.exec(select(Project).where(Project.number == number)).one()


def account(session: Session, user: User) -> User:
    return session.exec(select(User).where(User.id == user.id).options(with_person())).one()


def takes_roles(session: Session, user: User) -> None:
    account(session, user).roles = [Role.reader.value]


def gives_lead_away(session: Session, _user: User) -> None:
    project(session, "L-01").leader_id = SOMEBODY


def gives_ownership_away(session: Session, _user: User) -> None:
    project(session, "L-01").owner_id = SOMEBODY


def ends_seats(session: Session, user: User) -> None:
    bodies = select(BodyProject.body_id).where(BodyProject.project_id == project(session, "L-01").pk)
    for seat in session.exec(select(Seat).where(Seat.person_id == user.person_id, col(Seat.body_id).in_(bodies))):
        seat.to_on = date(2022, 6, 12)


def closes_project(session: Session, _user: User) -> None:
    project(session, "P-012").confidentiality = Confidentiality.closed


def closes_account(session: Session, user: User) -> None:
    deactivate(session, account(session, user), account(session, user))


def revokes_keys(session: Session, user: User) -> None:
    for token in session.exec(select(ApiToken).where(ApiToken.user_id == user.pk)):
        token.revoke(session, user)


def chooses_password(session: Session, user: User) -> None:
    set_password(session, account(session, user), "et nyt og langt kodeord til listen")


def signs_on_elsewhere(session: Session, user: User) -> None:
    """With the roles that the municipality's sign-on gives now."""
    sign_on(session, Claims(issuer="https://login.example", subject=user.email, app_roles=["leder"]))


def moves_to_another_unit(session: Session, user: User) -> None:
    person = session.get_one(Person, user.person_id)
    person.unit_id = session.exec(select(Unit.id).where(Unit.id != person.unit_id)).first()


def is_deputy_no_more(session: Session, user: User) -> None:
    for deputy in session.exec(select(Deputy).where(Deputy.person_id == user.person_id)):
        deputy.to_on = date(2022, 6, 12)


def disconnects(session: Session, user: User) -> None:
    """An administrator ends the connection to the municipality's account; with it whoever is signed in."""
    identity = identity_of(session, user)
    assert identity
    identity.disconnect(session, user)


CLOSED, OPEN = sees_project("L-01"), sees_project("P-006")
CHANGES: dict[str, tuple[str, Callable[[TestClient, TestClient], Sees], Callable[[Session, User], None]]] = {
    "role removed": ("sekretariat", CLOSED, takes_roles),
    "lead changed": ("lukket_leder", CLOSED, gives_lead_away),
    "owner changed": ("lukket_ejer", CLOSED, gives_ownership_away),
    "seat ended": ("lukket_medlem", CLOSED, ends_seats),
    "project closed": ("laeser", sees_project("P-012"), closes_project),
    "unit changed": ("chefforum", sees_task, moves_to_another_unit),
    "deputy ended": ("anden_ejer", writes_status, is_deputy_no_more),
    "role changed by the sign-on": ("direktion", CLOSED, signs_on_elsewhere),
    "password changed": ("leder", OPEN, chooses_password),
    "key revoked": ("leder", reads_with_key, revokes_keys),
    "connection ended": ("ejer", OPEN, disconnects),
    "account closed": ("anden_leder", OPEN, closes_account),
}
"""Who, what they see before, and what changes."""


@one_database
def test_what_somebody_may_no_longer_is_refused_at_the_very_next_request(
    sign_in: SignIn, cast: dict[str, User], database: Engine
) -> None:
    prepare(database, cast)
    asked = 0
    for name, (who, sees, change) in CHANGES.items():
        browser, program = sign_in(cast[who]), with_key(sign_in, database, cast[who])
        before = sees(browser, program)
        assert all(before.values()), (name, before)
        with Session(database) as session:
            change(session, cast[who])
            session.commit()
        after = sees(browser, program)
        assert not any(after.values()), (name, after)
        asked += len(after)
    assert len(CHANGES) == 12
    assert asked >= 48


def with_key(sign_in: SignIn, database: Engine, owner: User) -> TestClient:
    """A program of somebody's that may read whatever its owner may."""
    with Session(database) as session:
        form = ApiTokenForm(name="Power BI", scope=Scope.read_closed)
        _row, text = make_token(session, account(session, owner), form)
        session.commit()
    program = sign_in(None)
    program.headers["Authorization"] = f"Bearer {text}"
    return program


def prepare(database: Engine, cast: dict[str, User]) -> None:
    """A task from a closed item for the unit of a manager, a deputy, and two who have connected their accounts."""
    with Session(database) as session:
        meeting = a_meeting(session, date(2022, 6, 7))
        item = AgendaItem(meeting_id=meeting.pk, no=1, title="Køb af hus", closed=True)
        session.add(item)
        session.flush()
        unit = session.get_one(Person, cast["chefforum"].person_id).unit_id
        decision = a_decision(session, meeting, agenda_item_id=item.pk)
        a_task(session, decision, meeting, date(2022, 6, 7) + timedelta(days=90), key="lukket", owner_unit_id=unit)
        session.add(
            Deputy(
                project_id=project(session, "P-005").pk,
                no=1,
                person_id=cast["anden_ejer"].person_id or 0,
                stands_for=DeputyFor.leader,
                from_on=date(2022, 6, 1),
            )
        )
        for name in ("lukket_leder", "lukket_ejer", "direktion"):  # they sit in its steering group as well
            ends_seats(session, cast[name])
        for name in ("direktion", "ejer"):
            connect(session, account(session, cast[name]))
        session.commit()


def connect(session: Session, user: User) -> None:
    approve(session, user, user, IdentityForm(account_name=user.email))
    identity = session.exec(select(Identity).where(Identity.user_id == user.pk)).one()
    identity.connect(Claims(issuer="https://login.example", subject=user.email))
