"""The projects of the demo list and what belongs to them: places, milestones, effect targets, criteria, staffing …"""

from datetime import datetime, time
from typing import Any

from sqlmodel import Session, select

from app.demo.effect_follow_ups import load_effect_follow_ups
from app.demo.organisation import People, Projects, Units
from app.demo.source import Facts, chosen, read, read_projects, sourced
from app.models import (
    Benchmark,
    Benefit,
    EffectTarget,
    FollowUp,
    Funding,
    FundingNeed,
    Implementation,
    KeyPersons,
    Measurement,
    Milestone,
    Placement,
    Portfolio,
    Project,
    ProjectUnit,
    Relation,
    Staffing,
    StaffingShare,
    StatedTotal,
    SuccessCriterion,
    TargetVersion,
    TaskForce,
)
from app.models.benchmark import BenchmarkForm
from app.models.benefit import BenefitForm
from app.models.effect_target import EffectTargetForm, TargetFigures
from app.models.follow_up import FollowUpForm
from app.models.funding import FundingForm
from app.models.funding_need import FundingNeedForm
from app.models.implementation import ImplementationForm
from app.models.measurement import MeasurementForm
from app.models.milestone import MilestoneForm
from app.models.placement import PlacementForm, RemovalForm
from app.models.project import ProjectForm, refresh_search_text
from app.models.relation import RelationForm
from app.models.staffing import StaffingForm
from app.models.stated_total import StatedTotalForm
from app.models.success_criterion import SuccessCriterionForm
from app.models.task_force import TaskForceForm
from app.models.theme import themes_of
from app.settings import COPENHAGEN

LEVELS = 3
"""Programme, focus area, project (domain.md I16)."""


def load_projects(session: Session, portfolio: Portfolio, people: People, units: Units) -> Projects:
    tables = read_projects()
    names = {theme["key"]: theme["name"] for theme in read("organisation.toml")["theme"]}
    theme_ids = {theme.name: theme.pk for theme in themes_of(session, portfolio.pk)}
    projects: Projects = {}
    for _level in range(LEVELS):
        ready = [t for t in tables if t["key"] not in projects and ("parent" not in t or t["parent"] in projects)]
        level = {
            table["key"]: _project(portfolio, table, theme_ids[names[table["theme"]]], people, units, projects)
            for table in ready
        }
        session.add_all(level.values())
        session.flush()
        projects |= level
    for table in tables:
        _belongings(session, projects[table["key"]], table, units)
        _resources(session, projects[table["key"]], table, units)
        _benefits(session, projects[table["key"]], table)
        _as_task_force(session, projects[table["key"]], table)
        _implementation(session, projects[table["key"]], table)
    _effect_targets(session, projects, tables, people, units)
    load_effect_follow_ups(session, projects, tables, people, units)
    _relations(session, projects, tables)
    return projects


def _project(
    portfolio: Portfolio, table: Facts, theme_id: int, people: People, units: Units, parents: Projects
) -> Project:
    form = ProjectForm(
        **chosen(
            table,
            "title",
            "kind",
            "also_known_as",
            "purpose",
            "large",
            "cross_cutting",
            "strategic",
            "admission_reason",
            "commissioner",
            "externals",
            "phase",
            "starts_on",
            "planned_end_on",
            "expires_on",
            "confidentiality",
            "case_numbers",
        ),
        theme_id=theme_id,
        parent_id=_key(parents, table.get("parent")),
        owner_id=_key(people, table.get("owner")),
        leader_id=_key(people, table.get("leader")),
        unit_id=_key(units, table.get("responsible_unit")),
    )
    series, sequence = table["number"].split("-")
    project = Project(
        **form.model_dump(),
        portfolio_id=portfolio.pk,
        number=table["number"],
        series=series,
        sequence=int(sequence),
        baseline_end_on=table.get("baseline_end_on", table.get("planned_end_on")),
    )
    refresh_search_text(project)
    return project


def _key(rows: dict[str, Any], key: str | None) -> int | None:
    """The primary key of a named row; None when nobody is named, which reads »Mangler«."""
    return rows[key].pk if key else None


def _belongings(session: Session, project: Project, table: Facts, units: Units) -> None:
    session.add_all(ProjectUnit(project_id=project.pk, unit_id=units[code].pk) for code in table["involved_units"])
    for no, placement in enumerate(table["placements"], start=1):
        session.add(_placement(project, no, placement, table))
    for no, milestone in enumerate(table["milestones"], start=1):
        milestone_form = MilestoneForm(**chosen(milestone, "text", "kind", "due_on", "precision", "done_on"))
        baseline_on = milestone.get("baseline_on", milestone["due_on"])
        session.add(Milestone(**milestone_form.model_dump(), project_id=project.pk, no=no, baseline_on=baseline_on))
    for no, criterion in enumerate(table["success_criteria"], start=1):
        evidence = sourced({"source": criterion.get("evidence", ""), **criterion})
        criterion_form = SuccessCriterionForm(**chosen(criterion, "text", "met"), evidence=evidence)
        session.add(SuccessCriterion(**criterion_form.model_dump(), project_id=project.pk, no=no))
    session.add_all(
        KeyPersons(project_id=project.pk, unit_id=units[code].pk, count=count)
        for code, count in table.get("key_persons", {}).items()
    )


def _resources(session: Session, project: Project, table: Facts, units: Units) -> None:
    """Posts with their split between units, money and what it is needed for."""
    for no, post in enumerate(table.get("staffing", ()), start=1):
        form = StaffingForm(
            **chosen(post, "function", "fte", "existing_funding", "state", "keeps_home_unit"),
            unit_id=_key(units, post.get("unit")),
            from_on=post.get("from"),
            note=sourced({"source": post.get("note", ""), **post}).strip(),
        )
        staffing = Staffing(**form.model_dump(), project_id=project.pk, no=no)
        session.add(staffing)
        session.flush()
        session.add_all(
            StaffingShare(staffing_id=staffing.pk, year=int(year), unit_id=units[code].pk, percent=percent)
            for year, shares in post.get("split", {}).items()
            for code, percent in shares.items()
        )
    for no, money in enumerate(table.get("funding", ()), start=1):
        funding = FundingForm(**chosen(money, "year", "amount", "approved", "decision"), source=sourced(money))
        session.add(Funding(**funding.model_dump(), project_id=project.pk, no=no))
    for no, need in enumerate(table.get("needs", ()), start=1):
        purpose = sourced({"source": need["purpose"], **need})
        needed = FundingNeedForm(**chosen(need, "year", "amount"), purpose=purpose)
        session.add(FundingNeed(**needed.model_dump(), project_id=project.pk, no=no))


def _benefits(session: Session, project: Project, table: Facts) -> None:
    """The lines, which the files have in million kroner, and what papers say that they come to."""
    for no, line in enumerate(table.get("benefits", ()), start=1):
        ranges = {
            f"{name}_{end}": round(line[name][place] * 1_000_000)
            for name in ("potential", "not_analysed", "expected")
            for place, end in enumerate(("min", "max"))
            if name in line
        }
        form = BenefitForm(
            **chosen(line, "area", "year", "full_year", "certainty", "treasury_percent", "split_reason", "measure"),
            **ranges,
            **{name: round(line[name] * 1_000_000) for name in ("identified", "realised", "budget") if name in line},
            note=sourced({"source": line.get("note", ""), **line}).strip(),
        )
        session.add(Benefit(**form.model_dump(), project_id=project.pk, no=no))
    for no, total in enumerate(table.get("stated_totals", ()), start=1):
        session.add(StatedTotal(**StatedTotalForm(**total).model_dump(), project_id=project.pk, no=no))


def _as_task_force(session: Session, project: Project, table: Facts) -> None:
    if "task_force" in table:
        session.add(TaskForce(**TaskForceForm(**table["task_force"]).model_dump(), project_id=project.pk))
    for no, held in enumerate(table.get("follow_ups", ()), start=1):
        session.add(FollowUp(**FollowUpForm(**held).model_dump(), project_id=project.pk, no=no))


def _implementation(session: Session, project: Project, table: Facts) -> None:
    if "implementation" in table:
        said = table["implementation"]
        source = sourced({"source": said.get("evidence", ""), **said}).strip()
        form = ImplementationForm(**chosen(said, *ImplementationForm.model_fields) | {"evidence": source})
        session.add(Implementation(**form.model_dump(), project_id=project.pk))


def _placement(project: Project, no: int, table: Facts, facts: Facts) -> Placement:
    form = PlacementForm(from_on=table["from"])
    placement = Placement(**form.model_dump(), decision_in=table["decision_in"], project_id=project.pk, no=no)
    if "to" in table:
        removal = RemovalForm(reason_out=table["reason_out"], to_on=table["to"])
        placement.sqlmodel_update(removal)
        placement.decision_out = table["decision_out"]
        placement.follow_up = any("follow_up" in target for target in facts.get("effect_targets", ()))
    return placement


def _effect_targets(session: Session, projects: Projects, tables: list[Facts], people: People, units: Units) -> None:
    targets = [
        (_effect_target(projects[table["key"]], no, target, people, units), target)
        for table in tables
        for no, target in enumerate(table.get("effect_targets", ()), start=1)
    ]
    session.add_all(target for target, _facts in targets)
    session.flush()
    for target, facts in targets:
        for no, measurement in enumerate(facts.get("measurements", ()), start=1):
            form = MeasurementForm(
                **chosen(measurement, "precision", "value"), measured_on=measurement["on"], source=sourced(measurement)
            )
            session.add(Measurement(**form.model_dump(), effect_target_id=target.pk, no=no))
        for no, benchmark in enumerate(facts.get("benchmarks", ()), start=1):
            compared = BenchmarkForm(
                **chosen(benchmark, "name", "precision", "value"),
                measured_on=benchmark["on"],
                source=sourced(benchmark),
            )
            session.add(Benchmark(**compared.model_dump(), effect_target_id=target.pk, no=no))
        for no, version in enumerate(facts.get("versions", ()), start=1):
            session.add(TargetVersion(**_version(target, version), effect_target_id=target.pk, no=no))


def _version(target: EffectTarget, table: Facts) -> Facts:
    """What held until a day: where it says nothing, it was as it is now."""
    held = {name: table.get(name, getattr(target, name)) for name in TargetFigures.model_fields}
    at = datetime.combine(table["until"], time(12), COPENHAGEN)
    why = {"reason": sourced(table | {"source": table["reason"]}), "decision": table.get("decision", "")}
    return held | why | {"until_on": table["until"], "changed_at": at, "changed_by": table["by"]}


def _effect_target(project: Project, no: int, table: Facts, people: People, units: Units) -> EffectTarget:
    form = EffectTargetForm(
        **chosen(
            table,
            "name",
            "definition",
            "indicator_type",
            "direction",
            "baseline_value",
            "baseline_on",
            "target_value",
            "target_on",
            "target_wording",
            "worded_on",
            "path",
            "waypoints",
            "frequency",
            "attribution_note",
        ),
        unit_of_measure=table["unit"],
        owner_id=_key(people, table.get("owner")),
        owner_unit_id=_key(units, table.get("owner_unit")),
        source=sourced(table),
    )
    return EffectTarget(**form.model_dump(), project_id=project.pk, no=no)


def _relations(session: Session, projects: Projects, tables: list[Facts]) -> None:
    """How the projects stand to each other; their milestones are named by their texts."""
    session.flush()
    found = {(each.project_id, each.text): each.pk for each in session.exec(select(Milestone))}
    for table in tables:
        project = projects[table["key"]]
        for no, link in enumerate(table.get("links", ()), start=1):
            other = projects[link["to"]] if "to" in link else None
            form = RelationForm(
                **chosen(link, "outside", "due_on", "precision", "ended_on"),
                kind=link["type"],
                text=f"{link['text']} (konstrueret)" if link.get("constructed") else link.get("text", ""),
                other_id=other.pk if other else None,
                milestone_id=found[project.pk, link["waits"]] if "waits" in link else None,
                other_milestone_id=found[other.pk, link["first"]] if other and "first" in link else None,
            )
            session.add(Relation(**form.model_dump(), project_id=project.pk, no=no))
