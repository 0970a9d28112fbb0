from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, EditableBenchmark, EditableEffectTarget, EditableProject
from app.db import SessionDep
from app.i18n import _
from app.models import Benchmark, EffectTarget, Project
from app.models.benchmark import BenchmarkForm, compare
from app.models.event import change
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
BENCHMARKS = "/projects/{number}/effect-targets/{no}/benchmarks"


@router.get(f"{BENCHMARKS}/new", name="new_benchmark")
def new(request: Request, project: EditableProject, target: EditableEffectTarget) -> Response:
    return page(request, project, target, Form.blank(BenchmarkForm))


@router.post(BENCHMARKS, name="create_benchmark")
def create(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    target: EditableEffectTarget,
    posted: Posted,
) -> Response:
    form = Form.posted(BenchmarkForm, posted)
    if form.invalid:
        return page(request, project, target, form)
    compare(session, user, target, form.value)
    return see_other(request, "effect_target", number=project.number, no=target.no)


@router.get(f"{BENCHMARKS}/{{benchmark_no}}/edit", name="edit_benchmark")
def edit(request: Request, project: EditableProject, target: EditableEffectTarget, row: EditableBenchmark) -> Response:
    return page(request, project, target, Form.of(BenchmarkForm, row), row)


@router.post(f"{BENCHMARKS}/{{benchmark_no}}/edit", name="save_benchmark")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    project: EditableProject,
    target: EditableEffectTarget,
    row: EditableBenchmark,
    posted: Posted,
) -> Response:
    form = Form.posted(BenchmarkForm, posted)
    if form.conflicts_with(row) or form.invalid:
        return page(request, project, target, form, row)
    change(session, user, row, form.value, project_id=project.pk)
    return see_other(request, "effect_target", number=project.number, no=target.no)


def page(
    request: Request, project: Project, target: EffectTarget, form: FormOf, row: Benchmark | None = None
) -> Response:
    heading = (_("Change benchmark of »%s«") if row else _("New benchmark of »%s«")) % target.name
    parts = {"no": target.no} | ({"benchmark_no": row.no} if row else {})
    action = "save_benchmark" if row else "create_benchmark"
    return show_form(
        request, "projects/row_form.html", form, project=project, heading=heading, action=action, parts=parts
    )
