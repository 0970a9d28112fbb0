"""The coverage map: what no effect is aimed at, what is claimed twice, and what works against each other."""

from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from app.models import EffectTarget, Project, Relation, User
from app.models.effect_target import Direction, IndicatorType
from app.models.relation import RelationKind
from app.tabs.effect_coverage import build_effect_coverage, same_effect
from app.tabs.effects import ProjectEffects, TargetRow
from tests.conftest import SignIn, one_database
from tests.fields import part
from tests.small_list import TODAY, SmallList

PAGE = "/portfolios/direktionen/effects/coverage"
API = "/api/v1/portfolios/direktionen/effects/coverage"
FAST = {
    "name": "Borgere i varigt job",
    "unit_of_measure": "antal",
    "source": "FLIS",
    "definition": "Ansatte efter et år",
}


BARE: dict[str, Any] = {
    "name": "",
    "definition": "",
    "unit_of_measure": "antal",
    "source": "",
    "direction": Direction.up,
    "indicator_type": IndicatorType.effect,
}


def projects(*targets: dict[str, Any]) -> list[ProjectEffects]:
    """A project for each target."""
    named: list[dict[str, Any]] = [
        {"number": f"P-{n:03}", "title": f"Projekt {n}", "targets": [TargetRow.model_construct(**BARE | target)]}
        for n, target in enumerate(targets, start=1)
    ]
    return [ProjectEffects.model_construct(**fields) for fields in named]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"name": "BORGERE i varigt job."}, True),
        ({"name": "Noget andet", "definition": "Ansatte, efter ét år"}, False),
        ({"name": "Noget andet", "definition": "ansatte efter et år!"}, True),
        ({"name": "Varigt beskyttede borgere", "source": "FLIS"}, False),
        ({"name": "Varigt job til borgere", "source": "flis"}, True),
        ({"name": "Varigt job til borgere", "source": "Jobcenteret"}, False),
        ({"name": "Varigt job til borgere", "source": "FLIS", "unit_of_measure": "procent"}, False),
        ({"name": "Elever i praktik", "source": "FLIS"}, False),
    ],
)
def test_the_same_name_definition_or_long_words_of_one_unit_and_source_are_the_same_effect(
    other: dict[str, Any], same: bool
) -> None:
    assert bool(same_effect(projects(FAST, other))) is same


def test_a_chain_of_likenesses_is_one_claim_and_a_project_never_claims_twice_with_itself() -> None:
    three = projects(
        FAST, {"name": "borgere i varigt job", "definition": "Andet"}, {"name": "x", "definition": "andet"}
    )
    [claim] = same_effect(three)
    assert [each.number for each in claim.claims] == ["P-001", "P-002", "P-003"]
    assert not claim.opposed
    own = projects(FAST, FAST)
    own[1].number = "P-001"
    assert same_effect(own) == []
    assert same_effect(projects({}, {})) == []


def test_the_same_figure_wanted_up_and_down_is_opposed() -> None:
    [claim] = same_effect(projects(FAST, FAST | {"direction": Direction.down}))
    assert claim.opposed
    [held] = same_effect(projects(FAST, FAST | {"direction": Direction.hold}))
    assert not held.opposed


@one_database
def test_the_demo_list_shows_its_gaps_and_its_conflicts(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    found, page = browser.get(API).json(), browser.get(PAGE).text
    assert found["year"] == 2022
    assert [gap["name"] for gap in found["strategy_without_project"]] == ["Grøn omstilling"]
    effects = browser.get("/api/v1/portfolios/direktionen/effects").json()
    unaimed = [each["number"] for each in found["projects_without_target"]]
    assert len(unaimed) == effects["numbers"]["projects_without"] > 0
    assert all(number in part(page, "projects") for number in unaimed)
    conflicts = {(each["one"]["number"], each["other"]["number"]) for each in found["conflicts"]}
    assert {("P-006", "P-037"), ("P-007", "P-037"), ("P-008", "P-037")} <= conflicts
    against = part(page, "against")
    assert "Nedrivning fjerner billige boliger, som ventende borgere har brug for." in against
    blaakilde = next(each for each in found["conflicts"] if each["one"]["number"] == "P-007")
    for side in (blaakilde["one"], blaakilde["other"]):
        assert side["aims"]
        for aim in side["aims"]:
            assert f"{ {'up': 'Op', 'down': 'Ned', 'hold': 'Hold'}[aim['direction']] } {aim['name']}" in against


def test_two_projects_with_the_same_target_stand_beside_each_other(
    sign_in: SignIn, laeser: User, database: Engine
) -> None:
    with Session(database) as session:
        keys = {p.number: p.pk for p in session.exec(select(Project))}
        for number, direction in (("P-005", Direction.up), ("P-012", Direction.up), ("P-031", Direction.down)):
            name = "Tilfredse beboere" if number != "P-031" else "tilfredse beboere!"
            row = EffectTarget(
                project_id=keys[number], no=50, name=name, unit_of_measure="procent", direction=direction
            )
            session.add(row)
            if number == "P-012":
                session.commit()
                assert "P-005 " in part(sign_in(laeser).get(PAGE).text, "twice")
        session.commit()
    browser = sign_in(laeser)
    [opposed] = [
        each for each in browser.get(API).json()["opposed"] if each["claims"][0]["name"] == "Tilfredse beboere"
    ]
    assert [(claim["number"], claim["direction"]) for claim in opposed["claims"]] == [
        ("P-005", "up"),
        ("P-012", "up"),
        ("P-031", "down"),
    ]
    assert "Samme tal ønskes både op og ned" in part(browser.get(PAGE).text, "against")
    assert "Tilfredse beboere" not in part(browser.get(PAGE).text, "twice")


@one_database
def test_a_list_without_anything_says_so(small: SmallList) -> None:
    found = build_effect_coverage(small.session, small.portfolio, TODAY)
    assert found.year is None
    assert [gap.name for gap in found.themes_without_project] == ["Byudvikling"]
    assert not found.projects_without_target


def count_queries(small: SmallList) -> int:
    small.session.expunge_all()
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    engine = small.session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    build_effect_coverage(small.session, small.portfolio, TODAY)
    event.remove(engine, "before_cursor_execute", note)
    return len(asked)


@one_database
def test_a_conflict_that_has_ended_is_left_out_and_the_queries_are_as_many_for_ten_projects_as_for_one(
    small: SmallList,
) -> None:
    one, other = small.project("Et"), small.project("Et andet")
    keys = one.pk, other.pk
    small.add(EffectTarget(project_id=keys[0], no=1, name="Et mål", unit_of_measure="antal"))
    small.add(Relation(project_id=keys[0], no=1, kind=RelationKind.goal_conflict, other_id=keys[1], text="Pladsen"))
    few = count_queries(small)
    for n in range(10):
        more = small.project(f"Nr. {n}")
        small.add(EffectTarget(project_id=more.pk, no=1, name="Samme mål", unit_of_measure="antal"))
        small.add(Relation(project_id=keys[0], no=n + 2, kind=RelationKind.goal_conflict, other_id=more.pk))
    assert count_queries(small) == few
    found = build_effect_coverage(small.session, small.portfolio, TODAY)
    assert [len(each.claims) for each in found.claimed_twice] == [10]
    assert [each.text for each in found.conflicts if each.text] == ["Pladsen"]
    ended = small.session.exec(select(Relation).where(Relation.no == 1)).one()
    ended.ended_on = TODAY
    small.session.flush()
    found = build_effect_coverage(small.session, small.portfolio, TODAY)
    assert (len(found.conflicts), [each.text for each in found.conflicts if each.text]) == (10, [])
