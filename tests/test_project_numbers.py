"""Numbers that are never used again, and who may stand below whom (app/models/project.py)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.models import Portfolio, Project, User
from app.models.project import (
    LEVELS,
    Confidentiality,
    ProjectEntry,
    ProjectForm,
    ancestors,
    change_project,
    create_project,
    descendants,
    family,
    next_number,
    possible_parents,
    project_by_number,
)
from app.models.visibility import read_as
from tests.conftest import one_database


def entry(project: Project | None = None, **more: object) -> ProjectEntry:
    """The secretariat's form: a new project's, or what a project says with something changed."""
    said = project.model_dump() if project else {"title": "Et nyt projekt", "theme_id": 1}
    return ProjectEntry.model_validate({name: said[name] for name in said if name in ProjectForm.model_fields} | more)


def new(session: Session, by: User, *, closed: bool = False) -> str:
    portfolio = session.exec(select(Portfolio)).one()
    confidentiality = Confidentiality.closed if closed else Confidentiality.internal
    return create_project(session, by, portfolio, entry(confidentiality=confidentiality)).number


def close(session: Session, by: User, number: str, *, closed: bool = True) -> str:
    project = project_by_number(session, number)
    assert project is not None
    confidentiality = Confidentiality.closed if closed else Confidentiality.open
    change_project(session, by, project, entry(project, confidentiality=confidentiality))
    session.flush()
    session.expire_all()
    return project.number


@one_database
def test_a_new_project_gets_the_number_after_the_highest_of_its_series(database: Engine, sekretariat: User) -> None:
    with Session(database) as session:
        assert [new(session, sekretariat), new(session, sekretariat)] == ["P-053", "P-054"]
        assert [new(session, sekretariat, closed=True), new(session, sekretariat)] == ["L-02", "P-055"]


def test_the_number_of_a_project_that_became_closed_is_never_given_to_another(
    database: Engine, sekretariat: User
) -> None:
    with Session(database) as session:
        assert close(session, sekretariat, "P-052") == "L-02"
        assert new(session, sekretariat) == "P-053"
        assert new(session, sekretariat, closed=True) == "L-03"


@one_database
def test_the_number_of_a_project_that_is_no_longer_closed_is_never_given_to_another(
    database: Engine, sekretariat: User
) -> None:
    with Session(database) as session:
        assert close(session, sekretariat, "L-01", closed=False) == "P-053"
        assert new(session, sekretariat, closed=True) == "L-02"
        assert new(session, sekretariat) == "P-054"


@one_database
def test_a_project_that_is_closed_and_opened_gets_its_old_numbers_back(database: Engine, sekretariat: User) -> None:
    with Session(database) as session:
        assert close(session, sekretariat, "P-052") == "L-02"
        assert close(session, sekretariat, "L-02", closed=False) == "P-052"
        assert close(session, sekretariat, "P-052") == "L-02"
        opened = project_by_number(session, "L-02")
        assert opened is not None
        assert (opened.series, opened.sequence, opened.former_number) == ("L", 2, "P-052")


@one_database
def test_numbers_are_counted_and_not_spelled(database: Engine, sekretariat: User) -> None:
    with Session(database) as session:
        last = project_by_number(session, "P-052")
        assert last is not None
        last.number, last.sequence = "P-999", 999
        session.flush()
        assert [new(session, sekretariat), new(session, sekretariat)] == ["P-1000", "P-1001"]


@one_database
def test_a_number_is_taken_also_when_the_reader_may_not_see_whose_it_is(
    database: Engine, sekretariat: User, laeser: User
) -> None:
    with Session(database) as session:
        close(session, sekretariat, "P-052")
        read_as(session, laeser)
        assert project_by_number(session, "L-02") is None
        assert next_number(session, closed=True)[0] == "L-03"
        assert next_number(session, closed=False)[0] == "P-053"


def forest(parents: list[int]) -> dict[int, int | None]:
    """Every project may stand below one that came before it: `parents` holds its place, or a negative for none."""
    return {key: parent % key if key and parent >= 0 else None for key, parent in enumerate(parents)}


forests = st.lists(st.integers(-3, 30), max_size=12).map(forest)


@given(forests)
def test_every_chain_of_parents_ends_at_the_top_and_names_nobody_twice(parent_of: dict[int, int | None]) -> None:
    for key in parent_of:
        chain = [key, *ancestors(parent_of, key)]
        assert len(chain) == len(set(chain))
        assert [parent_of[each] for each in chain] == [*chain[1:], None]


def test_ancestors_stand_nearest_first() -> None:
    parent_of = {1: None, 2: 1, 3: 2, 4: 1}
    assert ancestors(parent_of, 3) == [2, 1]
    assert descendants(parent_of, 1) == {2, 3, 4}
    assert descendants(parent_of, 3) == set()


@one_database
def test_whatever_parent_is_offered_there_is_no_circle_and_no_fourth_level(database: Engine) -> None:
    with Session(database) as session:
        projects = list(session.exec(select(Project)))
        parent_of = family(session, projects[0].portfolio_id)
        for project in projects:
            for parent in possible_parents(session, project.portfolio_id, project):
                moved = parent_of | {project.pk: parent.pk}
                below = descendants(moved, project.pk) | {project.pk}
                assert project.pk not in ancestors(moved, parent.pk), (project, parent)
                assert all(len(ancestors(moved, key)) < LEVELS for key in below), (project, parent)


def offered(session: Session, number: str | None) -> list[str]:
    project = project_by_number(session, number) if number else None
    return [parent.number for parent in possible_parents(session, 1, project)]


@one_database
def test_a_new_project_may_stand_below_a_programme_or_a_focus_area_in_the_order_of_numbers(database: Engine) -> None:
    with Session(database) as session:
        parents = offered(session, None)
    assert parents == sorted(parents)
    assert "L-01" not in parents  # its name would stand in the log of what is below it
    assert {"P-001", "P-021", "P-040"} <= set(parents)
    assert "P-006" not in parents  # a project of a focus area of a programme


@one_database
def test_what_has_projects_below_it_needs_room_for_them(database: Engine) -> None:
    with Session(database) as session:
        assert offered(session, "P-001") == []  # has focus areas with projects
        beside = offered(session, "P-021")  # a focus area with projects
        assert "P-040" in beside
        assert not {"P-021", "P-022", "P-006", "P-041"} & set(beside)


@pytest.mark.parametrize("number", ["16/13808", "22/1", "01/123456"])
def test_a_case_number_is_a_year_and_a_running_number(number: str) -> None:
    assert entry(case_numbers=[number]).case_numbers == [number]


@pytest.mark.parametrize(
    "number", ["23/1", "16-13808", "2016/13808", "16/", "16/1234567", "16/13808x", "16/13808\n", ""]
)
def test_anything_else_is_no_case_number_and_neither_is_a_year_to_come(number: str) -> None:
    with pytest.raises(ValidationError, match="16/13808"):
        entry(case_numbers=["22/5981", number])


def test_a_project_may_last_one_day_but_not_end_before_it_starts() -> None:
    day = date(2022, 6, 13)
    assert entry(starts_on=day, planned_end_on=day).planned_end_on == day
    with pytest.raises(ValidationError, match="before the start"):
        entry(starts_on=day, planned_end_on=date(2022, 6, 12))
