from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, EditableScenario, ScenarioAuthor, VisiblePortfolio, VisibleScenario
from app.db import SessionDep
from app.i18n import _
from app.models import Portfolio, Scenario
from app.models.proposal import proposals_of
from app.models.scenario import (
    ChangeKeys,
    ScenarioEntry,
    TooManyClosed,
    change_scenario,
    save_scenario,
    scenario_by_key,
    scenarios_of,
)
from app.settings import today
from app.tabs.what_if import keys_of, read_what_if, tokens_of, what_if, what_if_of
from app.tabs.what_if_comparison import compare
from app.web import Form, FormOf, Posted, render, see_other, show_form

router = APIRouter(include_in_schema=False)
SCENARIOS = "/portfolios/{slug}/scenarios"
Changes = Annotated[list[str] | None, Query(alias="change")]


@router.get(SCENARIOS, name="scenarios")
def index(request: Request, session: SessionDep, portfolio: VisiblePortfolio) -> Response:
    found = scenarios_of(session, portfolio.pk)
    return render(request, "scenarios/index.html", portfolio=portfolio, scenarios=found)


@router.get(f"{SCENARIOS}/new", name="new_scenario")
def new(
    request: Request, session: SessionDep, user: ScenarioAuthor, portfolio: VisiblePortfolio, changes: Changes = None
) -> Response:
    return page(request, session, portfolio, Form.blank(ScenarioEntry, changes=changes or []))


@router.post(SCENARIOS, name="create_scenario")
def create(
    request: Request, session: SessionDep, user: ScenarioAuthor, portfolio: VisiblePortfolio, posted: Posted
) -> Response:
    form = Form.posted(ScenarioEntry, posted)
    keys = understood(session, portfolio, form)
    if form.invalid:
        return page(request, session, portfolio, form)
    try:
        scenario = save_scenario(session, user, portfolio.pk, form.value, keys)
    except TooManyClosed as no:
        form.refuse("changes", no.message)
        return page(request, session, portfolio, form)
    return see_other(request, "scenario", slug=portfolio.slug, key=scenario.key)


@router.get(f"{SCENARIOS}/comparison", name="compare_scenarios")
def comparison(
    request: Request, session: SessionDep, portfolio: VisiblePortfolio, a: str = "", b: str = ""
) -> Response:
    chosen = [scenario_by_key(session, portfolio.pk, key) for key in (a, b)]
    one, other = chosen
    tab = compare(*what_if_of(session, portfolio, [one, other], today())) if one and other else None
    found = scenarios_of(session, portfolio.pk)
    return render(request, "scenarios/comparison.html", portfolio=portfolio, tab=tab, chosen=chosen, scenarios=found)


@router.get(f"{SCENARIOS}/{{key}}", name="scenario")
def show(
    request: Request, session: SessionDep, user: CurrentUser, portfolio: VisiblePortfolio, scenario: VisibleScenario
) -> Response:
    [tab] = what_if_of(session, portfolio, [scenario], today())
    return render(
        request,
        "scenarios/show.html",
        portfolio=portfolio,
        scenario=scenario,
        tab=tab,
        proposals=proposals_of(session, scenario),
        others=[each for each in scenarios_of(session, portfolio.pk) if each.key != scenario.key],
    )


@router.get(f"{SCENARIOS}/{{key}}/edit", name="edit_scenario")
def edit(
    request: Request,
    session: SessionDep,
    portfolio: VisiblePortfolio,
    scenario: EditableScenario,
    changes: Changes = None,
) -> Response:
    stored = stored_changes(session, portfolio, scenario)
    return page(request, session, portfolio, Form.of(ScenarioEntry, scenario, changes=changes or stored), scenario)


@router.post(f"{SCENARIOS}/{{key}}/edit", name="save_scenario")
def save(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    portfolio: VisiblePortfolio,
    scenario: EditableScenario,
    posted: Posted,
) -> Response:
    form = Form.posted(ScenarioEntry, posted)
    keys = understood(session, portfolio, form)
    if form.conflicts_with(scenario, changes=stored_changes(session, portfolio, scenario)) or form.invalid:
        say_in_words(session, portfolio, form)
        return page(request, session, portfolio, form, scenario)
    try:
        change_scenario(session, user, scenario, form.value, keys)
    except TooManyClosed as no:
        form.refuse("changes", no.message)
        return page(request, session, portfolio, form, scenario)
    return see_other(request, "scenario", slug=portfolio.slug, key=scenario.key)


def understood(session: Session, portfolio: Portfolio, form: FormOf) -> list[ChangeKeys]:
    """The changes that hold today, by key. A scenario without any is no scenario."""
    tokens = form.meant.changes if form.meant else []
    facts = read_what_if(session, portfolio, tokens, today())
    held = what_if(facts, tokens).tokens
    if form.meant and not held:
        form.errors["changes"] = _("Choose at least one change that can be made.")
    return keys_of(facts, held)


def stored_changes(session: Session, portfolio: Portfolio, scenario: Scenario) -> list[str]:
    """The scenario's changes as they stand in an address today."""
    added = [row.project_id for row in scenario.changes]
    return tokens_of(read_what_if(session, portfolio, (), today(), also=added), scenario.changes)


def say_in_words(session: Session, portfolio: Portfolio, form: FormOf) -> None:
    """The two versions of the changes, where they differ, as a person reads them."""
    changes = form.label("changes")
    tokens = [token for label, *both in form.conflicts if label == changes for token in " ".join(both).split()]
    facts = read_what_if(session, portfolio, tokens, today())

    def said(text: str) -> str:
        return "\n".join(f"{line.verb}: {line.words}" for line in what_if(facts, text.split()).changes)

    form.conflicts = [
        (label, said(theirs), said(yours)) if label == changes else (label, theirs, yours)
        for label, theirs, yours in form.conflicts
    ]


def page(
    request: Request, session: Session, portfolio: Portfolio, form: FormOf, scenario: Scenario | None = None
) -> Response:
    typed = str(form.typed["changes"]).replace(";", "\n").split()
    tab = what_if(read_what_if(session, portfolio, typed, today()), typed)
    return show_form(request, "scenarios/form.html", form, portfolio=portfolio, scenario=scenario, tab=tab)
