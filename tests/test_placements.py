"""On the list and off it: only by a decision of the executive board, one already recorded or one between rounds."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.errors import DomainError
from app.models import Decision, EffectFollowUp, EffectTarget, Event, Meeting, Placement, Portfolio, Project, User
from app.models.decision import DecisionForm, DecisionVerb
from app.models.effect_follow_up import FollowUpState
from app.models.meeting import MeetingBody, MeetingForm, MeetingState, plan_meeting
from app.models.minutes import Matter, annul, decide
from app.models.user import with_person
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import form_on, read_page

PLACEMENT, REMOVAL = "/projects/P-048/placement", "/projects/P-048/removal"
OVERVIEW = "/portfolios/direktionen/overview"
DECIDED = {"decided_on": "30-05-2022", "wording": "Projektet flyttes."}


def places(database: Engine, number: str) -> list[Placement]:
    with Session(database) as session:
        query = select(Placement).join(Project).where(Project.number == number)
        return list(session.exec(query.order_by(col(Placement.no))))


def main(browser: TestClient, address: str) -> str:
    return read_page(browser.get(address).text).all("main")[0].text


def take_off(browser: TestClient, to_on: str = "13-06-2022", **more: str) -> None:
    answer = send(browser, REMOVAL, to_on=to_on, reason_out="Den er gennemført.", **DECIDED, **more)
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-048")


def test_a_project_comes_on_the_list_by_a_decision_and_stands_on_overblik(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    send(browser, "/projects/new", "/projects", title="Grønne skolegårde", theme_id="3")
    address = "/projects/P-053/placement"
    answer = send(browser, address, from_on="1/6 2022", **DECIDED)
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-053")
    [place] = places(database, "P-053")
    assert (place.no, place.from_on, place.to_on) == (1, date(2022, 6, 1), None)
    assert place.decision_in == "Direktionen 30-05-2022"
    assert "01-06-2022 · Kom på listen · Direktionen 30-05-2022 : Besluttet. Projektet flyttes." in part(
        browser.get("/projects/P-053").text, "places"
    )
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
    left = "Udgik af listen 13-06-2022 (Direktionen 30-05-2022): Den er gennemført. Effekterne følges fortsat."
    assert left in page
    listed, left = main(browser, OVERVIEW).split("Udgået af listen siden januar 2022")
    assert "Revision af brandingstrategien" in left
    assert "Revision af brandingstrategien" not in listed


@one_database
def test_a_project_stands_on_the_list_once(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, PLACEMENT, **DECIDED)
    assert answer.status_code == 409
    assert "Projektet er allerede på listen." in answer.text
    assert len(places(database, "P-048")) == 1


@one_database
def test_only_what_stands_on_the_list_can_leave_it(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    take_off(browser)
    answer = send(browser, REMOVAL, reason_out="Endnu en gang.", **DECIDED)
    assert answer.status_code == 409
    assert "Projektet er ikke på listen." in answer.text
    assert "Den er gennemført." in main(browser, "/projects/P-048")


@one_database
def test_a_project_cannot_leave_before_it_came(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, REMOVAL, to_on="22-09-2014", reason_out="Aldrig begyndt.", **DECIDED)
    assert answer.status_code == 409
    assert "Projektet kan ikke udgå af listen, før det er kommet på den." in answer.text
    assert places(database, "P-048")[0].to_on is None


@one_database
def test_a_project_may_come_back_but_not_before_it_left(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    take_off(browser, "31-05-2022")
    for day in ("30-05-2022", "23-09-2014", "01-01-2010"):
        answer = send(browser, PLACEMENT, from_on=day, **DECIDED)
        assert answer.status_code == 409, day
        assert "Projektet var på listen den dag." in answer.text
    assert send(browser, PLACEMENT, from_on="31-05-2022", **DECIDED).status_code == 303
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
            (
                {"from_on": ""},
                {
                    "from_on": "Udfyld »På listen fra«",
                    "decided_on": "Udfyld »Direktionens møde den«",
                    "wording": "Udfyld »Beslutningens ordlyd«",
                },
            ),
            (
                {"from_on": "i morgen", "decided_on": "30-05-2022", "wording": "D" * 1201},
                {
                    "from_on": "Skriv datoen som dd-mm-åååå, fx 13-06-2022",
                    "wording": "Skriv højst 1200 tegn (1 tegn for meget)",
                },
            ),
            (
                {"decided_on": "14-06-2022", "wording": "Projektet flyttes."},
                {"decided_on": "Skriv den dag, Direktionen besluttede det; den skrevne dag er endnu ikke kommet"},
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
                {
                    "decided_on": "Udfyld »Direktionens møde den«",
                    "wording": "Udfyld »Beslutningens ordlyd«",
                    "reason_out": "Udfyld »Hvorfor det udgår af listen«",
                },
            ),
            ({**DECIDED, "reason_out": "Ja"}, {"reason_out": "Skriv mindst 3 tegn"}),
        ],
    )


def test_each_effect_target_is_planned_or_says_why_not_before_a_project_leaves(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    form = form_on(browser, REMOVAL, REMOVAL)
    assert (form.values["followed_1"], form.values["days_1"]) == ("followed", "13-12-2022\n13-06-2023")
    decided: dict[str, str | list[str]] = {**DECIDED, "reason_out": "Den er gennemført."}
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
                {**DECIDED, "followed_1": "not_followed"},
                {"reason_out": "Udfyld »Hvorfor det udgår af listen«"},
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


# ------------------------------------------------------------------------------------ the decision that a move rests on


def meeting_on(session: Session, day: date, body: MeetingBody = MeetingBody.executive_board) -> Meeting:
    list_id = session.exec(select(Portfolio.id)).one()
    meeting = plan_meeting(session, None, list_id or 0, body, MeetingForm(held_on=day))
    meeting.state = MeetingState.held
    return meeting


def project(session: Session, number: str = "P-048") -> Project:
    return session.exec(select(Project).where(Project.number == number)).one()


def decided(
    database: Engine,
    *,
    number: str = "P-048",
    verb: DecisionVerb = DecisionVerb.decided,
    day: date = date(2022, 6, 10),
    body: MeetingBody = MeetingBody.executive_board,
) -> str:
    """The key of a decision that a meeting took on a project."""
    with Session(database) as session:
        form = DecisionForm(verb=verb, text="P-048 fjernes.", no_follow_up="Intet")
        made = decide(session, None, meeting_on(session, day, body), Matter(project=project(session, number)), form)
        session.commit()
        return made.key


@one_database
def test_a_decision_between_rounds_is_recorded_at_the_meeting_of_its_day_with_the_move_as_one_event(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    with Session(database) as session:
        before = (len(session.exec(select(Meeting)).all()), len(session.exec(select(Event)).all()))
        planned = meeting_on(session, date(2022, 5, 31)).pk
        session.commit()
        before = (before[0] + 1, before[1] + 1)
    browser = sign_in(sekretariat)
    send(browser, REMOVAL, reason_out="Slut.", decided_on="31-05-2022", wording="Den fjernes.")
    answer = send(browser, PLACEMENT, from_on="13-06-2022", decided_on="01-06-2022", wording="Den kommer på igen.")
    assert answer.status_code == 303
    with Session(database) as session:
        out, back = session.exec(select(Decision).order_by(col(Decision.id).desc()).limit(2)).all()[::-1]
        assert (out.verb, out.text, out.meeting_id) == (DecisionVerb.decided, "Den fjernes.", planned)
        made = session.get_one(Meeting, back.meeting_id)
        assert (made.held_on, made.state, made.body) == (
            date(2022, 6, 1),
            MeetingState.held,
            MeetingBody.executive_board,
        )
        one, two = session.exec(select(Placement).join(Project).where(Project.number == "P-048")).all()
        assert (one.decision_out_id, one.decision_out, two.decision_in_id) == (
            out.id,
            "Direktionen 31-05-2022",
            back.id,
        )
        events = session.exec(select(Event).order_by(col(Event.id))).all()
        assert len(session.exec(select(Meeting)).all()) == before[0] + 1
    assert [(event.action, event.subject) for event in events[before[1] :]] == [
        ("removed", "Project"),
        ("created", "Placement"),
    ]
    assert events[-1].after["sentence"] == "Besluttet. Den kommer på igen."


@one_database
def test_a_recorded_decision_stands_in_the_form_as_text_and_carries_one_move(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser, address = sign_in(sekretariat), f"{REMOVAL}?decision={decided(database)}"
    form = form_on(browser, address, REMOVAL)
    assert not {"decided_on", "wording"} & form.names
    assert (form.action, form.values["to_on"]) == (address, "10-06-2022")
    assert "Direktionen 10-06-2022 Besluttet. P-048 fjernes." in main(browser, address)
    assert send(browser, address, REMOVAL, reason_out="Den er gennemført.").status_code == 303
    [place] = places(database, "P-048")
    assert (place.decision_out, place.decision_out_id is not None) == ("Direktionen 10-06-2022", True)
    answer = send(browser, address.replace(REMOVAL, PLACEMENT), PLACEMENT, from_on="13-06-2022")
    assert answer.status_code == 409
    assert "Beslutningen er allerede brugt til pladsen på listen fra 23-09-2014." in answer.text
    with Session(database) as session, pytest.raises(DomainError):
        annul(session, sekretariat, session.get_one(Decision, place.decision_out_id), "En fejl")


def annulled(database: Engine) -> str:
    key = decided(database)
    with Session(database) as session:
        by = session.exec(select(User).options(with_person())).first()
        assert by
        annul(session, by, session.exec(select(Decision).where(Decision.key == key)).one(), "En fejl")
        session.commit()
    return key


UNFIT: dict[str, tuple[Callable[[Engine], str], str]] = {
    "only noted": (
        lambda database: decided(database, verb=DecisionVerb.noted),
        "»Taget til efterretning« flytter intet projekt: Direktionen skal have godkendt eller besluttet det.",
    ),
    "rejected": (
        lambda database: decided(database, verb=DecisionVerb.rejected),
        "»Afvist« flytter intet projekt: Direktionen skal have godkendt eller besluttet det.",
    ),
    "of the management forum": (
        lambda database: decided(database, body=MeetingBody.management_forum),
        "Kun Direktionen beslutter, hvad der står på listen.",
    ),
    "about another project": (
        lambda database: decided(database, number="P-012"),
        "Beslutningen handler ikke om dette projekt.",
    ),
    "annulled": (annulled, "Beslutningen er annulleret."),
    "of a later day": (
        lambda database: decided(database, day=date(2022, 6, 27)),
        "Direktionen besluttede det 27-06-2022: Skriv den dag eller en senere.",
    ),
}


@pytest.mark.parametrize("unfit", UNFIT)
@one_database
def test_a_decision_that_does_not_fit_moves_nothing(
    unfit: str, sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    make, sentence = UNFIT[unfit]
    address, browser = f"{REMOVAL}?decision={make(database)}", sign_in(sekretariat)
    answer = send(browser, address, REMOVAL, to_on="13-06-2022", reason_out="Den er gennemført.")
    assert answer.status_code == 409
    assert sentence in answer.text
    assert places(database, "P-048")[0].to_on is None


@one_database
def test_a_decision_that_nobody_took_is_not_found(sign_in: SignIn, sekretariat: User) -> None:
    assert sign_in(sekretariat).get(f"{REMOVAL}?decision=ingen").status_code == 404


@one_database
def test_nothing_is_kept_of_a_decision_when_the_move_is_refused(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, REMOVAL, to_on="29-05-2022", reason_out="For tidligt.", **DECIDED)
    assert answer.status_code == 409
    assert "Direktionen besluttede det 30-05-2022: Skriv den dag eller en senere." in answer.text
    with Session(database) as session:
        assert session.exec(select(Meeting).where(Meeting.held_on == date(2022, 5, 30))).first() is None


@one_database
def test_a_meeting_does_not_come_to_be_with_a_closed_project(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser, address = sign_in(sekretariat), "/projects/L-01/removal"
    given = {"reason_out": "Købet er gennemført.", "decided_on": "30-05-2022", "wording": "Det fjernes."}
    form = form_on(browser, address, address)
    owners = {name: "1" for name in form.names if name.startswith("owner_")}
    answer = send(browser, address, **given, **owners)
    assert answer.status_code == 422
    assert "Opret mødet først" in answer.text
    with Session(database) as session:
        assert session.exec(select(Meeting).where(Meeting.held_on == date(2022, 5, 30))).first() is None
        meeting_on(session, date(2022, 5, 30))
        session.commit()
    assert send(browser, address, **given, **owners).status_code == 303
