"""All routes. What stands under `signed_in` needs somebody who is signed in; `public` is the whole of the rest."""

from fastapi import APIRouter, Depends

from app.access import current_user
from app.routes import (
    approvals,
    bodies,
    burden,
    changes,
    deputies,
    effect_targets,
    effects,
    events,
    exemptions,
    export,
    freezing,
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
    reports,
    rounds,
    seats,
    sessions,
    start,
    status_notes,
    success_criteria,
    users,
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
    success_criteria,
    effect_targets,
    measurements,
    key_persons,
    deputies,
    bodies,
    seats,
    people,
    events,
    users,
):
    signed_in.include_router(module.router)

router = APIRouter()
router.include_router(public)
router.include_router(signed_in)
