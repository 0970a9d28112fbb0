"""All routes. What stands under `signed_in` needs somebody who is signed in; `public` is the whole of the rest."""

from fastapi import APIRouter, Depends

from app.access import current_user
from app.routes import (
    approvals,
    bodies,
    burden,
    chain,
    changes,
    deputies,
    effect_targets,
    effects,
    events,
    exemptions,
    export,
    follow_ups,
    freezing,
    funding,
    funding_needs,
    handovers,
    health,
    key_persons,
    language,
    mails,
    measurements,
    milestones,
    overview,
    people,
    placements,
    projects,
    proposals,
    relations,
    reports,
    rounds,
    scenarios,
    seats,
    sessions,
    settings,
    staffing,
    start,
    status_notes,
    success_criteria,
    task_forces,
    users,
    what_if,
)

public = APIRouter()
for module in (health, sessions, language):
    public.include_router(module.router)

signed_in = APIRouter(dependencies=[Depends(current_user)])
for module in (
    start,
    approvals,
    overview,
    burden,
    chain,
    what_if,
    scenarios,
    proposals,
    effects,
    export,
    changes,
    rounds,
    freezing,
    mails,
    exemptions,
    projects,
    reports,
    status_notes,
    placements,
    milestones,
    relations,
    success_criteria,
    effect_targets,
    measurements,
    key_persons,
    staffing,
    funding,
    funding_needs,
    task_forces,
    follow_ups,
    deputies,
    bodies,
    seats,
    people,
    handovers,
    events,
    users,
    settings,
):
    signed_in.include_router(module.router)

router = APIRouter()
router.include_router(public)
router.include_router(signed_in)
