from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, EditableProject, EditableRelation
from app.db import SessionDep
from app.models import Project, Relation
from app.models.milestone import Milestone
from app.models.relation import (
    RelationEntry,
    RelationRefused,
    change_relation,
    possible_milestones,
    possible_others,
    relate,
)
from app.web import Choices, Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/relations/new", name="new_relation")
def new(request: Request, session: SessionDep, project: EditableProject) -> Response:
    return page(request, project, Form.blank(RelationEntry, choices(session, project)))


@router.post("/projects/{number}/relations", name="create_relation")
def create(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    form = Form.posted(RelationEntry, posted, choices(session, project, other=str(posted.get("other", ""))))
    if form.invalid:
        return page(request, project, form)
    try:
        relate(session, user, project, form.value)
    except RelationRefused as refused:
        form.refuse(refused.field, refused.message)
        return page(request, project, form)
    return see_other(request, "project", number=project.number, anchor="relations")


@router.get("/projects/{number}/relations/{no}/edit", name="edit_relation")
def edit(request: Request, session: SessionDep, project: EditableProject, row: EditableRelation) -> Response:
    other = row.other.number if row.other else ""
    form = Form.of(RelationEntry, row, choices(session, project, row, other=other), **numbers(project, row))
    return page(request, project, form, row)


@router.post("/projects/{number}/relations/{no}/edit", name="save_relation")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    row: EditableRelation,
    posted: Posted,
) -> Response:
    form = Form.posted(RelationEntry, posted, choices(session, project, row, other=str(posted.get("other", ""))))
    if form.conflicts_with(row, **numbers(project, row)) or form.invalid:
        return page(request, project, form, row)
    try:
        change_relation(session, user, project, row, form.value)
    except RelationRefused as refused:
        form.refuse(refused.field, refused.message)
        return page(request, project, form, row)
    return see_other(request, "project", number=project.number, anchor="relations")


def numbers(project: Project, row: Relation) -> dict[str, Any]:
    """What the relation points to, as the form names it."""
    theirs = row.other_milestone if row.other else None
    return {
        "other": row.other.number if row.other else None,
        "milestone": f"{project.number}/{row.milestone.no}" if row.milestone else None,
        "other_milestone": f"{row.other.number}/{theirs.no}" if row.other and theirs else None,
    }


def choices(session: Session, project: Project, row: Relation | None = None, *, other: str = "") -> Choices:
    """The projects and milestones to choose among; theirs are those of the other project that is chosen already."""
    offered = [(each.number, str(each)) for each in possible_others(session, project, row)]
    known = other if other in dict(offered) else ""
    return {
        "other": offered,
        "milestone": milestones(session, project.number, row.milestone if row else None),
        "other_milestone": milestones(session, known, row.other_milestone if row else None) if known else [],
    }


def milestones(session: Session, number: str, had: Milestone | None) -> list[tuple[str, str]]:
    found = possible_milestones(session, number, had)
    return [(f"{number}/{each.no}", f"{each.text} ({each.due_text})") for each in found]


def page(request: Request, project: Project, form: FormOf, row: Relation | None = None) -> Response:
    return show_form(request, "projects/relation.html", form, project=project, relation=row)
