from collections import Counter

from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import Project, SuccessCriterion, User
from app.models.success_criterion import Met
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import form_on, read_page

NEW, CRITERIA = "/projects/P-006/success-criteria/new", "/projects/P-006/success-criteria"


def stored(database: Engine, no: int) -> SuccessCriterion:
    with Session(database) as session:
        query = select(SuccessCriterion).join(Project).where(Project.number == "P-006", SuccessCriterion.no == no)
        return session.exec(query).one()


def shown(browser: TestClient) -> str:
    return part(browser.get("/projects/P-006").text, "success-criteria")


def test_a_criterion_stands_last_and_has_not_been_assessed(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    answer = send(browser, NEW, CRITERIA, text="Ingen flytter mod sin vilje")
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-006#success-criteria")
    assert stored(database, 3).met is Met.not_assessed
    assert "Ikke vurderet Ingen flytter mod sin vilje" in shown(browser)
    assert shown(browser).index("uden tvungne") < shown(browser).index("mod sin vilje")


def test_it_is_met_with_the_words_that_show_it(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    answer = send(browser, f"{CRITERIA}/1/edit", met="partly", evidence="Domea har underskrevet.")
    assert answer.status_code == 303
    assert stored(database, 1).met is Met.partly
    assert "Delvist opfyldt Begge boligorganisationer følger samme plan Domea har underskrevet." in shown(browser)


@one_database
def test_what_no_longer_applies_leaves_the_page_and_says_when_nothing_is_left(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    send(browser, f"{CRITERIA}/1/edit", withdrawn="on")
    assert "følger samme plan" not in shown(browser)
    send(browser, f"{CRITERIA}/2/edit", withdrawn="on")
    assert "Der er ingen succeskriterier endnu." in shown(browser)
    assert stored(database, 1).withdrawn


@one_database
def test_the_form_says_when_evidence_is_needed_and_what_is_not_met_needs_none(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    assert "Skal udfyldes, når det er opfyldt eller delvist opfyldt" in read_page(browser.get(NEW).text).text
    for met in ("no", "too_early", "not_assessed"):
        assert send(browser, f"{CRITERIA}/1/edit", met=met, evidence="").status_code == 303
        assert stored(database, 1).met is Met(met)


@one_database
def test_effekter_counts_the_outcomes_of_the_whole_list_and_shows_the_evidence(sign_in: SignIn, leder: User) -> None:
    browser, here = sign_in(leder), "/portfolios/direktionen/effects"
    before = browser.get(f"/api/v1{here}").json()
    written = Counter(each["met"] for project in before["projects"] for each in project["success_criteria"])
    assert before["criteria"] == written
    assert browser.get(f"/api/v1{here}?q=P-006").json()["criteria"] == before["criteria"]
    assert all(
        each["evidence"]
        for project in before["projects"]
        for each in project["success_criteria"]
        if each["met"] in ("yes", "partly")
    )
    send(browser, f"{CRITERIA}/2/edit", met="yes", evidence="Alle er flyttet frivilligt.")
    page = browser.get(here).text
    assert f"Succeskriterier: {written['yes'] + 1} opfyldt, {written['partly']} delvist opfyldt" in part(page, "tiles")
    assert "Opfyldt Salget sker uden tvungne fraflytninger Alle er flyttet frivilligt." in part(page, "P-006")


@one_database
def test_a_criterion_without_words_or_with_too_many_is_refused(sign_in: SignIn, leder: User) -> None:
    assert_each_refused(
        sign_in(leder),
        NEW,
        CRITERIA,
        [
            ({"met": "no"}, {"text": "Udfyld »Succeskriterium«"}),
            (
                {"text": "Ingen flytter", "met": "yes", "evidence": ""},
                {"evidence": "Skriv, hvordan I ved, at det er opfyldt"},
            ),
            (
                {"text": "Ingen flytter", "met": "partly", "evidence": ""},
                {"evidence": "Skriv, hvordan I ved, at det er opfyldt"},
            ),
            (
                {"text": "t" * 201, "evidence": "e" * 305},
                {
                    "text": "Skriv højst 200 tegn (1 tegn for meget)",
                    "evidence": "Skriv højst 300 tegn (5 tegn for meget)",
                },
            ),
        ],
    )


@one_database
def test_of_two_who_change_a_criterion_the_second_sees_what_the_first_saved(
    sign_in: SignIn, leder: User, ejer: User, database: Engine
) -> None:
    address = f"{CRITERIA}/2/edit"
    form = form_on(sign_in(leder), address, address)
    send(sign_in(ejer), address, met="no")
    answer = sign_in(leder).post(address, data=form.values | {"met": "yes", "evidence": "Referatet"})
    assert answer.status_code == 409
    assert "Opfyldelse Ikke opfyldt Opfyldt" in part(answer.text, "conflict")
    assert stored(database, 2).met is Met.no
