"""Relations between projects: the form below a project, its rules, and what stands on both projects' pages."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import Event, Project, Relation, User
from app.models.project import Confidentiality
from app.models.relation import RelationKind, leads_to
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, form_in, part, said_at, send
from tests.page import form_on, read_page

RELATIONS = "/projects/P-006/relations"
NEW = f"{RELATIONS}/new"
AGAIN = "Relationen til projektet er allerede registreret."
HOUSE = "Børne- og Kulturhuset i Taastrupgaard"
EMPTY = "Lad feltet stå tomt: det hører ikke til denne slags relation"


def stored(database: Engine, no: int, number: str = "P-006") -> Relation:
    with Session(database) as session:
        of_project = select(Relation).join(Project, col(Project.id) == Relation.project_id)
        return session.exec(of_project.where(Project.number == number, Relation.no == no)).one()


def told(database: Engine) -> list[Event]:
    """What the log says of relations, the newest first."""
    with Session(database) as session:
        return list(session.exec(select(Event).where(Event.subject == "Relation").order_by(col(Event.id).desc())))


def shown(browser: TestClient, number: str = "P-006") -> str:
    return part(browser.get(f"/projects/{number}").text, "relations")


def relation(waiting: str, first: str, database: Engine) -> None:
    """Registered without the form: what no form lets through."""
    with Session(database) as session:
        keys = {each.number: each.pk for each in session.exec(select(Project))}
        session.add(Relation(project_id=keys[waiting], no=90, kind=RelationKind.depends_on, other_id=keys[first]))
        session.commit()


def test_a_dependency_stands_on_both_projects_and_in_the_log_of_the_one_that_waits(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    answer = send(browser, NEW, RELATIONS, other="P-012", text="Beboerne får et sted at mødes.")
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-006#relations")
    house = f"P-012 {HOUSE}"
    assert f"Afhænger af {house}" in shown(browser)
    assert "P-006 Fælles plan for Charlottekvarteret" in shown(browser, "P-012")
    assert "afhænger af dette projekt" in shown(browser, "P-012")
    [event] = told(database)
    assert event.sentence == f"Relation »Afhænger af: {house}« oprettet"
    assert event.after["other_id"] == house
    assert event.project_id == stored(database, 3).project_id


@one_database
def test_the_milestones_are_chosen_by_their_numbers_once_the_other_project_is_known(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    assert "other_milestone" not in form_on(browser, NEW, RELATIONS).names
    send(browser, NEW, RELATIONS, other="P-012", milestone="P-006/2")
    third = f"{RELATIONS}/3/edit"
    assert send(browser, third, other_milestone="P-012/3").status_code == 303
    page = shown(browser)
    assert "Først: Kulturskolerne flytter ind, oktober 2022 · Derefter: Frasalg sættes i gang, 2022" in page
    assert "61 dages luft" in page
    assert told(database)[0].after == {"other_milestone_id": "Kulturskolerne flytter ind"}
    form = form_on(browser, third, third)
    assert (form.values["milestone"], form.values["other_milestone"]) == ("P-006/2", "P-012/3")
    moved = browser.post(third, data=form.values | {"other": "P-013"})
    assert said_at(read_page(moved.text), "other_milestone") == "Vælg en af mulighederne"
    assert [name for name in form_in(moved).names if name == "other_milestone"]


@one_database
def test_a_decision_outside_the_list_is_awaited_by_whoever_decides_and_a_date(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    typed = {"kind": "awaits", "outside": "Boligstyrelsen", "due_on": "01-11-2022", "milestone": "P-006/2"}
    assert send(browser, NEW, RELATIONS, **typed).status_code == 303
    page = shown(browser)
    assert "Afventer en beslutning udefra Boligstyrelsen · 60 dages luft Forventet: 01-11-2022" in page
    assert "Derefter: Frasalg sættes i gang, 2022" in page


@one_database
def test_a_conflict_of_goals_names_what_both_projects_want_and_which_way(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    for number, other in (("P-007", "P-037"), ("P-037", "P-007")):
        page = shown(browser, number)
        assert f"Har målkonflikt med {other}" in page
        assert "Nedrevne boliger i Blåkildegård (op)" in page
        assert "Borgere, der venter på bolig (ned)" in page


@one_database
def test_a_relation_that_no_longer_applies_is_folded_away_and_not_deleted(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser, first = sign_in(leder), f"{RELATIONS}/1/edit"
    assert send(browser, first, ended_on="01-06-2022").status_code == 303
    section = next(each for each in read_page(browser.get("/projects/P-006").text) if each.get("id") == "relations")
    [folded] = section.all("details")
    assert "1 tidligere relation" in folded.text
    assert "P-003 Strategisk udviklingsplan for tre udsatte boligområder til 01-06-2022" in folded.text
    assert stored(database, 1).ended_on == date(2022, 6, 1)
    assert send(browser, NEW, RELATIONS, other="P-003").status_code == 303


@one_database
def test_a_relation_names_whom_it_is_to(sign_in: SignIn, leder: User) -> None:
    assert_each_refused(
        sign_in(leder),
        NEW,
        RELATIONS,
        [
            ({"kind": "depends_on", "other": ""}, {"other": "Vælg det andet projekt"}),
            ({"kind": "awaits", "due_on": "01-11-2022"}, {"outside": "Skriv, hvem der beslutter"}),
        ],
    )


@one_database
@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"kind": "awaits", "outside": "Boligstyrelsen", "other": "P-012"}, "other", EMPTY),
        ({"kind": "depends_on", "other": "P-012", "due_on": "01-11-2022"}, "due_on", EMPTY),
        ({"kind": "replaces", "other": "P-012", "milestone": "P-006/2"}, "milestone", EMPTY),
        ({"kind": "springs_from", "other": "P-012", "outside": "Boligstyrelsen"}, "outside", EMPTY),
        ({"other": "P-006"}, "other", "Vælg en af mulighederne"),
        ({"other": "P-999"}, "other", "Vælg en af mulighederne"),
        ({"other": "P-012", "milestone": "P-012/3"}, "milestone", "Vælg en af mulighederne"),
        ({"other": "P-012", "other_milestone": "P-013/3"}, "other_milestone", "Vælg en af mulighederne"),
    ],
)
def test_what_does_not_belong_to_a_relation_is_refused_at_its_field(
    typed: dict[str, str], field: str, sentence: str, sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    answer = browser.post(RELATIONS, data=form_on(browser, NEW, RELATIONS).values | typed)
    assert answer.status_code == 422
    assert said_at(read_page(answer.text), field) == sentence
    assert told(database) == []


@one_database
@pytest.mark.parametrize(
    ("kind", "other", "sentence"),
    [
        ("depends_on", "P-003", AGAIN),
        ("goal_conflict", "P-037", AGAIN),
        ("depends_on", "P-012", f"P-012 {HOUSE} afhænger af dette projekt, direkte eller gennem andre."),
    ],
)
def test_the_same_relation_twice_and_a_circle_are_refused_at_the_field(
    kind: str, other: str, sentence: str, sign_in: SignIn, leder: User, database: Engine
) -> None:
    relation("P-012", "P-013", database)
    relation("P-013", "P-006", database)
    browser = sign_in(leder)
    answer = send(browser, NEW, RELATIONS, kind=kind, other=other)
    assert answer.status_code == 409
    assert said_at(read_page(answer.text), "other") == sentence
    assert told(database) == []


@one_database
def test_a_conflict_that_is_registered_on_the_other_project_is_registered(sign_in: SignIn, sekretariat: User) -> None:
    answer = send(
        sign_in(sekretariat),
        "/projects/P-037/relations/new",
        "/projects/P-037/relations",
        kind="goal_conflict",
        other="P-006",
    )
    assert (answer.status_code, said_at(read_page(answer.text), "other")) == (409, AGAIN)


def test_a_way_round_in_circles_comes_to_an_end() -> None:
    ways: list[tuple[int, int | None]] = [(1, 2), (2, 3), (3, 1), (3, 4), (5, None)]
    assert leads_to(ways, 1, 4)
    assert not leads_to(ways, 4, 1)
    assert not leads_to(ways, 5, 1)


@one_database
def test_two_who_change_the_same_relation_are_shown_both_versions(sign_in: SignIn, leder: User, ejer: User) -> None:
    browser, first = sign_in(leder), f"{RELATIONS}/2/edit"
    opened = form_on(browser, first, first).values
    send(sign_in(ejer), first, text="Ejerens ord")
    answer = browser.post(first, data=opened | {"text": "Lederens ord"})
    assert answer.status_code == 409
    assert "Ejerens ord" in answer.text
    assert "Lederens ord" in answer.text


def test_only_from_the_closed_projects_side_can_it_be_related_and_only_those_who_see_it_read_that(
    sign_in: SignIn, lukket_leder: User, leder: User, database: Engine
) -> None:
    theirs, here = sign_in(lukket_leder), "/projects/L-01/relations"
    assert send(theirs, f"{here}/new", here, other="P-006").status_code == 303
    assert "L-01" in shown(theirs)
    assert "L-01" not in shown(sign_in(leder))
    for address in ("/portfolios/direktionen/chain", "/api/v1/portfolios/direktionen/chain"):
        assert "L-01" in theirs.get(address).text
        assert "L-01" not in sign_in(leder).get(address).text
    [event] = told(database)
    assert event.project_id == stored(database, 1, "L-01").project_id


@one_database
def test_an_open_project_never_offers_a_closed_one_not_even_to_those_who_see_it(
    sign_in: SignIn, sekretariat: User
) -> None:
    page = read_page(sign_in(sekretariat).get(NEW).text)
    offered = [option.get("value") for option in page.all("option")]
    assert "P-012" in offered
    assert "P-006" not in offered
    assert "L-01" not in offered


@one_database
def test_when_the_other_project_has_been_closed_its_own_log_tells_of_the_change(
    sign_in: SignIn, sekretariat: User, leder: User, database: Engine
) -> None:
    with Session(database) as session:
        other = session.exec(select(Project).where(Project.number == "P-003")).one()
        other.confidentiality = Confidentiality.closed
        key = other.pk
        session.commit()
    assert send(sign_in(sekretariat), f"{RELATIONS}/1/edit", text="En grund").status_code == 303
    [event] = told(database)
    assert (event.project_id, event.subject_name) == (key, "Afhænger af")
    assert "P-003" not in shown(sign_in(leder))
    assert sign_in(leder).get(f"{RELATIONS}/1/edit").status_code == 404
