"""How far projects have been taken into use in operations: a judgement of its own beside plan and effect (R03, R90)."""

from datetime import date

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import Session, col

from app.models import Implementation, Project
from app.models.base import columns
from app.models.implementation import (
    ImplementationFact,
    ImplementationForm,
    Implemented,
    contradicts_phase,
    missing_facts,
)


class ImplementationRow(BaseModel):
    """The judgement with its facts; `state` is None when nobody has judged. Units are counted, not projects."""

    state: Implemented | None
    receiver: str
    plan: str
    plan_on: date | None
    units_in_use: int | None
    units_in_all: int | None
    counted_on: date | None
    evidence: str
    lacks: list[ImplementationFact]
    contradicts_phase: bool


def read_implementation(session: Session, projects: sa.ColumnElement[bool]) -> dict[str, ImplementationRow]:
    """A row for each of these projects by number, also where nobody has said anything. One query.

    `projects` is a condition on Project: `Project.id == …` for one project's page.
    """
    query = (
        columns(
            Project.number,
            Project.phase,
            *(getattr(Implementation, name) for name in ImplementationForm.model_fields),
        )
        .select_from(Project)
        .outerjoin(Implementation, col(Implementation.project_id) == Project.id)
        .where(projects)
    )
    found = {}
    for number, phase, *values in session.exec(query):
        said = dict(zip(ImplementationForm.model_fields, values, strict=True))
        known = ImplementationForm.model_construct(**said) if said["state"] else None
        shown = said if known else ImplementationForm().model_dump() | {"state": None}
        found[number] = ImplementationRow.model_construct(
            **shown, lacks=missing_facts(known, phase), contradicts_phase=contradicts_phase(known, phase)
        )
    return found
