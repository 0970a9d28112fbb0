"""Chefforum: what to talk about next, what came out of last time, who carries most, and the quarters (Q15, J5, D11)."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.models import Event, Project, Task, Topic, User
from app.models.follow_up import FollowUp
from app.models.project import Kind
from app.models.task import TaskState
from app.models.topic import TopicState
from app.tabs.task_force import QuarterState, build_followed, quarters_of
from tests.conftest import Queries, SignIn, one_database
from tests.fields import part, send
from tests.page import read_page
from tests.small_list import TODAY, SmallList
from tests.test_tasks import todos
from tests.writes import FORUM

HERE = "/portfolios/direktionen/management-forum"
TOPICS = "/portfolios/direktionen/topics"
WAITING, UP, SOON, TREATED = (
    f"{TOPICS}/{key}" for key in ("centerchefer-2022", "moeder-2018", "forslag-2022", "hele-direktionen-2022")
)


def held(*days: date, evidence: str = "Referat") -> list[FollowUp]:
    return [
        FollowUp(project_id=1, no=no, held_on=day, body="Chefforum", conclusion="Det går", evidence=evidence)
        for no, day in enumerate(days, start=1)
    ]


@one_database
def test_the_page_says_what_is_next_what_came_of_last_time_and_what_is_still_open(
    sign_in: SignIn, chefforum: User
) -> None:
    page = sign_in(chefforum).get(HERE).text
    coming, last = part(page, "next"), part(page, "last")
    assert "Næste gang: 23-06-2022" in coming
    assert "1. Ni forslag om civilsamfund og lokale fællesskaber 45 min." in coming
    assert "Hvilke centre skal inddrages, og hvornår? (konstrueret)" in coming
    assert "Sidst: 24-03-2022" in last
    assert "Chefforum foreslår, at kun én direktør deltager fast i § 17.4-udvalget." in last
    assert "Udført Regn på § 17.4-udvalget med én fast direktør" in last
    assert "Størrelsen af møderne i § 17.4-udvalget På dagsordenen 15-05-2018" in part(page, "no-outcome")
    assert "Belastning af centerchefer i Nyt Fokus" in part(page, "no-meeting")
    assert "har ventet 35 dage" in part(page, "no-meeting")


@one_database
def test_the_table_lists_every_topic_the_one_without_an_outcome_first(sign_in: SignIn, leder: User) -> None:
    page = read_page(sign_in(leder).get(HERE).text)
    [table] = [each for each in page.all("div") if each.get("aria-label") == "Tabel: emner til Chefforum"]
    rows = [[cell.text for cell in row.all("th", "td")] for row in table.all("tbody")[0].all("tr")]
    assert [row[0].split(" P-")[0] for row in rows] == [
        "Størrelsen af møderne i § 17.4-udvalget",
        "Ni forslag om civilsamfund og lokale fællesskaber",
        "Belastning af centerchefer i Nyt Fokus",
        "Hele Direktionen i samme udvalg",
        "Centerchefernes fora og arbejdet med KKR",
    ]
    assert rows[0][1:] == ["29-01-2018", "15-05-2018 senest 15-05-2018", "FKC", "Intet resultat noteret"]
    assert rows[2][1:] == ["09-05-2022", "Ikke planlagt senest 30-09-2022", "Ikke udpeget", "–"]


@one_database
def test_the_three_most_loaded_stand_with_their_bodies_as_on_belastning(sign_in: SignIn, chefforum: User) -> None:
    browser = sign_in(chefforum)
    burden = browser.get("/api/v1/portfolios/direktionen/burden").json()
    load = browser.get(f"/api/v1{HERE}").json()["load"]
    wanted = [(each["name"], each["points"], each["bodies"]) for each in burden["most_loaded"]]
    assert [(each["name"], each["points"], each["bodies"]) for each in load["most_loaded"]] == wanted
    assert len(wanted) == 3
    assert load["whole_board"] == ["§ 17.4-udvalg Nyt Fokus"]
    page = browser.get(HERE).text
    for name, _points, bodies in wanted:
        assert name in part(page, "load")
        assert ", ".join(bodies) in part(page, "load")
    assert "siden januar 2022" in part(page, "main")


def test_a_quarter_without_a_follow_up_is_missing_and_one_without_evidence_is_marked() -> None:
    found = quarters_of(
        [*held(date(2021, 3, 4)), *held(date(2021, 11, 30), evidence="")], date(2020, 11, 2), date(2022, 2, 1)
    )
    assert [(quarter.label, quarter.state.value) for quarter in found] == [
        ("1. kvartal 2021", "held"),
        ("2. kvartal 2021", "missing"),
        ("3. kvartal 2021", "missing"),
        ("4. kvartal 2021", "unproven"),
        ("1. kvartal 2022", "awaited"),
    ]
    assert [quarter.state.value for quarter in quarters_of([], None, date(2022, 2, 1))] == []
    assert len(quarters_of(held(date(2021, 11, 30)), None, date(2022, 2, 1))) == 2


@one_database
def test_task_forces_stand_with_their_last_follow_up_its_evidence_and_the_quarters_that_are_missing(
    sign_in: SignIn, laeser: User
) -> None:
    page = part(sign_in(laeser).get(HERE).text, "task-forces")
    assert "1 er over frist" in page
    assert "Evalueringen fra 2017 mangler stadig" in page
    assert "Opfølgning på Direktionens beslutning 09-01-2017 (konstrueret)" in page
    assert "02-03-2022 103 dage over frist" in page
    assert "16 af 20 kvartaler mangler" in page
    assert "Fulgt op 02-12-2021" in page


@one_database
def test_a_task_force_that_is_new_shows_the_same_quarters_as_the_others(small: SmallList) -> None:
    small.project("Ny taskforce", kind=Kind.task_force, starts_on=date(2022, 2, 1))
    small.project("Et projekt")
    [force] = build_followed(small.session, small.portfolio, TODAY)
    states = [quarter.state for quarter in force.quarters]
    assert states == [QuarterState.before] * 7 + [QuarterState.awaited]
    assert (force.next_on, force.owed, force.missing, force.overdue) == (date(2022, 5, 1), 0, 0, True)


def test_the_secretariat_sends_plans_and_takes_down_the_outcome_with_a_task(
    sign_in: SignIn, sekretariat: User, leder: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, f"{TOPICS}/new", TOPICS, title="Fælles indkøb af it", questions="Hvem køber?\nHvor meget?")
    assert answer.status_code == 303
    here = str(answer.headers["location"])
    assert send(browser, f"{here}/meeting", minutes="25").status_code == 303
    page = part(browser.get(HERE).text, "next")
    assert "2. Fælles indkøb af it 25 min." in page
    assert send(browser, f"/meetings/{FORUM}", f"{here}/position", up="on").status_code == 303
    assert "1. Fælles indkøb af it 25 min." in part(browser.get(HERE).text, "next")
    early = send(browser, f"{here}/outcome", outcome="Vi køber sammen.", no_follow_up="Det er aftalt.")
    assert early.status_code == 422
    assert "Emnet er på dagsordenen til mødet 23-06-2022" in early.text
    assert send(browser, here, f"{here}/postponement").status_code == 303
    lacking = send(browser, f"{here}/outcome", outcome="Vi køber sammen.")
    assert lacking.status_code == 422
    assert "Vi køber sammen." in lacking.text
    whole = {"task": "Lav en fælles aftale", "owner_id": str(leder.person_id), "due_on": "01-10-2022"}
    assert send(browser, f"{here}/outcome", outcome="Vi køber sammen.", **whole).status_code == 303
    told = part(browser.get(here).text, "main")
    assert "Åben Lav en fælles aftale" in told
    with Session(database) as session:
        topic = session.exec(select(Topic).where(Topic.title == "Fælles indkøb af it")).one()
        events = [event.action for event in session.exec(select(Event).where(Event.subject_name == topic.title))]
    assert (topic.state, topic.questions) == (TopicState.treated, ["Hvem køber?", "Hvor meget?"])
    assert events == ["sent", "planned", "moved", "taken_off", "treated"]


@one_database
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"outcome": ""}, "Udfyld »Udbytte«"),
        ({"outcome": "Godt", "due_on": "01-09-2022"}, "Skriv, hvad opgaven er"),
        ({"outcome": "Godt", "task": "Skriv"}, "Vælg en person eller et center"),
        ({"outcome": "Godt", "task": "Skriv", "owner_id": "1"}, "Skriv, hvornår den skal være udført"),
        ({"outcome": "Godt", "no_follow_up": "Nej", "treated_on": "14-06-2022"}, "Datoen ligger i fremtiden"),
        ({"outcome": "Godt", "no_follow_up": "Nej", "treated_on": "14-05-2018"}, "dagsordenen til mødet 15-05-2018"),
    ],
)
def test_an_outcome_that_is_not_whole_is_refused_with_what_was_typed(
    typed: dict[str, str], said: str, sign_in: SignIn, sekretariat: User
) -> None:
    answer = send(sign_in(sekretariat), f"{UP}/outcome", **typed)
    assert answer.status_code == 422
    assert said in part(answer.text, "errors")


@one_database
def test_a_step_that_the_state_forbids_says_so(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    for address in (f"{TREATED}/lapse", f"{WAITING}/reopening"):
        assert browser.get(address).status_code == 409
    answer = browser.post(f"{WAITING}/postponement")
    assert answer.status_code == 409
    assert "emnet er sendt" in answer.text


@one_database
def test_a_topic_that_is_taken_up_again_shows_its_course(sign_in: SignIn, sekretariat: User, laeser: User) -> None:
    browser = sign_in(sekretariat)
    assert send(browser, f"{TREATED}/reopening", reason="Scenariet er regnet").status_code == 303
    assert send(browser, f"{TREATED}/meeting").status_code == 303
    page = part(sign_in(laeser).get(TREATED).text, "main")
    assert "24-03-2022 Chefforum foreslår, at kun én direktør" in page
    assert "13-06-2022 Genoptaget : Scenariet er regnet" in page.replace("Genoptaget:", "Genoptaget :")
    assert "23-06-2022 På dagsordenen" in page
    forum = sign_in(laeser).get(HERE).text
    assert "Sidst (24-03-2022): Chefforum foreslår" in part(forum, "next")
    assert "Genoptaget" in part(forum, "last")


@one_database
def test_a_decision_on_what_to_talk_about_waits_until_it_has_become_a_topic(
    sign_in: SignIn, sekretariat: User, laeser: User, database: Engine
) -> None:
    assert "Ingen beslutning" in part(sign_in(laeser).get(HERE).text, "decided")
    with Session(database) as session:
        text = "Drøft i Chefforum, hvordan taskforcens opgaver drives videre"
        task = session.exec(select(Task).where(col(Task.text).startswith(text))).one()
        task.state, task.ended_on = TaskState.open, None
        session.commit()
    assert "taskforcens opgaver" in part(sign_in(laeser).get(HERE).text, "decided")
    links = read_page(sign_in(sekretariat).get(HERE).text).all("a")
    [link] = [
        each.get("href") for each in links if "taskforcens opgaver" in each.text and "decision=" in each.get("href")
    ]
    answer = send(sign_in(sekretariat), link, TOPICS)
    assert answer.status_code == 303
    assert "taskforcens opgaver" not in part(sign_in(laeser).get(HERE).text, "decided")
    with Session(database) as session:
        topic = session.exec(select(Topic).where(Topic.key == answer.headers["location"].rpartition("/")[2])).one()
    assert topic.decision_id
    assert topic.sent_on < TODAY


@one_database
def test_a_topic_about_a_closed_project_is_only_there_for_those_who_may_see_it(
    sign_in: SignIn, sekretariat: User, lukket_leder: User, chefforum: User, admin: User, database: Engine
) -> None:
    before = sign_in(chefforum).get(HERE).text
    sent = send(sign_in(sekretariat), f"{TOPICS}/new", TOPICS, title="Det hemmelige køb", project="L-01")
    here = str(sent.headers["location"])
    send(sign_in(sekretariat), f"{here}/meeting", minutes="15")
    assert sign_in(chefforum).get(HERE).text == before
    assert sign_in(chefforum).get(here).status_code == 404
    assert sign_in(lukket_leder).get(here).status_code == 200
    assert "Det hemmelige køb" in sign_in(lukket_leder).get(HERE).text
    assert "emmelige køb" not in sign_in(admin).get("/events").text


@one_database
def test_the_front_page_asks_for_topics_without_a_meeting_and_of_their_owners(
    sign_in: SignIn, sekretariat: User, leder: User, database: Engine
) -> None:
    asked = [words for _address, words in todos(sign_in(sekretariat).get("/").text) if "emnet" in words]
    assert [todo.split("«")[0] for todo in asked] == [
        "Skriv, hvad der kom ud af emnet »Størrelsen af møderne i § 17.4-udvalget",
        "Find et møde til emnet »Belastning af centerchefer i Nyt Fokus",
    ]
    with Session(database) as session:
        for key in ("forslag-2022", "centerchefer-2022"):
            topic = session.exec(select(Topic).where(Topic.key == key)).one()
            topic.owner_id, topic.due_on = leder.person_id, date(2022, 6, 10)
        session.commit()
    asked = [words for _address, words in todos(sign_in(leder).get("/").text) if "emnet" in words]
    assert [todo.split("«")[0] for todo in asked] == [
        "Få emnet »Belastning af centerchefer i Nyt Fokus",
        "Forbered emnet »Ni forslag om civilsamfund og lokale fællesskaber",
    ]


@one_database
def test_a_proposal_of_a_scenario_becomes_a_topic_with_its_reason(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, f"{TOPICS}/new?proposal=udvalg-17-4", TOPICS)
    assert answer.status_code == 303
    with Session(database) as session:
        topic = session.exec(select(Topic).order_by(col(Topic.id).desc())).first()
    assert topic
    assert topic.title.startswith("At kun én direktør")
    assert topic.proposal_id
    assert topic.questions[0].startswith("Hele Direktionen sidder i dag fast i udvalget")


@one_database
def test_the_meeting_of_the_forum_shows_its_topics_and_the_task_forces_that_are_due(
    sign_in: SignIn, chefforum: User
) -> None:
    page = part(sign_in(chefforum).get(f"/meetings/{FORUM}").text, "topics")
    assert "1. Ni forslag om civilsamfund og lokale fællesskaber 45 min." in page
    assert "Hvilke centre skal inddrages, og hvornår? (konstrueret)" in page
    assert "P-002 Task force for udsatte boligområder : frist 02-03-2022 103 dage over frist" in page


@one_database
def test_a_key_that_names_nothing_sends_nothing(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    assert browser.get(f"{TOPICS}/new?decision=findes-ikke").status_code == 404
    assert browser.get(f"{TOPICS}/findes-ikke").status_code == 404
    answer = browser.post(TOPICS, data={"title": "Et emne", "candidate": "findes-ikke"})
    assert answer.status_code == 404


@one_database
def test_the_number_of_queries_does_not_grow_with_the_topics(
    sign_in: SignIn, laeser: User, database: Engine, queries: Queries
) -> None:
    browser = sign_in(laeser)
    browser.get(HERE)
    with queries() as few:
        browser.get(HERE)
    with Session(database) as session:
        known = session.exec(select(Topic).where(Topic.key == "hele-direktionen-2022")).one()
        project = session.exec(select(Project).where(Project.number == "P-006")).one()
        facts = known.model_dump(exclude={"id", "version", "key", "project_id"})
        session.add_all(Topic(**facts, project_id=project.pk, key=f"emne-{no}") for no in range(100))
        session.commit()
    with queries() as many:
        assert browser.get(HERE).text.count("emne-") > 100
    assert len(many) == len(few) < 60
