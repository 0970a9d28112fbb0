import re
from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select
from starlette.testclient import TestClient

from app.models import Event, Person, Project, Unit, User
from app.models.project import Confidentiality, Phase, project_by_number
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, form_in, send
from tests.page import form_on, read_page

EDIT = "/projects/P-006/edit"
OVERVIEW = "/portfolios/direktionen/overview"


def stored(database: Engine, number: str) -> Project:
    with Session(database) as session:
        project = project_by_number(session, number)
        assert project is not None, number
        return project


def main(browser: TestClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return read_page(answer.text).all("main")[0].text


def events(database: Engine, number: str) -> int:
    with Session(database) as session:
        query = select(func.count(col(Event.id))).join(Project, col(Project.id) == Event.project_id)
        return session.exec(query.where(Project.number == number)).one()


# --------------------------------------------------------------------------------------------------------- new projects


def test_the_secretariat_makes_a_project_and_it_stands_on_its_page_but_not_yet_on_the_list(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    answer = send(
        browser,
        "/projects/new",
        "/projects",
        title="Grønne skolegårde",
        kind="construction",
        theme_id="3",
        parent_id="27",
        purpose="Flere børn leger ude.",
        case_numbers="22/5981\r\n16/13808",
        also_known_as="Skolegårdene; De grønne gårde",
        large="on",
        admission_reason="Fire skoler på én gang.",
        commissioner="budget_agreement",
        owner_id="3",
        unit_id="6",
        involved_unit_ids=["3", "5"],
        externals="Realdania",
        starts_on="1/9 2022",
        planned_end_on="31.12.2024",
        expires_on="2025-6-30",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-053")
    made = stored(database, "P-053")
    assert (made.starts_on, made.planned_end_on, made.expires_on) == (
        date(2022, 9, 1),
        date(2024, 12, 31),
        date(2025, 6, 30),
    )
    assert made.baseline_end_on == made.planned_end_on
    assert made.case_numbers == ["22/5981", "16/13808"]
    assert made.also_known_as == ["Skolegårdene", "De grønne gårde"]
    page = main(browser, "/projects/P-053")
    for words in (
        "P-053 · Anlæg under Indsatsområde 1: Byomdannelse · Sag 22/5981, 16/13808 · Fase: idé",
        "Projektet er ikke sat på listen.",
        "Projektejer Lene Bruun , direktør",
        "Projektleder Mangler",
        "Ansvarligt center Institutions- og Skolecenteret (ISC) Medvirkende BURC, FKC",
        "Eksterne parter Realdania Bestilt af Budgetaftale",
        "Periode 01-09-2022 – 31-12-2024",
        "Udløber den 30-06-2025",
        "På listen, fordi det er stort Fire skoler på én gang.",
        "Også kendt som Skolegårdene, De grønne gårde",
        "Fortrolighed Intern",
        "Overordnet mål: Flere børn leger ude.",
    ):
        assert words in page
    assert "P-053" not in main(browser, OVERVIEW)


@one_database
def test_a_project_needs_only_a_title_and_a_theme_and_what_is_missing_reads_so(
    sign_in: SignIn, sekretariat: User
) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, "/projects/new", "/projects", title="Kun en titel", theme_id="1")
    assert answer.status_code == 303
    page = main(browser, answer.headers["location"])
    assert "Projektejer Mangler Projektleder Mangler Ansvarligt center Mangler Periode ? – ?" in page
    assert "Overordnet mål: Mangler" in page
    assert "Nøglepersoner Mere end 5 timer om ugen" in page
    assert "Ikke oplyst" in page


@one_database
def test_a_new_project_that_cannot_be_understood_is_answered_with_the_form_as_it_was(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    assert_each_refused(
        sign_in(sekretariat),
        "/projects/new",
        "/projects",
        [
            ({}, {"title": "Udfyld »Titel«", "theme_id": "Udfyld »Tema«"}),
            ({"title": "AB", "theme_id": "1"}, {"title": "Skriv mindst 3 tegn"}),
            (
                {"title": "Skolegårde", "theme_id": "1", "purpose": "ø" * 601, "large": "on", "owner_id": "3"},
                {"purpose": "Skriv højst 600 tegn (1 tegn for meget)"},
            ),
            (
                {"title": "Skolegårde", "theme_id": "1", "case_numbers": "22/5981\n16-13808"},
                {"case_numbers": "Skriv sagsnummeret som 16/13808"},
            ),
            (
                {"title": "Skolegårde", "theme_id": "1", "case_numbers": "23/1"},
                {"case_numbers": "Skriv sagsnummeret som 16/13808"},
            ),
            (
                {"title": "Skolegårde", "theme_id": "1", "starts_on": "31-02-2022", "planned_end_on": "snart"},
                {
                    "starts_on": "Skriv datoen som dd-mm-åååå, fx 13-06-2022",
                    "planned_end_on": "Skriv datoen som dd-mm-åååå, fx 13-06-2022",
                },
            ),
            (
                {"title": "Skolegårde", "theme_id": "1", "starts_on": "1/9 2022", "planned_end_on": "31-08-2022"},
                {"planned_end_on": "Den planlagte afslutning ligger før starten"},
            ),
        ],
    )
    with Session(database) as session:
        assert session.exec(select(func.count(col(Project.id)))).one() == 53


@one_database
def test_a_choice_that_was_never_offered_is_refused_at_its_field(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    form = form_on(browser, "/projects/new", "/projects")
    tampered = {"title": "Skolegårde", "theme_id": "99", "kind": "castle", "owner_id": "x", "involved_unit_ids": "99"}
    answer = browser.post("/projects", data=form.values | tampered)
    assert answer.status_code == 422
    page = read_page(answer.text)
    for name in ("theme_id", "kind", "owner_id", "involved_unit_ids"):
        said = next(element for element in page if element.get("id") == f"{name}-error")
        assert said.text == "Fejl: Vælg en af mulighederne"
        assert any(link.get("href") == f"#{name}" for link in page.all("a"))
        assert any(element.get("id") == name for element in page)


# ------------------------------------------------------------------------------------------------------- who says what


def test_the_leader_changes_her_project_and_finds_it_by_its_new_name(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    answer = send(
        browser,
        EDIT,
        title="Fælles plan for Charlottekvarteret",
        phase="implementation",
        also_known_as="Ålekistens børn",
        involved_unit_ids=["10", "9"],
        planned_end_on="30-06-2024",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-006")
    changed = stored(database, "P-006")
    assert (changed.title, changed.phase) == ("Fælles plan for Charlottekvarteret", Phase.implementation)
    page = main(browser, "/projects/P-006")
    assert page.startswith("Overblik Omdannelse af udsatte boligområder P-006 Fælles plan for Charlottekvarteret P-006")
    assert "Fase: implementering" in page
    assert "Medvirkende UC, ØDC" in page
    assert "30-06-2024 oprindelig 31-12-2023" in page  # the date first planned stays beside it
    for q in ("aalekisten", "Ålekistens", "P-006"):
        assert "Viser 1 af 37 projekter" in main(browser, f"{OVERVIEW}?q={q}")
    assert "Viser 1 af 37 projekter" in main(browser, f"{OVERVIEW}?q=UC+charlottekvarteret+børn")


@one_database
def test_the_leader_is_not_asked_what_only_the_secretariat_may_say_and_sending_it_changes_nothing(
    sign_in: SignIn, leder: User, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(leder)
    secretariats = {"kind", "theme_id", "parent_id", "owner_id", "leader_id", "confidentiality", "strategic"}
    form = form_on(browser, EDIT, EDIT)
    assert not secretariats & form.names
    assert secretariats < form_on(sign_in(sekretariat), EDIT, EDIT).names
    before = stored(database, "P-006")
    posted = {
        "title": "Min titel",
        "kind": "programme",
        "theme_id": "4",
        "parent_id": "",
        "owner_id": "20",
        "leader_id": "1",
        "confidentiality": "closed",
        "strategic": "",
        "number": "P-777",
        "portfolio_id": "2",
    }
    assert browser.post(EDIT, data=form.values | posted).status_code == 303
    after = stored(database, "P-006")
    assert after.title == "Min titel"
    assert after.strategic
    for name in (*secretariats, "number", "portfolio_id"):
        assert getattr(after, name) == getattr(before, name), name


@one_database
def test_the_secretariat_gives_a_project_another_theme_owner_and_leader(
    sign_in: SignIn, sekretariat: User, leder: User, anden_leder: User, database: Engine
) -> None:
    answer = send(sign_in(sekretariat), EDIT, theme_id="2", owner_id="3", leader_id="24", strategic="on")
    assert answer.status_code == 303
    assert stored(database, "P-006").leader_id == 24
    page = main(sign_in(leder), "/projects/P-006")
    assert "Byudvikling og anlæg" in page
    assert "Projektejer Lene Bruun , direktør Projektleder Signe Lyng , projektleder" in page
    assert sign_in(leder).get(EDIT).status_code == 403
    assert sign_in(anden_leder).get(EDIT).status_code == 200


@one_database
def test_a_change_that_cannot_be_understood_is_answered_with_the_form_as_it_was(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    assert_each_refused(
        sign_in(leder),
        EDIT,
        EDIT,
        [
            ({"title": ""}, {"title": "Udfyld »Titel«"}),
            ({"title": "t" * 140}, {"title": "Skriv højst 120 tegn (20 tegn for meget)"}),
            (
                {"phase": "finished", "planned_end_on": "01-01-2010", "involved_unit_ids": ["3", "9"]},
                {"planned_end_on": "Den planlagte afslutning ligger før starten"},
            ),
        ],
    )
    assert stored(database, "P-006").phase is Phase.execution


@one_database
def test_saving_without_a_change_leaves_no_event(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    before = events(database, "P-006")
    assert send(sign_in(sekretariat), EDIT).status_code == 303
    assert events(database, "P-006") == before


@one_database
def test_whoever_has_left_keeps_the_role_until_the_secretariat_gives_it_to_another(
    sign_in: SignIn, sekretariat: User, leder: User, database: Engine
) -> None:
    with Session(database) as session:
        owner, unit = session.get_one(Person, 6), session.get_one(Unit, 3)
        fritid = session.exec(select(Unit).where(Unit.code == "FKC")).one()
        owner.active, unit.valid_to, fritid.valid_to = False, date(2022, 5, 31), date(2022, 5, 31)
        session.commit()
    assert send(sign_in(sekretariat), EDIT, title="En titel").status_code == 303
    assert send(sign_in(leder), EDIT, title="En anden titel").status_code == 303
    with Session(database) as session:
        project = project_by_number(session, "P-006")
        assert project is not None
        assert (project.owner_id, project.unit_id) == (6, 3)
        assert [each.code for each in project.involved_units] == ["FKC", "ØDC"]
    form = form_on(sign_in(sekretariat), "/projects/new", "/projects")
    assert "involved_unit_ids" in form.names
    offered = read_page(sign_in(sekretariat).get("/projects/new").text)
    assert "Hanne Skov" not in offered.text  # but nobody new is given to who has left
    assert "FKC" not in offered.text


# --------------------------------------------------------------------------------------------------------- two browsers


def test_of_two_who_change_a_project_at_once_the_second_sees_both_versions_and_loses_nothing(
    sign_in: SignIn, leder: User, ejer: User, database: Engine
) -> None:
    first, second = sign_in(ejer), sign_in(leder)
    hers = form_on(second, EDIT, EDIT)
    assert send(first, EDIT, title="Ejerens titel", phase="implementation").status_code == 303
    written = hers.values | {"title": "Lederens titel", "purpose": "Lederens mål."}
    answer = second.post(EDIT, data=written)
    assert answer.status_code == 409
    assert stored(database, "P-006").title == "Ejerens titel"
    page = read_page(answer.text)
    conflict = next(element for element in page if element.get("id") == "conflict")
    assert "En anden har gemt en ændring, mens du skrev" in conflict.text
    table = [[each.text for each in row.all("th", "td")] for row in conflict.all("tr")]
    assert table[0] == ["Felt", "Gemt nu", "Det, du skrev"]
    assert table[1] == ["Titel", "Ejerens titel", "Lederens titel"]
    assert table[2][0] == "Overordnet mål"
    assert table[2][2] == "Lederens mål."
    assert table[3:] == [["Fase", "Implementering", "Gennemførelse"]]
    again = form_in(answer)
    assert {name: value for name, value in again.values.items() if name != "version"} == {
        name: value for name, value in written.items() if name != "version"
    }
    assert second.post(EDIT, data=again.values).headers["location"] == "/projects/P-006"
    saved = stored(database, "P-006")
    assert (saved.title, saved.purpose, saved.phase) == ("Lederens titel", "Lederens mål.", Phase.execution)
    log = re.sub(r"\s+", " ", main(sign_in(leder), "/projects/P-006"))
    assert "Titel: Ejerens titel → Lederens titel" in log  # what was overwritten can be read in the log


@one_database
def test_a_third_save_in_between_is_shown_again(sign_in: SignIn, leder: User, ejer: User) -> None:
    first, second = sign_in(ejer), sign_in(leder)
    form = form_on(second, EDIT, EDIT)
    send(first, EDIT, title="Første titel")
    shown = second.post(EDIT, data=form.values | {"title": "Min titel"})
    send(first, EDIT, title="Anden titel")
    answer = second.post(EDIT, data=form_in(shown).values)
    assert answer.status_code == 409
    assert "Anden titel" in answer.text


@one_database
def test_two_who_write_the_same_are_not_in_conflict(sign_in: SignIn, leder: User, ejer: User, database: Engine) -> None:
    form = form_on(sign_in(leder), EDIT, EDIT)
    send(sign_in(ejer), EDIT, title="Den samme titel")
    before = events(database, "P-006")
    answer = sign_in(leder).post(EDIT, data=form.values | {"title": " Den samme titel "})
    assert (answer.status_code, events(database, "P-006")) == (303, before)


@one_database
def test_what_the_secretariat_says_meanwhile_is_no_conflict_with_what_the_leader_is_asked(
    sign_in: SignIn, leder: User, sekretariat: User, database: Engine
) -> None:
    form = form_on(sign_in(leder), EDIT, EDIT)
    send(sign_in(sekretariat), EDIT, theme_id="2", strategic="on")
    assert sign_in(leder).post(EDIT, data=form.values).status_code == 303
    assert stored(database, "P-006").theme_id == 2


@one_database
def test_units_that_somebody_else_added_are_not_taken_away_again(
    sign_in: SignIn, leder: User, ejer: User, database: Engine
) -> None:
    """They are rows of their own, but the project's version must tell of them too."""
    form = form_on(sign_in(leder), EDIT, EDIT)
    assert send(sign_in(ejer), EDIT, involved_unit_ids=["5", "9", "10"]).status_code == 303
    answer = sign_in(leder).post(EDIT, data=form.values | {"phase": "implementation"})
    assert answer.status_code == 409
    assert "FKC Center for Fritid og Kultur, UC Ungecenteret, ØDC Økonomi- og Digitaliseringscenteret" in answer.text
    assert [unit.code for unit in stored(database, "P-006").involved_units] == ["FKC", "UC", "ØDC"]


# ------------------------------------------------------------------------------------------------------------- families


@one_database
def test_a_parent_that_would_make_a_circle_or_a_fourth_level_is_neither_offered_nor_accepted(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    with Session(database) as session:
        keys = {project.number: str(project.pk) for project in session.exec(select(Project))}
    for number, parent in [
        ("P-001", "P-001"),  # itself
        ("P-001", "P-006"),  # below it
        ("P-021", "P-023"),  # a focus area with projects below another focus area
        ("P-040", "P-021"),  # a programme with sub-projects below a focus area
        ("P-026", "P-006"),  # below a project of a focus area
    ]:
        address = f"/projects/{number}/edit"
        form = form_on(browser, address, address)
        answer = browser.post(address, data=form.values | {"parent_id": keys[parent]})
        assert answer.status_code == 422, (number, parent)
        assert "Vælg en af mulighederne" in answer.text
    assert send(browser, "/projects/P-026/edit", parent_id=keys["P-001"]).status_code == 303
    assert "Nærheden P-026 · Program under Nyt Fokus" in main(browser, "/projects/P-026")
    assert "Nærheden P-026 · Program" in main(browser, "/projects/P-001")
    assert send(browser, "/projects/P-026/edit", parent_id="").status_code == 303
    assert stored(database, "P-026").parent_id is None


# ------------------------------------------------------------------------------------------------------ closed projects


def test_a_project_that_becomes_closed_gets_another_number_and_its_old_address_is_gone(
    sign_in: SignIn, sekretariat: User, leder: User, anden_leder: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, EDIT, confidentiality="closed")
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/L-02")
    assert stored(database, "L-02").confidentiality is Confidentiality.closed
    for person in (sekretariat, leder, anden_leder):
        assert sign_in(person).get("/projects/P-006").status_code == 404
    assert "L-02 · Projekt" in main(sign_in(leder), "/projects/L-02")
    assert sign_in(anden_leder).get("/projects/L-02").status_code == 404
    assert send(browser, "/projects/L-02/edit", confidentiality="internal").headers["location"] == "/projects/P-006"
    assert sign_in(anden_leder).get("/projects/P-006").status_code == 200
    assert sign_in(sekretariat).get("/projects/L-02").status_code == 404
