from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import Milestone, Project, User
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, form_in, part, send
from tests.page import form_on

NEW, MILESTONES = "/projects/P-006/milestones/new", "/projects/P-006/milestones"
SECOND = f"{MILESTONES}/2/edit"


def stored(database: Engine, no: int) -> Milestone:
    with Session(database) as session:
        query = select(Milestone).join(Project).where(Project.number == "P-006", Milestone.no == no)
        return session.exec(query).one()


def shown(browser: TestClient) -> str:
    return part(browser.get("/projects/P-006").text, "milestones")


def test_a_milestone_is_promised_and_stands_on_the_page_as_exactly_as_it_is_known(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    answer = send(
        browser, NEW, MILESTONES, text="Licitation", due_on="14/9 2022", precision="quarter", kind="evaluation"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-006#milestones")
    made = stored(database, 4)
    assert (made.due_on, made.baseline_on) == (date(2022, 9, 14), date(2022, 9, 14))
    assert "3. kvartal 2022 Licitation Evaluering · Ret Licitation" in shown(browser)


def test_a_milestone_that_is_moved_keeps_the_date_first_promised(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    send(browser, NEW, MILESTONES, text="Licitation", due_on="01-09-2022")
    assert send(browser, f"{MILESTONES}/4/edit", due_on="01-10-2022").status_code == 303
    assert stored(database, 4).baseline_on == date(2022, 9, 1)
    assert "01-10-2022 Licitation Leverance · oprindelig dato 01-09-2022 (flyttet 30 dage)" in shown(browser)


@one_database
def test_a_milestone_is_late_from_the_day_after_its_period_until_it_is_done_or_dropped(
    sign_in: SignIn, leder: User
) -> None:
    browser = sign_in(leder)
    send(browser, NEW, MILESTONES, text="Licitation", due_on="12-06-2022")
    send(browser, NEW, MILESTONES, text="Rejsegilde", due_on="01-05-2022", precision="month")
    send(browser, NEW, MILESTONES, text="Byggetilladelse", due_on="13-06-2022")
    page = shown(browser)
    assert "Licitation 1 dag over frist" in page
    assert "maj 2022 Rejsegilde 13 dage over frist" in page
    assert "Byggetilladelse Leverance" in page
    send(browser, f"{MILESTONES}/4/edit", done_on="13-06-2022")
    send(browser, f"{MILESTONES}/5/edit", dropped_on="13-06-2022", dropped_reason="Huset bygges ikke.")
    page = shown(browser)
    assert "Licitation · nået 13-06-2022" in page
    assert "Rejsegilde · udgået: Huset bygges ikke." in page
    assert "over frist" not in page


@one_database
def test_what_cannot_be_is_said_at_its_field(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    assert_each_refused(
        browser,
        NEW,
        MILESTONES,
        [
            ({}, {"text": "Udfyld »Milepæl«", "due_on": "Udfyld »Frist«"}),
            (
                {"text": "L" * 161, "due_on": "til sommer"},
                {
                    "text": "Skriv højst 160 tegn (1 tegn for meget)",
                    "due_on": "Skriv datoen som dd-mm-åååå, fx 13-06-2022",
                },
            ),
            (
                {"text": "Licitation", "due_on": "01-06-2022", "done_on": "14-06-2022"},
                {"done_on": "En milepæl kan ikke være nået i fremtiden"},
            ),
        ],
    )
    assert_each_refused(
        browser,
        SECOND,
        SECOND,
        [({"dropped_on": "13-06-2022"}, {"dropped_reason": "Skriv, hvorfor milepælen er udgået"})],
    )


@one_database
def test_of_two_who_change_a_milestone_the_second_sees_what_the_first_saved(
    sign_in: SignIn, leder: User, ejer: User, database: Engine
) -> None:
    browser = sign_in(leder)
    form = form_on(browser, SECOND, SECOND)
    send(sign_in(ejer), SECOND, due_on="31-12-2023")
    answer = browser.post(SECOND, data=form.values | {"text": "Salget begynder"})
    assert answer.status_code == 409
    assert stored(database, 2).text == "Frasalg sættes i gang"
    assert "Frist 31-12-2023 31-12-2022" in part(answer.text, "conflict")
    assert browser.post(SECOND, data=form_in(answer).values | {"due_on": "31-12-2023"}).status_code == 303
    assert (stored(database, 2).text, stored(database, 2).due_on) == ("Salget begynder", date(2023, 12, 31))
