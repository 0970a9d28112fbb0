"""A programme rolled up over everything below it: colours, different bodies, key persons, posts and money."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.models import Body, Portfolio, Project, Staffing, User
from app.models.project import Confidentiality, descendants, family, project_by_number
from app.models.visibility import read_as
from app.tabs.burden import build_burden
from app.tabs.filters import Filters
from app.tabs.overview_row import rows_of
from app.tabs.programme import Programme, build_programme
from tests.conftest import Queries, SignIn, one_database
from tests.fields import part

DAY = date(2022, 6, 13)


def programme(session: Session, number: str, user: User) -> Programme | None:
    """A programme as somebody sees it."""
    read_as(session, user)
    project = project_by_number(session, number)
    assert project
    below = descendants(family(session, project.portfolio_id), project.pk)
    rows, _rounds = rows_of(session, project.portfolio_id, DAY, below | {project.pk})
    return build_programme(session, project, below, rows, DAY)


@pytest.fixture
def new_focus(database: Engine, laeser: User) -> Programme:
    with Session(database) as session:
        found = programme(session, "P-001", laeser)
    assert found
    return found


@one_database
def test_everything_below_stands_under_its_focus_area_by_number(new_focus: Programme) -> None:
    order = [(branch.number, branch.level) for branch in new_focus.branches]
    assert order[0] == ("P-002", 1)
    assert order[4:11] == [
        ("P-021", 1),
        ("P-003", 2),
        ("P-004", 2),
        ("P-005", 2),
        ("P-006", 2),
        ("P-007", 2),
        ("P-022", 1),
    ]
    assert len(order) == len(set(order)) == 25


@one_database
def test_what_is_not_on_the_list_is_shown_and_not_counted(new_focus: Programme, database: Engine, laeser: User) -> None:
    off = [branch.number for branch in new_focus.branches if branch.mark is None]
    assert "P-003" in off
    assert new_focus.counted == 1 + len(new_focus.branches) - len(off)
    with Session(database) as session:
        finished = session.exec(select(Project).where(Project.number == "P-003")).one()
        session.add(Staffing(project_id=finished.pk, no=1, function="Arkivar", fte=9))
        session.commit()
        again = programme(session, "P-001", laeser)
    assert again
    assert again.total.staffing == new_focus.total.staffing


@one_database
def test_a_body_that_serves_several_projects_counts_once(database: Engine, new_focus: Programme, laeser: User) -> None:
    own = [body for branch in new_focus.branches if branch.mark for body in branch.own.bodies]
    names = [body.name for body in (*new_focus.own.bodies, *own)]
    assert len(names) > len(set(names)) == len(new_focus.total.bodies)
    known = {body.name: body.meetings for body in (*new_focus.own.bodies, *own)}
    assert new_focus.total.meetings == sum(meetings or 0 for meetings in known.values())
    assert new_focus.total.without_meetings == list(known.values()).count(None)
    with Session(database) as session:
        body = session.exec(select(Body).where(Body.name == new_focus.total.bodies[0].name)).one()
        body.valid_to = date(2022, 6, 12)
        session.commit()
        again = programme(session, "P-001", laeser)
    assert again
    assert len(again.total.bodies) == len(new_focus.total.bodies) - 1


@one_database
def test_posts_key_persons_and_gaps_add_up_and_the_unknown_is_said(new_focus: Programme) -> None:
    counted = [new_focus.own, *(branch.own for branch in new_focus.branches if branch.mark)]
    assert new_focus.total.key_persons == sum(each.key_persons or 0 for each in counted)
    assert new_focus.key_persons_known == sum(each.key_persons is not None for each in counted)
    assert new_focus.total.staffing.total.known == sum(each.staffing.total.known for each in counted) == 12.75
    assert new_focus.total.staffing.total.unknown == 3
    gaps = [each.funding.gap for each in counted if each.funding]
    assert new_focus.total.funding
    assert new_focus.total.funding.gap == sum(gap for gap in gaps if gap is not None) == 4_950_000
    assert new_focus.needs_known == 5


@one_database
def test_the_page_shows_the_reported_colour_beside_the_worst_and_every_row(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    page = part(browser.get("/projects/P-001").text, "programme")
    assert "Indberettet farve: Gul · den værste underliggende: Rød · 2 af 14 underliggende er røde" in page
    assert "P-012 · Anlæg · gennemførelse Grøn 1 6 7 Planlagt: 0,5 Besat: 1,5 −250.000 kr. bevilget mere end" in page
    assert "P-003 · Projekt · afsluttet Ikke på listen" in page
    assert "I alt et organ, der betjener flere, tæller én gang 12 mindst 64 71" in page
    assert 'id="programme"' not in browser.get("/projects/P-006").text


@one_database
def test_who_may_not_see_a_project_below_does_not_find_it_in_any_total(
    database: Engine, new_focus: Programme, laeser: User, direktion: User
) -> None:
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == "P-006")).one()
        project.confidentiality = Confidentiality.closed
        session.commit()
        seen = programme(session, "P-001", direktion)
        unseen = programme(session, "P-001", laeser)
    assert seen
    assert unseen
    assert seen.total == new_focus.total
    assert "P-006" not in {branch.number for branch in unseen.branches}
    assert unseen.counted == new_focus.counted - 1
    assert (unseen.total.staffing.total.known, unseen.total.key_persons) == (12.75 - 2.25, 71 - 3)
    assert unseen.total.funding
    assert unseen.total.funding.gap == 4_950_000 - 1_700_000


@one_database
def test_it_asks_as_much_for_two_projects_below_as_for_many(database: Engine, queries: Queries, laeser: User) -> None:
    with Session(database) as session:
        with queries() as few:
            assert programme(session, "P-037", laeser)
        session.expunge_all()
        with queries() as many:
            assert programme(session, "P-001", laeser)
    assert len(few) == len(many)


@one_database
def test_its_bodies_are_as_many_here_as_on_belastning(database: Engine, new_focus: Programme, laeser: User) -> None:
    with Session(database) as session:
        read_as(session, laeser)
        portfolio = session.exec(select(Portfolio)).one()
        tab = build_burden(session, portfolio, Filters(), DAY)
    [found] = [project for project in tab.projects if project.number == "P-001"]
    assert found.bodies_below == len(new_focus.total.bodies) == 12
