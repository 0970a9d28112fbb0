"""A closed project is invisible to those who may not see it, down to the last byte (product.md, decision 10).

Two worlds: the demo list, and the same list in which the closed project was never made. In both, the secretariat then
goes on working, so that numbers given later would tell of what was made between. Whoever may not see the closed project
must get the same answers in both.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.orm import joinedload
from sqlmodel import Session, SQLModel, col, select
from starlette.testclient import TestClient

import app.demo.meetings
import app.demo.organisation
import app.demo.projects
import app.demo.rounds
from app.access import session_cookie
from app.demo import load_demo
from app.demo.source import read_projects
from app.main import create_app
from app.models import (
    Body,
    BodyProject,
    EffectTarget,
    Event,
    Mail,
    Person,
    Placement,
    Project,
    Seat,
    User,
    visibility,
)
from app.models.base import rel
from app.models.project import Confidentiality
from app.models.user_session import start_session
from app.post_office import write_todays_letters
from app.tabs.questions import QUESTIONS
from tests.conftest import SignIn, one_database
from tests.databases import ACCOUNTS, CAST, House, add_accounts, upgrade
from tests.page import form_on, read_page
from tests.test_access import EXAMPLES, READING
from tests.writes import FORUM, PLACES, WRITES

CLOSED = "L-01"
EXPORT, FILES = "/portfolios/direktionen/export.xlsx", "/portfolios/direktionen/exports"
HIDDEN_BODY = "Styregruppen for ejendomskøb til botilbud"
NO_OPEN_PROJECT = "11"
"""The theme »Grøn omstilling«, which no open project serves."""
NEXT_MEETING = "/meetings/20"
"""The board's meeting on the round under way; half of its candidates are taken up, the others only found."""
AT_WORK = datetime(2022, 6, 13, 10, tzinfo=UTC)
MAY_SEE = ("sekretariat", "direktion", "lukket_leder", "lukket_ejer", "lukket_medlem")
MAY_NOT = tuple(name for name in CAST if name not in MAY_SEE)
READERS = [("sqlite", "laeser"), ("sqlite", "leder"), ("sqlite", "admin"), ("postgresql", "chefforum")]
"""One of each role, on either kind of database; an owner reads what a leader reads."""
on_both = pytest.mark.parametrize("worlds", ["sqlite", "postgresql"], indirect=True)
on_one = pytest.mark.parametrize("worlds", ["sqlite"], indirect=True)


@dataclass(frozen=True)
class Worlds:
    """The application on the two databases."""

    real: FastAPI
    twin: FastAPI

    def __iter__(self) -> Iterator[FastAPI]:
        yield from (self.real, self.twin)


def without(keys: set[str], facts: Any) -> Any:
    """What the demo list's files say, with everything about these projects left out."""
    if isinstance(facts, dict):
        return {key: without(keys, value) for key, value in facts.items() if key not in keys}
    if isinstance(facts, list):
        return [without(keys, item) for item in facts if not _about(keys, item)]
    return facts


def _about(keys: set[str], item: Any) -> bool:
    return isinstance(item, dict) and bool({item.get("key"), item.get("project"), *item.get("projects", ())} & keys)


def load_without_closed(session: Session) -> None:
    """The demo list as it would be if nobody had ever made the closed project."""
    closed = {project["key"] for project in read_projects() if project["confidentiality"] == "closed"}
    with pytest.MonkeyPatch.context() as files:
        for module in (app.demo.organisation, app.demo.projects, app.demo.rounds, app.demo.meetings):
            for name in ("read", "read_projects"):
                if hasattr(module, name):
                    read: Callable[..., Any] = getattr(module, name)
                    files.setattr(module, name, lambda *named, read=read: without(closed, read(*named)))
        load_demo(session)


@pytest.fixture(scope="module")
def worlds(request: pytest.FixtureRequest) -> Iterator[Worlds]:
    house: House = request.getfixturevalue(request.param)
    with ExitStack() as kept, time_machine.travel(AT_WORK, tick=False):
        engines = [kept.enter_context(house.empty()) for _world in range(2)]
        for engine, load in zip(engines, (load_demo, load_without_closed), strict=True):
            upgrade(engine)
            with Session(engine) as session:
                load(session)
                add_accounts(session)
                session.commit()
        found = Worlds(*(create_app(engine) for engine in engines))
        work_on_the_closed_project(found.real)
        for world in found:
            go_on_working(world)
        yield found


def browser(world: FastAPI, name: str) -> TestClient:
    engine: Engine = world.state.engine
    client = TestClient(world, follow_redirects=False, headers={"Accept-Encoding": "identity"})
    with Session(engine) as session:
        user = session.exec(select(User).where(User.email == ACCOUNTS.get(name, f"{name}@demo.example"))).one()
        client.cookies.set(session_cookie(), start_session(session, user))
        session.commit()
    return client


def fill_in(client: TestClient, page: str, action: str, typed: dict[str, str]) -> str:
    form = form_on(client, page, action)
    answer = client.post(action, data=form.values | typed)
    assert answer.status_code == 303, f"{action} answers {answer.status_code}"
    return str(answer.headers["location"])


def work_on_the_closed_project(world: FastAPI) -> None:
    """Changes that leave events and numbers of the closed project's own."""
    client = browser(world, "sekretariat")
    here = f"/projects/{CLOSED}"
    fill_in(client, f"{here}/edit", f"{here}/edit", {"title": "Hemmeligt køb af ejendom"})
    fill_in(client, f"{here}/milestones/new", f"{here}/milestones", {"text": "Hemmelig", "due_on": "01-09-2022"})
    fill_in(client, f"{here}/bodies/new", f"{here}/bodies", {"name": "Den hemmelige gruppe"})
    fill_in(client, f"{here}/key-persons", f"{here}/key-persons", {"unit_2": "9"})
    fill_in(
        client, f"{here}/staffing/new", f"{here}/staffing", {"function": "Hemmelig køber", "fte": "7", "unit_id": "2"}
    )
    fill_in(client, f"{here}/staffing/2/split/2022", f"{here}/staffing/2/split/2022", {"unit_1": "30", "unit_2": "70"})
    fill_in(
        client, f"{here}/funding-needs/new", f"{here}/funding-needs", {"purpose": "Køb", "year": "2022", "amount": "9"}
    )
    fill_in(client, f"{here}/relations/new", f"{here}/relations", {"other": "P-037"})
    fill_in(client, f"{here}/relations/new", f"{here}/relations", {"other": "P-006", "kind": "goal_conflict"})
    target = f"{here}/effect-targets/1"
    changed = {"target_value": "999999", "reason": "Hemmelig aftale om prisen"}
    fill_in(client, f"{target}/versions/new", f"{target}/versions", changed)
    compared = {"name": "Hemmelig kommune", "measured_on": "31-12-2021", "value": "888888", "source": "FLIS"}
    fill_in(client, f"{target}/benchmarks/new", f"{target}/benchmarks", compared)
    fill_in(client, f"{here}/implementation", f"{here}/implementation", {"receiver": "Hemmelig drift"})
    fill_in(client, f"{here}/strategy", f"{here}/strategy", {"theme_ids": NO_OPEN_PROJECT})
    said = {"verb": "decided", "text": "Hemmelig beslutning", "request": "Et hemmeligt notat", "project": CLOSED}
    task = {"task": "Hemmelig opgave", "responsible": "u1", "due_on": "01-06-2022"}
    for on in ("recommendation-1", "item-1", ""):
        fill_in(client, f"/meetings/12/decisions/new?on={on}", "/meetings/12/decisions", said | task)
    proposed = f"{here}/proposals/new-removal"
    fill_in(client, proposed, proposed, {"reason": "Hemmeligt køb er gennemført"})
    topics = "/portfolios/direktionen/topics"
    topic = fill_in(client, f"{topics}/new", topics, {"title": "Hemmeligt emne", "project": CLOSED})
    fill_in(client, f"{topic}/meeting", f"{topic}/meeting", {"minutes": "30"})
    fill_in(client, f"/meetings/{FORUM}", f"{topic}/position", {"up": "on"})
    due = {"text": "Hemmelig opgave", "owner_id": "1", "due_on": "14-06-2022"}
    fill_in(client, f"{topic}/tasks/new", f"{topic}/tasks", due)


def go_on_working(world: FastAPI) -> None:
    """What the secretariat does afterwards, in both worlds."""
    client = browser(world, "sekretariat")
    here = fill_in(client, "/projects/new", "/projects", {"title": "Et nyt åbent projekt", "theme_id": "1"})
    assert here == "/projects/P-053"
    fill_in(
        client,
        f"{here}/placement",
        f"{here}/placement",
        {"decided_on": "13-06-2022", "wording": "Det sættes på listen."},
    )
    fill_in(client, f"{here}/bodies/new", f"{here}/bodies", {"name": "Styregruppen for det nye"})
    seats = f"{here}/bodies/1/seats"
    fill_in(client, f"{seats}/new", seats, {"person_id": "1", "from_on": "13-06-2022"})
    target = f"{here}/effect-targets"
    fill_in(client, f"{target}/new", target, {"name": "Et nyt mål", "unit_of_measure": "antal"})
    measured = {"measured_on": "01-06-2022", "value": "3", "source": "Optælling"}
    fill_in(client, f"{target}/1/measurements/new", f"{target}/1/measurements", measured)
    fill_in(client, f"{here}/relations/new", f"{here}/relations", {"other": "P-037"})
    fill_in(client, "/people/new", "/people", {"name": "Nye Nielsen"})
    round_ = "/portfolios/direktionen/rounds/2022-06"
    assert fill_in(client, round_, f"{round_}/meeting", {}) == NEXT_MEETING
    for subject in ("attention", "forum"):
        fill_in(client, NEXT_MEETING, f"{NEXT_MEETING}/recommendations/{subject}/acceptance", {})
    proposed = "/portfolios/direktionen/proposals/new-listing"
    said = {"reason": "Der er brug for det.", "large": "on", "admission_reason": "Stort: hele kommunen."}
    fill_in(client, proposed, proposed, said | {"title": "Et foreslået projekt"})


@cache
def closed_words() -> tuple[str, ...]:
    """Words that only the closed project has, or that are about it: the searches of somebody who suspects."""
    [project] = [project for project in read_projects() if project["number"] == CLOSED]
    words = [CLOSED, project["title"], *project["title"].split(), *project["case_numbers"], *project["externals"]]
    return (*words, "Hemmeligt", "Anders Ravn", "Dorthe Hede", "botilbud", "Ejendomskøb", "SHC", "l")


FRAGMENTS = {
    "overview": "projects",
    "burden": "burden",
    "map": "burden-map",
    "effects": "effects",
    "what-if": "what-if",
    "tasks": "tasks",
}
FILTERED = ("overview", "burden", "map", "effects", "benefits", "export.xlsx")
"""The last part of the addresses that take filters and a search."""
SUSPECTED = (CLOSED, "Hemmeligt", "ejendom", "Anders Ravn", "SHC")
EVERYTHING = "laeser"
"""Who looks at every page of every project and person, with every filter; the others look at each kind of page."""


def addresses(engine: Engine, name: str) -> list[str]:
    """What somebody looks at: every address that reads, with several projects and people, filters and searches."""
    with Session(engine) as session:
        projects = [*session.exec(select(Project.number).order_by(Project.number)), "L-02", "L-99"]
        people = [str(key) for key in session.exec(select(Person.id).order_by(Person.id))]  # type: ignore[arg-type] # a key
        about_it = select(Person.id).where(Person.name.in_(["Anders Ravn", "Dorthe Hede", "Birgit Stenvang"]))  # type: ignore[attr-defined] # a column
        near = [str(key) for key in session.exec(about_it)]
        of_account = select(User.person_id).where(User.email == ACCOUNTS.get(name, f"{name}@demo.example"))
        own = [f"/people/{key}/registered{form}" for key in session.exec(of_account) if key for form in ("", ".json")]
    everything = name == EVERYTHING
    found = [EXAMPLES.get(path, path.format(**(PLACES | {"number": n}))) for path in READING for n in ("P-006", CLOSED)]
    found += own
    found += [f"/projects/{number}" for number in (projects if everything else ("P-037", "P-053", "L-02", "L-99"))]
    found += [f"/people/{key}" for key in (people if everything else near)]
    found += [f"/projects/{CLOSED}/bodies/{no}{page}" for no in (2, 3, 40) for page in ("", "/edit")]
    chain, questions = "/portfolios/direktionen/chain", "/portfolios/direktionen/questions"
    editions = ("", "?round=2022-01")
    asked = QUESTIONS if everything else ()
    found += [f"{questions}?round=2022-01", *(f"{questions}/{each.key}{query}" for each in asked for query in editions)]
    found += ["/portfolios/direktionen/strategy?year=2017", "/portfolios/direktionen/strategy?round=2022-01"]
    found += [f"{chain}?project={CLOSED}", f"{chain}?project=P-037", f"{chain}?delayed={CLOSED}&days=9"]
    filters = [f"q={word}" for word in (closed_words() if everything else SUSPECTED)] + [
        "unit=SHC",
        "kind=construction",
    ]
    if everything:
        filters += ["theme=effektiv-administration-og-oekonomi", "colour=yellow", "round=2022-01", "kind=closed"]
        filters += [f"owner={key}" for key in near]
    tabs = [path.format(**PLACES) for path in READING if path.rpartition("/")[2] in FILTERED]
    few = [f"q={CLOSED}", "unit=SHC"]
    return [
        *dict.fromkeys(found),
        *(f"{tab}?{query}" for tab in tabs for query in (few if "export" in tab or "/api/" in tab else filters)),
    ]


def in_every_form(client: TestClient, address: str) -> Iterator[tuple[str, bytes]]:
    """What an address answers, as a page and as the fragment of it that htmx asks for."""
    yield "page", masked(client.get(address))
    path, _mark, query = address.partition("?")
    fragment = FRAGMENTS.get(path.rpartition("/")[2])
    if path.startswith("/portfolios/") and fragment and query in ("", f"q={CLOSED}", "unit=SHC"):
        headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": f"div#{fragment}"}
        yield fragment, masked(client.get(address, headers=headers))


DRAWN = re.compile(
    rb"((?:decision|candidate|deferral)-|(?:decisions|tasks|topics|proposals|sessions)/|decision=|"
    rb'"(?:key|decision|proposal|candidate|ref)":")[\w-]{11}(?![\w-])'
)
"""Keys that are drawn at random: no two worlds draw the same."""


def masked(answer: Any) -> bytes:
    """Status, headers and body, without the request's own random number, the keys of proposals, which are drawn at
    random, and how small a workbook was packed."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items() if name != "content-length")
    body = re.sub(rb'(<code>|"id":")[0-9a-f]{12}(</code>|")', b"", answer.content)
    body = DRAWN.sub(rb"\1", body)
    body = re.sub(rb'(name="once" value=")[\w-]{16}"', rb'\1"', body)
    body = re.sub(rb"/proposals/[\w-]{11}(?=[\"/?])", b"/proposals/KEY", body)
    if body.startswith(b"PK"):
        body = b"".join(unzipped(body))
    return f"{answer.status_code}\n{headers}\n\n".encode() + body


def unzipped(workbook: bytes) -> Iterator[bytes]:
    """Every part of a workbook, under its name."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        for name in parts.namelist():
            yield name.encode() + b"\n" + parts.read(name)


def first_difference(real: bytes, twin: bytes) -> str:
    place = next((n for n, (a, b) in enumerate(zip(real, twin, strict=False)) if a != b), min(len(real), len(twin)))
    start = max(0, place - 60)
    return f"{real[start : place + 60]!r} is not {twin[start : place + 60]!r}"


def differences(worlds: Worlds, name: str, everywhere: list[str]) -> dict[str, str]:
    """Where the two worlds do not answer a reader the same, with the first place that differs."""
    real, twin = (browser(world, name) for world in worlds)
    told = {}
    for address in everywhere:
        both = zip(in_every_form(real, address), in_every_form(twin, address), strict=True)
        for (form, here), (_form, there) in both:
            if here != there:
                told[f"{address} as {form}"] = first_difference(here, there)
    return told


@pytest.mark.parametrize(("worlds", "name"), READERS, indirect=["worlds"])
def test_whoever_may_not_see_it_gets_the_answers_of_a_world_without_it(worlds: Worlds, name: str) -> None:
    everywhere = addresses(worlds.real.state.engine, name)
    assert len(everywhere) > 80
    assert not differences(worlds, name, everywhere)


LEAKS: list[tuple[str, str, set[type[SQLModel]]]] = [
    ("laeser", "/portfolios/direktionen/overview", {Project, Placement}),
    ("laeser", "/portfolios/direktionen/burden", {Project, Placement, Body, BodyProject, Seat}),
    ("laeser", "/portfolios/direktionen/effects", {Project, Placement, EffectTarget}),
    ("admin", "/events", {Event}),
]
"""A page that would tell of the closed project if these classes were no longer narrowed: a row, a sum or a count."""


@on_one
def test_a_leak_in_one_row_sum_or_count_is_found(worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted faults: the comparison must find what it is there to find."""
    whole = visibility._narrowed
    for name, address, kinds in LEAKS:

        def leaking(
            hidden: tuple[int, ...], bodies: tuple[int, ...], kinds: set[type[SQLModel]] = kinds
        ) -> tuple[Any, ...]:
            return tuple(each for each in whole(hidden, bodies) if each.entity.class_ not in kinds)

        assert not differences(worlds, name, [address])
        with monkeypatch.context() as planted:
            planted.setattr(visibility, "_narrowed", leaking)
            assert differences(worlds, name, [address]), address


@on_both
def test_the_letters_of_those_who_may_not_see_it_are_those_of_a_world_without_it(worlds: Worlds) -> None:
    letters = []
    for world in worlds:
        with Session(world.state.engine) as session:
            write_todays_letters(session)
            found = session.exec(select(Mail).options(joinedload(rel(Mail.person))).order_by(col(Mail.address))).all()
            may_see = {"Dorthe Hede", "Anders Ravn", "Birgit Stenvang"}
            letters.append(
                [
                    (each.address, each.subject, KEY.sub("/", each.body))
                    for each in found
                    if each.person.name not in may_see and not sees_closed(session, each.person_id)
                ]
            )
            session.rollback()
    assert len(letters[0]) > 3
    assert letters[0] == letters[1]


KEY = re.compile(r"/[\w-]{11}(?=\s|$)")
"""A drawn key at the end of an address."""


def sees_closed(session: Session, person_id: int) -> bool:
    user = session.exec(select(User).where(User.person_id == person_id)).first()
    return user is not None and user.sees_closed


@pytest.mark.parametrize(("worlds", "name"), [("sqlite", "anden_leder"), ("sqlite", "admin")], indirect=["worlds"])
def test_whoever_may_not_see_it_cannot_write_to_it_and_is_not_told_why(worlds: Worlds, name: str) -> None:
    below = [path for path in WRITES if "{number}" in path]
    real, twin = (browser(world, name) for world in worlds)
    for path in below:
        answers = [
            masked(client.post(path.format(**(PLACES | {"number": number}))))
            for client in (real, twin)
            for number in (CLOSED, "L-99")
        ]
        assert answers[0][:3] in (b"404", b"403"), path
        assert len({re.sub(rb"L-\d\d", b"", answer) for answer in answers}) == 1, path


@on_one
def test_its_title_and_its_group_can_be_used_again_by_somebody_who_does_not_know_of_them(worlds: Worlds) -> None:
    answers = []
    for world in worlds:
        client = browser(world, "leder")
        action = "/projects/P-006/bodies"
        form = form_on(client, f"{action}/new", action)
        answers.append(masked(client.post(action, data=form.values | {"name": "Den hemmelige gruppe"})))
        answers.append(masked(client.post(f"{action}/choose", data={"body": HIDDEN_BODY})))
    assert answers[0].startswith(b"303")
    assert answers[:2] == answers[2:]


@on_one
def test_the_next_open_project_gets_the_next_number_in_both_worlds(worlds: Worlds) -> None:
    for world in worlds:
        with Session(world.state.engine) as session:
            open_ones = select(Project.number).where(Project.confidentiality != Confidentiality.closed)
            numbers = sorted(session.exec(open_ones))
        assert numbers == [f"P-{n:03d}" for n in range(1, len(numbers) + 1)]


@on_one
@pytest.mark.parametrize("name", MAY_SEE)
def test_whoever_may_see_it_sees_it_everywhere(worlds: Worlds, name: str) -> None:
    client = browser(worlds.real, name)
    assert client.get(f"/projects/{CLOSED}").status_code == 200
    for address in ("/portfolios/direktionen/overview", "/api/v1/portfolios/direktionen/overview"):
        assert "Hemmeligt køb af ejendom" in client.get(address).text
        assert CLOSED in client.get(f"{address}?q=hemmeligt").text
    assert "Ejendomskøb" in client.get("/portfolios/direktionen/burden").text
    assert "botilbud" in client.get("/portfolios/direktionen/effects").text
    real, _twin = [b"".join(unzipped(browser(world, name).get(EXPORT).content)) for world in worlds]  # both log it
    assert "Hemmeligt køb af ejendom" in real.decode(errors="replace")


@on_one
def test_what_leaves_the_house_is_the_file_of_a_world_without_it_and_the_log_of_it_tells_nothing(
    worlds: Worlds,
) -> None:
    editions = [f"{FILES}?q={CLOSED}", f"{FILES}?round=2022-01", FILES]
    given = {"recipient": "housing", "note": "Domea", "confirmed": "on"}
    files = []
    for world in worlds:
        client = browser(world, "sekretariat")
        client.get(EXPORT)  # all of it, for the house
        files.append([client.post(to, data={"profile": "external"} | given).content for to in editions])
    assert all(file.startswith(b"PK") for file in files[0])
    assert files[0] == files[1]
    real, twin = (masked(browser(world, "admin").get("/events")) for world in worlds)
    assert real == twin, first_difference(real, twin)


@one_database
def test_the_one_who_leaves_its_steering_group_no_longer_sees_it(
    sign_in: SignIn, sekretariat: User, lukket_medlem: User
) -> None:
    client, seat = sign_in(lukket_medlem), f"/projects/{CLOSED}/bodies/1/seats/2/edit"
    assert client.get(f"/projects/{CLOSED}").status_code == 200
    fill_in(sign_in(sekretariat), seat, seat, {"to_on": "12-06-2022"})
    assert client.get(f"/projects/{CLOSED}").status_code == 404
    assert CLOSED not in client.get("/portfolios/direktionen/overview").text


def test_a_project_that_is_closed_is_gone_at_the_next_request_and_comes_back_when_it_is_opened(
    sign_in: SignIn, cast: dict[str, User]
) -> None:
    secretariat, other, here = sign_in(cast["sekretariat"]), sign_in(cast["anden_leder"]), "/projects/P-006"
    assert other.get(here).status_code == 200
    closed = fill_in(secretariat, f"{here}/edit", f"{here}/edit", {"confidentiality": "closed"})
    assert closed == "/projects/L-02"
    for address in (here, closed):
        assert other.get(address).status_code == 404
    for tab in ("overview", "burden", "effects"):
        assert "Charlottekvarteret" not in other.get(f"/portfolios/direktionen/{tab}").text
    for name in ("leder", "ejer", "direktion"):
        assert sign_in(cast[name]).get(closed).status_code == 200
    assert fill_in(secretariat, f"{closed}/edit", f"{closed}/edit", {"confidentiality": "open"}) == here
    assert other.get(here).status_code == 200


@on_one
def test_every_page_says_that_closed_projects_are_not_included_also_when_there_are_none(worlds: Worlds) -> None:
    for world in worlds:
        for name in MAY_NOT:
            client = browser(world, name)
            for address in ("/", "/portfolios/direktionen/overview", "/projects/P-006"):
                assert "Lukkede projekter indgår ikke" in read_page(client.get(address).text).text, (name, address)
