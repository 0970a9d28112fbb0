from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentUser, EditableProject
from app.db import SessionDep
from app.i18n import _
from app.models import Project
from app.models.strategy_theme import StrategyTags, strategy_themes, tag_project, themes_of_project
from app.web import Form, FormOf, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)


@router.get("/projects/{number}/strategy", name="edit_strategy_tags")
def edit(request: Request, session: SessionDep, project: EditableProject) -> Response:
    offered = [(str(theme.pk), str(theme)) for theme in strategy_themes(session, project.portfolio_id)]
    serves = [theme.pk for theme in themes_of_project(session, project)]
    return page(request, project, Form.of(StrategyTags, project, {"theme_ids": offered}, theme_ids=serves))


@router.post("/projects/{number}/strategy", name="save_strategy_tags")
def save(
    request: Request, session: SessionDep, user: CurrentUser, project: EditableProject, posted: Posted
) -> Response:
    themes = {theme.pk: theme for theme in strategy_themes(session, project.portfolio_id)}
    form = Form.posted(StrategyTags, posted, {"theme_ids": [(str(key), str(each)) for key, each in themes.items()]})
    serves = [theme.pk for theme in themes_of_project(session, project)]
    if form.conflicts_with(project, theme_ids=serves) or form.invalid:
        return page(request, project, form)
    tag_project(session, user, project, [themes[key] for key in form.value.theme_ids])
    return see_other(request, "project", number=project.number, anchor="strategy")


def page(request: Request, project: Project, form: FormOf) -> Response:
    heading = _("Which themes of the strategy letters does it serve?")
    return show_form(
        request, "projects/row_form.html", form, project=project, heading=heading, action="save_strategy_tags"
    )
