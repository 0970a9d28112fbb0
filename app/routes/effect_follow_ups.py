from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import (
    ApprovableEffectFollowUp,
    CurrentUser,
    ManagedEffectFollowUp,
    ReportableEffectFollowUp,
    SecretariatUser,
    VisibleEffectFollowUp,
    VisibleProject,
)
from app.db import SessionDep
from app.i18n import _
from app.models import EffectFollowUp, Project, User
from app.models.effect_follow_up import FollowUpEntry, FollowUpPlan, ReturningForm, WaiverForm, lacking
from app.models.person import active_people
from app.models.unit import units_on
from app.settings import today
from app.tabs.effect_follow_up import build_follow_up_page
from app.web import Choices, Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
ONE = "/projects/{number}/effect-targets/{no}/follow-ups/{follow_up_no}"


@router.get(ONE, name="effect_follow_up")
def show(
    request: Request, session: SessionDep, user: CurrentUser, project: VisibleProject, row: VisibleEffectFollowUp
) -> Response:
    return page(request, session, user, project, row)


@router.post(f"{ONE}/report", name="report_effect_follow_up")
def report(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: VisibleProject,
    row: ReportableEffectFollowUp,
    posted: Posted,
) -> Response:
    form = Form.posted(FollowUpEntry, posted)
    if form.meant:
        known = build_follow_up_page(session, user, project, row, today())
        form.errors |= lacking(form.meant, measured=known.measured, day=today())
    if form.invalid:
        return page(request, session, user, project, row, entry=form)
    row.report(session, user, project, form.value)
    return back(request, project, row)


@router.post(f"{ONE}/approval", name="approve_effect_follow_up")
def approve(
    request: Request, session: SessionDep, user: CurrentUser, project: VisibleProject, row: ApprovableEffectFollowUp
) -> Response:
    row.approve(session, user, project)
    return back(request, project, row)


@router.post(f"{ONE}/return", name="return_effect_follow_up")
def send_back(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: VisibleProject,
    row: ApprovableEffectFollowUp,
    posted: Posted,
) -> Response:
    form = Form.posted(ReturningForm, posted)
    if form.invalid:
        return page(request, session, user, project, row, returning=form)
    row.send_back(session, user, project, form.value.reason)
    return back(request, project, row)


@router.get(f"{ONE}/edit", name="edit_effect_follow_up")
def edit(request: Request, session: SessionDep, project: VisibleProject, row: ManagedEffectFollowUp) -> Response:
    return planning(request, project, row, Form.of(FollowUpPlan, row, choices(session, row)))


@router.post(f"{ONE}/edit", name="save_effect_follow_up")
def save(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    project: VisibleProject,
    row: ManagedEffectFollowUp,
    posted: Posted,
) -> Response:
    form = Form.posted(FollowUpPlan, posted, choices(session, row))
    if form.conflicts_with(row) or form.invalid:
        return planning(request, project, row, form)
    row.plan(session, user, project, form.value)
    return back(request, project, row)


@router.get(f"{ONE}/waiver", name="new_waiver")
def new_waiver(request: Request, project: VisibleProject, row: ManagedEffectFollowUp) -> Response:
    return waiving(request, project, row, Form.blank(WaiverForm))


@router.post(f"{ONE}/waiver", name="waive_effect_follow_up")
def waive(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    project: VisibleProject,
    row: ManagedEffectFollowUp,
    posted: Posted,
) -> Response:
    form = Form.posted(WaiverForm, posted)
    if form.invalid:
        return waiving(request, project, row, form)
    row.waive(session, user, project, form.value.waived_reason)
    return back(request, project, row)


def page(
    request: Request,
    session: Session,
    user: User,
    project: Project,
    row: EffectFollowUp,
    entry: FormOf | None = None,
    returning: FormOf | None = None,
) -> Response:
    """The follow-up with what this reader may do about it."""
    tab = build_follow_up_page(session, user, project, row, today())
    blank = Form.blank(
        FollowUpEntry,
        source=row.effect_target.source,
        next_on=row.next_on or tab.next_on,
        conclusion=row.conclusion,
    )
    forms = {"entry": entry or blank, "returning": returning or Form.blank(ReturningForm)}
    failed = entry or returning or forms["entry"]
    return show_form(request, "effect_follow_ups/show.html", failed, project=project, page=tab, **forms)


def planning(request: Request, project: Project, row: EffectFollowUp, form: FormOf) -> Response:
    heading = _("Change follow-up of »%s«") % row.effect_target.name
    return form_page(request, project, row, form, heading, "save_effect_follow_up")


def waiving(request: Request, project: Project, row: EffectFollowUp, form: FormOf) -> Response:
    heading = _("Give up the follow-up of »%s«") % row.effect_target.name
    return form_page(request, project, row, form, heading, "waive_effect_follow_up")


def form_page(
    request: Request, project: Project, row: EffectFollowUp, form: FormOf, heading: str, action: str
) -> Response:
    parts = {"no": row.effect_target.no, "follow_up_no": row.no}
    return show_form(
        request, "projects/row_form.html", form, project=project, heading=heading, action=action, parts=parts
    )


def back(request: Request, project: Project, row: EffectFollowUp) -> Response:
    parts: dict[str, Any] = {"number": project.number, "no": row.effect_target.no, "follow_up_no": row.no}
    return see_other(request, "effect_follow_up", **parts)


def choices(session: Session, row: EffectFollowUp) -> Choices:
    """Who can follow up: whoever is here today, and whoever does already."""
    units, people = units_on(session, today(), row.owner_unit_id), active_people(session, row.owner_id)
    return {
        "owner_unit_id": [(str(unit.pk), f"{unit.code} {unit.name}") for unit in units],
        "owner_id": [(str(person.pk), f"{person.name}, {person.title}") for person in people],
    }
