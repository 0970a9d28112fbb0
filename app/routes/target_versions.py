from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, EditableEffectTarget, EditableProject
from app.db import SessionDep
from app.i18n import _
from app.models import EffectTarget, Project
from app.models.target_version import NewVersionForm, WhyChanged, change_target
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
VERSIONS = "/projects/{number}/effect-targets/{no}/versions"


@router.get(f"{VERSIONS}/new", name="new_target_version")
def new(request: Request, project: EditableProject, target: EditableEffectTarget) -> Response:
    return page(request, project, target, Form.of(NewVersionForm, target))


@router.post(VERSIONS, name="create_target_version")
def create(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    target: EditableEffectTarget,
    posted: Posted,
) -> Response:
    form = Form.posted(NewVersionForm, posted)
    why = {name: form.typed[name] for name in WhyChanged.model_fields}
    if form.conflicts_with(target, **why) or form.invalid:
        return page(request, project, target, form)
    change_target(session, user, target, form.value)
    return see_other(request, "effect_target", number=project.number, no=target.no)


def page(request: Request, project: Project, target: EffectTarget, form: FormOf) -> Response:
    return show_form(
        request,
        "projects/row_form.html",
        form,
        project=project,
        heading=_("Change baseline or target of »%s«") % target.name,
        action="create_target_version",
        parts={"no": target.no},
        hints={
            "target_on": _("dd-mm-yyyy. Empty it when new words say it: »om 10 år«, »ved udgangen af 2023«."),
            "worded_on": _("dd-mm-yyyy. »Om 10 år« is counted from this day, or from today."),
            "waypoints": _("Only for the path in steps. The last step is the target."),
            "reason": _("What holds now is kept beside it, with this reason."),
        },
    )
