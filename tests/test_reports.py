"""The status form: written, saved as one types, handed in, taken back. P-005 has a draft that `leder` writes in."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import EffectTarget, Event, Measurement, Milestone, Placement, Project, Report, ReportingRound, User
from app.models.assessment import Colour, Dimension
from app.models.base import rel
from app.models.project import Phase
from app.models.report import ApprovalForm, ApprovedAs, ReportState, Track
from app.models.reporting_round import RoundState
from app.settings import now
from tests.conftest import SignIn, one_database
from tests.databases import fingerprint
from tests.page import Element, form_on, forms, read_page

STATUS = "/projects/P-005/reports/2022-06"
EDIT = f"{STATUS}/edit"
AUTOSAVE = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "p#autosave"}
DIMENSIONS = [dimension.value for dimension in Dimension]
GREEN = dict.fromkeys(DIMENSIONS, "green") | {"time_comment": "Aftalen er underskrevet i går."}
YELLOW = GREEN | {
    "time": "yellow",
    "time_comment": "Genhusningsplanen mangler en underskrift.",
    "path_action": "Aftale med boligorganisationen",
    "path_who": "Projektleder",
    "path_on": "1/9 2022",
}
RED = YELLOW | {
    "economy": "red",
    "economy_comment": "Udbuddet blev 12 mio. kr. dyrere.",
    "decision_wanted": "Vælg mellem to udbud",
    "decision_track": "new_plan",
    "options": "Udbyd igen\nGiv en tillægsbevilling",
    "decision_by_on": "27-06-2022",
}

Writes = Callable[..., Any]


@pytest.fixture
def browser(sign_in: SignIn, leder: User) -> TestClient:
    """The leader's, in English, so that a sentence is tested as the code says it."""
    return english(sign_in(leder))


def english(browser: TestClient) -> TestClient:
    browser.cookies.set("language", "en", domain="testserver.local")
    return browser


@pytest.fixture
def write(browser: TestClient) -> Writes:
    """Fills in the form as it stands and sends it somewhere."""

    def sent(to: str = EDIT, headers: dict[str, str] | None = None, **typed: str) -> Any:
        values = form_on(browser, EDIT, EDIT).values
        return browser.post(to, data=values | typed, headers=headers or {})

    return sent


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    with Session(database, expire_on_commit=False) as opened:
        yield opened


def report(session: Session, number: str = "P-005", key: str = "2022-06") -> Report:
    query = (
        select(Report)
        .join(Project, col(Project.id) == Report.project_id)
        .join(ReportingRound, col(ReportingRound.id) == Report.round_id)
        .where(Project.number == number, ReportingRound.key == key)
        .options(joinedload(rel(Report.project)), joinedload(rel(Report.round)), selectinload(rel(Report.assessments)))
        .execution_options(populate_existing=True)
    )
    found = session.exec(query).unique().one()
    session.commit()  # an open transaction keeps the writers of SQLite waiting
    return found


def events_of(session: Session, *actions: str) -> list[Event]:
    query = select(Event).where(Event.subject == "Report", col(Event.action).in_(actions)).order_by(col(Event.id))
    found = list(session.exec(query))
    session.commit()
    return found


def change_round(session: Session, state: RoundState) -> None:
    found = session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one()
    found.state = state
    session.commit()


def errors(answer: Any) -> list[str]:
    page = read_page(answer.text)
    summary = next((element for element in page if element.get("id") == "errors"), None)
    return [item.text for item in summary.all("li")] if summary else []


# The form


def test_the_form_shows_last_time_and_leaves_the_colours_of_this_time_empty(
    browser: TestClient, session: Session
) -> None:
    for row in list(report(session).assessments):
        session.delete(row)
    session.commit()
    page = read_page(browser.get(EDIT).text)
    chosen = [each.get("name") for each in page.all("input") if "checked" in each.attributes]
    assert chosen == ["colour"]  # »as suggested«
    last = [element.text for element in page if element.get("class") == "dim__last"]
    assert len(last) == len(Dimension)
    assert all("januar 2022" in each for each in last)
    assert "flyttet til maj" in last[0]


def test_the_form_shows_what_the_list_knows_and_what_the_facts_suggest(browser: TestClient) -> None:
    text = read_page(browser.get(EDIT).text).text
    assert "Helhedsplanerne gennemført" in text
    assert "1 milestone (13 days)" in text
    assert "Milestone »Genhusningsplan aftalt for Taastrupgaard« is 13 days late." in text
    assert "Hanne Skov is told and approves by 17-06-2022" in text


def test_a_new_draft_holds_the_text_of_last_time(browser: TestClient, session: Session) -> None:
    draft = report(session)
    assert browser.get(EDIT).text.count(draft.summary) == 1


def test_every_input_has_a_label_and_every_error_its_field(write: Writes) -> None:
    page = read_page(write(f"{STATUS}/submission", summary="").text)
    ids = [element.get("id") for element in page if element.get("id")]
    assert len(ids) == len(set(ids))
    labels = {label.get("for") for label in page.all("label")}
    inputs = [each for each in page.all("input", "textarea", "select") if each.get("type") not in ("hidden", "submit")]
    assert {each.get("id") for each in inputs} <= labels
    links = [link.get("href") for link in page.all("a") if "function-link" in link.get("class")]
    assert {href.removeprefix("#") for href in links if href.startswith("#")} <= set(ids)


# Drafts


def test_a_plain_save_keeps_the_draft_and_says_when(write: Writes, browser: TestClient, session: Session) -> None:
    answer = write(economy="green", summary="Ny tekst", path_on="1.9.2022")
    assert (answer.status_code, answer.headers["location"]) == (303, EDIT)
    saved = report(session)
    assert (saved.summary, saved.path_on, saved.state) == ("Ny tekst", date(2022, 9, 1), ReportState.draft)
    assert saved.colours[Dimension.economy] is Colour.green
    assert "Draft saved at" in browser.get(EDIT).text


def test_a_save_leaves_one_event_that_names_fields_and_not_words(write: Writes, session: Session) -> None:
    write(economy="green", summary="En ufærdig tanke")
    [event] = events_of(session, "drafted")
    assert event.after == {"fields": ["Short status", "Economy"]}
    assert "tanke" not in str((event.before, event.after))


@one_database
def test_a_save_that_changes_nothing_writes_nothing(write: Writes, database: Engine) -> None:
    assert write(economy="green").status_code == 303
    before = fingerprint(database)
    assert write().status_code == 303
    assert write(headers=AUTOSAVE).status_code == 200
    assert fingerprint(database) == before


@one_database
def test_drafts_do_not_fill_the_projects_log(write: Writes, browser: TestClient) -> None:
    write(summary="Ny tekst")
    assert "draft saved" not in browser.get("/projects/P-005").text


def test_what_is_typed_is_saved_and_answered_with_what_became_of_it(write: Writes, session: Session) -> None:
    answer = write(headers=AUTOSAVE, economy="red", economy_comment="Dyrere end ventet")
    assert answer.status_code == 200
    roots = [child for child in read_page(answer.text).children if not isinstance(child, str)]
    assert [root.get("id") for root in roots] == ["autosave", "version", "suggested"]
    assert "data-live" in roots[0].attributes  # app.js says it to whoever listens
    assert roots[0].text.startswith("Draft saved at")
    assert roots[1].get("value") == str(report(session).version)
    assert "Suggested: red" in roots[2].text
    assert "The worst area is economy" in roots[2].text
    assert "HX-Target" in answer.headers["vary"]


def test_a_changed_colour_alone_makes_a_new_version(write: Writes, session: Session) -> None:
    before = report(session).version
    write(economy="green")
    assert report(session).version == before + 1


def test_a_judgement_can_be_changed(write: Writes, session: Session) -> None:
    write(economy="red", economy_comment="Dyrere")
    write(economy="not_relevant", resources="yellow")
    assert report(session).colours[Dimension.economy] is None
    assert report(session).colours[Dimension.resources] is Colour.yellow
    assert len(report(session).assessments) == 3


def test_a_draft_keeps_what_can_be_understood_and_shows_the_rest(write: Writes, session: Session) -> None:
    before = report(session).path_on
    answer = write(economy="green", path_on="31/2 2023", path_who="Projektleder")
    assert answer.status_code == 422
    assert "31/2 2023" in answer.text
    assert errors(answer) == ["Path to green: when: Write the date as dd-mm-yyyy, for example 13-06-2022"]
    saved = report(session)
    assert (saved.path_who, saved.path_on) == ("Projektleder", before)
    assert saved.colours[Dimension.economy] is Colour.green


def test_an_automatic_save_says_which_field_it_could_not_keep(write: Writes, session: Session) -> None:
    answer = write(headers=AUTOSAVE, path_on="snart", path_who="Projektleder")
    assert answer.status_code == 422
    assert "but not: Path to green: when: Write the date" in read_page(answer.text).text
    assert report(session).path_who == "Projektleder"


@one_database
def test_a_comment_without_a_colour_says_what_to_do(write: Writes, session: Session) -> None:
    answer = write(economy_comment="Dyrere")
    assert errors(answer) == ["Choose a colour for economy; the comment is saved together with it"]
    assert "Dyrere" in answer.text
    assert Dimension.economy not in report(session).colours


def test_a_draft_may_be_longer_than_what_is_handed_in(write: Writes, session: Session) -> None:
    assert write(summary="x" * 431).status_code == 303
    assert len(report(session).summary) == 431
    answer = write(f"{STATUS}/submission", **GREEN)
    assert errors(answer) == ["Shorten the short status to 400 characters (now 431)"]
    assert "31 characters too many (at most 400)" in answer.text


@one_database
def test_a_text_on_green_is_kept_in_the_draft_until_it_is_handed_in(write: Writes, session: Session) -> None:
    write(economy="red", economy_comment="Dyrere")
    write(economy="green")
    kept = {each.dimension: each.comment for each in report(session).assessments}
    assert kept[Dimension.economy] == "Dyrere"
    assert write(f"{STATUS}/submission", **GREEN).status_code == 303
    kept = {each.dimension: each.comment for each in report(session).assessments}
    assert kept[Dimension.economy] == ""


def test_two_who_write_at_the_same_time_see_both_texts_and_nothing_is_overwritten(
    browser: TestClient, session: Session
) -> None:
    mine = form_on(browser, EDIT, EDIT).values
    browser.post(EDIT, data=mine | {"summary": "Den andens tekst"})
    answer = browser.post(EDIT, data=mine | {"summary": "Min tekst"})
    assert answer.status_code == 409
    assert "Den andens tekst" in answer.text
    assert "Min tekst" in answer.text
    assert report(session).summary == "Den andens tekst"
    automatic = browser.post(EDIT, data=mine | {"summary": "Min tekst"}, headers=AUTOSAVE)
    assert automatic.status_code == 409
    assert "Somebody else saved a change in between" in automatic.text
    submitted = browser.post(f"{STATUS}/submission", data=mine | GREEN | {"summary": "Min tekst"})
    assert submitted.status_code == 409
    assert report(session).state is ReportState.draft


@one_database
def test_the_same_text_sent_twice_is_no_conflict(browser: TestClient) -> None:
    mine = form_on(browser, EDIT, EDIT).values | {"summary": "Ny tekst"}
    assert [browser.post(EDIT, data=mine).status_code for _twice in range(2)] == [303, 303]


def test_writing_in_a_returned_status_makes_it_a_draft_again(
    write: Writes, browser: TestClient, session: Session, ejer: User
) -> None:
    write(f"{STATUS}/submission", **GREEN)
    report(session).send_back(session, ejer, "Skriv, hvad der er aftalt.")
    session.commit()
    assert "Skriv, hvad der er aftalt." in browser.get(EDIT).text
    assert write().status_code == 303
    assert report(session).state is ReportState.returned  # nothing was written yet
    assert write(summary="Aftalen er på plads.").status_code == 303
    assert report(session).state is ReportState.draft
    assert events_of(session, "drafted")[-1].before == {"state": "returned"}
    assert "Skriv, hvad der er aftalt." in browser.get(EDIT).text


def test_what_is_sent_after_the_session_has_ended_is_not_saved_and_not_lost(
    browser: TestClient, session: Session, anonymous: TestClient, sign_in: SignIn, leder: User, database: Engine
) -> None:
    values = form_on(browser, EDIT, EDIT).values | {"summary": "To linjer,\nog »mere« <b>", "economy": "red"}
    before = fingerprint(database)
    answer = english(anonymous).post(f"{EDIT}?from=mail", data=values)
    assert answer.status_code == 401
    assert fingerprint(database) == before
    page = read_page(answer.text)
    assert "What you have written is not saved yet, but it is not lost: this page holds it." in page.text
    [link] = [each for each in page.all("a") if each.get("href") == "/login"]
    assert link.get("target") == "_blank"
    [kept] = [form for form in forms(answer.text) if form.sends_to(EDIT)]
    assert (kept.action, kept.values) == (f"{EDIT}?from=mail", values)
    assert sign_in(leder).post(kept.action, data=kept.values).status_code == 303
    assert report(session).summary == "To linjer,\nog »mere« <b>"
    assert report(session).colours[Dimension.economy] is Colour.red


@one_database
def test_a_button_that_is_pressed_after_the_session_has_ended_leads_to_the_sign_in(anonymous: TestClient) -> None:
    answer = anonymous.post(f"{STATUS}/withdrawal", headers={"Referer": f"http://testserver{STATUS}"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={STATUS}")


def test_the_draft_is_there_after_signing_in_again(browser: TestClient, anonymous: TestClient) -> None:
    values = form_on(browser, EDIT, EDIT).values
    browser.post(EDIT, data=values | {"summary": "Gemt, mens der blev skrevet"}, headers=AUTOSAVE)
    login = {"email": "leder@demo.example", "password": "demo", "next": EDIT}
    assert "Gemt, mens der blev skrevet" in anonymous.post("/login", data=login, follow_redirects=True).text


def test_a_draft_keeps_a_text_that_is_too_long_to_hand_in(write: Writes, session: Session) -> None:
    long = "x" * 431
    assert write(summary=long).status_code == 303
    assert report(session).summary == long
    assert errors(write(f"{STATUS}/submission", **GREEN)) == [
        "Shorten the short status to 400 characters (now 431)",
    ]


@one_database
def test_an_automatic_save_without_a_session_leaves_the_page_and_asks_to_sign_in_beside_it(
    anonymous: TestClient,
) -> None:
    headers = AUTOSAVE | {"Referer": f"http://testserver{EDIT}"}
    answer = english(anonymous).post(EDIT, data={}, headers=headers)
    assert answer.status_code == 401
    assert "HX-Redirect" not in answer.headers
    [root] = [child for child in read_page(answer.text).children if not isinstance(child, str)]
    assert root.get("id") == "autosave"
    [link] = root.all("a")
    assert (link.get("href"), link.get("target")) == (f"/login?next={EDIT}", "_blank")


@one_database
def test_whoever_returns_to_a_form_that_was_not_accepted_gets_the_form(browser: TestClient) -> None:
    answer = browser.get(f"{STATUS}/submission")
    assert (answer.status_code, answer.headers["location"]) == (303, EDIT)


# Handing in


@one_database
def test_an_unchanged_green_status_takes_eight_interactions(browser: TestClient, session: Session) -> None:
    """Open the form, choose six colours, submit. The browser test presses them."""
    for milestone in session.exec(select(Milestone)):
        milestone.done_on = milestone.due_on
    for row in list(report(session).assessments):
        session.delete(row)
    session.commit()
    [link] = [each for each in read_page(browser.get("/projects/P-005").text).all("a") if each.get("href") == EDIT]
    chosen = dict.fromkeys(DIMENSIONS, "green")
    answer = browser.post(f"{STATUS}/submission", data=form_on(browser, link.get("href"), EDIT).values | chosen)
    assert (answer.status_code, answer.headers["location"]) == (303, STATUS)
    assert 1 + len(chosen) + 1 == 8
    assert report(session).colour is Colour.green


def test_a_submitted_status_waits_for_its_owner(write: Writes, browser: TestClient, session: Session) -> None:
    assert write(f"{STATUS}/submission", **YELLOW).status_code == 303
    handed_in = report(session)
    assert handed_in.state is ReportState.submitted
    assert handed_in.author_id == handed_in.project.leader_id
    assert (handed_in.colour, handed_in.path_on) == (Colour.yellow, date(2022, 9, 1))
    assert handed_in.colours == dict.fromkeys(Dimension, Colour.green) | {Dimension.time: Colour.yellow}
    page = read_page(browser.get(STATUS).text).text
    assert "The status has been submitted" in page
    assert "Hanne Skov approves it by 17-06-2022." in page


def test_a_submission_leaves_one_event_with_what_was_handed_in(write: Writes, session: Session) -> None:
    write(f"{STATUS}/submission", **YELLOW)
    [event] = events_of(session, "drafted", "submitted")
    assert (event.action, event.before) == ("submitted", {"state": "draft"})
    assert event.after["colour"] == "yellow"
    assert event.after["assessments"][0] == "Time: Yellow – Genhusningsplanen mangler en underskrift."


def test_red_is_handed_in_with_what_must_be_decided(write: Writes, session: Session) -> None:
    assert write(f"{STATUS}/submission", **RED).status_code == 303
    red = report(session)
    assert (red.colour, red.decision_track, red.decision_by_on) == (Colour.red, Track.new_plan, date(2022, 6, 27))
    assert red.options == ["Udbyd igen", "Giv en tillægsbevilling"]


@one_database
def test_a_decision_that_is_no_longer_wanted_is_not_handed_in(write: Writes, session: Session) -> None:
    write(**RED)
    assert write(f"{STATUS}/submission", **YELLOW).status_code == 303
    assert (report(session).decision_wanted, report(session).options) == ("", [])


def test_what_is_missing_is_said_at_the_field_and_above_and_nothing_is_written(write: Writes, database: Engine) -> None:
    before = fingerprint(database)
    typed = GREEN | {"resources": "yellow", "path_who": "Projektleder", "effect": "", "summary": "Min tekst"}
    answer = write(f"{STATUS}/submission", **typed)
    assert answer.status_code == 422
    assert errors(answer) == [
        "Write why resources is yellow",
        "Choose a colour for effect, or choose »Not relevant«",
        "Write what brings the project back to green",
        "Write the date in »Path to green«",
    ]
    page = read_page(answer.text)
    assert "The status cannot be submitted yet: 4 things are missing" in page.text
    at_field = next(element for element in page if element.get("id") == "resources_comment-error")
    assert at_field.text == "Error: Write why resources is yellow"
    assert "Min tekst" in answer.text
    assert fingerprint(database) == before


@one_database
@pytest.mark.parametrize(
    ("colour", "reason", "said"),
    [
        ("green", "", "Write why you report better than suggested (at least 20 characters)"),
        ("green", "En grund, der er lang nok", None),
        ("red", "", "Write what the executive board must decide"),
    ],
)
def test_another_overall_colour_than_suggested(
    write: Writes, session: Session, colour: str, reason: str, said: str | None
) -> None:
    answer = write(f"{STATUS}/submission", **YELLOW, colour=colour, deviation_reason=reason)
    if said:
        assert said in errors(answer)
    else:
        assert (report(session).colour, report(session).deviation_reason) == (Colour(colour), reason)


@one_database
def test_nobody_reports_two_steps_better(write: Writes) -> None:
    answer = write(f"{STATUS}/submission", **RED, colour="green", deviation_reason="En grund, der er lang nok")
    assert errors(answer) == ["Choose yellow or red: the overall colour can be at most one step better than the worst"]


def test_a_text_about_health_is_asked_about_once_and_then_accepted(write: Writes, session: Session) -> None:
    typed = GREEN | {"summary": "Planen følges, selv om teamlederen er sygemeldt."}
    answer = write(f"{STATUS}/submission", **typed)
    assert answer.status_code == 422
    assert "It says »sygemeldt«." in read_page(answer.text).text
    assert report(session).state is ReportState.draft
    [box] = [each for each in read_page(answer.text).all("input") if each.get("name") == "no_health_data"]
    assert "checked" not in box.attributes
    assert write(f"{STATUS}/submission", **typed, no_health_data="on").status_code == 303
    assert report(session).state is ReportState.submitted


@one_database
def test_a_draft_is_not_asked_about_health(write: Writes, browser: TestClient) -> None:
    assert write(summary="Teamlederen er sygemeldt.").status_code == 303
    assert "no_health_data" not in browser.get(EDIT).text


# Figures


@pytest.fixture
def target(session: Session) -> EffectTarget:
    """An effect target of P-005 whose figure is due."""
    row = EffectTarget(
        project_id=report(session).project_id,
        no=1,
        name="Beboere, der bliver",
        unit_of_measure="procent",
        baseline_value=50.0,
        baseline_on=date(2021, 6, 1),
        target_value=80.0,
        target_on=date(2024, 6, 1),
        source="BoligNord",
    )
    session.add(row)
    session.commit()
    return row


def figures(session: Session, target: EffectTarget) -> list[tuple[float, date, str]]:
    query = select(Measurement).where(Measurement.effect_target_id == target.pk)
    found = [(row.value, row.measured_on, row.source) for row in session.exec(query)]
    session.commit()
    return found


def test_a_figure_is_kept_in_the_draft_and_becomes_a_measurement_when_it_is_handed_in(
    write: Writes, browser: TestClient, session: Session, target: EffectTarget
) -> None:
    assert write(figure_1="62,5", figure_1_on="31/5 2022").status_code == 303
    assert form_on(browser, EDIT, EDIT).values["figure_1"] == "62,5"
    assert figures(session, target) == []
    assert write(f"{STATUS}/submission", **GREEN).status_code == 303
    assert figures(session, target) == [(62.5, date(2022, 5, 31), "BoligNord")]
    assert report(session).measured == {}
    [event] = events_of(session, "submitted")
    assert event.after["measurements"] == ["Beboere, der bliver: 62.5 (31-05-2022)"]
    assert not list(session.exec(select(Event).where(Event.subject == "Measurement")))


def test_a_figure_that_is_handed_in_once_is_not_handed_in_again(
    write: Writes, session: Session, target: EffectTarget, ejer: User
) -> None:
    write(f"{STATUS}/submission", **GREEN, figure_1="62,5", figure_1_on="31/5 2022")
    report(session).send_back(session, ejer, "Skriv, hvad der er aftalt.")
    session.commit()
    assert write(f"{STATUS}/submission", **GREEN, summary="Det er aftalt.").status_code == 303
    assert len(figures(session, target)) == 1


@one_database
def test_a_figure_left_blank_is_not_measured(write: Writes, session: Session, target: EffectTarget) -> None:
    assert write(f"{STATUS}/submission", **GREEN).status_code == 303
    assert figures(session, target) == []


@one_database
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"figure_1": "mange", "figure_1_on": "31-05-2022"}, "Write a number, for example 1.250,5"),
        ({"figure_1": "62,5"}, "Write when »Beboere, der bliver« was measured"),
        ({"figure_1": "62,5", "figure_1_on": "14-06-2022"}, "cannot have been measured in the future"),
        ({"figure_1_on": "31-05-2022"}, "Write the figure for »Beboere, der bliver«, or clear its date"),
    ],
)
def test_a_figure_that_is_half_said(
    write: Writes, session: Session, target: EffectTarget, typed: dict[str, str], said: str
) -> None:
    answer = write(f"{STATUS}/submission", **GREEN, **typed)
    assert answer.status_code == 422
    assert any(said in sentence for sentence in errors(answer))
    assert figures(session, target) == []


@one_database
def test_the_effect_is_suggested_from_the_figures(browser: TestClient, session: Session, target: EffectTarget) -> None:
    session.add(
        Measurement(effect_target_id=target.pk, no=1, value=51.0, measured_on=date(2022, 5, 31), source="BoligNord")
    )
    session.commit()
    text = read_page(browser.get(EDIT).text).text
    assert "»Beboere, der bliver« is at 10 per cent of its expected path." in text
    assert "Beboere, der bliver: 10 per cent of expected" in text


# Looking at it


def test_the_preview_is_the_row_that_stands_on_overblik_once_it_is_approved(
    write: Writes, browser: TestClient, session: Session, database: Engine, ejer: User
) -> None:
    answer = write(**RED, summary="Udbuddet blev dyrere.", next="preview")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{STATUS}/preview")
    before = fingerprint(database)
    page = read_page(browser.get(f"{STATUS}/preview").text)
    assert fingerprint(database) == before
    assert "What is missing before you can submit" not in page.text
    promised, promised_red = rows_of(page, "preview"), rows_of(page, "reds")
    assert (len(promised), len(promised_red)) == (1, 1)
    assert "Red" in promised[0]
    assert "Udbuddet blev dyrere." in promised[0]
    assert "Vælg mellem to udbud" in promised_red[0]

    assert write(f"{STATUS}/submission", **RED, summary="Udbuddet blev dyrere.").status_code == 303
    handed_in = report(session)
    handed_in.submitted_at = now() - timedelta(hours=1)  # an approval at once is a signal
    handed_in.approve(session, ejer, ApprovalForm(), ApprovedAs.owner)
    session.commit()
    stands = read_page(browser.get("/portfolios/direktionen/overview").text)
    assert promised[0].removesuffix("Not approved") in "".join(rows_of(stands, "projects"))
    assert promised_red[0] in rows_of(stands, "reds")


def rows_of(page: Element, place: str) -> list[str]:
    """What the rows of the first table in a place of a page say."""
    [here] = [element for element in page if element.get("id") == place]
    return [row.text for row in here.all("table")[0].all("tr") if row.inside("tbody")]


@one_database
def test_the_preview_says_what_is_missing(browser: TestClient) -> None:
    text = read_page(browser.get(f"{STATUS}/preview").text).text
    assert "What is missing before you can submit" in text
    assert "Choose a colour for economy, or choose »Not relevant«" in text


@one_database
def test_before_anything_is_judged_there_is_nothing_to_preview(browser: TestClient, session: Session) -> None:
    for row in list(report(session).assessments):
        session.delete(row)
    session.commit()
    page = read_page(browser.get(f"{STATUS}/preview").text)
    assert "There is nothing to show yet: no area has been judged." in page.text


@one_database
def test_there_is_no_preview_of_a_round_that_is_over(browser: TestClient) -> None:
    answer = browser.get("/projects/P-005/reports/2022-01/preview")
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-005/reports/2022-01")


@one_database
def test_a_status_of_an_earlier_round_is_shown_as_it_stands(browser: TestClient) -> None:
    text = read_page(browser.get("/projects/P-005/reports/2022-01").text).text
    assert "What we know already" not in text  # those are facts of today
    assert "Genhusningsplanen for Taastrupgaard er flyttet til maj." in text
    assert "Write status" not in text


@one_database
def test_a_status_that_was_never_made_is_not_found(browser: TestClient) -> None:
    assert browser.get("/projects/P-005/reports/1999-01").status_code == 404
    assert browser.get("/projects/P-005/reports/1999-01/edit").status_code == 404


# Who and when


@pytest.mark.parametrize("name", ["ejer", "anden_leder", "sekretariat", "direktion", "chefforum", "admin", "laeser"])
@one_database
def test_nobody_but_the_leader_writes(
    name: str, sign_in: SignIn, cast: dict[str, User], browser: TestClient, database: Engine
) -> None:
    values = form_on(browser, EDIT, EDIT).values | GREEN
    other = sign_in(cast[name])
    before = fingerprint(database)
    assert other.get(EDIT).status_code == 403
    for address in (EDIT, f"{STATUS}/submission", f"{STATUS}/withdrawal"):
        assert other.post(address, data=values).status_code == 403
    assert other.post(EDIT, data=values, headers=AUTOSAVE).status_code == 403
    assert fingerprint(database) == before


def test_a_submitted_status_is_not_written_in(write: Writes, browser: TestClient, database: Engine) -> None:
    values = form_on(browser, EDIT, EDIT).values
    write(f"{STATUS}/submission", **GREEN)
    before = fingerprint(database)
    assert browser.get(EDIT).headers["location"] == STATUS
    assert browser.post(EDIT, data=values | {"summary": "For sent"}).status_code == 409
    assert browser.post(f"{STATUS}/submission", data=values | GREEN).status_code == 409
    automatic = browser.post(EDIT, data=values | {"summary": "For sent"}, headers=AUTOSAVE)
    assert automatic.status_code == 409
    assert 'id="autosave"' in automatic.text
    assert "<html" not in automatic.text
    assert fingerprint(database) == before


@pytest.mark.parametrize("state", [RoundState.frozen, RoundState.presented, RoundState.finished])
def test_a_frozen_round_takes_nothing_more(
    state: RoundState, browser: TestClient, session: Session, database: Engine
) -> None:
    values = form_on(browser, EDIT, EDIT).values
    change_round(session, state)
    before = fingerprint(database)
    for address in (EDIT, f"{STATUS}/submission", f"{STATUS}/withdrawal"):
        assert browser.post(address, data=values | GREEN).status_code == 409
    assert fingerprint(database) == before


@one_database
def test_a_frozen_status_of_an_earlier_round_is_not_written_in(browser: TestClient, database: Engine) -> None:
    before = fingerprint(database)
    address = "/projects/P-005/reports/2022-01"
    assert browser.post(f"{address}/edit", data=GREEN | {"version": "1"}).status_code == 409
    assert browser.post(f"{address}/submission", data=GREEN | {"version": "1"}).status_code == 409
    assert browser.get(f"{address}/edit").headers["location"] == address
    assert fingerprint(database) == before


@one_database
def test_after_the_leaders_deadline_only_what_was_returned_is_written(
    write: Writes, browser: TestClient, session: Session, ejer: User
) -> None:
    values = form_on(browser, EDIT, EDIT).values
    change_round(session, RoundState.closed_for_leaders)
    refused = browser.post(EDIT, data=values | {"summary": "For sent"})
    assert refused.status_code == 409
    assert "Ask the secretariat to let you in again." in refused.text
    change_round(session, RoundState.open)
    write(f"{STATUS}/submission", **GREEN)
    change_round(session, RoundState.closed_for_leaders)
    report(session).send_back(session, ejer, "Skriv, hvad der er aftalt.")
    session.commit()
    assert write(summary="Rettet").status_code == 303
    assert write(summary="Rettet igen").status_code == 303
    assert write(f"{STATUS}/submission").status_code == 303


def test_a_leader_takes_a_status_back_before_the_owner_has_acted(
    write: Writes, browser: TestClient, session: Session
) -> None:
    write(f"{STATUS}/submission", **GREEN)
    assert form_on(browser, STATUS, f"{STATUS}/withdrawal").values == {}
    answer = browser.post(f"{STATUS}/withdrawal")
    assert (answer.status_code, answer.headers["location"]) == (303, EDIT)
    assert report(session).state is ReportState.draft
    assert [event.action for event in events_of(session, "submitted", "withdrawn")] == ["submitted", "withdrawn"]


@one_database
def test_what_could_not_be_written_again_is_not_taken_back(
    write: Writes, browser: TestClient, session: Session
) -> None:
    write(f"{STATUS}/submission", **GREEN)
    change_round(session, RoundState.closed_for_leaders)
    answer = browser.post(f"{STATUS}/withdrawal")
    assert answer.status_code == 409
    assert "Ask the project owner to return the status instead." in answer.text
    assert f"{STATUS}/withdrawal" not in browser.get(STATUS).text
    assert report(session).state is ReportState.submitted


def test_a_status_of_a_project_that_has_left_the_list_is_not_written(
    browser: TestClient, session: Session, database: Engine
) -> None:
    values = form_on(browser, EDIT, EDIT).values
    key = report(session).project_id
    for placement in session.exec(select(Placement).where(Placement.project_id == key)):
        placement.to_on = date(2022, 6, 13)
    session.commit()
    before = fingerprint(database)
    assert browser.get(EDIT).headers["location"] == STATUS
    assert "Write status" not in browser.get(STATUS).text
    assert browser.get(f"{STATUS}/preview").status_code == 200
    for address in (EDIT, f"{STATUS}/submission"):
        answer = browser.post(address, data=values | GREEN)
        assert answer.status_code == 409
        assert "The project has left the list; the round asks for no status of it." in answer.text
    assert fingerprint(database) == before


def test_an_exempt_status_is_not_written(browser: TestClient, session: Session, database: Engine) -> None:
    values = form_on(browser, EDIT, EDIT).values
    found = report(session)
    found.state, found.exempt_reason = ReportState.exempt, "Byrådet behandler sagen."
    session.commit()
    before = fingerprint(database)
    assert browser.get(EDIT).headers["location"] == STATUS
    page = read_page(browser.get(STATUS).text).text
    assert "Byrådet behandler sagen." in page
    assert "Write status" not in page
    for address in (EDIT, f"{STATUS}/submission", f"{STATUS}/withdrawal"):
        assert browser.post(address, data=values | GREEN).status_code == 409
    assert fingerprint(database) == before


@one_database
def test_a_finished_project_that_is_still_on_the_list_hands_in_its_last_status(write: Writes, session: Session) -> None:
    report(session).project.phase = Phase.finished
    session.commit()
    assert write(f"{STATUS}/submission", **GREEN).status_code == 303


@one_database
def test_the_owner_writes_while_there_is_no_leader_and_somebody_else_approves(
    sign_in: SignIn, ejer: User, session: Session
) -> None:
    report(session).project.leader_id = None
    session.commit()
    browser = english(sign_in(ejer))
    values = form_on(browser, EDIT, EDIT).values | GREEN
    said = browser.post(f"{STATUS}/submission", data=values)
    assert errors(said) == ["Write why resources is better than suggested (at least 20 characters)"]
    values |= {"resources_comment": "En leder tiltræder 1. juli 2022."}
    assert browser.post(f"{STATUS}/submission", data=values).status_code == 303
    assert "Another director approves it by 17-06-2022." in read_page(browser.get(STATUS).text).text


@one_database
def test_a_closed_projects_status_does_not_exist_for_others(
    sign_in: SignIn, lukket_leder: User, leder: User, sekretariat: User
) -> None:
    address = "/projects/L-01/reports/2022-06"
    known = sign_in(lukket_leder).get(address)
    assert known.status_code == 200
    for name in ("", "/edit", "/preview", "/submission"):
        hidden, none = sign_in(leder).get(address + name), sign_in(leder).get(f"/projects/L-99/reports/2022-06{name}")
        assert (hidden.status_code, none.status_code) == (404, 404)
    assert sign_in(leder).post(f"{address}/edit", data=GREEN).status_code == 404
    assert sign_in(sekretariat).post(f"{address}/edit", data=GREEN).status_code == 403


@one_database
def test_the_form_asks_the_database_a_fixed_number_of_times(
    browser: TestClient, queries: Any, session: Session
) -> None:
    with queries() as few:
        browser.get(EDIT)
    project_id = report(session).project_id
    session.add_all(
        EffectTarget(project_id=project_id, no=no, name=f"Mål {no}", unit_of_measure="antal") for no in range(1, 30)
    )
    session.commit()
    with queries() as many:
        browser.get(EDIT)
    assert len(few) == len(many)
