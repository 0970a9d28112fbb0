"""What has changed between two editions, like for like, and what came of a promise (product.md, decision 11)."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import Portfolio, User
from app.models.placement import RemovalForm, remove
from app.models.project import project_by_number
from app.tabs.changes import COLOURS, Changes, Kept, build_changes, compare, kept
from app.tabs.edition import overview_facts
from app.tabs.mark import Mark
from app.tabs.overview import OverviewFacts
from app.tabs.overview_row import Path
from tests.conftest import SignIn, one_database
from tests.fields import send
from tests.page import Element, read_page
from tests.test_effect_follow_ups import DECIDED, not_followed
from tests.test_freezing import frozen

PAGE = "/portfolios/direktionen/changes"
KEYS = ("2018-01", "2018-06", "2019-01", "2019-06", "2020-01", "2020-06", "2021-01", "2021-06", "2022-01")


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """Seen by somebody who may see everything."""
    with Session(database) as session:
        yield session


@pytest.fixture
def portfolio(session: Session) -> Portfolio:
    return session.exec(select(Portfolio)).one()


def numbers(named: Any) -> list[str]:
    return [each.number for each in named]


def panel(page: Element, key: str) -> Element:
    return next(element for element in page.all("section") if element.get("aria-labelledby") == key)


def main(browser: TestClient, query: str = "") -> Element:
    answer = browser.get(f"{PAGE}{query}")
    assert answer.status_code == 200
    return read_page(answer.text).all("main")[0]


# ------------------------------------------------------------------------------------------------------ the demo list


@one_database
def test_since_the_last_edition_three_are_red_that_were_yellow(session: Session, portfolio: Portfolio) -> None:
    found = build_changes(session, portfolio, "", "")
    assert (found.from_key, found.to_key, found.from_name, found.to_name) == (
        "2022-01",
        "",
        "januar 2022",
        "juni 2022",
    )
    assert numbers(found.moved[Mark.yellow][Mark.red]) == ["P-011", "P-028", "P-043"]
    assert numbers(found.moved[Mark.yellow][Mark.green]) == ["P-036"] == numbers(found.better)
    assert numbers(found.worse) == ["P-011", "P-027", "P-028", "P-030", "P-042", "P-043"]
    assert numbers(found.joined) == ["P-029", "P-033", "P-039"]
    assert found.left == []
    assert numbers(found.silent) == ["P-005", "P-008", "P-018", "P-032", "P-049", "P-050"]
    assert found.spoke == []
    assert found.same == 22


@one_database
@pytest.mark.parametrize(("before", "after"), [(a, b) for a in KEYS[::3] for b in (*KEYS[1::3], "")])
def test_between_any_two_every_project_is_counted_once(
    session: Session, portfolio: Portfolio, before: str, after: str
) -> None:
    found = build_changes(session, portfolio, before, after)
    old, new = (overview_facts(session, portfolio, key).rows for key in (before, after))
    cells = [each.number for row in found.moved.values() for cell in row.values() for each in cell]
    both = len(old.keys() & new.keys())
    assert len(cells) == len(set(cells)) == found.compared == found.same + len(found.worse) + len(found.better)
    assert both == found.compared + len(found.silent) + len(found.spoke) + found.uncoloured
    assert len(new) == both + len(found.joined)
    assert len(old) == both + len(found.left)
    for colour in COLOURS:
        assert found.before[colour] == sum(len(cell) for cell in found.moved[colour].values())
        assert found.after[colour] == sum(len(row[colour]) for row in found.moved.values())


@one_database
def test_what_was_better_forward_is_worse_backward(session: Session, portfolio: Portfolio) -> None:
    there, back = (
        build_changes(session, portfolio, *keys) for keys in (("2019-01", "2021-01"), ("2021-01", "2019-01"))
    )
    assert sorted(numbers(there.worse)) == sorted(numbers(back.better)) != []
    assert sorted(numbers(there.better)) == sorted(numbers(back.worse)) != []
    assert sorted(numbers(there.joined)) == sorted(numbers(back.left)) != []
    assert sorted(numbers(there.left)) == sorted(numbers(back.joined)) != []
    assert (there.before, there.after) == (back.after, back.before)


@one_database
def test_an_edition_has_not_changed_since_itself(session: Session, portfolio: Portfolio) -> None:
    found = build_changes(session, portfolio, "2022-01", "2022-01")
    assert [found.worse, found.better, found.joined, found.left, found.silent, found.spoke] == [[]] * 6
    assert found.same == found.compared == 35
    assert found.before == found.after


@one_database
def test_an_edition_is_compared_with_the_one_before_it(session: Session, portfolio: Portfolio) -> None:
    found = build_changes(session, portfolio, "", "2021-01")
    assert (found.from_key, found.to_key) == ("2020-06", "2021-01")
    first = build_changes(session, portfolio, "", "2018-01")
    assert (first.from_key, first.to_key) == ("", "2018-01")


@one_database
def test_the_round_under_way_is_the_list_of_today(session: Session, portfolio: Portfolio) -> None:
    now = build_changes(session, portfolio, "", "")
    assert build_changes(session, portfolio, "2022-01", "2022-06") == now
    assert build_changes(session, portfolio, "2022-06", "") == now
    assert [key for key, _name in now.rounds] == list(reversed(KEYS))


def test_an_edition_frozen_since_is_what_is_compared_not_the_reports_of_today(
    session: Session, portfolio: Portfolio, database: Engine
) -> None:
    before = build_changes(session, portfolio, "2022-01", "")
    session.rollback()
    frozen(database)
    with Session(database) as again:
        project = project_by_number(again, "P-011")
        assert project is not None
        project.title = "Et andet navn"
        again.commit()
        after = build_changes(again, again.exec(select(Portfolio)).one(), "2022-01", "2022-06")
    assert numbers(after.worse) == numbers(before.worse)
    assert after.worse[0].title == before.worse[0].title != "Et andet navn"


# ---------------------------------------------------------------------------------------------------- one by one


@pytest.fixture
def facts(session: Session, portfolio: Portfolio) -> OverviewFacts:
    return overview_facts(session, portfolio, "2022-01")


def with_marks(facts: OverviewFacts, marks: dict[str, Mark]) -> OverviewFacts:
    """These projects alone, with these marks."""
    rows = {
        key: replace(row, mark=marks[row.number], path_to_green=None)
        for key, row in facts.rows.items()
        if row.number in marks
    }
    return facts.model_copy(update={"rows": rows})


def changed(facts: OverviewFacts, portfolio: Portfolio, before: dict[str, Mark], now: dict[str, Mark]) -> Changes:
    return compare(with_marks(facts, before), with_marks(facts, now), portfolio, ("a", "b"), [])


@one_database
@pytest.mark.parametrize("without", [Mark.not_reported, Mark.not_assessed, Mark.exempt, Mark.finished])
def test_who_has_no_colour_is_neither_better_nor_worse(
    facts: OverviewFacts, portfolio: Portfolio, without: Mark
) -> None:
    silent = changed(facts, portfolio, {"P-001": Mark.red, "P-002": without}, {"P-001": without, "P-002": without})
    assert (numbers(silent.silent), silent.spoke, silent.uncoloured, silent.compared) == (["P-001"], [], 1, 0)
    assert (silent.silent[0].before, silent.silent[0].now) == (Mark.red, without)
    spoke = changed(facts, portfolio, {"P-001": without}, {"P-001": Mark.red})
    assert (numbers(spoke.spoke), spoke.silent, spoke.compared, spoke.worse) == (["P-001"], [], 0, [])


@one_database
def test_who_joins_or_leaves_is_never_in_the_totals(facts: OverviewFacts, portfolio: Portfolio) -> None:
    found = changed(
        facts,
        portfolio,
        {"P-001": Mark.green, "P-002": Mark.red},
        {"P-001": Mark.yellow, "P-005": Mark.red},
    )
    assert (numbers(found.joined), numbers(found.left), numbers(found.worse)) == (["P-005"], ["P-002"], ["P-001"])
    assert found.before == {Mark.red: 0, Mark.yellow: 0, Mark.green: 1}
    assert found.after == {Mark.red: 0, Mark.yellow: 1, Mark.green: 0}
    assert (found.joined[0].before, found.left[0].now) == (Mark.absent, Mark.absent)


DUE = date(2022, 6, 1)


@pytest.mark.parametrize(
    ("now", "on", "day", "expected"),
    [
        (Mark.green, DUE, date(2022, 5, 1), Kept.kept),
        (Mark.green, DUE, date(2022, 7, 1), Kept.kept),
        (Mark.green, None, date(2022, 7, 1), Kept.kept),
        (Mark.yellow, DUE, date(2022, 6, 2), Kept.not_kept),
        (Mark.red, DUE, date(2022, 6, 2), Kept.not_kept),
        (Mark.yellow, DUE, date(2022, 6, 1), Kept.not_due),
        (Mark.red, DUE, date(2022, 5, 1), Kept.not_due),
        (Mark.yellow, None, date(2022, 7, 1), Kept.unknown),
        (Mark.not_reported, DUE, date(2022, 6, 2), Kept.unknown),
        (Mark.not_reported, DUE, date(2022, 5, 1), Kept.not_due),
        (Mark.exempt, DUE, date(2022, 5, 1), Kept.unknown),
        (Mark.finished, DUE, date(2022, 6, 2), Kept.unknown),
        (Mark.absent, DUE, date(2022, 5, 1), Kept.unknown),
    ],
)
def test_a_promise_is_kept_when_the_project_is_green(now: Mark, on: date | None, day: date, expected: Kept) -> None:
    assert kept(Path(action="Ny aftale", who="Leder", on=on), now, day) is expected


@one_database
def test_a_promise_is_judged_on_the_day_of_the_later_list(session: Session, portfolio: Portfolio) -> None:
    """What was promised for March 2019 was not due in the edition of January, and is not made late by today."""
    for before, after in pairwise(KEYS):
        found = build_changes(session, portfolio, before, after)
        day = overview_facts(session, portfolio, after).heading.day
        assert found.promises, before
        for promise in found.promises:
            assert promise.before in (Mark.red, Mark.yellow)
            assert promise.kept is kept(promise.path, promise.now, day)
    at_once = build_changes(session, portfolio, "2019-01", "2019-01")
    assert {promise.kept for promise in at_once.promises} == {Kept.not_due}


def test_a_promise_of_who_has_left_since_is_still_named(
    sekretariat: User, session: Session, portfolio: Portfolio
) -> None:
    project = project_by_number(session, "P-007")
    assert project is not None
    form = RemovalForm(to_on=date(2022, 6, 10), reason_out="Det er gennemført.")
    remove(session, session.merge(sekretariat), project, form, DECIDED, not_followed(session, project))
    session.flush()
    found = build_changes(session, portfolio, "2022-01", "")
    assert numbers(found.left) == ["P-007"]
    [promise] = [promise for promise in found.promises if promise.number == "P-007"]
    assert (promise.before, promise.now, promise.kept) == (Mark.red, Mark.absent, Kept.unknown)


# ----------------------------------------------------------------------------------------------------------- the page


@one_database
def test_the_page_has_the_matrix_with_names_and_totals(sign_in: SignIn, direktion: User) -> None:
    page = main(sign_in(direktion))
    [table] = panel(page, "moved").all("table")
    cells = [[cell.text for cell in row.all("th", "td")] for row in table.all("tr")]
    assert cells[0] == ["Før", "Nu rød", "Nu gul", "Nu grøn", "Før i alt"]
    assert cells[1] == ["Rød", "2 uændret", "–", "–", "2"]
    assert cells[2][1].startswith("3 P-011 Fælles aftale om boligsocial anvisning P-028")
    assert cells[2][3:] == ["1 P-036 Sundheds- og bevægelseshus i Charlotteager", "12"]
    assert cells[4] == ["Nu i alt", "5", "11", "13", "29"]
    assert "22 af 29 har samme farve som før." in panel(page, "moved").text
    assert panel(page, "joined").text.startswith("Nye (3)")
    assert panel(page, "left").text == "Udgået (0) Ingen projekter er udgået."
    promised = panel(page, "promises").all("tbody")[0].all("tr")
    assert len(promised) == 17
    assert "Ikke holdt" in promised[0].text


@one_database
def test_any_two_editions_are_chosen_on_the_page(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    page = main(browser, "?from=2018-01&to=2019-01")
    assert "Fra januar 2018 til januar 2019." in page.text
    assert "som den er i dag" not in page.text
    chosen = [option.get("value") for option in page.all("option") if "selected" in option.attributes]
    assert chosen == ["2018-01", "2019-01"]
    [one, other] = page.all("select")
    assert [option.get("value") for option in one.all("option")] == list(reversed(KEYS))
    assert [option.get("value") for option in other.all("option")] == ["", *reversed(KEYS)]
    assert "Der er ingen tidligere udgave at sammenligne med." in main(browser, "?to=2018-01").text


@one_database
def test_overblik_leads_to_what_has_changed_since_the_edition_before(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    overview = read_page(browser.get("/portfolios/direktionen/overview?round=2021-06").text)
    [link] = [link.get("href") for link in overview.all("a") if "/changes" in link.get("href")]
    assert "Fra januar 2021 til juni 2021." in read_page(browser.get(link).text).text


@one_database
def test_a_closed_project_is_in_no_cell_and_no_total(sign_in: SignIn, chefforum: User, direktion: User) -> None:
    theirs, all_of_it = (main(sign_in(user)) for user in (chefforum, direktion))
    assert "L-01" in all_of_it.text
    assert "L-01" not in theirs.text
    assert "21 af 28 har samme farve som før." in theirs.text


@one_database
def test_an_exempt_project_is_not_one_that_is_missing(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    exemption = "/projects/P-032/reports/2022-06/exemption"
    assert send(browser, exemption, reason="Byrådet behandler sagen først.").status_code == 303
    silent = panel(main(browser), "silent")
    [line] = [item.text for item in silent.all("li") if "P-032" in item.text]
    assert "Fritaget" in line
    assert "Ikke indberettet" not in line
    for page in ("overview", "effects"):
        assert "Fritaget" in browser.get(f"/portfolios/direktionen/{page}?q=P-032").text, page
        assert "#rag-exempt" in browser.get(f"/portfolios/direktionen/{page}?q=P-032").text, page
    assert browser.get("/api/v1/portfolios/direktionen/burden?colour=exempt").json()["shown"] == 1
    workbook = load_workbook(io.BytesIO(browser.get("/portfolios/direktionen/export.xlsx?colour=exempt").content))
    assert "Fritaget" in [cell.value for row in workbook["Overblik"].iter_rows(min_row=4) for cell in row]
    assert "<dt>Fritaget</dt><dd>1</dd>" in browser.get("/portfolios/direktionen/rounds/2022-06").text
