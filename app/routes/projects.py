from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import (
    CurrentUser,
    EditableProject,
    ManagedProposal,
    MayPropose,
    SecretariatUser,
    VisiblePortfolio,
    VisibleProject,
)
from app.db import SessionDep
from app.errors import DomainError, NotFound
from app.i18n import _
from app.models import Portfolio, Project, Proposal, User
from app.models.board_decision import lacking_in_minutes
from app.models.decision import decision_by_key
from app.models.person import active_people
from app.models.placement import Ground, ProjectToPlace, ProjectToPlaceWithDecision, place_idea
from app.models.project import (
    Confidentiality,
    ProjectDetailsEntry,
    ProjectEntry,
    change_project,
    create_project,
    possible_parents,
)
from app.models.proposal import Criteria
from app.models.theme import themes_of
from app.models.unit import units_on
from app.settings import today
from app.tabs.project import build_project_page
from app.web import Choices, Form, FormOf, Posted, render, see_other, show_form

router = APIRouter(include_in_schema=False)
OF_PROPOSAL = "/portfolios/{slug}/proposals/{key}/project"


@router.get("/projects/new", name="new_project")
def new(request: Request, session: SessionDep, user: SecretariatUser) -> Response:
    form = Form.blank(ProjectEntry, choices(session, the_list(request), None))
    return show_form(request, "projects/new.html", form)


@router.post("/projects", name="create_project")
def create(request: Request, session: SessionDep, user: SecretariatUser, posted: Posted) -> Response:
    form = Form.posted(ProjectEntry, posted, choices(session, the_list(request), None))
    if form.invalid:
        return show_form(request, "projects/new.html", form)
    project = create_project(session, user, the_list(request), form.value)
    return see_other(request, "project", number=project.number)


@router.get("/projects/{number}", name="project")
def show(
    request: Request, session: SessionDep, user: CurrentUser, project: VisibleProject, may_propose: MayPropose
) -> Response:
    may_edit = user.can_edit(project)
    return render(
        request,
        "projects/show.html",
        page=build_project_page(session, project, today(), with_events=may_edit or user.can_read_events),
        may_edit=may_edit,
        may_propose=may_propose,
    )


@router.get("/projects/{number}/edit", name="edit_project")
def edit(request: Request, session: SessionDep, user: CurrentUser, project: EditableProject) -> Response:
    involved = [unit.pk for unit in project.involved_units]
    form = Form.of(entry(user), project, choices(session, project.portfolio, project), involved_unit_ids=involved)
    return show_form(request, "projects/edit.html", form, project=project)


@router.post("/projects/{number}/edit", name="save_project")
def save(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    involved = [unit.pk for unit in project.involved_units]
    form = Form.posted(entry(user), posted, choices(session, project.portfolio, project))
    if form.conflicts_with(project, involved_unit_ids=involved) or form.invalid:
        return show_form(request, "projects/edit.html", form, project=project)
    change_project(session, user, project, form.value)
    return see_other(request, "project", number=project.number)


@router.get(OF_PROPOSAL, name="new_project_of_proposal")
def new_of_proposal(
    request: Request, session: SessionDep, portfolio: VisiblePortfolio, proposal: ManagedProposal
) -> Response:
    said = proposal.model_dump(include={"title", "purpose", "unit_id", *Criteria.model_fields} - {"origin"})
    said |= {"case_numbers": [proposal.case_number] if proposal.case_number else []}
    decided = proposal.settled_by
    said |= {"from_on": decided.meeting.held_on if decided else today()}
    form = Form.blank(kind_of(proposal), choices(session, portfolio, None), **said)
    return of_proposal(request, portfolio, proposal, form)


@router.post(OF_PROPOSAL, name="create_project_of_proposal")
def create_of_proposal(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    portfolio: VisiblePortfolio,
    proposal: ManagedProposal,
    posted: Posted,
) -> Response:
    form = Form.posted(kind_of(proposal), posted, choices(session, portfolio, None))
    check(session, portfolio, form)
    if form.invalid:
        return of_proposal(request, portfolio, proposal, form)
    try:
        project = place_idea(session, user, portfolio, proposal, form.value, ground(session, proposal, form))
    except DomainError as refused:
        form.refuse("from_on", refused.message)
        return of_proposal(request, portfolio, proposal, form)
    return see_other(request, "project", number=project.number)


def of_proposal(request: Request, portfolio: Portfolio, proposal: Proposal, form: FormOf) -> Response:
    return show_form(request, "projects/of_proposal.html", form, portfolio=portfolio, proposal=proposal)


def kind_of(proposal: Proposal) -> type[ProjectToPlace]:
    return ProjectToPlace if proposal.settled_by else ProjectToPlaceWithDecision


def ground(session: Session, proposal: Proposal, form: FormOf) -> Ground:
    """What the project's place rests on: the decision on the proposal, or the one that is taken down with it."""
    decided = proposal.settled_by
    found = decision_by_key(session, proposal.portfolio_id, decided.key) if decided else None
    return found or form.value


def check(session: Session, portfolio: Portfolio, form: FormOf) -> None:
    """A decision that is taken down with the project may be impossible on its day."""
    if isinstance(form.meant, ProjectToPlaceWithDecision):
        closed = form.meant.confidentiality is Confidentiality.closed
        form.errors |= lacking_in_minutes(session, portfolio.pk, form.meant, closed=closed)


def the_list(request: Request) -> Portfolio:
    """The list that a new project belongs to."""
    portfolio: Portfolio | None = request.state.portfolio
    if portfolio is None:
        raise NotFound(_("There is no such list."))
    return portfolio


def entry(user: User) -> Any:
    """Which form this person fills in: the secretariat's, or the one of leader and owner."""
    return ProjectEntry if user.can_run_the_list else ProjectDetailsEntry


def choices(session: Session, portfolio: Portfolio, project: Project | None) -> Choices:
    """What can be chosen: what exists today, and what the project has already."""
    had_people = (project.owner_id, project.leader_id) if project else ()
    had_units = (project.unit_id, *(unit.pk for unit in project.involved_units)) if project else ()
    people = [(str(person.pk), f"{person.name}, {person.title}") for person in active_people(session, *had_people)]
    units = [(str(unit.pk), f"{unit.code} {unit.name}") for unit in units_on(session, today(), *had_units)]
    return {
        "theme_id": [(str(theme.pk), theme.name) for theme in themes_of(session, portfolio.pk)],
        "parent_id": [(str(each.pk), str(each)) for each in possible_parents(session, portfolio.pk, project)],
        "owner_id": people,
        "leader_id": people,
        "unit_id": units,
        "involved_unit_ids": units,
    }
