from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import EffectTarget, Person, Project, User
from app.models.effect_target import Frequency
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import form_on

NEW, TARGETS = "/projects/P-006/effect-targets/new", "/projects/P-006/effect-targets"
FIRST = f"{TARGETS}/1/edit"


def stored(database: Engine, no: int) -> EffectTarget:
    with Session(database) as session:
        query = select(EffectTarget).join(Project).where(Project.number == "P-006", EffectTarget.no == no)
        return session.exec(query).one()


def shown(browser: TestClient) -> str:
    return part(browser.get("/projects/P-006").text, "effect-targets")


def test_a_target_says_from_what_to_what_by_when_and_who_owns_it(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    answer = send(
        browser,
        NEW,
        TARGETS,
        name="Udgift til genhusning",
        indicator_type="expenditure",
        direction="down",
        unit_of_measure="kr.",
        baseline_value="1.280.000,5",
        baseline_on="31.12.2021",
        target_value="900000",
        target_on="2023-12-31",
        target_wording="en tredjedel lavere",
        owner_unit_id="3",
        owner_id="6",
        source="Regnskab",
        attribution_note="Rentens udvikling",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-006#effect-targets")
    made = stored(database, 2)
    assert (made.baseline_value, made.target_value) == (1_280_000.5, 900_000.0)
    assert (made.baseline_on, made.target_on) == (date(2021, 12, 31), date(2023, 12, 31))
    page = shown(browser)
    for words in (
        "Udgift til genhusning Udgift",
        "Baseline 1.280.000,5 kr.",
        "Mål 900.000 kr. 31-12-2023 »en tredjedel lavere«",
        "Hanne Skov, BURC",
        "Rentens udvikling",
        "ikke målt",
    ):
        assert words in page, words


@one_database
def test_what_is_unknown_is_said_so_and_is_never_zero(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    assert send(browser, NEW, TARGETS, name="Tryghed i kvarteret", unit_of_measure="procent").status_code == 303
    made = stored(database, 2)
    assert (made.baseline_value, made.target_value, made.owner_id) == (None, None, None)
    page = shown(browser)
    assert "Baseline ikke oplyst" in page
    assert "Mål intet måltal" in page
    assert "Mangler baseline Mangler måltal Mangler slutdato Mangler kilde Mangler gevinstejer" in page
    why = {"reason": "Der er nu talt op."}
    send(browser, f"{TARGETS}/2/versions/new", f"{TARGETS}/2/versions", baseline_value="0", target_value="0", **why)
    assert stored(database, 2).baseline_value == 0.0
    assert "Baseline 0 procent" in shown(browser)


@one_database
def test_a_form_in_english_is_opened_and_saved_without_changing_a_figure(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    """1.234 is a thousand and more in Danish, and a little over one in English."""
    browser = sign_in(leder)
    figures = {"baseline_value": "1.234", "target_value": "1,234"}
    send(browser, NEW, TARGETS, name="Udgift pr. borger", unit_of_measure="kr.", **figures)
    browser.post("/language", data={"language": "en", "next": "/"})
    form = form_on(browser, f"{TARGETS}/2/versions/new", f"{TARGETS}/2/versions")
    assert (form.values["baseline_value"], form.values["target_value"]) == ("1.234", "1,234")
    typed = {"target_wording": "Som i dag", "reason": "Kun ordene er nye."}
    assert browser.post(form.action, data=form.values | typed).status_code == 303
    assert (stored(database, 2).baseline_value, stored(database, 2).target_value) == (1234.0, 1.234)


@one_database
def test_a_target_that_no_longer_applies_leaves_the_page(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    assert send(browser, FIRST, withdrawn="on").status_code == 303
    assert "Der er intet effektmål endnu." in shown(browser)
    assert stored(database, 1).withdrawn


@one_database
def test_what_cannot_be_is_said_at_its_field(sign_in: SignIn, leder: User) -> None:
    named: dict[str, str | list[str]] = {"name": "Et mål", "unit_of_measure": "kr."}
    assert_each_refused(
        sign_in(leder),
        NEW,
        TARGETS,
        [
            ({}, {"name": "Udfyld »Effektmål«", "unit_of_measure": "Udfyld »Måleenhed«"}),
            (
                named | {"baseline_value": "en million", "target_value": "1,2,3"},
                {"baseline_value": "Skriv et tal, fx 1.250,5", "target_value": "Skriv et tal, fx 1.250,5"},
            ),
            (
                named | {"baseline_on": "31-12-2022", "target_on": "31/12 2022"},
                {"target_on": "Slutdatoen skal ligge efter baseline"},
            ),
            (named | {"definition": "d" * 402}, {"definition": "Skriv højst 400 tegn (2 tegn for meget)"}),
        ],
    )


@one_database
def test_an_owner_who_has_left_stays_until_another_is_chosen(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    send(browser, FIRST, owner_id="6")
    with Session(database) as session:
        session.get_one(Person, 6).active = False
        session.commit()
    assert send(browser, FIRST, source="Boligorganisationerne selv").status_code == 303
    assert stored(database, 1).owner_id == 6


@one_database
def test_of_two_who_change_a_target_the_second_sees_what_the_first_saved(
    sign_in: SignIn, leder: User, ejer: User, database: Engine
) -> None:
    form = form_on(sign_in(leder), FIRST, FIRST)
    send(sign_in(ejer), FIRST, source="Kommunens egen optælling")
    answer = sign_in(leder).post(FIRST, data=form.values | {"frequency": "monthly"})
    assert answer.status_code == 409
    assert "Kilde til tallene Kommunens egen optælling Boligorganisationen" in part(answer.text, "conflict")
    assert stored(database, 1).frequency is not Frequency.monthly
