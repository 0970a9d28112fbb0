"""The freeze: one press, exactly once; the edition that it keeps, and what may be added beside it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.i18n import gettext
from app.models import Addendum, Edition, Project, Report, ReportingRound, Task, User
from app.models.edition import editions_of
from app.models.placement import RemovalForm, remove
from app.models.project import Confidentiality, project_by_number
from app.models.report import ReportState
from app.models.reporting_round import RoundState
from app.models.task import TaskState
from app.settings import today
from app.tabs.edition import broken, freeze
from tests.conftest import Queries, SignIn, one_database
from tests.databases import fingerprint
from tests.decided import a_decision, a_meeting, a_task
from tests.fields import assert_each_refused, send
from tests.page import read_page
from tests.test_effect_follow_ups import DECIDED, not_followed
from tests.test_rounds import events, report, stand, state_of, the_round

LIST = "/portfolios/direktionen"
ROUND = f"{LIST}/rounds/2022-06"
FREEZE = f"{ROUND}/freeze"
OLD = "?round=2022-01"
TABS = ("overview", "burden", "effects")


@pytest.fixture
def closed_for_leaders(database: Engine) -> None:
    stand(database, "2022-06", RoundState.closed_for_leaders)


@pytest.fixture
def secretariat(sign_in: SignIn, sekretariat: User) -> TestClient:
    """The secretariat's browser: it sees all 38 projects, the closed one among them."""
    return sign_in(sekretariat)


def editions(database: Engine) -> list[Edition]:
    with Session(database) as session:
        return editions_of(session, 1)


def tab(browser: TestClient, name: str, query: str = "") -> Any:
    answer = browser.get(f"/api/v1{LIST}/{name}{query}")
    assert answer.status_code == 200
    return answer.json()


def rows(overview: Any) -> dict[str, Any]:
    return {row["number"]: row for group in overview["groups"] for row in group["rows"]}


def frozen(database: Engine, by: User | None = None) -> None:
    """Freezes the round of June 2022 past the pages."""
    stand(database, "2022-06", RoundState.closed_for_leaders)
    with Session(database) as session:
        freeze(session, by, the_round(session, "2022-06"), today())
        session.commit()


# ---------------------------------------------------------------------------------------------------------- the press


@pytest.mark.usefixtures("closed_for_leaders")
def test_the_freeze_is_one_press_with_one_event_and_one_edition(
    secretariat: TestClient, sekretariat: User, database: Engine
) -> None:
    before = editions(database)
    answer = send(secretariat, FREEZE)
    assert (answer.status_code, answer.headers["location"]) == (303, ROUND)
    assert state_of(database, "2022-06") is RoundState.frozen
    [event] = [event for event in events(database, "frozen") if event.subject_name == "juni 2022"]
    assert (event.actor, event.before, event.after) == (
        str(sekretariat),
        {"state": "closed_for_leaders"},
        {"state": "frozen"},
    )
    *old, new = editions(database)
    assert [each.sha256 for each in old] == [each.sha256 for each in before]
    assert (new.round.key, new.frozen_by, new.previous_sha256) == ("2022-06", str(sekretariat), old[-1].sha256)
    assert new.frozen_at == new.round.frozen_at
    assert new.is_whole
    with Session(database) as session:
        assert broken(session) == []
    page = secretariat.get(ROUND).text
    assert f'action="{ROUND}/meeting"' in page
    assert f"{LIST}/overview?round=2022-06" in page


@one_database
@pytest.mark.usefixtures("closed_for_leaders")
def test_before_the_press_stands_what_will_have_no_colour(secretariat: TestClient) -> None:
    page = read_page(secretariat.get(FREEZE).text).all("main")[0]
    assert "31 af 38" in page.text
    named = [link.text.split()[0] for link in page.all("a") if link.get("href").startswith("/projects/")]
    assert sorted(named) == ["P-005", "P-008", "P-018", "P-032", "P-039", "P-049", "P-050"]


@one_database
@pytest.mark.parametrize("state", [each for each in RoundState if each is not RoundState.closed_for_leaders])
def test_only_a_round_that_is_closed_for_leaders_can_be_frozen(
    secretariat: TestClient, database: Engine, state: RoundState
) -> None:
    stand(database, "2022-06", state)
    before = fingerprint(database)
    for answer in (secretariat.get(FREEZE), secretariat.post(FREEZE)):
        assert answer.status_code == 409
        assert str(state).lower() in answer.text
    assert fingerprint(database) == before


@one_database
@pytest.mark.usefixtures("closed_for_leaders")
def test_a_leader_cannot_freeze(sign_in: SignIn, leder: User, database: Engine) -> None:
    before = fingerprint(database)
    assert sign_in(leder).post(FREEZE).status_code == 403
    assert fingerprint(database) | {"user_session": 0} == before | {"user_session": 0}
    assert FREEZE not in sign_in(leder).get(ROUND).text


# -------------------------------------------------------------------------------------------------------- the statuses


@pytest.mark.usefixtures("closed_for_leaders")
def test_the_freeze_decides_what_each_status_is_and_approves_none(secretariat: TestClient, database: Engine) -> None:
    send(secretariat, "/projects/P-032/reports/2022-06/exemption", reason="Byrådet behandler sagen først.")
    before = {number: report(database, number).state for number in ("P-005", "P-006", "P-008", "P-032", "P-050")}
    assert list(before.values()) == ["draft", "approved", "submitted", "exempt", "returned"]
    send(secretariat, FREEZE)
    assert {number: report(database, number).state for number in before} == {
        "P-005": ReportState.not_reported,
        "P-006": ReportState.frozen,
        "P-008": ReportState.not_approved,
        "P-032": ReportState.exempt,
        "P-050": ReportState.not_reported,
    }
    found = rows(tab(secretariat, "overview", "?round=2022-06"))
    assert {number: found[number]["mark"] for number in before} == {
        "P-005": "not_reported",
        "P-006": "yellow",
        "P-008": "not_reported",
        "P-032": "exempt",
        "P-050": "not_reported",
    }
    assert [found[number]["approved_on"] for number in ("P-005", "P-008", "P-050")] == [None] * 3
    page = secretariat.get(f"{LIST}/overview?round=2022-06").text
    assert "Ikke godkendt af projektejer." in page
    assert "Projektet er fritaget for denne runde." in page


@one_database
def test_no_colour_is_carried_over_and_no_status_can_be_written_after_the_freeze(
    sign_in: SignIn, leder: User, secretariat: TestClient, database: Engine
) -> None:
    frozen(database)
    row = rows(tab(secretariat, "overview", "?round=2022-06"))["P-005"]
    assert (row["mark"], row["last_mark"], row["last_round"]) == ("not_reported", "yellow", "januar 2022")
    edit = "/projects/P-005/reports/2022-06/edit"
    assert sign_in(leder).post(edit, data={"summary": "For sent"}).status_code == 409
    assert report(database).summary != "For sent"


def test_a_project_on_the_list_without_a_status_is_not_reported(secretariat: TestClient, database: Engine) -> None:
    with Session(database) as session:
        query = select(Report).join(Project).join(ReportingRound)
        found = session.exec(query.where(Project.number == "P-049", ReportingRound.key == "2022-06")).one()
        session.delete(found)
        session.commit()
    frozen(database)
    assert report(database, "P-049").state is ReportState.not_reported


def test_what_left_before_the_freeze_is_in_neither_edition_nor_history(
    secretariat: TestClient, sekretariat: User, database: Engine
) -> None:
    with Session(database) as session:
        project = project_by_number(session, "P-006")
        assert project is not None
        form = RemovalForm(to_on=date(2022, 6, 10), reason_out="Det er gennemført.")
        remove(session, session.merge(sekretariat), project, form, DECIDED, not_followed(session, project))
        session.commit()
    frozen(database)
    assert "P-006" not in rows(tab(secretariat, "overview", "?round=2022-06"))
    with Session(database) as session:
        assert broken(session) == []
    stand(database, "2023-01", RoundState.open)
    overview = tab(secretariat, "overview")
    assert (overview["previous_round_name"], overview["left"]) == ("juni 2022", 0)


# --------------------------------------------------------------------------------------------------------- the edition


@one_database
def test_the_edition_holds_the_three_tabs_as_they_stood(secretariat: TestClient, database: Engine) -> None:
    """What is approved stays as it stands; only what was still in hand is told differently once it is frozen."""
    before = {name: tab(secretariat, name) for name in TABS}
    frozen(database)
    after = {name: tab(secretariat, name, "?round=2022-06") for name in TABS}
    now, then = rows(before["overview"]), rows(after["overview"])
    settled = [number for number, row in now.items() if row["report_state"] == "approved"]
    assert len(settled) == 31
    for number in settled:
        assert then[number] | {"report_state": "approved"} == now[number]
    assert then.keys() == now.keys()
    assert after["burden"]["groups"] == before["burden"]["groups"]
    assert after["burden"]["bodies"] == before["burden"]["bodies"]
    assert {name: len(each) for name, each in after["effects"].items() if isinstance(each, list)} == {
        name: len(each) for name, each in before["effects"].items() if isinstance(each, list)
    }


@one_database
@pytest.mark.parametrize("name", TABS)
def test_an_edition_is_shown_by_the_pages_of_today(secretariat: TestClient, name: str) -> None:
    old, now = (secretariat.get(f"{LIST}/{name}{query}").text for query in (OLD, ""))
    assert "Frosset udgave" in old
    assert "Frosset udgave" not in now
    assert "Frosset udgave: januar 2022" in read_page(old).all("main")[0].text
    headings = [[heading.text for heading in read_page(page).all("h1")] for page in (old, now)]
    assert headings[0] == headings[1]
    assert tab(secretariat, name, OLD)["round_key"] == "2022-01"


@one_database
def test_an_edition_takes_the_filters_of_the_page(secretariat: TestClient) -> None:
    for query in ("q=bolig", "theme=digitalisering", "unit=BURC", "colour=red", "kind=programme"):
        overview = tab(secretariat, "overview", f"{OLD}&{query}")
        assert 0 < overview["shown"] < overview["total"] == 35, query
        assert tab(secretariat, "burden", f"{OLD}&{query}")["shown"] == overview["shown"], query


@one_database
@pytest.mark.parametrize("key", ["2099-01", "2023-01", "x", "2022-01 "])
def test_a_round_that_is_unknown_or_planned_has_no_edition(secretariat: TestClient, database: Engine, key: str) -> None:
    stand(database, "2023-01", RoundState.planned)
    pages = [f"{LIST}/{name}" for name in (*TABS, "export.xlsx")] + [f"/api/v1{LIST}/{name}" for name in TABS]
    assert {secretariat.get(page, params={"round": key}).status_code for page in pages} == {404}
    for page in (f"{LIST}/changes?from={key}", f"{LIST}/changes?to={key}"):
        assert secretariat.get(page).status_code == 404


@one_database
def test_the_round_under_way_is_the_list_of_today(secretariat: TestClient) -> None:
    for name in TABS:
        assert tab(secretariat, name, "?round=2022-06") | {"filters": 0} == tab(secretariat, name) | {"filters": 0}


@one_database
def test_a_status_outside_the_rounds_is_in_no_tab_and_no_edition(
    secretariat: TestClient, sign_in: SignIn, leder: User, database: Engine
) -> None:
    before = [tab(secretariat, name) for name in TABS]
    note = "/projects/P-006/notes"
    assert send(sign_in(leder), f"{note}/new", note, text="Kvartalets opfølgning").status_code == 303
    assert [tab(secretariat, name) for name in TABS] == before
    frozen(database)
    assert "Kvartalets opfølgning" not in editions(database)[-1].content


@one_database
def test_a_project_that_is_red_again_says_for_how_many_rounds(secretariat: TestClient, database: Engine) -> None:
    """The history of an edition is counted up to its own round."""
    found = [rows(tab(secretariat, "overview", query))["P-007"] for query in (OLD, "")]
    assert [(row["mark"], row["rounds_in_colour"], row["trend"]) for row in found] == [
        ("red", 3, "same"),
        ("red", 4, "same"),
    ]
    for query, words in ((OLD, "rød i 3 runder, siden januar 2021"), ("", "rød i 4 runder, siden januar 2021")):
        page = secretariat.get(f"{LIST}/overview{query}").text
        assert words in page
        assert f"Uændret · {words.split()[2]}. runde" in read_page(page).text
    secretariat.post("/language", data={"language": "en", "next": "/"})
    assert "Unchanged · 4 rounds in a row" in read_page(secretariat.get(f"{LIST}/overview").text).text


@one_database
def test_a_frozen_round_whose_edition_is_missing_is_not_shown_as_the_list_of_today(
    secretariat: TestClient, database: Engine
) -> None:
    """As a list made by `generate` has it: the round is frozen, and no edition was kept."""
    with Session(database) as session:
        the_round(session, "2022-06").state = RoundState.frozen
        session.commit()
    assert secretariat.get(f"{LIST}/overview?round=2022-06").status_code == 404


def test_the_export_of_an_edition_is_the_same_every_time(
    secretariat: TestClient, sign_in: SignIn, laeser: User, database: Engine
) -> None:
    first = secretariat.get(f"{LIST}/export.xlsx{OLD}").content
    with Session(database) as session:
        project = project_by_number(session, "P-006")
        assert project is not None
        project.title = "Et andet navn"
        session.commit()
    frozen(database)
    secretariat.post("/language", data={"language": "en", "next": "/"})
    assert secretariat.get(f"{LIST}/export.xlsx{OLD}").content == first
    assert sign_in(laeser).get(f"{LIST}/export.xlsx{OLD}").content != first


# --------------------------------------------------------------------------------------------------- closed projects


def texts(browser: TestClient) -> Iterator[str]:
    for name in TABS:
        yield browser.get(f"{LIST}/{name}{OLD}").text
        yield browser.get(f"/api/v1{LIST}/{name}{OLD}").text
    yield browser.get(f"{LIST}/changes?from=2021-06&to=2022-01").text
    yield browser.get(f"{LIST}/changes").text


@one_database
def test_an_edition_hides_what_its_reader_may_not_see_today(
    sign_in: SignIn, chefforum: User, direktion: User, admin: User, lukket_medlem: User, database: Engine
) -> None:
    for user in (direktion, lukket_medlem):
        assert all("Køb af ejendom til botilbud" in text for text in texts(sign_in(user)))
    with Session(database) as session:
        now_closed = project_by_number(session, "P-007")
        assert now_closed is not None
        now_closed.confidentiality = Confidentiality.closed
        session.commit()
    for user in (chefforum, admin):
        for text in texts(sign_in(user)):
            assert "L-01" not in text
            assert "Køb af ejendom til botilbud" not in text
            assert "P-007" not in text
            assert "Omdannelse af Blåkildegård" not in text
    assert tab(sign_in(chefforum), "overview", OLD)["total"] == 33
    assert tab(sign_in(direktion), "overview", OLD)["total"] == 35


@one_database
def test_the_fingerprint_which_also_covers_closed_projects_is_for_those_who_may_see_them(
    sign_in: SignIn, sekretariat: User, leder: User, database: Engine
) -> None:
    shown = next(each.sha256 for each in editions(database) if each.round.key == "2022-01")[:16]
    assert shown in sign_in(sekretariat).get(f"{LIST}/overview{OLD}").text
    assert shown not in sign_in(leder).get(f"{LIST}/overview{OLD}").text


@one_database
def test_an_edition_takes_as_many_questions_however_much_has_happened_since(
    secretariat: TestClient, queries: Queries
) -> None:
    with queries() as asked:
        secretariat.get(f"/api/v1{LIST}/overview{OLD}")
    assert len(asked) < 12


# -------------------------------------------------------------------------------------------------------------- addenda

ADDENDA = f"{LIST}/rounds/2022-01/addenda"
SAID = "Beløbet for P-007 skulle være 3,2 mio. kr."


def test_an_addendum_stands_dated_beside_the_edition_which_is_unchanged(
    secretariat: TestClient, sign_in: SignIn, laeser: User, sekretariat: User, database: Engine
) -> None:
    before = [each.sha256 for each in editions(database)]
    data = [tab(secretariat, name, OLD) for name in TABS]
    export = secretariat.get(f"{LIST}/export.xlsx{OLD}").content
    answer = send(secretariat, f"{ADDENDA}/new", ADDENDA, text=SAID)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}/rounds/2022-01")
    with Session(database) as session:
        [addendum] = session.exec(select(Addendum))
        assert (addendum.text, addendum.added_on, addendum.author) == (SAID, today(), str(sekretariat))
        assert broken(session) == []
    [event] = events(database, "created", "Addendum")
    assert (event.actor, event.after) == (str(sekretariat), {"text": SAID})
    assert [each.sha256 for each in editions(database)] == before
    assert [tab(secretariat, name, OLD) for name in TABS] == data
    assert secretariat.get(f"{LIST}/export.xlsx{OLD}").content == export
    for name in TABS:
        page = sign_in(laeser).get(f"{LIST}/{name}{OLD}").text
        assert SAID in page
        assert "13-06-2022" in page
        assert SAID not in sign_in(laeser).get(f"{LIST}/{name}?round=2021-06").text


@one_database
def test_an_addendum_says_something(secretariat: TestClient, database: Engine) -> None:
    assert_each_refused(
        secretariat,
        f"{ADDENDA}/new",
        ADDENDA,
        [
            ({"text": ""}, {"text": "Udfyld »" + gettext("Addendum") + "«"}),
            ({"text": "Kort"}, {"text": "Skriv mindst 10 tegn"}),
            ({"text": "x" * 601}, {"text": "Skriv højst 600 tegn (1 tegn for meget)"}),
        ],
    )
    with Session(database) as session:
        assert session.exec(select(Addendum)).all() == []


@one_database
def test_only_a_frozen_round_has_addenda(secretariat: TestClient, sign_in: SignIn, leder: User) -> None:
    assert secretariat.get(f"{ROUND}/addenda/new").status_code == 404
    assert secretariat.post(f"{ROUND}/addenda", data={"text": SAID}).status_code == 404
    assert sign_in(leder).post(ADDENDA, data={"text": SAID}).status_code == 403


@one_database
def test_an_edition_keeps_that_what_a_meeting_ordered_was_overdue(secretariat: TestClient, database: Engine) -> None:
    found = rows(tab(secretariat, "overview")).values()
    green = next(row["number"] for row in found if row["mark"] == "green" and not row["signals"])
    with Session(database) as session:
        project = project_by_number(session, green)
        board = a_meeting(session, date(2022, 2, 28))
        decision = a_decision(session, board, project_id=project.pk if project else None)
        a_task(session, decision, board, date(2022, 6, 1), key="glemt", text="Evaluer forsøget")
        session.commit()
    frozen(database)
    with Session(database) as session:
        task = session.exec(select(Task).where(Task.key == "glemt")).one()
        task.state, task.ended_on = TaskState.done, date(2022, 6, 10)
        session.commit()
    said = {"kind": "W8", "facts": [["task", "Evaluer forsøget"], ["days", 12]]}
    assert said in rows(tab(secretariat, "overview", "?round=2022-06"))[green]["signals"]
    page = read_page(secretariat.get(f"{LIST}/overview?round=2022-06").text).text
    assert "»Evaluer forsøget« er bestilt og er 12 dage over frist" in page
    assert [row["signals"] for row in rows(tab(secretariat, "overview", OLD)).values()]  # older ones can still be read
