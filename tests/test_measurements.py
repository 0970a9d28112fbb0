from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import EffectTarget, Measurement, Project, User
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import form_on

MEASUREMENTS = "/projects/P-006/effect-targets/1/measurements"
NEW, FIRST = f"{MEASUREMENTS}/new", f"{MEASUREMENTS}/1/edit"


def stored(database: Engine, no: int) -> Measurement:
    with Session(database) as session:
        query = select(Measurement).join(EffectTarget).join(Project).where(Project.number == "P-006")
        return session.exec(query.where(EffectTarget.no == 1, Measurement.no == no)).one()


def shown(browser: TestClient) -> str:
    return part(browser.get("/projects/P-006").text, "effect-targets")


def test_a_new_figure_is_the_latest_and_has_a_source(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    answer = send(browser, NEW, MEASUREMENTS, measured_on="1/6 2022", value="12,5", source="Optælling i maj")
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-006#effect-targets")
    made = stored(database, 2)
    assert (made.measured_on, made.value) == (date(2022, 6, 1), 12.5)
    assert "Seneste 12,5 boliger 01-06-2022 Optælling i maj" in shown(browser)


@one_database
def test_the_targets_own_source_is_there_to_begin_with(sign_in: SignIn, leder: User) -> None:
    assert form_on(sign_in(leder), NEW, MEASUREMENTS).values["source"] == "Boligorganisationen"


@one_database
def test_the_latest_is_the_one_measured_last_and_not_the_one_written_last(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    send(browser, NEW, MEASUREMENTS, measured_on="01-01-2020", value="7", source="Optælling")
    assert "Seneste 0 boliger 31-12-2021" in shown(browser)


@one_database
def test_a_figure_that_was_wrong_is_withdrawn_and_the_one_before_it_counts(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    send(browser, NEW, MEASUREMENTS, measured_on="01-06-2022", value="125", source="Optælling")
    assert send(browser, f"{MEASUREMENTS}/2/edit", withdrawn="on").status_code == 303
    assert stored(database, 2).value == 125  # it stays in the list of what was said
    assert "Seneste 0 boliger" in shown(browser)


@one_database
def test_a_figure_is_corrected_and_zero_is_a_figure(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    send(browser, FIRST, value="−4", note="Købt tilbage.")
    assert stored(database, 1).value == -4
    assert "Seneste −4 boliger" in shown(browser)
    assert form_on(browser, FIRST, FIRST).values["value"] == "-4"
    send(browser, FIRST, value="0")
    assert stored(database, 1).value == 0


@one_database
def test_what_cannot_be_is_said_at_its_field(sign_in: SignIn, leder: User) -> None:
    right: dict[str, str | list[str]] = {"measured_on": "13-06-2022", "value": "12,5", "source": "Optælling"}
    assert_each_refused(
        sign_in(leder),
        NEW,
        MEASUREMENTS,
        [
            (
                {"source": ""},
                {"measured_on": "Udfyld »Målt den«", "value": "Udfyld »Værdi«", "source": "Udfyld »Kilde«"},
            ),
            (right | {"measured_on": "14-06-2022"}, {"measured_on": "En måling kan ikke ligge i fremtiden"}),
            (right | {"value": "tolv"}, {"value": "Skriv et tal, fx 1.250,5"}),
            (right | {"value": "9" * 30}, {"value": "Skriv et tal, fx 1.250,5"}),
            (right | {"note": "n" * 301}, {"note": "Skriv højst 300 tegn (1 tegn for meget)"}),
        ],
    )


@one_database
def test_a_measurement_is_found_only_below_its_own_target(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    assert browser.get("/projects/P-026/effect-targets/1/measurements/2/edit").status_code == 200
    for elsewhere in (f"{MEASUREMENTS}/2/edit", "/projects/P-005/effect-targets/1/measurements/1/edit"):
        assert browser.get(elsewhere).status_code == 404


@one_database
def test_of_two_who_correct_a_figure_the_second_sees_what_the_first_saved(
    sign_in: SignIn, leder: User, ejer: User, database: Engine
) -> None:
    form = form_on(sign_in(leder), FIRST, FIRST)
    send(sign_in(ejer), FIRST, value="1250,5")
    answer = sign_in(leder).post(FIRST, data=form.values | {"value": "3"})
    assert answer.status_code == 409
    assert "Værdi 1.250,5 3" in part(answer.text, "conflict")
    assert stored(database, 1).value == 1250.5
