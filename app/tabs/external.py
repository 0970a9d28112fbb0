"""The tabs as outsiders may have them: facts without people, judgements and closed projects (domain.md 3E, L12, L13).

What a document given to outsiders says is no longer internal (offentlighedsloven § 23(2)), and the facts of a case must
be given out anyway (§ 28). So dates, milestones, amounts, measurements and targets stay; names, key persons, load and
what somebody thinks of a project do not. Every field of the three tabs is in `STAYS`, in `LEFT_OUT` or in `INSTEAD`;
one that is in none of them is refused, so that a new field cannot slip out. The same in words, with the reasons:
docs/decisions/0011.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar, cast

from pydantic import BaseModel
from sqlmodel import Session, select

from app.i18n import _
from app.models import Person, Portfolio
from app.models.portfolio import Thresholds
from app.models.seat import SeatFunction
from app.models.success_criterion import Met
from app.models.visibility import nothing_closed
from app.tabs.after_project import After, AfterNumbers, AfterProject, FollowedTarget, Look
from app.tabs.benefits import BenefitLine
from app.tabs.burden import Burden, ProjectBurden
from app.tabs.burden_bodies import BodyBurden, LargeBody, Member
from app.tabs.edition import tabs_of
from app.tabs.effects import (
    Comparison,
    Criterion,
    EffectNumbers,
    Effects,
    Figure,
    FormerCourse,
    ProjectEffects,
    TargetRow,
)
from app.tabs.filters import Filters, Option
from app.tabs.funding import FundingSum, FundingYear
from app.tabs.implementation import ImplementationRow
from app.tabs.overview import Gone, Overview, OverviewGroup, Tile
from app.tabs.overview_row import OverviewRow
from app.tabs.staffing import Fte, StaffingSum, UnitStaffing

ModelT = TypeVar("ModelT")
Tabs = tuple[Overview, Burden, Effects]

_HEADING = "portfolio slug case_number as_of round_key round_name filters total shown themes units kinds"
_COURSE = "baseline_value baseline_on target_value target_on target_wording worded_on path waypoints"

STAYS: dict[type, str] = {
    Overview: f"{_HEADING} previous_round_name board_on rounds tiles joined left reds groups gone",
    Filters: "theme unit colour kind round",
    Option: "value label",
    Tile: "mark count before moved_in moved_out joined left",
    OverviewGroup: "theme rows marks",
    OverviewRow: "number title kind programme theme unit phase mark last_mark last_round history trend "
    "rounds_in_colour case_numbers approved_on worst_child red_children children",
    Gone: "number title mark",
    Burden: f"{_HEADING} day directors large_bodies bodies_total bodies projects staffing funding",
    LargeBody: "name members typical_attendance meetings size",
    BodyBurden: "name short place type projects members empty_chairs fixed_members external_members meetings "
    "typical_attendance size size_is_least directors whole_board",
    Member: "unit function attendance",
    ProjectBurden: "number title theme bodies bodies_below staffing funding",
    StaffingSum: "year total by_state by_unit without_funding partly_funded",
    UnitStaffing: "unit total filled",
    Fte: "known posts unknown",
    FundingSum: "years total years_without_need",
    FundingYear: "year needed granted proposed gap gap_is_most unknown unknown_proposed",
    Effects: f"{_HEADING} day numbers projects after",
    EffectNumbers: "targets projects_with projects_without no_baseline no_target_figure green yellow red not_judged "
    "not_measured not_due not_measurable measured_late final_figure_missing outputs context",
    ProjectEffects: "number title kind theme unit phase purpose mark targets success_criteria implementation benefits",
    TargetRow: f"{_COURSE} no name definition indicator_type unit_of_measure direction baseline_precision "
    "measurements expected_then expected_now share colour no_share final_figure_missing owner_unit source quality day "
    "frequency first_due_on benchmarks versions",
    Figure: "no value on precision source",
    Comparison: "no name value on precision source",
    FormerCourse: f"{_COURSE} no until_on",
    Criterion: "text",
    ImplementationRow: "plan_on units_in_use units_in_all counted_on",
    BenefitLine: "no area year potential_min potential_max not_analysed_min not_analysed_max expected_min "
    "expected_max identified realised budget full_year certainty treasury_percent measure",
    After: "numbers projects unmeasured",
    AfterNumbers: "followed overdue results unmeasured",
    AfterProject: "number title kind theme unit left_on concluded_on unmeasured targets",
    FollowedTarget: "no name unit_of_measure latest latest_on precision looks",
    Look: "no due_on state result",
}
"""What goes out as it stands; of its texts, only the names of people are taken."""

LEFT_OUT: dict[type, Mapping[str, Any]] = {
    Overview: {"closed": 0, "to_be_tested": 0, "tested_first": [], "owners": []},
    OverviewRow: {
        "owner": "",
        "leader": "",
        "closed": False,
        "cause_dimension": None,
        "cause": "",
        "assessments": {},
        "suggested": None,
        "path_to_green": None,
        "decision": None,
        "summary": "",
        "report_state": None,
        "signals": [],
        "approved_as": None,
        "owner_mark": None,
        "owner_comment": "",
    },
    Burden: {
        "before": "",
        "thresholds": Thresholds(),
        "closed": 0,
        "key_person_hours": 0,
        "whole_board": [],
        "most_loaded": [],
        "median_points": None,
        "highest_points": 0.0,
        "levels": {},
        "overlaps": [],
        "in_trouble": [],
        "units_carrying": [],
        "groups": [],
        "key_person_units": [],
        "key_person_totals": {},
        "key_persons_known": 0,
        "owners": [],
    },
    Member: {"name": ""},
    ProjectBurden: {"closed": False, "key_persons": None},
    Effects: {"closed": 0, "criteria": {}, "owners": []},
    ProjectEffects: {
        "owner": "",
        "leader": "",
        "closed": False,
        "report_state": None,
        "effect_mark": None,
        "summary": "",
    },
    TargetRow: {"benefit_owner": "", "attribution_note": ""},
    FormerCourse: {"changed_by": "", "reason": "", "decision": ""},
    Criterion: {"met": Met.not_assessed, "evidence": ""},
    ImplementationRow: {
        "state": None,
        "receiver": "",
        "plan": "",
        "evidence": "",
        "lacks": [],
        "contradicts_phase": False,
    },
    BenefitLine: {"split_reason": "", "note": ""},
    AfterProject: {"owner": "", "closed": False},
    Look: {"owner": "", "conclusion": ""},
}
"""What does not go out, with what stands in its place in the data; the papers leave its heading out too."""


def _chair(body: BodyBurden) -> str:
    """The unit of one of ours, or the seat where there is none; of an outsider the organisation, as everywhere."""
    ours = next((member for member in body.members if member.name == body.chair), None)
    return (ours.unit or str(SeatFunction.chair)) if ours else body.chair


def _given(what: str) -> Callable[[Filters], str]:
    """That something is filtered by, but not by what: a search may be for a name, and an owner is one."""
    return lambda filters: _("value left out") if getattr(filters, what) else ""


INSTEAD: dict[type, Mapping[str, Callable[[Any], Any]]] = {
    Filters: {"q": _given("q"), "owner": _given("owner")},
    BodyBurden: {"chair": _chair},
    Look: {"waived_reason": lambda look: _("the reason is left out") if look.waived_reason else ""},
}
"""What is said in other words."""


def external_tabs_of(session: Session, portfolio: Portfolio, filters: Filters) -> Tabs:
    """All three tabs as outsiders may have them, today's or an edition's, whoever asks. Totals are without what is
    closed, and without what was closed when the edition was frozen."""
    with nothing_closed(session):
        overview, burden, effects = tabs_of(session, portfolio, filters, closed_then=False)
    people = {*session.exec(select(Person.name)), *_named(overview, burden, effects)}
    return external(overview, people), external(burden, people), external(effects, people)


def external(tab: ModelT, people: Iterable[str] = ()) -> ModelT:
    """A tab, or a part of one, without what outsiders may not have; the texts that stay without these people's names.

    LookupError when it has a field that nobody has decided about.
    """
    return cast(ModelT, _without(tab, hiding(people)))


def _without(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, BaseModel) or is_dataclass(value):
        return _told(value, hide)
    if isinstance(value, (list, tuple)):
        return type(value)([_without(each, hide) for each in value])
    if isinstance(value, dict):
        return {_without(key, hide): _without(each, hide) for key, each in value.items()}
    return hide(value) if type(value) is str else value


def _told(row: Any, hide: Callable[[str], str]) -> Any:
    kind: type[Any] = type(row)
    stays, left_out, instead = STAYS[kind].split(), LEFT_OUT.get(kind, {}), INSTEAD.get(kind, {})
    told = {name: _without(getattr(row, name), hide) for name in stays}
    told |= {**left_out, **{name: say(row) for name, say in instead.items()}}
    if undecided := field_names(kind) ^ told.keys():
        raise LookupError(f"Nobody has decided whether {kind.__name__} goes out with {sorted(undecided)}")
    return kind.model_construct(**told) if isinstance(row, BaseModel) else replace(row, **told)


def field_names(kind: type) -> set[str]:
    """The fields of a model, or of a row that is a dataclass."""
    if is_dataclass(kind):
        return {field.name for field in fields(kind)}
    return set(cast(type[BaseModel], kind).model_fields)


def _named(overview: Overview, burden: Burden, effects: Effects) -> set[str]:
    """Everybody whom the tabs name: an old edition has the names that people had then."""
    rows = [row for group in overview.groups for row in group.rows] + overview.reds
    names = {name for row in rows for name in (row.owner, row.leader)}
    names |= {member.name for body in burden.bodies for member in body.members}
    names |= {person.name for person in burden.people}
    return names | {target.benefit_owner for project in effects.projects for target in project.targets}


def hiding(people: Iterable[str]) -> Callable[[str], str]:
    """Takes the names of people out of a text, in whatever letters and spaces they are written, also »Bo Beks«."""
    names: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in filter(None, people):
        names[_words(name)[0]].append((" ".join(name.lower().split()), name))
    hidden = _("(name left out)")

    @lru_cache(maxsize=10_000)
    def hide(text: str) -> str:
        plain = " ".join(text.lower().split())
        for first in {form for word in _words(text) for form in (word, word.removesuffix("s"))} & names.keys():
            for lower, name in names[first]:
                if lower in plain:
                    words = r"\s+".join(map(re.escape, name.split()))
                    text = re.sub(rf"\b{words}s?\b", hidden, text, flags=re.IGNORECASE)
        return text

    return hide


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower()) or [""]
