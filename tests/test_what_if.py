"""Hvad nu hvis? Changes as pure functions on the facts of Belastning, and the page that shows them."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations, permutations
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.models import Body, BodyProject, KeyPersons, Placement, Portfolio, Project, Seat, Theme, User
from app.models.body import BodyType
from app.models.scenario import ScenarioChangeKind
from app.models.seat import Attendance, SeatFunction
from app.models.visibility import read_as
from app.settings import today
from app.tabs.burden import Burden, assemble_burden
from app.tabs.filters import Filters
from app.tabs.load import Level
from app.tabs.what_if import WhatIf, read_what_if, suggestions, what_if
from app.tabs.what_if_change import Change, Unknown, WhatIfFacts, apply, board_relief, body_at, changed, parse
from tests.conftest import Queries, SignIn, one_database
from tests.databases import fingerprint
from tests.fields import part
from tests.page import Element, forms, read_page

PAGE = "/portfolios/direktionen/what-if"
COMMITTEE, PROGRAMME, TASK_FORCE = "P-001.3", "P-001.2", "P-002.3"
METTE, JONAS, LENE, ANDERS, GRETHE = 1, 2, 3, 4, 47
RELIEF = [f"change-seat:{person}:{COMMITTEE}:member:when_needed" for person in (JONAS, LENE, METTE)]


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """Seen by somebody who may see everything."""
    with Session(database) as session:
        yield session


@pytest.fixture
def facts(session: Session) -> WhatIfFacts:
    """With everything that a project beside the list would bring."""
    portfolio = session.exec(select(Portfolio)).one()
    return read_what_if(session, portfolio, ["add-project:P-003", "add-project:P-051"], today())


def tab(facts: WhatIfFacts) -> Burden:
    return assemble_burden(facts.burden, Filters(), None)


def after(facts: WhatIfFacts, *tokens: str) -> WhatIfFacts:
    changes = [parse(token) for token in tokens]
    assert None not in changes
    return changed(facts, [change for change in changes if change])


def shift(found: list[Any], name: str) -> Any:
    return next(each for each in found if each.name == name)


# --------------------------------------------------------------------------------------------------- in the address


@pytest.mark.parametrize(
    ("token", "change"),
    [
        ("remove-seat:14:P-001.2", Change(kind=ScenarioChangeKind.remove_seat, person=14, body="P-001.2")),
        (
            "change-seat:14:P-001.2:member:when_needed",
            Change(
                kind=ScenarioChangeKind.change_seat,
                person=14,
                body="P-001.2",
                function=SeatFunction.member,
                attendance=Attendance.when_needed,
            ),
        ),
        (
            "change-seat:14:P-001.2::when_needed",
            Change(kind=ScenarioChangeKind.change_seat, person=14, body="P-001.2", attendance=Attendance.when_needed),
        ),
        ("merge:P-001.2:P-003.1", Change(kind=ScenarioChangeKind.merge, body="P-001.2", into="P-003.1")),
        ("add-project:P-040", Change(kind=ScenarioChangeKind.add_project, project="P-040")),
    ],
)
def test_a_change_is_read_as_it_is_written(token: str, change: Change) -> None:
    assert parse(token) == change
    assert change.token == token


@pytest.mark.parametrize(
    "token",
    [
        "",
        "remove-seat",
        "remove-seat:14",
        "remove-seat:Mette:P-001.2",
        "remove-seat:14:P-001.2:member",
        "change-seat:14:P-001.2:boss:fixed",
        "add-seat:14:P-001.2:member:sometimes",
        "sell:P-001.2",
        "add-project:" + "P" * 100,
    ],
)
def test_what_is_not_written_as_a_change_is_none(token: str) -> None:
    assert parse(token) is None


# ------------------------------------------------------------------------------------------- what must hold for all


@one_database
def test_no_changes_change_nothing(facts: WhatIfFacts) -> None:
    found = what_if(facts, [])
    assert tab(changed(facts, [])) == tab(facts)
    assert [found.changes, found.left_out, found.people, found.units, found.bodies] == [[]] * 5
    assert all(not figure.differs for figure in (getattr(found.sums, name) for name in type(found.sums).model_fields))


@one_database
def test_to_remove_any_seat_and_add_it_again_changes_nothing(facts: WhatIfFacts) -> None:
    before, tried = tab(facts), 0
    for body in before.bodies:
        serving = body_at(facts, body.place)
        assert serving
        for seat in [seat for seat in facts.burden.seats if seat.body_id == serving.id and not seat.external]:
            where = f"{seat.person_id}:{body.place}"
            again = f"add-seat:{where}:{seat.function.value}:{seat.attendance.value}"
            without = after(facts, f"remove-seat:{where}")
            assert tab(without) != before
            assert tab(after(without, again)) == before
            tried += 1
    assert tried == 100


@one_database
def test_in_what_order_independent_changes_stand_does_not_matter(facts: WhatIfFacts) -> None:
    changes = [*RELIEF[:2], f"remove-seat:{ANDERS}:{PROGRAMME}", "remove-project:P-012", "add-project:P-051"]
    first, *others = [tab(after(facts, *order)) for order in permutations(changes)]
    for other in others:
        assert sorted(other.bodies, key=lambda body: body.place) == sorted(first.bodies, key=lambda body: body.place)
        assert other.groups == first.groups
        assert other.units_carrying == first.units_carrying


@one_database
def test_a_body_merged_with_any_other_serves_the_projects_of_both_and_seats_everybody_once(facts: WhatIfFacts) -> None:
    before = tab(facts)
    seats = {
        place: {s.person_id for s in facts.burden.seats if s.body_id == body.id}
        for place in (body.place for body in before.bodies)
        if (body := body_at(facts, place))
    }
    for one, other in combinations(before.bodies[:12], 2):
        merged = tab(after(facts, f"merge:{one.place}:{other.place}"))
        found = next(body for body in merged.bodies if body.place == other.place)
        assert merged.bodies_total == before.bodies_total - 1
        assert found.name == other.name
        assert found.projects == sorted({*one.projects, *other.projects})
        shared = len(seats[one.place] & seats[other.place])
        assert len(seats[one.place]) + len(seats[other.place]) - shared == len(seats[one.place] | seats[other.place])
        unknown = one.meetings is None or other.meetings is None
        assert found.meetings == (None if unknown else max(one.meetings or 0, other.meetings or 0))
        assert max(one.fixed_members, other.fixed_members) <= found.fixed_members
        assert found.fixed_members <= one.fixed_members + other.fixed_members


# ------------------------------------------------------------------------------------------------------ one by one


@one_database
def test_with_one_director_fixed_the_committee_is_no_longer_flagged_and_the_saving_is_shown(
    facts: WhatIfFacts,
) -> None:
    """The done-criterion: every number is derived from the seats themselves."""
    committee = body_at(facts, COMMITTEE)
    assert committee
    seats = [seat for seat in facts.burden.seats if seat.body_id == committee.id]
    own = [s for s in seats if not s.external and s.attendance is Attendance.fixed]
    assert {METTE, JONAS, LENE, ANDERS} == set(facts.burden.directors) <= {seat.person_id for seat in own}
    assert board_relief(facts.burden, committee.id) == RELIEF
    found = what_if(facts, RELIEF)
    body = shift(found.bodies, "§ 17.4-udvalg Nyt Fokus")
    assert len(found.bodies) == 1
    assert (body.whole_board.before, body.whole_board.after) == (True, False)
    assert (body.directors.before, body.directors.after) == (4, 1)
    assert (body.fixed_members.before, body.fixed_members.after) == (len(own), len(own) - 3) == (12, 9)
    assert (body.attendances.before, body.attendances.after) == (4 * len(own), 4 * (len(own) - 3)) == (48, 36)
    sums = found.sums
    assert (sums.whole_board.before, sums.whole_board.after) == (1, 0)
    assert sums.attendances.before - sums.attendances.after == 3 * 4
    assert not sums.seats.differs
    assert {person.name for person in found.people} == {"Jonas Bek", "Lene Bruun", "Mette Dall"}
    for person in found.people:
        assert person.points.before - person.points.after == 0.5
        assert not person.seats.differs


@one_database
def test_both_numbers_of_every_figure_are_those_of_belastning(facts: WhatIfFacts) -> None:
    tokens = [*RELIEF, f"merge:{TASK_FORCE}:{PROGRAMME}", "remove-project:P-012", "add-project:P-051"]
    found, before, then = what_if(facts, tokens), tab(facts), tab(after(facts, *tokens))
    assert found.tokens == tokens
    for at, burden in (("before", before), ("after", then)):
        people = {person.id: person for person in burden.people}
        for person in found.people:
            for name in ("seats", "chairs", "points", "meetings"):
                assert getattr(getattr(person, name), at) == getattr(people[person.id], name)
        units = {unit.code: unit for unit in burden.units_carrying}
        for unit in found.units:
            assert getattr(unit.seats, at) == units[unit.code].seats
            assert getattr(unit.key_persons, at) == units[unit.code].key_persons
        bodies = {body.label: body for body in burden.bodies}
        for body in found.bodies:
            assert getattr(body.there, at) is (body.name in bodies)
            if body.name in bodies:
                assert getattr(body.fixed_members, at) == bodies[body.name].fixed_members
        assert getattr(found.sums.projects, at) == burden.total
        assert getattr(found.sums.seats, at) == sum(group.seats for group in burden.groups)
        assert getattr(found.sums.high, at) == burden.levels[Level.high]
    changes = [person.points.after - person.points.before for person in found.people]
    assert changes == sorted(changes)


@one_database
def test_the_stronger_seat_stays_when_two_bodies_become_one(facts: WhatIfFacts) -> None:
    programme, force = (body_at(facts, place) for place in (PROGRAMME, TASK_FORCE))
    assert programme
    assert force
    merged = after(facts, f"merge:{TASK_FORCE}:{PROGRAMME}").burden
    for both in {s.person_id for s in merged.seats if s.body_id == programme.id}:
        of = [s for s in facts.burden.seats if s.body_id in (programme.id, force.id) and s.person_id == both]
        [seat] = [s for s in merged.seats if s.body_id == programme.id and s.person_id == both]
        assert seat.points == max(each.points for each in of)
    assert merged.served[programme.id][0].meetings_per_year == max(6, 10)


@one_database
def test_what_one_of_two_bodies_has_not_said_stays_unknown_when_they_are_merged(
    session: Session, facts: WhatIfFacts
) -> None:
    task_force = session.exec(select(Body).where(Body.name == "Task force for udsatte boligområder")).one()
    task_force.meetings_per_year = task_force.external_members = None
    session.flush()
    facts = read_what_if(session, session.exec(select(Portfolio)).one(), [], today())
    body = what_if(facts, [f"merge:{TASK_FORCE}:{PROGRAMME}"]).bodies[0]
    assert (body.name, body.meetings.before, body.meetings.after, body.attendances.after) == (
        "Programstyregruppe Nyt Fokus",
        6,
        None,
        None,
    )


@one_database
def test_a_project_taken_off_the_list_takes_the_bodies_along_that_serve_nothing_else(facts: WhatIfFacts) -> None:
    found = what_if(facts, ["remove-project:P-001"])
    gone = [body.name for body in found.bodies if not body.there.after]
    assert gone == ["Programsekretariat"]  # the programme's other bodies serve other projects too
    assert found.sums.projects.after == found.sums.projects.before - 1
    assert shift(found.people, "Nanna Brix").chairs.after == shift(found.people, "Nanna Brix").chairs.before - 1
    assert [unit for unit in found.units if unit.key_persons.after < unit.key_persons.before]


@one_database
def test_a_project_taken_on_the_list_brings_its_bodies_seats_and_key_persons(facts: WhatIfFacts) -> None:
    for number in ("P-003", "P-051"):
        beside = next(project for project in facts.beside.projects if project.number == number)
        found, then = what_if(facts, [f"add-project:{number}"]), tab(after(facts, f"add-project:{number}"))
        assert found.changes[0].words.startswith(number)
        assert found.sums.projects.after == found.sums.projects.before + 1
        [listed] = [project for project in then.projects if project.number == number]
        assert listed.key_persons == facts.beside.key_persons.get(beside.id)
        there = {key for key, (_body, of) in facts.beside.served.items() if beside.id in of}
        assert len(listed.bodies) == len(there)
        new = {key for key in there if key not in facts.burden.served}
        assert found.sums.bodies.after == found.sums.bodies.before + len(new)
        assert tab(after(facts, f"add-project:{number}", f"remove-project:{number}")) == tab(facts)


@one_database
def test_a_chair_who_comes_when_needed_stays_the_chair_unless_the_change_says_otherwise(facts: WhatIfFacts) -> None:
    found = what_if(facts, [f"change-seat:{JONAS}:{PROGRAMME}::when_needed"])
    assert "fra formand, fast til formand, efter behov" in found.changes[0].words
    [jonas] = found.people
    assert (jonas.chairs.differs, jonas.points.before - jonas.points.after) == (False, 1.5)


# ------------------------------------------------------------------------------------------------- what cannot be


@one_database
@pytest.mark.parametrize(
    "token",
    [
        f"remove-seat:{METTE}:P-999.1",
        f"remove-seat:{METTE}:P-001.99",
        f"remove-seat:{GRETHE}:{COMMITTEE}",
        f"remove-seat:99999999999999999999:{COMMITTEE}",
        f"add-seat:99999:{COMMITTEE}:member:fixed",
        "remove-project:P-003",
        "add-project:P-999",
        "merge:P-001.2:P-999.1",
    ],
)
def test_what_is_not_there_is_unknown(facts: WhatIfFacts, token: str) -> None:
    change = parse(token)
    assert change
    with pytest.raises(Unknown):
        apply(facts, change)


@one_database
@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        ([f"merge:{COMMITTEE}:P-002.2"], "sig selv"),
        ([f"add-seat:{METTE}:{COMMITTEE}:member:fixed"], "allerede"),
        ([f"change-seat:{METTE}:{COMMITTEE}:member:fixed"], "allerede"),
        (["add-project:P-001"], "allerede"),
        ([f"remove-seat:{METTE}:{COMMITTEE}", f"change-seat:{METTE}:{COMMITTEE}:chair:fixed"], "findes ikke"),
        (["remove-project:P-001", "remove-seat:17:P-001.4"], "findes ikke"),
        (["<b>"], "»<b>«"),
    ],
)
def test_a_change_that_cannot_be_is_left_out_with_a_sentence_and_the_others_hold(
    facts: WhatIfFacts, tokens: list[str], sentence: str
) -> None:
    found = what_if(facts, [f"remove-seat:{ANDERS}:{PROGRAMME}", *tokens])
    assert found.tokens == [f"remove-seat:{ANDERS}:{PROGRAMME}", *tokens[:-1]]
    [said] = found.left_out
    assert sentence in said


@one_database
def test_a_change_on_a_closed_project_reads_as_one_on_a_project_that_never_was(
    session: Session, laeser: User, sekretariat: User
) -> None:
    portfolio = session.exec(select(Portfolio)).one()
    closed, never = [
        [f"remove-project:{number}", f"merge:{number}.1:{COMMITTEE}", f"remove-seat:{ANDERS}:{number}.1"]
        for number in ("L-01", "L-99")
    ]

    def found(reader: User, tokens: list[str]) -> WhatIf:
        read_as(session, reader)
        return what_if(read_what_if(session, portfolio, tokens, today()), tokens)

    assert len(found(sekretariat, closed).changes) == 1  # the project takes its body along
    theirs, others = found(laeser, closed), found(laeser, never)
    assert theirs.changes == others.changes == []
    assert [said.replace("L-01", "L-99") for said in theirs.left_out] == others.left_out
    assert theirs.sums == others.sums


@one_database
def test_two_ready_made_changes_are_suggested_out_of_the_data(facts: WhatIfFacts) -> None:
    relief, merge = suggestions(facts.burden)
    assert relief.tokens == RELIEF
    assert "§ 17.4-udvalg Nyt Fokus" in relief.words
    assert merge.tokens == [f"merge:{TASK_FORCE}:{PROGRAMME}"]
    for each in (relief, merge):
        assert what_if(facts, each.tokens).left_out == []


@one_database
def test_the_chair_stays_when_the_board_is_relieved(facts: WhatIfFacts) -> None:
    programme = body_at(facts, PROGRAMME)
    assert programme
    directors = [f"change-seat:{person}:{PROGRAMME}:member:fixed" for person in (METTE, LENE, ANDERS)]
    whole = after(facts, *directors).burden
    stays = [token.split(":")[1] for token in board_relief(whole, programme.id)]
    assert sorted(stays) == sorted(map(str, (METTE, LENE, ANDERS)))  # Jonas Bek has the chair


# --------------------------------------------------------------------------------------------------------- the page


def small_form(page: str, kind: str) -> dict[str, Any]:
    """What one of the small forms would send as it stands."""
    return next(form.values for form in forms(page) if form.values.get("kind") == kind)


def written(page: str, heading: str) -> list[str]:
    """The rows of a table of the result, in words."""
    [section] = [each for each in read_page(page).all("section") if each.get("aria-labelledby") == heading]
    return [row.text for row in section.all("tbody")[0].all("tr")]


@one_database
def test_a_change_is_chosen_in_a_small_form_and_then_stands_in_the_address(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    page = browser.get(f"{PAGE}?change=remove-project:P-012").text
    sent = small_form(page, "change-seat") | {"seat": f"{METTE}:{COMMITTEE}"}
    answer = browser.get(PAGE, params=sent)
    assert answer.status_code == 303
    address = f"{PAGE}?change=remove-project:P-012&change=change-seat:{METTE}:{COMMITTEE}::when_needed"
    assert answer.headers["location"] == address
    page = browser.get(address).text
    assert "Mette Dall, fra medlem, fast til medlem, efter behov i § 17.4-udvalg Nyt Fokus" in part(page, "what-if")
    assert any("12 → til 11 4 → til 3 Ja → til Nej" in row for row in written(page, "shifted-bodies"))
    undo = next(link for link in read_page(page).all("a") if link.get("id") == "undo-2")
    assert undo.get("href") == f"{PAGE}?change=remove-project:P-012"


@one_database
def test_htmx_gets_the_part_alone_and_the_address_that_holds_the_changes(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    part_of = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#what-if"}
    answer = browser.get(f"{PAGE}?kind=merge&body={TASK_FORCE}&into={PROGRAMME}", headers=part_of)
    assert (answer.status_code, answer.headers["hx-push-url"]) == (200, f"{PAGE}?change=merge:{TASK_FORCE}:{PROGRAMME}")
    [root] = [child for child in read_page(answer.text).children if isinstance(child, Element)]
    assert root.get("id") == "what-if"
    assert "Et sammenlagt organ regnes at mødes lige så ofte" in root.text


@one_database
@pytest.mark.parametrize(
    ("query", "at"),
    [
        ("kind=change-seat", "change-seat-seat"),
        ("kind=merge&body=P-001.2", "merge-into"),
        ("kind=add-project&project=P-001", "add-project-project"),
    ],
)
def test_a_small_form_that_is_not_filled_in_says_so_at_its_field(
    sign_in: SignIn, laeser: User, query: str, at: str
) -> None:
    answer = sign_in(laeser).get(f"{PAGE}?change=remove-project:P-012&{query}")
    assert answer.status_code == 422
    page = read_page(answer.text)
    [field] = [each for each in page.all("select") if each.get("id") == at]
    assert field.get("aria-invalid") == "true"
    assert "P-012 Børne- og Kulturhuset" in page.text
    assert f"#{at}" in [link.get("href") for link in page.all("a")]


@one_database
def test_the_empty_page_leads_to_two_ready_made_changes(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    page = read_page(browser.get(PAGE).text)
    ready = [link.get("href") for link in page.all("a") if "?change=" in link.get("href")]
    assert ready == [
        f"{PAGE}?{'&'.join(f'change={token}' for token in RELIEF)}",
        f"{PAGE}?change=merge:{TASK_FORCE}:{PROGRAMME}",
    ]
    for address in ready:
        assert "udeladt" not in browser.get(address).text


@one_database
def test_an_outsider_is_offered_nowhere_by_name(sign_in: SignIn, sekretariat: User) -> None:
    page = sign_in(sekretariat).get(f"{PAGE}?{'&'.join(f'change={token}' for token in RELIEF)}").text
    assert "Poul Rahbek" not in page
    assert "Mette Dall" in page


@one_database
def test_the_json_says_what_the_page_says(sign_in: SignIn, laeser: User) -> None:
    query = f"change=merge:{TASK_FORCE}:{PROGRAMME}&change=nonsense"
    found = sign_in(laeser).get(f"/api/v1{PAGE}?{query}").json()
    assert [change["token"] for change in found["changes"]] == [f"merge:{TASK_FORCE}:{PROGRAMME}"]
    assert found["left_out"] == ["Ændringen »nonsense« findes ikke (længere)."]
    assert found["sums"]["bodies"]["before"] - found["sums"]["bodies"]["after"] == 1
    assert "key" not in found["bodies"][0]


@one_database
def test_whatever_stands_in_the_address_is_answered(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    for query in (
        "change=",
        "change=remove-seat:1:",
        "change=remove-seat:-1:P-001.3",
        "change=merge:.:.",
        "kind=sell",
        "scenario=nobody",
        "&".join(f"change=remove-project:P-{n:03}" for n in range(200)),
    ):
        assert browser.get(f"{PAGE}?{query}").status_code == 200, query


@one_database
def test_to_try_changes_writes_nothing(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    before = fingerprint(database)
    for token in (*RELIEF, f"merge:{TASK_FORCE}:{PROGRAMME}", "add-project:P-003", "remove-project:P-001"):
        assert browser.get(f"{PAGE}?change={token}").status_code == 200
    assert fingerprint(database) == before


@one_database
def test_the_number_of_queries_is_the_same_for_ten_and_for_a_thousand_more_projects(
    sign_in: SignIn, sekretariat: User, queries: Queries, database: Engine
) -> None:
    browser, tokens = sign_in(sekretariat), ["add-project:P-003", "remove-project:P-001", *RELIEF]
    address = f"{PAGE}?{'&'.join(f'change={token}' for token in tokens)}"
    asked_of = []
    for numbers in (range(100, 110), range(110, 1100)):
        with Session(database) as session:
            more(session, numbers)
        with queries() as asked:
            assert browser.get(address).status_code == 200
        asked_of.append(len(asked))
    assert asked_of[0] == asked_of[1] <= 30


def more(session: Session, numbers: range) -> None:
    """So many projects more, every other on the list, each with a body, a seat and key persons."""
    portfolio, theme = session.exec(select(Portfolio)).one(), session.exec(select(Theme)).first()
    assert theme
    for n in numbers:
        project = Project(
            portfolio_id=portfolio.pk, theme_id=theme.pk, title=f"Projekt {n}", series="P", sequence=n, number=f"P-{n}"
        )
        body = Body(portfolio_id=portfolio.pk, name=f"Styregruppe {n}", type=BodyType.steering_group)
        session.add_all([project, body])
        session.flush()
        session.add(BodyProject(project_id=project.pk, body_id=body.pk, no=1))
        session.add(Seat(body_id=body.pk, no=1, person_id=5 + n % 30, from_on=date(2020, 1, 1)))
        session.add(KeyPersons(project_id=project.pk, unit_id=2, count=1))
        if n % 2:
            session.add(Placement(project_id=project.pk, no=1, from_on=date(2020, 1, 1), decision_in="Direktionen"))
    session.commit()
