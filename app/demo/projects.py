"""The projects of the demo list and what belongs to them: places, milestones, effect targets, criteria, key persons."""

from typing import Any

from sqlmodel import Session

from app.demo.organisation import People, Projects, Units
from app.demo.source import Facts, chosen, read, read_projects, sourced
from app.models import (
    EffectTarget,
    KeyPersons,
    Measurement,
    Milestone,
    Placement,
    Portfolio,
    Project,
    ProjectUnit,
    SuccessCriterion,
)
from app.models.effect_target import EffectTargetForm
from app.models.measurement import MeasurementForm
from app.models.milestone import MilestoneForm
from app.models.placement import PlacementForm, RemovalForm
from app.models.project import ProjectForm, refresh_search_text
from app.models.success_criterion import SuccessCriterionForm
from app.models.theme import themes_of

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
    _effect_targets(session, projects, tables, people, units)
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
        criterion_form = SuccessCriterionForm(**criterion)
        session.add(SuccessCriterion(**criterion_form.model_dump(), project_id=project.pk, no=no))
    session.add_all(
        KeyPersons(project_id=project.pk, unit_id=units[code].pk, count=count)
        for code, count in table.get("key_persons", {}).items()
    )


def _placement(project: Project, no: int, table: Facts, facts: Facts) -> Placement:
    form = PlacementForm(from_on=table["from"], decision_in=table["decision_in"])
    placement = Placement(**form.model_dump(), project_id=project.pk, no=no)
    if "to" in table:
        removal = RemovalForm(
            to_on=table["to"],
            decision_out=table["decision_out"],
            reason_out=table["reason_out"],
            follow_up=any("follow_up" in target for target in facts.get("effect_targets", ())),
        )
        placement.sqlmodel_update(removal)
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
            "path",
            "frequency",
            "attribution_note",
        ),
        unit_of_measure=table["unit"],
        owner_id=_key(people, table.get("owner")),
        owner_unit_id=_key(units, table.get("owner_unit")),
        source=sourced(table),
    )
    return EffectTarget(**form.model_dump(), project_id=project.pk, no=no)
