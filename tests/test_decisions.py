"""What a meeting decided: on what, in which words, with which task, and what ends a round (I19, R22, R101-R103)."""

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.i18n import gettext
from app.models import Candidate, Decision, Event, Project, Task, User
from app.models.candidate import Source
from app.models.decision import DecisionVerb
from app.models.recommendation import Subject
from app.models.task import TaskState
from app.settings import now
from tests.conftest import SignIn, one_database
from tests.databases import fingerprint
from tests.fields import assert_refused, part, send
from tests.page import form_on, forms, read_page
from tests.writes import JUNE, the_board_meets_in_june

HERE = "/meetings/12"
"""The meeting on January 2022: it has been held, and two of its recommendations have no answer."""
DECISIONS = f"{HERE}/decisions"
ROUND = "/portfolios/direktionen/rounds/2022-01"
TASK = {"task": "Undersøg sagen", "responsible": "u1", "due_on": "01-09-2022"}


def new(on: str) -> str:
    return f"{DECISIONS}/new?on={on}"


def last(database: Engine) -> Decision:
    with Session(database) as session:
        return session.exec(select(Decision).order_by(col(Decision.id).desc())).all()[0]


def events(database: Engine, action: str) -> list[Event]:
    with Session(database) as session:
        return list(session.exec(select(Event).where(Event.action == action).order_by(col(Event.id))))


def tasks_of(database: Engine, decision: Decision) -> list[Task]:
    with Session(database) as session:
        return list(session.exec(select(Task).where(Task.decision_id == decision.pk).order_by(col(Task.id))))


# ----------------------------------------------------------------------------------------------------------- recording


def test_a_decision_with_its_task_is_taken_down_from_the_meetings_own_page_as_one_event(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    form = form_on(browser, HERE, DECISIONS)
    assert form.values["on"] == "recommendation-2"
    typed = {"verb": "approved_with", "text": "sagen kommer igen i august."} | TASK
    answer = browser.post(DECISIONS, data=form.values | typed)
    made = last(database)
    assert answer.headers["location"] == f"{HERE}#decision-{made.key}"
    [task] = tasks_of(database, made)
    assert (task.text, task.owner_unit_id, str(task.due_on), str(task.given_on)) == (
        "Undersøg sagen",
        1,
        "2022-09-01",
        "2022-01-31",
    )
    [event] = events(database, "recorded")
    assert event.subject_name == "Godkendt, idet sagen kommer igen i august."
    assert event.after["tasks"] == ["Undersøg sagen (01-09-2022)"]
    shown = part(browser.get(HERE).text, "recommendation-2")
    assert "Beslutning Direktionen den 31-01-2022: Godkendt, idet sagen kommer igen i august." in shown
    assert "Mangler afgørelse" not in shown


def a_candidate(database: Engine) -> str:
    with Session(database) as session:
        project = session.exec(select(Project.id).where(Project.number == "P-006")).one()
        made = Candidate(
            meeting_id=12,
            subject=Subject.attention,
            source=Source.own,
            ref="1",
            title="Frasalget trækker ud",
            project_id=project,
        )
        session.add(made)
        session.commit()
        return made.key


@pytest.mark.parametrize("on", ["recommendation-4", "item-1", "candidate", ""])
@one_database
def test_anything_on_the_agenda_can_be_decided_on_and_what_is_not(
    on: str, sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    on = f"candidate-{a_candidate(database)}" if on == "candidate" else on
    browser = sign_in(sekretariat)
    typed = {"verb": "decided", "text": "Det gør vi."} | ({} if on.startswith("candidate") else {"project": "P-012"})
    assert send(browser, new(on), DECISIONS, **typed).status_code == 303
    made = last(database)
    with Session(database) as session:
        about = session.get_one(Project, made.project_id)
    assert about.number == ("P-006" if on.startswith("candidate") else "P-012")
    assert (made.recommendation_id is None) == (on in ("item-1", ""))
    assert (made.agenda_item_id is not None) == (on == "item-1")
    assert "Besluttet. Det gør vi." in browser.get(f"/projects/{about.number}").text
    assert "Besluttet. Det gør vi." in browser.get(HERE).text
    answered = part(browser.get(HERE).text, "recommendations")
    assert "2 af 4 har en afgørelse" in answered, "one project's decision does not answer the recommendation"


WRONG: list[tuple[dict[str, str], dict[str, str]]] = [
    ({"verb": ""}, {"verb": "Udfyld »Beslutning«"}),
    (
        {"verb": "approved_with"},
        {
            "text": "Write what it was approved on the understanding of",
            "no_follow_up": "Add a task, or write why nothing is followed up",
        },
    ),
    ({"verb": "noted", "request": "Et notat"}, {"no_follow_up": "Add a task, or write why nothing is followed up"}),
    ({"verb": "deferred"}, {"deferred_to": "Write a day after the meeting"}),
    ({"verb": "deferred", "deferred_to": "31-01-2022"}, {"deferred_to": "Write a day after the meeting"}),
    ({"verb": "noted", "due_on": "01-09-2022"}, {"task": "Write what the task is"}),
    ({"verb": "noted", "task": "Et notat"}, {"responsible": "Choose a person or a unit that is responsible"}),
    ({"verb": "noted"} | TASK | {"due_on": ""}, {"due_on": "Write when it must be done"}),
    ({"verb": "noted"} | TASK | {"due_from": "02-09-2022"}, {"due_on": "The deadline lies before the first day"}),
]


@one_database
def test_what_a_decision_lacks_is_said_at_its_fields_and_what_was_typed_stays(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser, before = sign_in(sekretariat), fingerprint(database)
    form = form_on(browser, new("recommendation-2"), DECISIONS)
    for typed, said in WRONG:
        sent = {**form.values, **typed}
        assert_refused(browser.post(DECISIONS, data=sent), sent, {name: gettext(text) for name, text in said.items()})
    assert fingerprint(database) == before


@one_database
def test_on_the_meetings_page_it_is_said_where_it_was_typed_and_the_other_forms_stay_empty(
    sign_in: SignIn, sekretariat: User
) -> None:
    browser = sign_in(sekretariat)
    form = form_on(browser, HERE, DECISIONS)
    answer = browser.post(DECISIONS, data=form.values | {"verb": "noted", "request": "Et notat om tidsplanen"})
    assert answer.status_code == 422
    one, other = [each for each in forms(answer.text) if each.action == DECISIONS]
    assert (one.values["request"], other.values["request"]) == ("Et notat om tidsplanen", "")
    said = part(answer.text, "r2-no_follow_up-error")
    assert gettext("Add a task, or write why nothing is followed up") in said
    assert "#r2-no_follow_up" in [link.get("href") for link in read_page(answer.text).all("a")]


@one_database
def test_no_follow_up_needs_a_reason_and_that_is_enough(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    typed = {"verb": "discussed", "request": "Et notat", "no_follow_up": "Det ligger i sagen."}
    assert send(sign_in(sekretariat), new("recommendation-2"), DECISIONS, **typed).status_code == 303
    assert tasks_of(database, last(database)) == []


@one_database
def test_only_what_is_on_an_agenda_can_be_deferred(sign_in: SignIn, sekretariat: User) -> None:
    answer = send(sign_in(sekretariat), new(""), DECISIONS, verb="deferred", deferred_to="27-06-2022")
    assert answer.status_code == 422
    assert gettext("Only what is on an agenda can be deferred. Add it to the agenda first") in answer.text


def test_a_meeting_answers_a_recommendation_once(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    form = form_on(browser, new("recommendation-2"), DECISIONS).values | {"verb": "noted", "text": "Som indstillet."}
    assert browser.post(DECISIONS, data=form).status_code == 303
    again = browser.post(DECISIONS, data=form)
    assert again.status_code == 409
    assert gettext("The meeting has decided on it already. Annul that decision first.") in again.text
    assert "Som indstillet." in again.text
    assert len(events(database, "recorded")) == 1


@pytest.mark.parametrize("on", ["recommendation-5", "recommendation-x", "item-99", "candidate-x", "deferral-x", "x"])
@one_database
def test_nothing_else_can_be_decided_on(on: str, sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser, before = sign_in(sekretariat), fingerprint(database)
    assert browser.get(new(on)).status_code == 404
    assert browser.post(DECISIONS, data={"on": on, "verb": "noted"}).status_code == 404
    assert fingerprint(database) == before


@one_database
def test_a_candidate_is_decided_on_at_its_own_meeting_only(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    the_board_meets_in_june(database)
    key = a_candidate(database)
    assert sign_in(sekretariat).get(f"/meetings/{JUNE}/decisions/new?on=candidate-{key}").status_code == 404


# --------------------------------------------------------------------------------------------------------- afterwards


@one_database
def test_more_tasks_are_added_to_a_decision(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    form = form_on(browser, new("recommendation-2"), DECISIONS).values | {"verb": "noted", "another": "1"} | TASK
    page = browser.post(DECISIONS, data=form).headers["location"]
    made = last(database)
    assert page == f"{DECISIONS}/{made.key}/tasks/new"
    second = TASK | {"task": "Skriv et notat", "responsible": "p2", "evaluation": "on"}
    assert send(browser, page, page.removesuffix("/new"), **second).headers["location"] == f"{HERE}#decision-{made.key}"
    one, other = tasks_of(database, made)
    assert (one.owner_unit_id, one.owner_id, one.evaluation) == (1, None, False)
    assert (other.owner_unit_id, other.owner_id, other.evaluation) == (None, 2, True)
    [event] = [each for each in events(database, "created") if each.subject == "Task"]
    assert event.subject_name == "Skriv et notat"


def test_an_annulled_decision_is_gone_from_the_minutes_and_its_open_tasks_lapse(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser, step = sign_in(sekretariat), f"{DECISIONS}/blaakilde-2022/annulment"
    assert "Direktøren kontakter ministeriets departement." in browser.get(step).text
    assert send(browser, step, reason="").status_code == 422
    assert send(browser, step, reason="Skrevet til det forkerte møde.").headers["location"] == HERE
    assert "kontakter ministeriets departement" not in part(browser.get(HERE).text, "recommendations")
    with Session(database) as session:
        task = session.exec(select(Task).where(Task.key == "departement-22")).one()
    assert task.state is TaskState.lapsed
    assert "Skrevet til det forkerte møde." in task.evidence
    [event] = events(database, "annulled")
    assert event.after["reason"] == "Skrevet til det forkerte møde."
    assert browser.get(step).status_code == 404


# ------------------------------------------------------------------------------------------------------ ends the round


def test_a_round_is_concluded_when_every_recommendation_has_an_answer_also_not_treated(
    sign_in: SignIn, sekretariat: User
) -> None:
    browser = sign_in(sekretariat)
    lacking = part(browser.get(ROUND).text, "next-step")
    assert "2. Nye projekter" in lacking
    assert "4. Emner til Chefforum" in lacking
    refused = browser.post(f"{ROUND}/conclusion")
    assert refused.status_code == 409
    assert "2. Nye projekter, 4. Emner til Chefforum" in refused.text
    assert send(browser, new("recommendation-2"), DECISIONS, verb="noted").status_code == 303
    assert "4. Emner til Chefforum." in browser.post(f"{ROUND}/conclusion").text
    assert send(browser, new("recommendation-4"), DECISIONS, verb="not_treated").status_code == 303
    assert send(browser, HERE, f"{ROUND}/conclusion").headers["location"] == ROUND
    answer = browser.post(f"{DECISIONS}/opmaerk-2022/annulment", data={"reason": "Fortrudt."})
    assert answer.status_code == 409
    assert gettext("The round is concluded: what was decided on its recommendations stands.") in answer.text


# -------------------------------------------------------------------------------------------------------------- closed


@pytest.mark.parametrize(("name", "sees"), [("direktion", True), ("lukket_leder", True), ("chefforum", False)])
@one_database
def test_what_was_decided_about_a_closed_project_is_there_for_those_who_may_see_it_only(
    name: str, sees: bool, sign_in: SignIn, cast: dict[str, User]
) -> None:
    browser: Any = sign_in(cast[name])
    for page in ("/meetings/7", "/api/v1/meetings/7"):
        text = browser.get(page).text
        assert ("Køb af ejendom til botilbud" in text) is sees, page
        assert ("betinget købsaftale" in text) is sees, page
    line = next(
        each
        for each in browser.get("/api/v1/portfolios/direktionen/meetings").json()["meetings"]
        if each["round_key"] == "2019-06"
    )
    assert (line["answered"], line["overdue_tasks"]) == (4, int(sees))


def test_the_verbs_of_the_minutes_read_as_minutes_do() -> None:
    said = {
        DecisionVerb.noted: "Taget til efterretning.",
        DecisionVerb.not_treated: "Ikke behandlet.",
        DecisionVerb.rejected: "Afvist.",
    }
    made = {verb: Decision(verb=verb, meeting_id=1, recorded_at=now()).sentence for verb in said}
    assert made == said
