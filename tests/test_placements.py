from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import Placement, Project, User
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, send
from tests.page import read_page

PLACEMENT, REMOVAL = "/projects/P-048/placement", "/projects/P-048/removal"
OVERVIEW = "/portfolios/direktionen/overview"


def places(database: Engine, number: str) -> list[Placement]:
    with Session(database) as session:
        query = select(Placement).join(Project).where(Project.number == number)
        return list(session.exec(query.order_by(col(Placement.no))))


def main(browser: TestClient, address: str) -> str:
    return read_page(browser.get(address).text).all("main")[0].text


def take_off(browser: TestClient, to_on: str = "13-06-2022") -> None:
    answer = send(browser, REMOVAL, to_on=to_on, decision_out="Direktionen, punkt 4", reason_out="Den er gennemført.")
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-048")


def test_a_project_comes_on_the_list_by_a_decision_and_stands_on_overblik(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    send(browser, "/projects/new", "/projects", title="Grønne skolegårde", theme_id="3")
    address = "/projects/P-053/placement"
    answer = send(browser, address, from_on="1/6 2022", decision_in="Direktionen 30-05-2022, punkt 2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-053")
    [place] = places(database, "P-053")
    assert (place.no, place.from_on, place.to_on) == (1, date(2022, 6, 1), None)
    assert "på listen siden juni 2022" in main(browser, "/projects/P-053")
    assert "Grønne skolegårde P-053 · Projekt Endnu ikke vurderet" in main(browser, OVERVIEW)


def test_a_project_leaves_with_decision_and_reason_and_its_effects_are_still_followed(
    sign_in: SignIn, sekretariat: User, laeser: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    assert "Revision af brandingstrategien" in main(browser, OVERVIEW)
    typed = {"to_on": "13-06-2022", "decision_out": "Direktionen, punkt 4", "reason_out": "Den er gennemført."}
    assert send(browser, REMOVAL, **typed, follow_up="on").status_code == 303
    [place] = places(database, "P-048")
    assert (place.to_on, place.follow_up) == (date(2022, 6, 13), True)
    page = main(sign_in(laeser), "/projects/P-048")
    assert "Ikke længere på listen" in page
    left = "Udgik af listen 13-06-2022 (Direktionen, punkt 4): Den er gennemført. Effekterne følges fortsat."
    assert left in page
    listed, left = main(browser, OVERVIEW).split("Udgået af listen siden januar 2022")
    assert "Revision af brandingstrategien" in left
    assert "Revision af brandingstrategien" not in listed


@one_database
def test_a_project_stands_on_the_list_once(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, PLACEMENT, decision_in="Direktionen, punkt 4")
    assert answer.status_code == 409
    assert "Projektet er allerede på listen." in answer.text
    assert len(places(database, "P-048")) == 1


@one_database
def test_only_what_stands_on_the_list_can_leave_it(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    take_off(browser)
    answer = send(browser, REMOVAL, decision_out="Direktionen", reason_out="Endnu en gang.")
    assert answer.status_code == 409
    assert "Projektet er ikke på listen." in answer.text
    assert "Den er gennemført." in main(browser, "/projects/P-048")


@one_database
def test_a_project_cannot_leave_before_it_came(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, REMOVAL, to_on="22-09-2014", decision_out="Direktionen", reason_out="Aldrig begyndt.")
    assert answer.status_code == 409
    assert "Projektet kan ikke udgå af listen, før det er kommet på den." in answer.text
    assert places(database, "P-048")[0].to_on is None


@one_database
def test_a_project_may_come_back_but_not_before_it_left(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    take_off(browser, "31-05-2022")
    for day in ("30-05-2022", "23-09-2014", "01-01-2010"):
        answer = send(browser, PLACEMENT, from_on=day, decision_in="Direktionen")
        assert answer.status_code == 409, day
        assert "Projektet var på listen den dag." in answer.text
    assert send(browser, PLACEMENT, from_on="31-05-2022", decision_in="Direktionen").status_code == 303
    assert [(place.no, place.from_on, place.to_on) for place in places(database, "P-048")] == [
        (1, date(2014, 9, 23), date(2022, 5, 31)),
        (2, date(2022, 5, 31), None),
    ]
    assert "på listen siden maj 2022" in main(browser, "/projects/P-048")
    assert "Revision af brandingstrategien" in main(browser, OVERVIEW)


@one_database
def test_a_project_that_leaves_later_stays_until_then_on_every_page(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    take_off(browser, "27-06-2022")
    page = main(browser, "/projects/P-048")
    assert "på listen siden september 2014 · udgår af listen den 27-06-2022" in page
    assert "Ikke længere på listen" not in page
    assert "Revision af brandingstrategien" in main(browser, OVERVIEW)


@one_database
def test_what_is_missing_is_said_at_its_field(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    assert_each_refused(
        browser,
        PLACEMENT,
        PLACEMENT,
        [
            ({"from_on": ""}, {"from_on": "Udfyld »På listen fra«", "decision_in": "Udfyld »Besluttet af«"}),
            (
                {"from_on": "i morgen", "decision_in": "D" * 201},
                {
                    "from_on": "Skriv datoen som dd-mm-åååå, fx 13-06-2022",
                    "decision_in": "Skriv højst 200 tegn (1 tegn for meget)",
                },
            ),
        ],
    )
    assert_each_refused(
        browser,
        REMOVAL,
        REMOVAL,
        [
            (
                {"follow_up": "on"},
                {"decision_out": "Udfyld »Besluttet af«", "reason_out": "Udfyld »Hvorfor det udgår af listen«"},
            ),
            ({"decision_out": "Direktionen", "reason_out": "Ja"}, {"reason_out": "Skriv mindst 3 tegn"}),
        ],
    )
