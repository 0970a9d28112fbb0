from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import ChosenDecision, SecretariatUser, VisibleProject
from app.db import SessionDep
from app.errors import DomainError
from app.models import Decision, EffectTarget, Project
from app.models.board_decision import BoardDecisionForm, lacking_in_minutes
from app.models.person import active_people
from app.models.placement import (
    PlacementForm,
    PlacementWithDecision,
    moves_decided,
    place,
    remove,
    targets_to_follow,
)
from app.models.proposal import ProposalKind, standing_proposal
from app.models.removal import plan_fields, read_plans, removal_kind, suggested_plan
from app.models.unit import units_on
from app.settings import today
from app.web import Choices, Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/placement", name="new_placement")
def new(request: Request, session: SessionDep, project: VisibleProject, decision: ChosenDecision) -> Response:
    form = Form.blank(placement_kind(decision), from_on=decision.meeting.held_on if decision else today())
    return placing(request, session, project, decision, form)


@router.post("/projects/{number}/placement", name="place_project")
def create(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    project: VisibleProject,
    decision: ChosenDecision,
    posted: Posted,
) -> Response:
    form = Form.posted(placement_kind(decision), posted)
    check(session, project, form)
    if form.invalid:
        return placing(request, session, project, decision, form)
    try:
        place(session, user, project, form.value, decision or form.value)
    except DomainError as refused:
        form.refuse("from_on", refused.message)
        return placing(request, session, project, decision, form)
    return see_other(request, "project", number=project.number)


@router.get("/projects/{number}/removal", name="new_removal")
def leave(request: Request, session: SessionDep, project: VisibleProject, decision: ChosenDecision) -> Response:
    targets, day = targets_to_follow(session, project), decision.meeting.held_on if decision else today()
    proposal = decision.proposal if decision else standing_proposal(session, project, ProposalKind.removal)
    kind, given = removal_kind(targets, with_decision=decision is None), suggested_plan(targets, day)
    reason = proposal.reason[:400] if proposal else ""
    form = Form.blank(kind, choices(session, targets), to_on=day, reason_out=reason, **given)
    return removing(request, session, project, decision, form, targets)


@router.post("/projects/{number}/removal", name="remove_project")
def destroy(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    project: VisibleProject,
    decision: ChosenDecision,
    posted: Posted,
) -> Response:
    targets = targets_to_follow(session, project)
    form: FormOf = Form.posted(removal_kind(targets, with_decision=decision is None), posted, choices(session, targets))
    plans, missing = read_plans(form.value, targets) if form.meant else ([], {})
    form.errors |= missing
    check(session, project, form)
    if form.invalid:
        return removing(request, session, project, decision, form, targets)
    try:
        remove(session, user, project, form.value, decision or form.value, plans)
    except DomainError as refused:
        form.refuse("to_on", refused.message)
        return removing(request, session, project, decision, form, targets)
    return see_other(request, "project", number=project.number)


def placement_kind(decision: Decision | None) -> Any:
    return PlacementForm if decision else PlacementWithDecision


def check(session: Session, project: Project, form: FormOf) -> None:
    """A decision that is taken down with the move may be impossible on its day."""
    if isinstance(form.meant, BoardDecisionForm):
        form.errors |= lacking_in_minutes(session, project.portfolio_id, form.meant, closed=project.closed)


def placing(request: Request, session: Session, project: Project, decision: Decision | None, form: FormOf) -> Response:
    return show_form(
        request,
        "projects/placement.html",
        form,
        project=project,
        decision=decision,
        decided=[] if decision else moves_decided(session, project, ProposalKind.listing),
    )


def removing(
    request: Request,
    session: Session,
    project: Project,
    decision: Decision | None,
    form: FormOf,
    targets: list[EffectTarget],
) -> Response:
    return show_form(
        request,
        "projects/removal.html",
        form,
        project=project,
        decision=decision,
        decided=[] if decision else moves_decided(session, project, ProposalKind.removal),
        targets=targets,
        plan_fields=plan_fields,
    )


def choices(session: Session, targets: list[EffectTarget]) -> Choices:
    """Who can follow up: whoever is here today, and whoever owns the effect already."""
    units = units_on(session, today(), *(target.owner_unit_id for target in targets))
    people = active_people(session, *(target.owner_id for target in targets))
    offered: dict[str, list[tuple[str, str]]] = {}
    for target in targets:
        _followed, _days, owner, unit, _reason = plan_fields(target.no)
        offered[owner] = [(str(person.pk), f"{person.name}, {person.title}") for person in people]
        offered[unit] = [(str(each.pk), f"{each.code} {each.name}") for each in units]
    return offered
