"""The questions of the board, asked of the demo list. What they must answer is computed here from the list's own files.

The reader is somebody who may not see closed projects, unless a test says otherwise.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.demo.source import read, read_projects
from app.i18n import speaking
from app.models import Placement, Portfolio, Project, User
from app.models.milestone import Precision, last_day
from app.tabs.external import external_tabs_of
from app.tabs.filters import Filters
from app.tabs.questions import QUESTIONS
from tests.conftest import Queries, SignIn, one_database
from tests.fields import part
from tests.page import Element, read_page

pytestmark = one_database

TODAY = date(2022, 6, 13)
PAGE, API = "/portfolios/direktionen/questions", "/api/v1/portfolios/direktionen/questions"
STATUSES, ORGANISATION, MEETINGS = read("statuses.toml"), read("organisation.toml"), read("meetings.toml")["meeting"]
LETTERS: dict[str, str] = STATUSES["letters"]
ROUNDS = {table["key"]: table for table in STATUSES["round"]}
PLACES = list(ROUNDS)
NOW = PLACES[-1]
PROJECTS = {table["key"]: table for table in read_projects()}
OPEN = [key for key, table in PROJECTS.items() if table["confidentiality"] != "closed"]
PEOPLE = {table["key"]: table for table in ORGANISATION["person"]}
TOPICS = read("meetings.toml")["topic"]
PROPOSALS = read("proposals.toml")["proposal"]
REPORTS = {"2022-01": read("reports/2022-01.toml"), NOW: read("reports/2022-06.toml")}
SEVERITY = "GYR"
DIMENSIONS = ("tid", "økonomi", "ressourcer", "leverance og kvalitet", "implementering", "effekt")


@pytest.fixture
def reader(sign_in: SignIn, laeser: User) -> TestClient:
    return sign_in(laeser)


def letter(key: str, a_round: str = NOW) -> str:
    return LETTERS[key][PLACES.index(a_round)]


def listed(a_round: str = NOW) -> list[str]:
    """The open projects on the list in a round."""
    return [key for key in OPEN if letter(key, a_round) != "-"]


def those(letters: str, a_round: str = NOW) -> list[str]:
    return [key for key in listed(a_round) if letter(key, a_round) in letters]


def numbers(keys: Iterable[str]) -> set[str]:
    return {PROJECTS[key]["number"] for key in keys}


def ask(browser: TestClient, key: str, edition: str = "") -> dict[str, Any]:
    """The answer as JSON; the page must say the same sentence first and have the same tables, each with its caption."""
    query = f"?round={edition}" if edition else ""
    answer: dict[str, Any] = browser.get(f"{API}/{key}{query}").json()
    html = browser.get(f"{PAGE}/{key}{query}").text
    page = read_page(html)
    assert page.all("h1")[0].text == answer["title"]
    assert part(html, "answer").startswith(answer["answer"]["sentence"])
    filled = [table for table in answer["answer"]["tables"] if table["rows"]]
    drawn = page.all("table")
    assert [table.all("caption")[0].text for table in drawn] == [table["title"] for table in filled]
    for table, said in zip(drawn, filled, strict=True):
        assert len(table.all("tr")) == 1 + len(said["rows"]) + bool(said["total"])
        assert [head.text for head in table.all("th")[: len(said["columns"])]] == [c["title"] for c in said["columns"]]
    origin = part(html, "origin")
    assert all(each in origin for each in answer["answer"]["missing"])
    assert "Lukkede projekter indgår ikke." in origin
    return answer


def sentence(answer: dict[str, Any]) -> str:
    said: str = answer["answer"]["sentence"]
    return said


def rows(answer: dict[str, Any], table: str) -> list[dict[str, str]]:
    """A table's rows, each cell as its lines in one text."""
    found = next(each for each in answer["answer"]["tables"] if each["key"] == table)
    return [
        {column: " | ".join(line["text"] for line in cell["lines"]) for column, cell in row.items()}
        for row in found["rows"]
    ]


def linked(answer: dict[str, Any], table: str, column: str) -> list[str]:
    """The addresses that a column leads to, row by row."""
    found = next(each for each in answer["answer"]["tables"] if each["key"] == table)
    return [line["address"] for row in found["rows"] for line in row[column]["lines"] if line["address"]]


def projects_in(answer: dict[str, Any], table: str, column: str = "project") -> list[str]:
    return [address.removeprefix("/projects/") for address in linked(answer, table, column)]


def missing(answer: dict[str, Any]) -> str:
    return " ".join(answer["answer"]["missing"])


# ------------------------------------------------------------------------------------------------------------ status


def test_1_which_projects_are_red_why_and_what_must_we_decide(reader: TestClient) -> None:
    answer, reds = ask(reader, "red"), those("R")
    assert sentence(answer).startswith(f"{len(reds)} projekter er røde: ")
    assert all(PROJECTS[key]["title"] in sentence(answer) for key in reds)
    told = {row["project"]: row for row in rows(answer, "red")}
    assert len(told) == len(reds)
    for key in reds:
        report = REPORTS[NOW][key]
        row = next(row for text, row in told.items() if PROJECTS[key]["number"] in text)
        worst = DIMENSIONS[report["colours"].index("R")]
        assert row["why"].lower().startswith(f"{worst} | ")
        assert worst in sentence(answer)
        assert row["decision"].startswith(report["decision"])
        assert row["options"] == " | ".join(report["options"])
        assert row["by"] == f"{report['decision_by']:%d-%m-%Y}"
        assert row["path"].startswith(report["path"]["action"])
    first = min(REPORTS[NOW][key]["decision_by"] for key in reds)
    assert f"Direktionen skal træffe {len(reds)} beslutninger, den første senest {first:%d-%m-%Y}." in sentence(answer)
    silent = [key for key in those("dsbx") if key not in those("dsbx", NOW) or letter(key, "2022-01") != "-"]
    assert f"{len(silent)} projekter er ikke indberettet" in missing(answer)


def test_1_of_an_edition(reader: TestClient) -> None:
    answer = ask(reader, "red", "2018-01")
    [red] = those("R", "2018-01")
    assert sentence(answer).startswith(f"1 projekt er rødt: {PROJECTS[red]['title']}. Værst er effekt.")
    assert projects_in(answer, "red") == [PROJECTS[red]["number"]]
    assert answer["round_name"] == "januar 2018"


def worse(before: str, now: str) -> list[str]:
    both = [key for key in those("RYG", before) if letter(key, now) in "RYG"]
    return [key for key in both if SEVERITY.index(letter(key, now)) > SEVERITY.index(letter(key, before))]


def test_2_what_is_worse_than_last_time_and_what_was_promised_then(reader: TestClient) -> None:
    answer, found = ask(reader, "worsened"), worse("2022-01", NOW)
    assert sentence(answer).startswith(f"{len(found)} projekter er forværret siden januar 2022: ")
    assert set(projects_in(answer, "worse")) == numbers(found)
    promised = {key: report["path"] for key, report in REPORTS["2022-01"].items() if "path" in report and key in OPEN}
    outcome = {key: kept(key, path["when"]) for key, path in promised.items()}
    counted = Counter(outcome.values())
    assert f"Af {len(promised)} løfter dengang: " in sentence(answer)
    assert all(f"{n} {how.lower()}" in sentence(answer) for how, n in counted.items())
    told = {row["project"]: row for name in ("worse", "promises") for row in rows(answer, name)}
    for key, path in promised.items():
        row = next(row for text, row in told.items() if PROJECTS[key]["number"] in text)
        assert row["promise"] == f"{path['action']} | {path['who']}"
        assert (row["by"], row["kept"]) == (f"{path['when']:%d-%m-%Y}", outcome[key])
    assert len(told) == len(set(promised) | set(found))


def kept(key: str, when: date) -> str:
    now = letter(key)
    if now == "G":
        return "Holdt"
    if when >= TODAY:
        return "Ikke forfaldent"
    return "Ikke holdt" if now in "RY" else "Kan ikke vurderes"


def test_2_of_an_edition_is_since_the_one_before_it_and_the_first_has_none(reader: TestClient) -> None:
    answer = ask(reader, "worsened", "2018-06")
    assert set(projects_in(answer, "worse")) == numbers(worse("2018-01", "2018-06"))
    assert "siden januar 2018" in sentence(answer)
    assert sentence(ask(reader, "worsened", "2018-01")) == "Der er ingen tidligere udgave at sammenligne med."


def signals(key: str) -> set[str]:
    """What speaks against a green project, found in the files: W3 is known of one only, which the test names."""
    table, report, before = PROJECTS[key], REPORTS[NOW][key], REPORTS["2022-01"].get(key, {})
    late = any(
        "done_on" not in each and last_day(each["due_on"], Precision(each.get("precision", "day"))) < TODAY
        for each in table["milestones"]
    )
    moved = (table["planned_end_on"] - table.get("baseline_end_on", table["planned_end_on"])).days >= 90
    measurable = any(
        {"baseline_value", "baseline_on", "target_value", "target_on"} <= target.keys()
        for target in table.get("effect_targets", ())
        if target["indicator_type"] not in ("output", "context")
    )
    found = {
        "W1": bool(set(report["colours"]) & {"R", "Y"}),
        "W2": late or moved,
        "W3": key == "rehab",
        "W5": report["summary"] == before.get("summary"),
        "W6": report["colours"][5] == "G" and not measurable,
        "W8": any(task["due"] < TODAY for task in tasks_on(TODAY, key)),
    }
    return {name for name, speaks in found.items() if speaks}


def test_3_which_greens_do_we_not_believe(reader: TestClient) -> None:
    answer, greens = ask(reader, "doubtful-greens"), those("G")
    doubted = {PROJECTS[key]["number"]: signals(key) for key in greens if signals(key)}
    assert sentence(answer).startswith(f"{len(doubted)} af {len(greens)} grønne projekter bør efterprøves: ")
    assert set(projects_in(answer, "doubted")) == doubted.keys()
    for number, row in zip(projects_in(answer, "doubted"), rows(answer, "doubted"), strict=True):
        assert {name for name in ("W1", "W2", "W3", "W5", "W6", "W8", "W9") if name in row["signals"]} == doubted[
            number
        ]
    assert "»Evaluering af indsats og organisering« er 1616 dage over frist" in str(rows(answer, "doubted"))
    assert "W4" in missing(answer)


def test_3_of_an_edition(reader: TestClient) -> None:
    answer = ask(reader, "doubtful-greens", "2018-01")
    assert f"af {len(those('G', '2018-01'))} grønne projekter" in sentence(answer)


def test_4_who_lacks_a_status_and_whose_responsibility_is_it(reader: TestClient) -> None:
    answer, lacking = ask(reader, "missing"), those("dsbx")
    assert sentence(answer).startswith(
        f"{len(lacking)} af {len(listed())} projekter mangler en godkendt status i juni 2022."
    )
    owed = {row["project"]: row for row in rows(answer, "owed")}
    assert set(projects_in(answer, "owed")) == numbers(lacking)
    for key in lacking:
        row = next(row for text, row in owed.items() if PROJECTS[key]["number"] in text)
        role = "owner" if letter(key) == "s" else "leader"
        who = PEOPLE[PROJECTS[key][role]]["name"] if PROJECTS[key].get(role) else "Mangler"
        assert row["who"].startswith(f"{who} | {'Projektejer' if role == 'owner' else 'Projektleder'}")
        assert row["unit"] == PROJECTS[key].get("responsible_unit", "Mangler")
    by_unit = Counter(PROJECTS[key].get("responsible_unit", "Mangler") for key in lacking)
    assert {row["who"]: int(row["owes"]) for row in rows(answer, "owing") if row["role"] == "Center"} == by_unit


def test_4_of_editions_names_the_silent_and_says_when_nobody_was(reader: TestClient) -> None:
    [silent] = those("x", "2020-01")
    answer = ask(reader, "missing", "2020-01")
    of = len(listed("2020-01"))
    assert sentence(answer) == f"1 af {of} projekter mangler en status i januar 2020: {PROJECTS[silent]['title']}."
    assert projects_in(answer, "silent") == [PROJECTS[silent]["number"]]
    everybody = sentence(ask(reader, "missing", "2018-01"))
    assert (
        everybody
        == f"Ingen mangler status: alle {len(listed('2018-01'))} projekter på listen er indberettet i januar 2018."
    )


def links(*kinds: str) -> list[tuple[str, dict[str, Any]]]:
    """The relations of open projects on the list with what is open as well, or with the world outside."""
    return [
        (key, link)
        for key in listed()
        for link in PROJECTS[key].get("links", ())
        if link["type"] in kinds and link.get("to", OPEN[0]) in OPEN and link.get("ended_on", TODAY) >= TODAY
    ]


def test_12_what_depends_on_what_and_where_does_a_delay_land(reader: TestClient) -> None:
    answer = ask(reader, "dependencies")
    over = ("realisation", "finished")
    live = [
        (key, link) for key, link in links("depends_on", "awaits") if PROJECTS[link.get("to", key)]["phase"] not in over
    ]
    assert sentence(answer).startswith(f"{len(live)} afhængigheder binder ")
    assert len(rows(answer, "links")) == len(live)
    outside = Counter(link["outside"] for _key, link in live if link["type"] == "awaits")
    assert all(f"{name} ({n})" in sentence(answer) for name, n in outside.items())
    days = (date(2023, 6, 30) - PROJECTS["brandingstrategi"]["planned_end_on"]).days
    assert f"værst Revision af brandingstrategien med {days} dage" in sentence(answer)
    assert rows(answer, "links")[0]["slack"] == f"Kolliderer med {days} dage"
    assert {"P-001", "P-007", "P-048"} == set(projects_in(answer, "landings", "what"))
    frozen = ask(reader, "dependencies", "2018-01")
    assert sentence(frozen).startswith("Udgaven januar 2018 gemmer ikke relationer mellem projekter")
    assert frozen["day"] == str(TODAY)


# ---------------------------------------------------------------------------------------------------------- the list


def proposed(kind: str, a_round: str) -> list[dict[str, Any]]:
    """What was proposed to the board's meeting on a round, in the order in which it was."""
    return sorted(
        (each for each in PROPOSALS if (each["kind"], each["round"]) == (kind, a_round)),
        key=lambda each: each["raised_on"],
    )


CRITERIA = {"large": "stort", "cross_cutting": "tværgående", "strategic": "strategisk"}


@pytest.mark.parametrize(("edition", "n"), [("", 2), ("2022-01", 1), ("2018-01", 0)])
def test_5_which_new_projects_should_be_on_the_list_and_which_criteria_do_they_meet(
    reader: TestClient, edition: str, n: int
) -> None:
    answer, found = ask(reader, "proposals", edition), proposed("listing", edition or NOW)
    assert len(found) == n
    if not found:
        assert sentence(answer) == "Ingen har foreslået et nyt projekt."
    told = rows(answer, "proposals")
    assert len(told) == n
    for row, proposal in zip(told, found, strict=True):
        about = PROJECTS.get(proposal.get("project", ""), {})
        title: str = proposal.get("title") or about["title"]
        met = [word for name, word in CRITERIA.items() if proposal.get(name)]
        assert row["proposal"].startswith(title)
        assert [row[name] for name in CRITERIA] == ["Ja" if proposal.get(name) else "Nej" for name in CRITERIA]
        assert (row["why"], row["reason"]) == (proposal["reason"], proposal["admission_reason"])
        assert row["who"] == f"{PEOPLE[proposal['raised_by']]['name']} | {proposal['raised_on']:%d-%m-%Y}"
        assert f"{title} ({' og '.join([', '.join(met[:-1]), met[-1]] if met[1:] else met)})" in sentence(answer)
        assert row["answer"].startswith("Besluttet." if edition else "Afventer Direktionen")
    full = sum(all(each.get(name) for name in CRITERIA) for each in found)
    assert not found or f"{full} opfylder alle tre kriterier." in sentence(answer)


def test_6_which_projects_can_be_removed_and_which_effects_are_followed(reader: TestClient) -> None:
    answer = ask(reader, "removals")
    over = [
        key
        for key in listed()
        if PROJECTS[key]["phase"] in ("realisation", "finished", "stopped")
        or PROJECTS[key].get("planned_end_on", TODAY) < TODAY
        or PROJECTS[key].get("expires_on", date.max) <= TODAY
    ]
    asked_for = proposed("removal", NOW)
    leaving = [*over, *(each["project"] for each in asked_for)]
    assert projects_in(answer, "leaving") == [PROJECTS[key]["number"] for key in leaving]
    titles = " og ".join(PROJECTS[key]["title"] for key in leaving)
    assert sentence(answer).startswith(f"{len(leaving)} projekter kan fjernes fra listen: {titles}.")
    assert "Udløb den 31-01-2022." in rows(answer, "leaving")[0]["why"]
    assert rows(answer, "leaving")[-1]["why"].endswith(asked_for[-1]["reason"])
    [target] = PROJECTS["tf_bolig"]["effect_targets"]
    assert rows(answer, "leaving")[0]["days"] == f"{target['name']}: 13-12-2022, 13-06-2023"
    followed = {
        key: [look for look in PROJECTS[key]["effect_follow_ups"] if "approved_on" not in look]
        for key in OPEN
        if PROJECTS[key].get("effect_follow_ups")
    }
    still = {key: looks for key, looks in followed.items() if looks}
    assert set(projects_in(answer, "followed")) == numbers(still)
    assert f"{len(still)} projekter, der har forladt listen, følges stadig" in sentence(answer)
    late = [look for looks in still.values() for look in looks if look["on"] < TODAY and "reported_on" not in look]
    assert f"{len(late)} opfølgning er over fristen" in sentence(answer)


def test_6_of_an_edition_says_that_it_does_not_keep_when_projects_expire(reader: TestClient) -> None:
    answer = ask(reader, "removals", "2018-01")
    gone = [key for key in listed("2018-01") if PROJECTS[key].get("planned_end_on", date.max) < date(2018, 1, 22)]
    assert numbers(gone) <= set(projects_in(answer, "leaving"))
    assert "Udgaven gemmer ikke, hvornår projekter udløber." in missing(answer)


@pytest.mark.parametrize("edition", ["2018-01", "2020-01"])
def test_16_the_list_as_it_looked_in_an_edition(reader: TestClient, edition: str) -> None:
    answer, then = ask(reader, "as-it-was", edition), listed(edition)
    name = ROUNDS[edition]["name"]
    assert answer["title"] == f"Vis listen, som den så ud i {name}"
    assert sentence(answer).startswith(f"I {name} stod der {len(then)} projekter på listen: ")
    for letters, one, many in (("R", "rødt", "røde"), ("Y", "gult", "gule"), ("G", "grønt", "grønne")):
        n = len(those(letters, edition))
        assert f"{n} {one if n == 1 else many}" in sentence(answer)
    here, since = set(then) & set(listed()), set(listed()) - set(then)
    assert (
        f"{len(here)} af dem er der stadig, {len(then) - len(here)} har forladt listen, og {len(since)} er kommet til"
        in sentence(answer)
    )
    assert set(projects_in(answer, "projects")) == numbers(then)
    left = [row for row in rows(answer, "projects") if row["now"] == "Har forladt listen"]
    assert len(left) == len(then) - len(here)


def test_16_without_an_edition_looks_back_to_the_first_and_offers_all(reader: TestClient) -> None:
    assert ask(reader, "as-it-was")["title"] == "Vis listen, som den så ud i januar 2018"
    offered = {link.get("href") for link in read_page(reader.get(f"{PAGE}/as-it-was").text).all("a")}
    assert {f"{PAGE}/as-it-was?round={key}" for key in PLACES[:-1]} <= offered


def test_17_what_may_we_give_to_the_housing_organisations(
    reader: TestClient, sign_in: SignIn, direktion: User, database: Engine
) -> None:
    answer = ask(reader, "external")
    assert sentence(answer).startswith(f"Vi må give fakta om {len(listed())} projekter, men ikke navne på medarbejdere")
    assert "offentlighedsloven § 23, stk. 2" in sentence(answer)
    assert set(projects_in(answer, "projects")) == numbers(listed())
    said = str(answer["answer"]["tables"])
    assert not [person["name"] for person in PEOPLE.values() if person["name"] in said]
    with Session(database) as session:
        portfolio = session.exec(select(Portfolio)).one()
        overview, _burden, _effects = external_tabs_of(session, portfolio, Filters())
    assert {row.number for group in overview.groups for row in group.rows} == numbers(listed())
    left_out = " ".join(row["what"] for row in rows(answer, "kept-back"))
    assert all(what in left_out for what in ("Navne", "Nøglepersoner", "Interne vurderinger", "Lukkede projekter"))
    assert not missing(answer)
    seen = sign_in(direktion).get(f"{API}/external").json()
    assert sentence(seen) == sentence(answer), "who may see closed projects may not give them either"
    closed = [key for key in PROJECTS if key not in OPEN and letter(key) != "-"]
    assert f"{len(closed)} lukket projekt er udeladt." in missing(seen)
    assert "L-0" not in str(seen["answer"]["tables"])


# ------------------------------------------------------------------------------------------------------------ burden


def serving(on: date, on_list: Iterable[str]) -> list[dict[str, Any]]:
    """The bodies of a day that serve one of these projects."""
    return [
        body
        for body in ORGANISATION["body"]
        if set(body["projects"]) & set(on_list)
        and body.get("valid_from", date.min) <= on <= body.get("valid_to", date.max)
    ]


def sitting(body: dict[str, Any], on: date) -> list[dict[str, Any]]:
    """The seats of a body that somebody of the municipality holds on a day."""
    return [
        seat
        for seat in body["seats"]
        if "person" in seat
        and seat["from"] <= on <= seat.get("to", date.max)
        and not PEOPLE[seat["person"]].get("external")
    ]


@pytest.mark.parametrize(("edition", "on"), [("", TODAY), ("2018-01", date(2018, 1, 22))])
def test_7_who_sits_in_most_bodies_and_where_is_the_whole_board(reader: TestClient, edition: str, on: date) -> None:
    answer = ask(reader, "seats", edition)
    bodies = serving(on, listed(edition or NOW))
    seats = Counter(person for body in bodies for person in {seat["person"] for seat in sitting(body, on)})
    most = [PEOPLE[person]["name"] for person, n in seats.items() if n == max(seats.values())]
    assert all(name in sentence(answer).partition(" sidder i flest")[0] for name in most)
    assert f"sidder i flest organer: {max(seats.values())} hver." in sentence(answer)
    told = {row["person"].partition(" | ")[0]: int(row["seats"]) for row in rows(answer, "people")}
    known = {PEOPLE[person]["name"]: n for person, n in seats.items()}
    assert told.items() <= known.items()
    assert all(n in told.values() for n in (max(seats.values()), 4))
    board = {person["key"] for person in PEOPLE.values() if person.get("unit") == "DIR"}
    whole = [
        body["name"]
        for body in bodies
        if board <= {seat["person"] for seat in sitting(body, on) if seat["attendance"] == "fixed"}
    ]
    assert whole, "the demo list has one"
    assert f"Hele Direktionen ({len(board)}) sidder i {len(whole)} organ" in sentence(answer)
    assert all(name in sentence(answer) for name in whole)
    assert [row["now"] for row in rows(answer, "whole-board")] == [str(len(board))] * len(whole)
    assert [row["after"] for row in rows(answer, "whole-board")] == ["1"] * len(whole)


def test_8_which_centre_carries_most_and_on_which_projects(reader: TestClient) -> None:
    answer = ask(reader, "units")
    persons: Counter[str] = Counter()
    for key in listed():
        persons.update(PROJECTS[key].get("key_persons", {}))
    [(unit, n), *_others] = persons.most_common()
    assert sentence(answer).startswith(f"{unit} (")
    assert f"bærer mest: {n} nøglepersoner med over 5 timer om ugen" in sentence(answer)
    told = {
        row["unit"].partition(" | ")[0]: int(row["key_persons"].partition(" | ")[0]) for row in rows(answer, "units")
    }
    assert {code: told[code] for code in persons} == dict(persons)
    on = {
        PROJECTS[key]["number"]: str(PROJECTS[key]["key_persons"][unit])
        for key in listed()
        if PROJECTS[key].get("key_persons", {}).get(unit)
    }
    shown = dict(
        zip(projects_in(answer, "projects"), (row["key_persons"] for row in rows(answer, "projects")), strict=True)
    )
    assert {number: count for number, count in shown.items() if count not in ("0", "Ukendt")} == on
    silent = [key for key in listed() if "key_persons" not in PROJECTS[key]]
    assert f"{len(silent)} af {len(listed())} projekter har ikke oplyst deres nøglepersoner" in missing(answer)


def below(key: str) -> set[str]:
    children = {each for each in OPEN if PROJECTS[each].get("parent") == key}
    return children.union(*(below(each) for each in children))


@pytest.mark.parametrize(("edition", "on"), [("", TODAY), ("2018-01", date(2018, 1, 22))])
def test_18_how_many_steering_groups_has_nyt_fokus(reader: TestClient, edition: str, on: date) -> None:
    answer = ask(reader, "steering-groups", edition)
    family = {"nyt_fokus", *below("nyt_fokus")} & set(listed(edition or NOW))
    bodies = serving(on, family)
    steering = [body for body in bodies if "steering_group" in body["type"]]
    filled = sum(len({seat["person"] for seat in sitting(body, on)}) for body in bodies)
    meetings = sum(body.get("meetings_per_year", 0) for body in bodies)
    assert answer["title"] == "Hvor mange styregrupper har Nyt Fokus på udsatte boligområder?"
    assert f"har {len(bodies)} organer, heraf {len(steering)} styregrupper, med {filled} besatte" in sentence(answer)
    assert f"mindst {meetings} møder om året" in sentence(answer), "the council has not said how often it meets"
    assert {row["body"].partition(" | ")[0] for row in rows(answer, "bodies")} == {body["name"] for body in bodies}
    assert "1 organ har ikke oplyst det" in rows(answer, "programmes")[0]["meetings"]


# ----------------------------------------------------------------------------------------------------------- effects


def aimed() -> list[dict[str, Any]]:
    """The effect targets of the list: deliveries and context are none."""
    return [
        target
        for key in listed()
        for target in PROJECTS[key].get("effect_targets", ())
        if target["indicator_type"] not in ("output", "context")
    ]


def percent_of_path(target: dict[str, Any]) -> int:
    """The share of a straight path that the latest figure has come, at the end of its period; halves upwards."""
    latest = max(target["measurements"], key=lambda each: each["on"])
    at = last_day(latest["on"], Precision(latest.get("precision", "day")))
    gone = (at - target["baseline_on"]).days / (target["target_on"] - target["baseline_on"]).days
    expected = (target["target_value"] - target["baseline_value"]) * gone
    return int((latest["value"] - target["baseline_value"]) / expected * 100 + 0.5)


def test_9_do_we_get_the_effects_that_we_decided(reader: TestClient) -> None:
    answer, targets = ask(reader, "effects"), aimed()
    complete = {"baseline_value", "baseline_on", "target_value", "target_on"}
    straight = {
        target["name"]: percent_of_path(target)
        for target in targets
        if complete <= target.keys()
        and target.get("path") == "linear"
        and any(each["on"] > target["baseline_on"] for each in target.get("measurements", ()))
    }
    told = {row["target"].partition(" | ")[0]: row["share"] for row in rows(answer, "paths")}
    assert len(straight) > 8
    for name, percent in straight.items():
        assert told[name].startswith(f"{percent} pct."), name
    behind = [name for name, percent in straight.items() if percent < 90]
    assert f"{len(told)} af {len(targets)} effektmål kan bedømmes" in sentence(answer)
    assert all(name in sentence(answer) for name in behind)
    no_baseline = sum("baseline_value" not in target for target in targets)
    no_figure = sum("target_value" not in target for target in targets)
    assert f"{no_baseline} mangler en baseline og {no_figure} et måltal." in sentence(answer)
    without = [key for key in listed() if not any(t in aimed() for t in PROJECTS[key].get("effect_targets", ()))]
    assert f"{len(without)} af {len(listed())} projekter har intet effektmål" in missing(answer)


def test_9_of_an_edition_judges_what_was_measured_then(reader: TestClient) -> None:
    answer = ask(reader, "effects", "2018-01")
    assert "af 22 effektmål kan bedømmes" in sentence(answer)
    assert "P-028" not in str(answer["answer"]["tables"])


def danish(amount: float) -> str:
    return f"{amount:.3f}".rstrip("0").replace(".", ",").replace(",", ",0", 1 if amount == round(amount) else 0)


@pytest.mark.parametrize("edition", ["", "2018-01"])
def test_10_how_much_of_the_benefits_is_realised_identified_in_the_air(reader: TestClient, edition: str) -> None:
    answer = ask(reader, "benefits", edition)
    lines = [(key, line) for key in listed(edition or NOW) for line in PROJECTS[key].get("benefits", ())]
    left: Counter[tuple[str, int]] = Counter()
    for key, line in lines:
        left[key, line["year"]] += round(1000 * (line["budget"] - line.get("realised", 0) - line.get("identified", 0)))
    sums = {
        name: round(sum(line.get(name, 0) for _key, line in lines), 3) for name in ("budget", "realised", "identified")
    }
    air = sum(max(each, 0) for each in left.values()) / 1000
    assert sentence(answer).startswith(
        f"Af {danish(sums['budget'])} mio. kr. i budgetterne er {danish(sums['realised'])} realiseret ("
    )
    assert f"{danish(sums['identified'])} identificeret og {danish(air)} i luften." in sentence(answer)
    share = round(100 * (sums["realised"] + sums["identified"]) / sums["budget"])
    assert f"tilsammen {share} pct." in sentence(answer)
    assert len(rows(answer, "benefits")) == len(lines)
    assert {row["name"] for row in rows(answer, "years")} == {str(line["year"]) for _key, line in lines}
    treasury = sum(line["budget"] * line.get("treasury_percent", 80) / 100 for _key, line in lines)
    assert rows(answer, "split")[1]["treasury"] == danish(round(treasury, 3))
    silent = [key for key in listed(edition or NOW) if not PROJECTS[key].get("benefits")]
    assert f"{len(silent)} af {len(listed(edition or NOW))} projekter har ikke oplyst gevinster." in missing(answer)


def test_13_where_do_two_projects_work_against_each_other(reader: TestClient) -> None:
    answer, found = ask(reader, "goal-conflicts"), links("goal_conflict")
    assert sentence(answer).startswith(f"Projekter modarbejder hinanden {len(found)} steder: ")
    assert all(PROJECTS[key]["title"] in sentence(answer) for key, _link in found)
    pairs = set(zip(projects_in(answer, "conflicts", "one"), projects_in(answer, "conflicts", "other"), strict=True))
    assert pairs == {(PROJECTS[key]["number"], PROJECTS[link["to"]]["number"]) for key, link in found}
    for row in rows(answer, "conflicts"):
        for side in ("one", "other"):
            table = next(table for table in PROJECTS.values() if table["number"] in row[side])
            assert all(target["name"] in row[f"{side}_targets"] for target in table["effect_targets"])
    assert sentence(ask(reader, "goal-conflicts", "2018-01")).startswith("Udgaven januar 2018 gemmer ikke relationer")


@pytest.mark.parametrize(("edition", "year"), [("", 2022), ("2018-01", 2017)])
def test_14_what_have_we_promised_on_each_theme_of_the_strategy_letter(
    reader: TestClient, edition: str, year: int
) -> None:
    answer = ask(reader, "strategy", edition)
    themes = [theme for theme in read("strategy.toml")["theme"] if theme["year"] == year]
    assert sentence(answer).startswith(f"Strategibrevet for {year} har {len(themes)} temaer: ")
    told = {row["theme"].partition(" | ")[0]: row for row in rows(answer, "themes")}
    assert told.keys() == {theme["name"] for theme in themes}
    for theme in themes:
        own = [key for key, table in PROJECTS.items() if table.get("strategy_theme_2017") == theme["name"]]
        serves = [key for key in theme.get("serves", own) if key in listed(edition or NOW)]
        row = told[theme["name"]]
        assert theme["promise"] in row["theme"]
        for key in serves:
            assert PROJECTS[key]["number"] in row["projects"]
        for letters, one, many in (("R", "rødt", "røde"), ("Y", "gult", "gule"), ("G", "grønt", "grønne")):
            n = sum(letter(key, edition or NOW) in letters for key in serves)
            assert (f"{n} {one if n == 1 else many}" in row["mix"]) is bool(n)
        if not serves:
            assert f"»{theme['name']}« (intet projekt)" in sentence(answer)
            assert theme["name"] in missing(answer)


# --------------------------------------------------------------------------------------------------------- decisions


def _open_on(task: dict[str, Any], day: date) -> bool:
    ended: date = min(task.get("done", date.max), task.get("lapsed", date.max))
    return ended > day


def tasks_on(day: date, of: str = "") -> list[dict[str, Any]]:
    """The tasks that were given and open on a day, or those of one project, by deadline; none of closed projects."""
    found = []
    for meeting in MEETINGS:
        held = ROUNDS[meeting["round"]]["board_on"] if "round" in meeting else meeting["held_on"]
        for decision in meeting.get("decision", ()):
            if held <= day and _about(decision, of):
                found += [task for task in decision.get("tasks", ()) if _open_on(task, day)]
    for topic in TOPICS:
        if topic.get("treated_on", date.max) <= day and _about(topic, of):
            found += [task for task in topic.get("tasks", ()) if _open_on(task, day)]
    return sorted(found, key=lambda task: task["due"])


def _about(said: dict[str, Any], of: str) -> bool:
    return said.get("project", "") == of if of else said.get("project", OPEN[0]) in OPEN


@pytest.mark.parametrize(
    ("edition", "day"), [("", TODAY), ("2018-01", date(2018, 1, 22)), ("2022-01", date(2022, 1, 24))]
)
def test_11_which_decisions_has_nobody_followed_up(reader: TestClient, edition: str, day: date) -> None:
    answer = ask(reader, "unfollowed-decisions", edition)
    overdue = [task for task in tasks_on(day) if task["due"] < day]
    texts = [row["task"] for row in rows(answer, "overdue")]
    assert len(texts) == len(overdue)
    assert all(told.startswith(task["text"]) for told, task in zip(texts, overdue, strict=True))
    first = overdue[0]
    assert first["evaluation"], "the evaluation of 2017 that everybody forgot (D10)"
    assert f"længst »{first['text']}« (" in sentence(answer)
    days = (day - first["due"]).days
    assert rows(answer, "overdue")[0]["late"].replace(".", "") == str(days)
    assert "heraf 1 bestilt evaluering" in sentence(answer)
    assert rows(answer, "overdue")[0]["due"] == "09-01-2018 | tidligst 09-07-2017"
    assert len(rows(answer, "waiting")) == len(tasks_on(day)) - len(overdue)
    assert "Hver beslutning med et vilkår eller en anmodning har en opfølgning." in sentence(answer)
    assert ("Udgaven gemmer ikke opfølgninger" in missing(answer)) is bool(edition)


def test_15_what_shall_we_discuss_in_the_management_forum_and_what_came_of_it(reader: TestClient) -> None:
    answer = ask(reader, "management-forum")
    behind = [topic for topic in TOPICS if topic.get("meeting", date.max) < TODAY]
    behind.sort(key=lambda topic: topic["meeting"], reverse=True)
    ahead = [topic for topic in TOPICS if topic not in behind]
    ahead.sort(key=lambda topic: topic.get("meeting", topic["due"]))
    names = [
        f"{topic['title']} ({topic['meeting']:%d-%m-%Y})" if "meeting" in topic else topic["title"] for topic in ahead
    ]
    assert sentence(answer).startswith(f"{len(ahead)} emner skal drøftes i Chefforum: {' og '.join(names)}.")
    for table, topics in (("ahead", ahead), ("behind", behind)):
        told = [row["topic"].partition(" | ")[0] for row in rows(answer, table)]
        assert told == [topic["title"] for topic in topics]
    assert [row["questions"] for row in rows(answer, "ahead")] == [" | ".join(topic["questions"]) for topic in ahead]
    last = behind[0]
    assert f"Sidst, den {last['meeting']:%d-%m-%Y}, gjaldt det »{last['title']}«: {last['outcome']}" in sentence(answer)
    for row, topic in zip(rows(answer, "behind"), behind, strict=True):
        assert row["outcome"] == topic.get("outcome", "Intet resultat noteret")
        assert all(task["text"] in row["tasks"] for task in topic.get("tasks", ()))
    silent = [topic["title"] for topic in behind if "outcome" not in topic]
    assert silent
    assert all(title in missing(answer) for title in silent)
    then = ask(reader, "management-forum", "2018-01")
    assert "Intet emne venter på Chefforum." in sentence(then)
    assert behind[-1]["outcome"] in sentence(then)


# --------------------------------------------------------------------------------------------------- all of them


def test_the_first_page_answers_every_question_in_a_sentence(reader: TestClient) -> None:
    for query in ("", "?round=2018-01"):
        groups = reader.get(f"{API}{query}").json()["groups"]
        told = {each["key"]: each["sentence"] for questions in groups.values() for each in questions}
        assert told == {key: sentence(reader.get(f"{API}/{key}{query}").json()) for key in told}
        assert set(told) == {question.key for question in QUESTIONS}
        page = read_page(reader.get(f"{PAGE}{query}").text)
        assert [heading.text for heading in page.all("h2")][-len(groups) :] == [
            "Status",
            "Listen",
            "Belastning",
            "Effekter",
            "Beslutninger",
        ]
        answers = [each.text for each in page.all("p") if "question__sentence" in each.get("class")]
        assert sorted(answers) == sorted(told.values())
        hrefs = {link.get("href") for link in page.all("a")}
        assert {f"{PAGE}/{key}{query}" for key in told} <= hrefs


def test_an_edition_names_itself_and_keeps_the_edition_in_its_links(reader: TestClient) -> None:
    page = read_page(reader.get(f"{PAGE}/red?round=2018-01").text)
    assert "Udgave Januar 2018, frosset" in page.text
    hrefs = [link.get("href") for link in page.all("a")]
    assert "/portfolios/direktionen/overview?round=2018-01" in hrefs
    assert f"{PAGE}?round=2018-01" in hrefs
    assert f"{PAGE}/worsened?round=2018-01" in hrefs


def test_what_is_no_question_and_what_is_no_edition_is_not_found(reader: TestClient) -> None:
    for here in (PAGE, API):
        assert reader.get(f"{here}/hvorfor").status_code == 404
        assert reader.get(f"{here}/red?round=1999-01").status_code == 404
        assert reader.get(f"{here}?round=1999-01").status_code == 404
    assert "Spørgsmålet findes ikke." in reader.get(f"{PAGE}/hvorfor").text


def test_the_questions_are_in_the_menu_and_on_the_front_page(reader: TestClient) -> None:
    page = read_page(reader.get("/").text)
    assert [link.text for link in page.all("a") if link.get("href") == PAGE] == ["Spørgsmål", "Spørgsmål"]
    menu: Element = read_page(reader.get(f"{PAGE}/red").text).all("nav")[0]
    assert [link.text for link in menu.all("a") if link.get("aria-current") == "page"] == ["Spørgsmål"]


def test_every_answer_is_in_english_for_who_reads_english(reader: TestClient) -> None:
    with speaking("en"):
        reader.post("/language", data={"language": "en", "next": "/"})
        answer = reader.get(f"{API}/red").json()
    assert sentence(answer).startswith("5 projects are red: ")


def test_all_answers_take_as_many_queries_for_a_hundred_more_projects(
    reader: TestClient, database: Engine, queries: Queries
) -> None:
    reader.get(PAGE)
    with queries() as few:
        reader.get(PAGE)
    with Session(database) as session:
        one = session.exec(select(Project).where(Project.number == "P-006")).one()
        for n in range(100):
            facts = one.model_dump(exclude={"id", "version"}) | {"number": f"P-{900 + n}", "sequence": 900 + n}
            project = Project(**facts)
            session.add(project)
            session.flush()
            session.add(Placement(project_id=project.pk, no=1, from_on=date(2022, 1, 1), decision_in="Direktionen"))
        session.commit()
    with queries() as many:
        reader.get(PAGE)
    assert len(many) == len(few)
    assert len(few) < 90
    with queries() as single:
        reader.get(f"{PAGE}/red")
    assert len(single) < 25
