"""The page /events and the log on a project's page: who did what, with before and after."""

import re
from datetime import UTC, datetime

import time_machine
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.testclient import TestClient

from app.models import Event, User
from app.models.event import recorded
from tests.conftest import Queries, SignIn, one_database
from tests.databases import without_guard
from tests.fields import send
from tests.page import form_on, read_page

EDIT = "/projects/P-006/edit"


def log(browser: TestClient, address: str = "/events") -> list[list[str]]:
    """The cells of the log, the newest first; empty when the page has none."""
    page = read_page(browser.get(address).text)
    regions = [each for each in page if each.get("aria-label") == "Hændelser"]
    rows = regions[0].all("tbody")[0].all("tr") if regions else []
    return [[cell.text for cell in row.all("th", "td")] for row in rows]


def test_a_change_is_written_with_who_what_before_and_after_in_the_readers_words(
    sign_in: SignIn, leder: User, sekretariat: User
) -> None:
    with time_machine.travel(datetime(2031, 7, 1, 22, 30, tzinfo=UTC), tick=False):
        browser = sign_in(leder)
        send(browser, EDIT, title="Ny titel", phase="implementation", unit_id="", planned_end_on="30-06-2024")
        newest = log(sign_in(sekretariat))[0]
    assert newest[0] == "02-07-2031 kl. 00.30"  # Copenhagen's time, and the real one
    assert newest[1] == "Camilla Vang"
    assert newest[2] == "Projekt »P-006 Ny titel« rettet P-006"
    for difference in (
        "Titel: Fælles plan for Charlottekvarteret og frasalg af 120 almene boliger → Ny titel",
        "Fase: Gennemførelse → Implementering",
        "Ansvarligt center: BURC → –",
        "Planlagt afslutning: 31-12-2023 → 30-06-2024",
    ):
        assert difference in newest[3]
    assert "Tema" not in newest[3]  # only what differs


@one_database
def test_every_kind_of_change_reads_as_a_sentence(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    below = "/projects/P-006"
    send(browser, f"{below}/milestones/new", f"{below}/milestones", text="Licitation", due_on="01-09-2022")
    send(browser, f"{below}/milestones/4/edit", due_on="01-10-2022")
    send(browser, f"{below}/key-persons", unit_3="0", unit_6="2")
    send(browser, f"{below}/bodies/1/seats/4/edit", to_on="13-06-2022")
    versions = f"{below}/effect-targets/1/versions"
    send(browser, f"{versions}/new", versions, target_value="130,5", reason="Byrådet har ændret det.")
    measure = f"{below}/effect-targets/1/measurements"
    send(browser, f"{measure}/new", measure, measured_on="01-06-2022", value="3", source="Optælling")
    send(browser, "/people/6/edit", unit_id="2", external="on")
    send(browser, f"{below}/removal", decided_on="13-06-2022", wording="Fjernes.", reason_out="Den er gennemført.")
    found = {what: facts for _at, _who, what, facts in log(browser)}
    title = "P-006 Fælles plan for Charlottekvarteret og frasalg af 120 almene boliger"
    assert found["Milepæl »Licitation« rettet P-006"] == "Frist: 01-09-2022 → 01-10-2022"
    assert "Type: Leverance" in found["Milepæl »Licitation« oprettet P-006"]
    assert found[f"Projekt »{title}« har fået opgjort nøglepersoner P-006"] == "BURC: 2 → 0 ISC: 2"
    seat = "Plads »Camilla Vang, Kvarterbestyrelsen for Gadehavegård og Charlotteager« rettet P-006"
    assert found[seat] == "Til: 13-06-2022"
    assert found["Effektmål »Solgte almene boliger i Charlottekvarteret« rettet P-006"] == (
        "Måltal: 120 → 130,5 Begrundelse: Byrådet har ændret det."
    )
    assert "Værdi: 3" in found["Måling »3 (01-06-2022)« oprettet P-006"]
    assert found["Person »Hanne Skov« rettet"] == "Ekstern (ikke ansat i kommunen): Nej → Ja Center: BURC → BAC"
    assert "Hvorfor det udgår af listen: Den er gennemført." in found[f"Projekt »{title}« fjernet fra listen P-006"]


@one_database
def test_the_log_reads_in_english_too(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    send(browser, EDIT, phase="implementation")
    browser.post("/language", data={"language": "en", "next": "/"})
    page = read_page(browser.get("/events").text).all("main")[0].text
    assert "changed P-006 Phase: Execution → Implementation" in page


@one_database
def test_whoever_may_change_a_project_sees_its_log_on_its_page_and_others_do_not(
    sign_in: SignIn, leder: User, ejer: User, sekretariat: User, admin: User, anden_leder: User, direktion: User
) -> None:
    send(sign_in(leder), EDIT, phase="implementation")
    send(sign_in(anden_leder), "/projects/P-012/edit", phase="implementation")
    for person in (leder, ejer, sekretariat, admin):
        [event] = log(sign_in(person), "/projects/P-006")
        assert event[3] == "Fase: Gennemførelse → Implementering"
    for person in (anden_leder, direktion):
        assert log(sign_in(person), "/projects/P-006") == []
        assert "Ændringslog" not in sign_in(person).get("/projects/P-006").text
    page = sign_in(leder).get("/projects/P-006").text
    assert "Ændringslog (1 hændelse)" in page


@one_database
def test_the_newest_come_first_and_no_more_than_two_hundred_of_them(
    sign_in: SignIn, sekretariat: User, database: Engine, queries: Queries
) -> None:
    browser = sign_in(sekretariat)
    with queries() as few:
        log(browser)
    with Session(database) as session:
        for n in range(250):
            at = datetime(2026, 1, 1 + n // 24, n % 24, tzinfo=UTC)
            told = Event(at=at, actor="Ada", action="changed", subject="Project", subject_name=f"Nr. {n}")
            told.project_id = 1 + n % 40
            recorded(session).append(told)
        session.commit()
    with queries() as many:
        rows = [row for row in log(browser) if row[1] == "Ada"]
    numbers = [int(re.findall(r"Nr\. (\d+)", row[2])[0]) for row in rows]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] == 249
    assert len(log(browser)) == 200
    assert len(many) == len(few)


@one_database
def test_what_happened_to_no_project_has_no_link_and_what_the_program_did_says_so(sign_in: SignIn, admin: User) -> None:
    browser = sign_in(admin)
    browser.post("/language", data={"language": "en", "next": "/"})
    browser.post("/language", data={"language": "da", "next": "/"})
    rows = log(browser)
    assert rows[-1][1] == "python -m app"
    assert "Porteføljeliste »Direktionens porteføljeliste« oprettet" in [row[2] for row in rows]


@one_database
def test_a_log_without_events_says_so(sign_in: SignIn, admin: User, database: Engine) -> None:
    browser = sign_in(admin)
    without_guard(database, "delete from event")
    assert "Der er ingen hændelser endnu." in browser.get("/events").text


@one_database
def test_what_somebody_typed_stands_in_the_log_as_text(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    form = form_on(browser, EDIT, EDIT)
    browser.post(EDIT, data=form.values | {"title": "<b>Fed</b> & farlig"})
    page = read_page(browser.get("/projects/P-006").text)
    assert "<b>Fed</b> & farlig" in page.text
    assert not page.all("b")
