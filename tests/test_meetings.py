"""A meeting: planned, prepared on a round, changed, held, cancelled; its agenda, closed items, what was deferred."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.i18n import gettext
from app.models import AgendaItem, Decision, Event, Meeting, Recommendation, ReportingRound, User
from app.models.decision import DecisionVerb
from app.models.meeting import MeetingState, meeting_on
from app.models.recommendation import STANDING, Subject
from app.models.reporting_round import RoundState
from app.settings import now
from tests.conftest import Queries, SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import form_on, read_page
from tests.test_rounds import stand, state_of, the_round
from tests.writes import JUNE, a_list_with_a_round, an_item_was_deferred, answer_to, the_board_meets_in_june

MEETINGS = "/portfolios/direktionen/meetings"
ROUND = "/portfolios/direktionen/rounds/2022-06"
HERE = f"/meetings/{JUNE}"
FIRST, SECOND = "/meetings/3", "/meetings/4"
"""The meetings of 22 and 29 January 2018: the second took up what the first deferred (R102)."""
APRIL = "/meetings/14"


def events(session: Session, subject: str = "Meeting") -> list[tuple[str, str]]:
    query = select(Event).where(Event.subject == subject).order_by(col(Event.id))
    return [(event.action, event.subject_name) for event in session.exec(query)]


# ---------------------------------------------------------------------------------------------------------------- list


@one_database
def test_the_meetings_of_both_bodies_stand_newest_first_with_what_is_left_to_do(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    found = browser.get(f"/api/v1{MEETINGS}").json()["meetings"]
    days = [each["held_on"] for each in found]
    assert days == sorted(days, reverse=True)
    assert {each["body"] for each in found} == {"executive_board", "management_forum"}
    january = next(each for each in found if each["round_key"] == "2022-01")
    assert (january["asked"], january["answered"], january["open_tasks"], january["overdue_tasks"]) == (4, 2, 1, 1)
    ordered = next(each for each in found if each["held_on"] == "2017-01-09")
    assert (ordered["asked"], ordered["open_tasks"], ordered["overdue_tasks"]) == (0, 1, 1)
    page = browser.get(MEETINGS).text
    assert "Mangler afgørelse" in page
    assert "Planlæg et møde" not in page


@one_database
def test_a_list_without_meetings_says_so(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    a_list_with_a_round(RoundState.planned)(database)
    page = sign_in(sekretariat).get("/portfolios/planned/meetings").text
    assert gettext("No meeting has been planned yet.") in page
    assert gettext("The meeting on a round is prepared from the round's page.") in page


# ------------------------------------------------------------------------------------------------------------ planning


def test_a_meeting_between_the_rounds_is_planned_from_what_is_known(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    suggested = form_on(browser, f"{MEETINGS}/new", MEETINGS).values
    assert (suggested["held_on"], suggested["starts_at"]) == ("13-06-2022", "09.00")
    assert str(suggested["participants"]).startswith("Anders Ravn, direktør\nJonas Bek, direktør")
    answer = send(browser, f"{MEETINGS}/new", MEETINGS, held_on="20-06-2022", ends_at="10", apologies="Jonas Bek")
    page = read_page(browser.get(answer.headers["location"]).text).all("main")[0].text
    assert "Møde: Direktionen mandag 20-06-2022" in page
    assert "Afbud Jonas Bek" in page
    assert "kl. 09.00 – 10.00" in page
    with Session(database) as session:
        assert events(session) == [("created", "Direktionen 20-06-2022")]


@one_database
def test_what_cannot_be_a_meeting_is_refused_at_its_field(sign_in: SignIn, sekretariat: User) -> None:
    assert_each_refused(
        sign_in(sekretariat),
        f"{MEETINGS}/new",
        MEETINGS,
        [
            ({"held_on": ""}, {"held_on": "Udfyld »Dato«"}),
            ({"starts_at": "25.00"}, {"starts_at": gettext("Write the time as 09.30")}),
            ({"starts_at": "11", "ends_at": "10"}, {"ends_at": gettext("The meeting ends before it begins")}),
            ({"case_number": "1022743"}, {"case_number": gettext("Write the case number as 16/13808")}),
        ],
    )


def test_one_press_prepares_the_meeting_on_a_round_with_everything_that_it_needs(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, ROUND, f"{ROUND}/meeting")
    with Session(database) as session:
        meeting = meeting_on(session, the_round(session, "2022-06").pk)
        assert meeting
        assert answer.headers["location"] == f"/meetings/{meeting.pk}"
        assert (meeting.held_on, meeting.case_number, meeting.state) == (
            date(2022, 6, 27),
            "10/22743",
            MeetingState.planned,
        )
        assert meeting.participants[-1] == "Mette Dall, kommunaldirektør"
        [item] = session.exec(select(AgendaItem).where(AgendaItem.meeting_id == meeting.pk)).all()
        assert (item.title, item.treats_list) == ("Status på direktionens porteføljeliste - juni 2022", True)
        texts = select(Recommendation.text).where(Recommendation.meeting_id == meeting.pk)
        assert list(session.exec(texts.order_by(col(Recommendation.no)))) == list(STANDING.values())
        assert events(session) == [("created", "Direktionen 27-06-2022")]
    assert browser.post(f"{ROUND}/meeting").status_code == 409
    assert f'href="{answer.headers["location"]}"' in browser.get(ROUND).text


@one_database
def test_the_standing_wording_is_that_of_the_meetings_prepared_from_then_on(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser, text = sign_in(sekretariat), "Godkender listen og drøfter de røde projekter."
    edit = "/settings/recommendations/attention/edit"
    assert_each_refused(
        browser,
        edit,
        edit,
        [
            (
                {"text": "Vi taler om listen."},
                {"text": gettext("Begin with Tager til efterretning, Godkender, Drøfter or Beslutter")},
            )
        ],
    )
    assert send(browser, edit, text=text).headers["location"] == "/settings#recommendations"
    assert text in part(browser.get("/settings").text, "recommendations")
    send(browser, ROUND, f"{ROUND}/meeting")
    with Session(database) as session:
        of_subject = select(Recommendation.text).where(Recommendation.subject == Subject.attention)
        assert list(session.exec(of_subject)).count(text) == 1
        assert [action for action, _name in events(session, "StandingRecommendation")] == ["created"]


@one_database
def test_a_meeting_words_its_own_recommendations_until_it_is_held(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    the_board_meets_in_june(database)
    browser, edit = sign_in(sekretariat), f"{HERE}/recommendations/forum/edit"
    answer = send(browser, edit, text="Beslutter, hvad Chefforum skal drøfte i august.")
    assert answer.headers["location"] == f"{HERE}#recommendation-4"
    assert "Beslutter, hvad Chefforum skal drøfte i august." in browser.get(HERE).text
    with Session(database) as session:
        session.get_one(Meeting, JUNE).state = MeetingState.held
        session.commit()
    assert browser.get(edit).status_code == 409


@one_database
def test_the_facts_of_a_meeting_are_changed_and_two_who_do_see_both_versions(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    one, other = sign_in(sekretariat), sign_in(sekretariat)
    opened = form_on(other, f"{APRIL}/edit", f"{APRIL}/edit").values
    assert send(one, f"{APRIL}/edit", place="Rådhuset, lokale 1").headers["location"] == APRIL
    answer = other.post(f"{APRIL}/edit", data=opened | {"place": "Rådhuset, lokale 2"})
    assert answer.status_code == 409
    assert "Rådhuset, lokale 1" in answer.text
    assert "Rådhuset, lokale 2" in answer.text
    with Session(database) as session:
        assert events(session) == [("changed", "Direktionen 04-04-2022")]


# ------------------------------------------------------------------------------------------------- held, and cancelled


def test_that_the_meeting_was_held_presents_its_round_in_the_same_write(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    stand(database, "2022-06", RoundState.frozen)
    with Session(database) as session:
        key = session.exec(select(Meeting.id).join(ReportingRound).where(ReportingRound.key == "2022-06")).one()
    browser = sign_in(sekretariat)
    assert send(browser, f"/meetings/{key}", f"/meetings/{key}/holding").status_code == 303
    assert state_of(database, "2022-06") is RoundState.presented
    with Session(database) as session:
        assert events(session) == [("held", "Direktionen 27-06-2022")]
        assert ("presented", "juni 2022") not in events(session, "ReportingRound")
    assert browser.post(f"/meetings/{key}/holding").status_code == 409


@one_database
def test_a_meeting_is_not_held_on_a_round_that_is_not_frozen(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    the_board_meets_in_june(database)
    browser = sign_in(sekretariat)
    assert f"{HERE}/holding" not in browser.get(HERE).text
    answer = browser.post(f"{HERE}/holding")
    assert answer.status_code == 409
    assert "åben" in answer.text
    with Session(database) as session:
        assert session.get_one(Meeting, JUNE).is_planned


@one_database
def test_a_cancelled_meeting_stays_and_its_round_can_be_treated_at_another(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    the_board_meets_in_june(database)
    browser, step = sign_in(sekretariat), f"{HERE}/cancellation"
    assert "juni 2022" in browser.get(step).text
    assert send(browser, step).headers["location"] == MEETINGS
    assert "Aflyst" in browser.get(HERE).text
    assert browser.get(f"{HERE}/decisions/new").status_code == 409
    assert browser.get(f"{HERE}/items/new").status_code == 409
    assert send(browser, ROUND, f"{ROUND}/meeting").status_code == 303
    with Session(database) as session:
        assert events(session)[0] == ("cancelled", "Direktionen 27-06-2022")


@one_database
def test_a_meeting_that_has_decided_something_is_not_cancelled(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    the_board_meets_in_june(database)
    with Session(database) as session:
        query = select(Recommendation).where(Recommendation.meeting_id == JUNE)
        session.add(answer_to(session.exec(query).all()[0]))
        session.commit()
    answer = sign_in(sekretariat).post(f"{HERE}/cancellation")
    assert answer.status_code == 409
    assert gettext("The meeting has decided something. Annul its decisions first.") in answer.text


# -------------------------------------------------------------------------------------------------------------- agenda


@one_database
def test_items_are_numbered_by_their_place_and_those_with_a_time_make_the_programme(
    sign_in: SignIn, sekretariat: User
) -> None:
    browser = sign_in(sekretariat)
    added = send(browser, f"{APRIL}/items/new", f"{APRIL}/items", title="Skoleprognose", starts_at="9", ends_at="9.30")
    assert added.headers["location"] == f"{APRIL}#item-9"
    shown = part(browser.get(APRIL).text, "agenda")
    assert "Program: kl. 09.00 – 09.30 Skoleprognose · kl. 09.30 – 10.00 Status på den digitale taskforce" in shown
    assert "9. Skoleprognose" in shown
    assert send(browser, f"{APRIL}/items/9/edit", title="Skoleprognose 2022").status_code == 303
    assert "Skoleprognose 2022" in browser.get(APRIL).text
    assert browser.get(f"{APRIL}/items/10/edit").status_code == 404


@one_database
@pytest.mark.parametrize(("name", "sees"), [("direktion", True), ("chefforum", False), ("lukket_leder", False)])
def test_of_a_closed_item_everybody_sees_number_and_case_and_few_the_rest(
    sign_in: SignIn, sekretariat: User, cast: dict[str, User], name: str, sees: bool
) -> None:
    browser = sign_in(sekretariat)
    secret = {"title": "En hemmelig sag", "background": "Et hemmeligt forløb", "annexes": "Et hemmeligt bilag"}
    send(browser, f"{APRIL}/items/5/edit", **secret)
    typed = {"verb": "decided", "text": "Det hemmelige gennemføres.", "task": "Gør det hemmelige"}
    due = {"responsible": "u1", "due_on": "01-06-2022"}
    answer = send(browser, f"{APRIL}/decisions/new?on=item-5", f"{APRIL}/decisions", **typed, **due)
    assert answer.status_code == 303
    reader = sign_in(cast[name])
    pages = [APRIL, f"/api/v1{APRIL}", "/portfolios/direktionen/tasks", f"/api/v1{MEETINGS}"]
    told = [("hemmelig" in reader.get(page).text) for page in pages]
    assert told == ([True, True, True, False] if sees else [False] * 4)
    agenda = part(reader.get(APRIL).text, "agenda")
    assert "Sag 22/6682" in agenda
    assert ("5. En hemmelig sag" in agenda) is sees
    assert ("5. Lukket" in agenda) is not sees
    line = next(each for each in reader.get(f"/api/v1{MEETINGS}").json()["meetings"] if each["id"] == 14)
    assert line["open_tasks"] == (3 if sees else 2)


@one_database
def test_the_log_tells_an_administrator_nothing_of_a_closed_item(
    sign_in: SignIn, sekretariat: User, admin: User
) -> None:
    browser = sign_in(sekretariat)
    secret = {"title": "En hemmelig sag", "case_number": "22/77", "closed": "on"}
    here = send(browser, f"{APRIL}/items/new", f"{APRIL}/items", **secret).headers["location"].replace("#", "?on=")
    page = here.replace("?on=", "/decisions/new?on=")
    made = send(browser, page, f"{APRIL}/decisions", verb="decided", text="Hemmeligt").headers["location"]
    key = made.partition("#decision-")[2]
    tasks = f"{APRIL}/decisions/{key}/tasks"
    send(browser, f"{tasks}/new", tasks, task="Hemmelig opgave", responsible="u1", due_on="01-09-2022")
    assert browser.get("/events").text.lower().count("hemmelig") >= 3
    assert "hemmelig" not in sign_in(admin).get("/events").text.lower()


# ------------------------------------------------------------------------------------------------------------ deferred


@one_database
def test_one_item_shows_the_decisions_of_both_meetings_at_both(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    for here, item in ((FIRST, "item-1"), (SECOND, "item-3")):
        shown = part(browser.get(here).text, item)
        assert "Beslutning Direktionen den 22-01-2018: Udskudt til 30-01-2018." in shown
        assert "Beslutning Direktionen den 29-01-2018: Godkendt, idet måltallet blev ændret til 3 pct." in shown
    assert 'id="deferred"' not in browser.get(SECOND).text


@one_database
def test_what_was_deferred_comes_up_at_every_later_meeting_until_it_is_decided(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    the_board_meets_in_june(database)
    browser, about = sign_in(sekretariat), "P-037 Mangel på boliger"
    for here in ("/meetings/13", APRIL, HERE):
        assert about in part(browser.get(here).text, "deferred"), here
    with Session(database) as session:
        query = select(Decision.key).where(Decision.verb == DecisionVerb.deferred, Decision.meeting_id == 12)
        on = f"{HERE}/decisions/new?on=deferral-{session.exec(query).one()}"
    assert send(browser, on, f"{HERE}/decisions", verb="rejected").status_code == 303
    assert "Afvist" in part(browser.get(HERE).text, "deferred")
    assert "Beslutning Direktionen den 27-06-2022: Afvist." in part(
        browser.get("/meetings/12").text, "recommendation-1"
    )
    with Session(database) as session:
        later = Meeting(
            **session.get_one(Meeting, JUNE).model_dump(exclude={"id", "version", "round_id", "held_on"}),
            held_on=date(2022, 7, 4),
        )
        session.add(later)
        session.commit()
        assert 'id="deferred"' not in browser.get(f"/meetings/{later.pk}").text


@one_database
def test_a_deferred_item_is_put_on_the_agenda_and_decided_there_once(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    an_item_was_deferred(database)
    browser = sign_in(sekretariat)
    answer = send(browser, HERE, f"{HERE}/items/continuation")
    assert answer.headers["location"] == f"{HERE}#item-2"
    assert "Øvrige sager" not in part(browser.get(HERE).text, "deferred")
    again = browser.post(f"{HERE}/items/continuation", data={"on": "deferral-udskudt"})
    assert again.status_code == 409
    send(browser, f"{HERE}/decisions/new?on=item-2", f"{HERE}/decisions", verb="noted")
    assert "Beslutning Direktionen den 27-06-2022: Taget til efterretning." in part(browser.get(APRIL).text, "item-2")
    with Session(database) as session:
        item = session.exec(select(AgendaItem).where(AgendaItem.meeting_id == JUNE, AgendaItem.no == 2)).one()
        assert session.get_one(AgendaItem, item.continues_id).meeting_id == 14


# ------------------------------------------------------------------------------------------------------------- queries


@one_database
def test_a_meeting_that_decided_much_asks_no_more_of_the_database(
    sign_in: SignIn, laeser: User, database: Engine, queries: Queries
) -> None:
    browser = sign_in(laeser)
    asked = {}
    for step in ("few", "many"):
        for page in (f"/api/v1{SECOND}", f"/api/v1{MEETINGS}"):
            with queries() as counted:
                assert browser.get(page).status_code == 200
            asked[step, page] = len(counted)
        with Session(database) as session:
            known = session.exec(select(Recommendation).where(Recommendation.meeting_id == 4)).all()
            for project in range(1, 12):
                made = answer_to(known[0])
                made.project_id, made.recorded_at = project, now()
                session.add(made)
            session.commit()
    assert asked["few", f"/api/v1{SECOND}"] == asked["many", f"/api/v1{SECOND}"]
    assert asked["few", f"/api/v1{MEETINGS}"] == asked["many", f"/api/v1{MEETINGS}"] < 12
