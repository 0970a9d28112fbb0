"""Implementeret i bund: the rules first, then the form, the project's page and Effekter."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.models import Event, Implementation, Project, User
from app.models.implementation import (
    ImplementationFact,
    ImplementationForm,
    Implemented,
    contradicts_phase,
    in_use_everywhere,
    missing_facts,
)
from app.models.project import Phase
from app.tabs.effects import EffectsFacts
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import form_on

PAGE = "/projects/P-006/implementation"
API = "/api/v1/portfolios/direktionen/effects"
COUNTED: dict[str, Any] = {"units_in_use": 4, "units_in_all": 4, "counted_on": date(2022, 5, 31)}
FULL: dict[str, Any] = {"state": Implemented.full, "receiver": "SHC", "plan": "I visitationen", "evidence": "Optælling"}


@pytest.mark.parametrize(
    ("known", "phase", "missing"),
    [
        (None, Phase.idea, ["receiver", "plan"]),
        (None, Phase.implementation, ["receiver", "plan", "counted"]),
        (None, Phase.finished, ["receiver", "plan", "counted"]),
        (None, Phase.stopped, []),
        (ImplementationForm(receiver="Borgerservice"), Phase.execution, ["plan"]),
        (ImplementationForm(**FULL), Phase.realisation, ["counted"]),
        (ImplementationForm(**FULL | COUNTED), Phase.realisation, []),
        (ImplementationForm(**COUNTED | {"units_in_use": 0}), Phase.finished, ["receiver", "plan"]),
    ],
)
def test_operations_and_plan_are_asked_for_from_the_start_and_a_count_from_implementation_on(
    known: ImplementationForm | None, phase: Phase, missing: list[str]
) -> None:
    assert missing_facts(known, phase) == [ImplementationFact(name) for name in missing]


@pytest.mark.parametrize(
    ("known", "everywhere"),
    [
        (None, False),
        (ImplementationForm(state=Implemented.partly, **COUNTED), False),
        (ImplementationForm(**FULL), True),
        (ImplementationForm(**FULL | COUNTED), True),
    ],
)
def test_only_the_judgement_in_full_is_in_use_everywhere(known: ImplementationForm | None, everywhere: bool) -> None:
    assert in_use_everywhere(known) is everywhere
    for phase in Phase:
        over = phase in (Phase.realisation, Phase.finished)
        assert contradicts_phase(known, phase) is (over and not everywhere)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"units_in_use": 2, "counted_on": date(2022, 5, 31)}, "units_in_all"),
        (COUNTED | {"units_in_use": 5}, "units_in_use"),
        (COUNTED | {"counted_on": None}, "counted_on"),
        (FULL | COUNTED | {"units_in_use": 3}, "state"),
        (FULL | {"evidence": ""}, "evidence"),
    ],
)
def test_a_judgement_that_its_own_facts_contradict_is_refused(fields: dict[str, Any], place: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ImplementationForm(**fields)
    assert [error["ctx"]["field"] for error in refused.value.errors()] == [place]


def stored(database: Engine, number: str = "P-006") -> Implementation:
    with Session(database) as session:
        return session.exec(select(Implementation).join(Project).where(Project.number == number)).one()


def test_the_leader_says_who_receives_it_and_the_page_says_what_is_missing(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    before = part(browser.get("/projects/P-006").text, "implementation")
    assert before.startswith("Implementeret i bund? Ikke vurderet endnu Modtagende drift Mangler")
    assert "Ingen modtagende drift Ingen plan" in before
    answer = send(browser, PAGE, state="under_way", receiver="Borgerservice", units_in_all="3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-006#implementation")
    assert stored(database).receiver == "Borgerservice"
    after = part(browser.get("/projects/P-006").text, "implementation")
    assert "I gang Modtagende drift Borgerservice" in after
    assert "Ingen plan" in after
    assert "Ingen modtagende drift" not in after
    send(browser, PAGE, plan="Ét center ad gangen", units_in_use="1", counted_on="31-05-2022")
    shown = part(browser.get("/projects/P-006").text, "implementation")
    assert "i 1 af 3 enheder talt 31-05-2022" in shown
    assert "Ingen plan" not in shown
    with Session(database) as session:
        log = session.exec(select(Event).where(Event.subject == "Implementation").order_by(col(Event.id))).all()
    assert [event.action for event in log] == ["created", "changed"]
    assert log[1].after == {"counted_on": "2022-05-31", "plan": "Ét center ad gangen", "units_in_use": 1}


@one_database
def test_a_project_that_says_it_has_delivered_is_warned_until_it_is_in_use_everywhere(
    sign_in: SignIn, sekretariat: User
) -> None:
    browser, page = sign_in(sekretariat), "/projects/P-051"
    assert "Projektet er ikke i brug overalt" in part(browser.get(page).text, "implementation")
    send(browser, f"{page}/implementation", state="full", units_in_use="9")
    assert "ikke i brug overalt" not in part(browser.get(page).text, "implementation")
    assert "Implementeret i bund Modtagende drift" in part(browser.get(page).text, "implementation")


@one_database
def test_what_does_not_fit_is_refused_at_its_field(sign_in: SignIn, leder: User) -> None:
    assert_each_refused(
        sign_in(leder),
        PAGE,
        PAGE,
        [
            (
                {"state": "full", "evidence": ""},
                {"evidence": "Skriv, hvordan I ved, at det er implementeret i bund"},
            ),
            (
                {"units_in_use": "4", "units_in_all": "3", "counted_on": "31-05-2022"},
                {"units_in_use": "Det kan ikke være i brug i flere enheder, end der er"},
            ),
            ({"units_in_all": "0"}, {"units_in_all": "Skriv et tal, der er mindst 1"}),
        ],
    )


@one_database
def test_of_two_who_judge_it_the_second_sees_what_the_first_saved(
    sign_in: SignIn, sekretariat: User, leder: User, database: Engine
) -> None:
    address = "/projects/P-043/implementation"
    form = form_on(sign_in(sekretariat), address, address)
    send(sign_in(sekretariat), address, receiver="Borgerservice")
    answer = sign_in(sekretariat).post(address, data=form.values | {"receiver": "Jobcenteret"})
    assert answer.status_code == 409
    assert "Modtagende drift Borgerservice Jobcenteret" in part(answer.text, "conflict")
    assert stored(database, "P-043").receiver == "Borgerservice"


@one_database
def test_effekter_says_it_of_every_project_and_the_minutes_words_of_ky(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    shown = part(browser.get("/portfolios/direktionen/effects").text, "P-043")
    assert "Implementering: I gang · modtages af Ydelsesservice (BAC) Ikke talt op" in shown
    ky = part(browser.get("/projects/P-043").text, "implementation")
    assert "»dog udestår fortsat et betydeligt implementerings- og fejlretningsarbejde«" in ky
    projects = {project["number"]: project for project in browser.get(API).json()["projects"]}
    assert projects["P-034"]["implementation"]["state"] == "full"
    assert projects["P-006"]["implementation"]["state"] is None
    assert projects["P-006"]["implementation"]["lacks"] == ["receiver", "plan"]


def test_an_edition_from_before_it_was_asked_for_still_reads() -> None:
    old = EffectsFacts.model_validate_json('{"purposes": {"P-001": ""}, "targets": {}, "criteria": {}}')
    assert old.visible_to({"P-001"}).implementation == {}
