from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import EffectFollowUp, EffectTarget, Event, Placement, Project, User
from app.models.effect_follow_up import FollowUpState
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, send
from tests.page import form_on, read_page

PLACEMENT, REMOVAL = "/projects/P-048/placement", "/projects/P-048/removal"
OVERVIEW = "/portfolios/direktionen/overview"


def places(database: Engine, number: str) -> list[Placement]:
    with Session(database) as session:
        query = select(Placement).join(Project).where(Project.number == number)
        return list(session.exec(query.order_by(col(Placement.no))))


def main(browser: TestClient, address: str) -> str:
    return read_page(browser.get(address).text).all("main")[0].text


def take_off(browser: TestClient, to_on: str = "13-06-2022", **more: str) -> None:
    decided = {"decision_out": "Direktionen, punkt 4", "reason_out": "Den er gennemført."}
    answer = send(browser, REMOVAL, to_on=to_on, **decided, **more)
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
    take_off(browser)
    [place] = places(database, "P-048")
    assert (place.to_on, place.follow_up, place.concluded_on) == (date(2022, 6, 13), True, None)
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
                {},
                {"decision_out": "Udfyld »Besluttet af«", "reason_out": "Udfyld »Hvorfor det udgår af listen«"},
            ),
            ({"decision_out": "Direktionen", "reason_out": "Ja"}, {"reason_out": "Skriv mindst 3 tegn"}),
        ],
    )


def test_each_effect_target_is_planned_or_says_why_not_before_a_project_leaves(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    form = form_on(browser, REMOVAL, REMOVAL)
    assert (form.values["followed_1"], form.values["days_1"]) == ("followed", "13-12-2022\n13-06-2023")
    decided: dict[str, str | list[str]] = {
        "decision_out": "Direktionen, punkt 4",
        "reason_out": "Den er gennemført.",
    }
    name = "Uddannelse og indkomst for tilflyttere"
    days = f"Skriv én til 12 dage for »{name}« som dd-mm-åååå, én pr. linje"
    assert_each_refused(
        browser,
        REMOVAL,
        REMOVAL,
        [
            (
                decided | {"owner_1": "", "unit_1": ""},
                {"owner_1": f"Vælg en person eller en enhed, der følger op på »{name}«"},
            ),
            (decided | {"days_1": ""}, {"days_1": days}),
            (decided | {"days_1": "næste år"}, {"days_1": days}),
            (decided | {"days_1": "13-06-2022"}, {"days_1": "Skriv dage, der ligger efter, at projektet er udgået"}),
            (
                decided | {"followed_1": "not_followed", "reason_1": "  "},
                {"reason_1": f"Skriv, hvorfor »{name}« ikke følges"},
            ),
            (
                {"followed_1": "not_followed"},
                {"decision_out": "Udfyld »Besluttet af«", "reason_out": "Udfyld »Hvorfor det udgår af listen«"},
            ),
        ],
    )
    answer = browser.post(REMOVAL, data=form.values | decided | {"days_1": "01-07-2023\n01-01-2023", "owner_1": "3"})
    assert answer.status_code == 303
    with Session(database) as session:
        query = select(EffectFollowUp).join(EffectTarget).join(Project).where(Project.number == "P-048")
        planned = session.exec(query.order_by(col(EffectFollowUp.no))).all()
        assert [(row.no, row.due_on, row.owner_id, row.state) for row in planned] == [
            (1, date(2023, 1, 1), 3, FollowUpState.planned),
            (2, date(2023, 7, 1), 3, FollowUpState.planned),
        ]
        [told] = session.exec(select(Event).where(Event.action == "removed")).all()
        assert told.after["follow_ups"] == [f"{name} (01-01-2023, 01-07-2023)"]


@one_database
def test_a_project_whose_effects_nobody_follows_is_concluded_at_once(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    take_off(browser, followed_1="not_followed", reason_1="Tallet opgøres ikke længere.")
    [place] = places(database, "P-048")
    assert (place.follow_up, place.concluded_on) == (False, date(2022, 6, 13))
    assert "Den er gennemført. Lukket uden effektmåling." in main(browser, "/projects/P-048")
