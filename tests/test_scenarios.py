"""Saved scenarios: kept beside the list, which they never change, and hidden whole with what may not be seen."""

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.models import Body, BodyProject, Event, Project, Scenario, ScenarioChange, User
from app.models.project import Confidentiality
from app.tabs.what_if import WhatIf
from tests.conftest import SignIn, one_database
from tests.databases import fingerprint
from tests.fields import part, send
from tests.page import form_on, read_page
from tests.test_what_if import COMMITTEE, PROGRAMME, RELIEF, TASK_FORCE

SCENARIOS = "/portfolios/direktionen/scenarios"
DEMO = f"{SCENARIOS}/udvalg-17-4"
WHAT_IF = "/portfolios/direktionen/what-if"
LIST = (
    "project",
    "placement",
    "body",
    "body_project",
    "seat",
    "key_persons",
    "person",
    "portfolio",
    "staffing",
    "funding",
)


def new(*tokens: str) -> str:
    return f"{SCENARIOS}/new?{'&'.join(f'change={token}' for token in tokens)}"


def saved(sign_in: SignIn, by: User, *tokens: str, **typed: str) -> str:
    """The address of a scenario that somebody has saved."""
    answer = send(sign_in(by), new(*tokens), SCENARIOS, **({"name": "Et scenarie"} | typed))
    assert answer.status_code == 303
    return str(answer.headers["location"])


def newest(database: Engine) -> tuple[Scenario, list[ScenarioChange], Event]:
    with Session(database) as session:
        scenario = session.exec(select(Scenario).order_by(col(Scenario.id).desc())).first()
        event = session.exec(select(Event).order_by(col(Event.id).desc())).first()
        assert scenario
        assert event
        rows = select(ScenarioChange).where(ScenarioChange.scenario_id == scenario.id).order_by(col(ScenarioChange.no))
        return scenario, list(session.exec(rows)), event


@pytest.mark.parametrize("name", ["sekretariat", "direktion", "chefforum"])
@one_database
def test_secretariat_direktion_and_chefforum_keep_a_scenario_with_a_name_and_a_note(
    name: str, sign_in: SignIn, cast: dict[str, User], database: Engine
) -> None:
    user = cast[name]
    here = saved(sign_in, user, *RELIEF, name="Færre direktører", note="Til mødet i juni.")
    scenario, rows, event = newest(database)
    assert here == f"{SCENARIOS}/{scenario.key}"
    assert (scenario.name, scenario.note, scenario.author_id) == (
        "Færre direktører",
        "Til mødet i juni.",
        user.person_id,
    )
    assert [row.kind.value for row in rows] == ["change_seat"] * 3
    assert (event.action, event.subject, event.subject_name) == ("created", "Scenario", "Færre direktører")
    assert event.project_id is None
    page = read_page(sign_in(user).get(here).text).text
    assert "Jonas Bek, fra medlem, fast til medlem, efter behov" in page
    assert "Færre direktører" in sign_in(user).get(SCENARIOS).text


@one_database
def test_in_the_demo_list_the_committee_is_flagged_and_the_saved_scenario_takes_the_flag_away(
    sign_in: SignIn, laeser: User
) -> None:
    browser = sign_in(laeser)
    flagged = browser.get("/api/v1/portfolios/direktionen/burden").json()["whole_board"]
    assert [body["name"] for body in flagged] == ["§ 17.4-udvalg Nyt Fokus"]
    page = read_page(browser.get(DEMO).text).text
    assert "(Konstrueret eksempel.)" in page
    assert "Organer med hele Direktionen 1 → til 0" in page
    assert "§ 17.4-udvalg Nyt Fokus 12 → til 9 4 → til 1 Ja → til Nej 4 48 → til 36 Meget stort" in page
    assert "Mødedeltagelser pr. år 526 → til 514" in page  # without the closed project's group


@one_database
def test_a_scenario_never_changes_the_list(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    before = {table: fingerprint(database)[table] for table in LIST}
    here = saved(sign_in, sekretariat, f"merge:{TASK_FORCE}:{PROGRAMME}", "remove-project:P-001", "add-project:P-003")
    browser = sign_in(sekretariat)
    send(browser, f"{here}/edit", name="Et andet navn")
    send(browser, f"{here}/proposal", title="At slå to organer sammen", reason="De samme sidder der.")
    browser.get(f"{SCENARIOS}/comparison?a={here.rpartition('/')[2]}&b=udvalg-17-4")
    assert {table: fingerprint(database)[table] for table in LIST} == before


@one_database
def test_a_scenario_without_a_name_or_without_a_change_that_holds_is_refused(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    before = fingerprint(database)
    nameless = browser.post(SCENARIOS, data={"name": "", "changes": ";".join(RELIEF)})
    assert nameless.status_code == 422
    assert "Udfyld »Navn«" in nameless.text
    assert "Jonas Bek, fra medlem" in nameless.text
    for changes in ("", "remove-project:P-999", "sell"):
        answer = browser.post(SCENARIOS, data={"name": "Et scenarie", "changes": changes})
        assert answer.status_code == 422
        assert "Vælg mindst én ændring, som kan lade sig gøre." in answer.text
    assert fingerprint(database) == before


@one_database
def test_its_author_goes_on_working_on_it_and_keeps_other_changes(
    sign_in: SignIn, chefforum: User, database: Engine
) -> None:
    here, browser = saved(sign_in, chefforum, *RELIEF), sign_in(chefforum)
    key = here.rpartition("/")[2]
    [goes_on] = [
        link.get("href") for link in read_page(browser.get(here).text).all("a") if "scenario=" in link.get("href")
    ]
    assert goes_on == f"{WHAT_IF}?{'&'.join(f'change={token}' for token in RELIEF)}&scenario={key}"
    added = browser.get(f"{goes_on}&kind=remove-project&project=P-012")
    assert added.headers["location"].endswith(f"change=remove-project:P-012&scenario={key}")
    page = read_page(browser.get(added.headers["location"]).text)
    [keep] = [link.get("href") for link in page.all("a") if "/edit?" in link.get("href")]
    answer = send(browser, keep, f"{here}/edit")
    assert answer.status_code == 303
    scenario, rows, event = newest(database)
    assert [row.kind.value for row in rows] == ["change_seat"] * 3 + ["remove_project"]
    assert (event.action, event.before, event.after) == ("changed", {"changes": 3}, {"changes": 4})
    assert scenario.version == 2


@one_database
def test_of_two_who_change_a_scenario_the_second_sees_what_the_first_saved(
    sign_in: SignIn, chefforum: User, sekretariat: User
) -> None:
    here = saved(sign_in, chefforum, *RELIEF)
    form = form_on(sign_in(chefforum), f"{here}/edit", f"{here}/edit")
    assert send(sign_in(sekretariat), f"{here}/edit", name="Sekretariatets navn").status_code == 303
    answer = sign_in(chefforum).post(f"{here}/edit", data=form.values | {"name": "Mit navn"})
    assert answer.status_code == 409
    assert "Sekretariatets navn" in part(answer.text, "conflict")
    moved = sign_in(sekretariat).post(f"{here}/edit", data=form.values | {"version": "2", "changes": RELIEF[0]})
    assert moved.status_code == 303
    stale = form.values | {"version": "2", "name": "Sekretariatets navn"}
    answer = sign_in(chefforum).post(f"{here}/edit", data=stale)
    assert answer.status_code == 409
    assert part(answer.text, "conflict").count("Ændr: Jonas Bek, fra medlem, fast til medlem, efter behov") == 2


@one_database
def test_another_than_author_and_secretariat_may_read_but_not_change_it(
    sign_in: SignIn, direktion: User, chefforum: User, laeser: User
) -> None:
    here = saved(sign_in, chefforum, *RELIEF)
    for user in (direktion, laeser):
        assert sign_in(user).get(here).status_code == 200
        assert sign_in(user).get(f"{here}/edit").status_code == 403
    assert "Ret navn og note" not in sign_in(direktion).get(here).text


@one_database
def test_two_scenarios_stand_side_by_side_with_today(sign_in: SignIn, chefforum: User, laeser: User) -> None:
    other = saved(sign_in, chefforum, f"merge:{TASK_FORCE}:{PROGRAMME}", name="Ét organ mindre").rpartition("/")[2]
    browser = sign_in(laeser)
    page = read_page(browser.get(f"{SCENARIOS}/comparison?a=udvalg-17-4&b={other}").text)
    tables = {region.get("aria-label"): region for region in page.all("div") if region.get("role") == "region"}
    whole = [[cell.text for cell in row.all("th", "td")] for row in tables["Hele listen"].all("tbody")[0].all("tr")]
    assert ["Organer med hele Direktionen", "1", "0", "1"] in whole
    assert ["Organer", "24", "24", "23"] in whole
    assert ["Mødedeltagelser pr. år", "526", "514", "504"] in whole
    people = {body.all("th")[0].text: body.text for body in tables["Personer, hvis belastning ændres"].all("tbody")}
    assert "Point 10 10 8" in people["Jonas Bek"]
    assert "Point 4 3,5 4" in people["Mette Dall"]
    assert "Vælg to scenarier" in browser.get(f"{SCENARIOS}/comparison?a=udvalg-17-4&b=findes-ikke").text


@one_database
def test_numbers_may_change_and_the_scenario_still_means_the_same(
    sign_in: SignIn, sekretariat: User, laeser: User, database: Engine
) -> None:
    here = saved(sign_in, sekretariat, "remove-project:P-012")
    assert sign_in(laeser).get(here).status_code == 200
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == "P-012")).one()
        project.confidentiality, project.number = Confidentiality.closed, "L-02"
        session.commit()
    assert "L-02" in part(sign_in(sekretariat).get(here).text, "main")
    assert sign_in(laeser).get(here).status_code == 404


@one_database
def test_what_is_no_longer_there_is_left_out_with_a_sentence(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    here = saved(sign_in, sekretariat, *RELIEF[:1], f"merge:{TASK_FORCE}:{PROGRAMME}")
    with Session(database) as session:
        force = session.exec(select(Body).where(Body.name == "Task force for udsatte boligområder")).one()
        for link in session.exec(select(BodyProject).where(BodyProject.body_id == force.pk)):
            session.delete(link)
        session.commit()
    page = part(sign_in(sekretariat).get(here).text, "main")
    assert f"Ændringen »merge:?:{PROGRAMME}« findes ikke (længere)." in page
    assert "Jonas Bek, fra medlem" in page


CLOSED = (
    "remove-project:L-01",
    f"merge:L-01.1:{COMMITTEE}",
    "remove-seat:4:L-01.1",
    f"merge:{TASK_FORCE}:L-01.1",
)


@pytest.mark.parametrize("token", CLOSED)
@one_database
def test_a_scenario_that_touches_a_closed_project_is_hidden_whole_and_so_is_its_log(
    token: str, sign_in: SignIn, sekretariat: User, laeser: User, admin: User, lukket_leder: User, database: Engine
) -> None:
    here = saved(sign_in, sekretariat, *RELIEF, token, name="Om det hemmelige", note="Hemmeligt køb")
    key = here.rpartition("/")[2]
    proposal = f"{here}/proposal"
    assert send(sign_in(sekretariat), proposal, title="At drøfte det hemmelige", reason="Hemmeligt").status_code == 303
    with Session(database) as session:
        closed = session.exec(select(Project).where(Project.number == "L-01")).one()
        log = session.exec(select(Event).order_by(col(Event.id).desc()).limit(2)).all()
        assert {event.project_id for event in log} == {closed.pk}
    for address in (here, f"{SCENARIOS}/nobody"):
        assert sign_in(laeser).get(address).status_code == 404
    hidden, never = (
        sign_in(laeser).get(f"{SCENARIOS}/comparison?a={name}&b=udvalg-17-4").text for name in (key, "nobody")
    )
    assert hidden == never
    for user in (laeser, admin):
        browser = sign_in(user)
        for address in (SCENARIOS, "/portfolios/direktionen/rounds/2022-06", "/events", DEMO):
            assert "emmelig" not in browser.get(address).text
    assert "Om det hemmelige" in sign_in(lukket_leder).get(SCENARIOS).text
    assert "At drøfte det hemmelige" in sign_in(sekretariat).get("/portfolios/direktionen/rounds/2022-06").text


@one_database
def test_a_scenario_touches_one_closed_project_only(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == "P-012")).one()
        project.confidentiality = Confidentiality.closed
        session.commit()
    browser = sign_in(sekretariat)
    before = fingerprint(database)
    sent = {"name": "To lukkede", "changes": "remove-project:L-01;remove-project:P-012"}
    answer = browser.post(SCENARIOS, data=sent)
    assert answer.status_code == 409
    assert "Et scenarie må kun berøre ét lukket projekt" in answer.text
    assert "To lukkede" in answer.text
    assert fingerprint(database) == before
    here = saved(sign_in, sekretariat, "remove-project:L-01")
    form = form_on(sign_in(sekretariat), f"{here}/edit", f"{here}/edit")
    other = sign_in(sekretariat).post(f"{here}/edit", data=form.values | {"changes": "remove-project:P-012"})
    assert other.status_code == 409


@one_database
def test_the_same_scenario_shows_each_reader_the_list_that_they_may_see(
    sign_in: SignIn, sekretariat: User, laeser: User
) -> None:
    def projects(user: User) -> Any:
        tokens = "&".join(f"change={token}" for token in RELIEF)
        return WhatIf.model_validate(
            {**sign_in(user).get(f"/api/v1{WHAT_IF}?{tokens}").json(), "bodies": []}
        ).sums.projects.before

    assert projects(sekretariat) == projects(laeser) + 1
