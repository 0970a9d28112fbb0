"""Deputies: who may name whom for whom, and that they then may act."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.i18n import gettext as _
from app.models import Deputy, Event, Project, User
from app.models.deputy import DeputyFor
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import form_on

FIELDS = {"person_id": "Deputy", "from_on": "From"}
NEW, DEPUTIES, EDIT = "/projects/P-006/deputies/new", "/projects/P-006/deputies", "/projects/P-006/deputies/1/edit"


def deputies(database: Engine) -> list[Deputy]:
    with Session(database) as session:
        return list(session.exec(select(Deputy).order_by(col(Deputy.no))))


def named(database: Engine, who: User, stands_for: DeputyFor) -> None:
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == "P-006")).one()
        facts = Deputy(
            project_id=project.pk, no=1, person_id=who.person_id or 0, stands_for=stands_for, from_on=date(2022, 6, 1)
        )
        session.add(facts)
        session.commit()


@pytest.mark.parametrize(
    ("name", "offered"),
    [("leder", ["leader"]), ("ejer", ["owner"]), ("sekretariat", ["leader", "owner"])],
)
@one_database
def test_leader_and_owner_name_their_own_and_the_secretariat_both(
    name: str, offered: list[str], sign_in: SignIn, cast: dict[str, User], anden_leder: User, database: Engine
) -> None:
    browser = sign_in(cast[name])
    form = form_on(browser, NEW, DEPUTIES)
    for role in ("leader", "owner"):
        sent = form.values | {"stands_for": role, "person_id": str(anden_leder.person_id)}
        assert browser.post(DEPUTIES, data=sent).status_code == (303 if role in offered else 422)
    assert [deputy.stands_for.value for deputy in deputies(database)] == offered


@one_database
def test_a_deputy_stands_on_the_project_with_the_days_and_in_the_log(
    sign_in: SignIn, ejer: User, anden_leder: User, database: Engine
) -> None:
    browser = sign_in(ejer)
    answer = send(browser, NEW, DEPUTIES, person_id=str(anden_leder.person_id), to_on="30-06-2022")
    assert answer.headers["location"] == "/projects/P-006#deputies"
    shown = part(browser.get("/projects/P-006").text, "deputies")
    for words in (str(anden_leder), "13-06-2022", "30-06-2022", str(DeputyFor.owner).lower()):
        assert words in shown
    with Session(database) as session:
        event = session.exec(select(Event).order_by(col(Event.id).desc()).limit(1)).one()
    assert (event.action, event.subject, event.after["person_id"]) == ("created", "Deputy", str(anden_leder))


@one_database
def test_a_period_is_ended_not_deleted(sign_in: SignIn, leder: User, anden_leder: User, database: Engine) -> None:
    named(database, anden_leder, DeputyFor.leader)
    assert send(sign_in(leder), EDIT, to_on="12-06-2022").status_code == 303
    [deputy] = deputies(database)
    assert deputy.to_on == date(2022, 6, 12)
    assert _("not today") in part(sign_in(leder).get("/projects/P-006").text, "deputies")


@one_database
def test_what_is_wrong_is_said_at_the_field(sign_in: SignIn, ejer: User, leder: User, anden_leder: User) -> None:
    right: dict[str, str | list[str]] = {"person_id": str(anden_leder.person_id), "from_on": "13-06-2022"}
    nobody: dict[str, str | list[str]] = {"person_id": "", "from_on": ""}
    assert_each_refused(
        sign_in(ejer),
        NEW,
        DEPUTIES,
        [
            (right | {"to_on": "12-06-2022"}, {"to_on": _("The end lies before the start")}),
            (nobody, {name: _("Fill in »%(label)s«") % {"label": _(label)} for name, label in FIELDS.items()}),
        ],
    )
    for somebody in (leder, ejer):  # who has a role already cannot be chosen
        assert sign_in(ejer).post(DEPUTIES, data=right | {"person_id": str(somebody.person_id)}).status_code == 422


@one_database
def test_the_owners_deputy_is_not_the_leaders_to_change(
    sign_in: SignIn, leder: User, ejer: User, anden_leder: User, database: Engine
) -> None:
    named(database, anden_leder, DeputyFor.owner)
    browser = sign_in(leder)
    assert browser.get(EDIT).status_code == browser.post(EDIT).status_code == 403
    assert EDIT not in browser.get("/projects/P-006").text
    assert EDIT in sign_in(ejer).get("/projects/P-006").text
    assert sign_in(anden_leder).get(EDIT).status_code == 403


@one_database
def test_a_deputy_for_the_leader_writes_and_one_for_the_owner_does_not(
    sign_in: SignIn, anden_leder: User, database: Engine
) -> None:
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == "P-005")).one()
        day = date(2022, 6, 1)
        deputy = Deputy(project_id=project.pk, no=1, person_id=anden_leder.person_id or 0, from_on=day)
        session.add(deputy)
        session.commit()
        address = "/projects/P-005/reports/2022-06/edit"
        browser = sign_in(anden_leder)
        assert browser.get(address).status_code == 200
        assert address in browser.get("/").text
        deputy.stands_for = DeputyFor.owner
        session.commit()
        assert browser.get(address).status_code == 403
