from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import CurrentPortfolio, KnownSubject, ManagedMeeting, ManagedRecommendation, SecretariatUser
from app.db import SessionDep
from app.models.recommendation import (
    STANDING,
    RecommendationForm,
    change_recommendation,
    standing_recommendation,
    word_recommendation,
)
from app.models.reporting_round import lock_rounds
from app.web import Form, Posted, see_other, show_form

router = APIRouter(include_in_schema=False)
OF_LIST = "/settings/recommendations/{subject}/edit"
OF_MEETING = "/meetings/{meeting_id}/recommendations/{subject}/edit"


@router.get(OF_LIST, name="edit_standing_recommendation")
def edit(request: Request, session: SessionDep, portfolio: CurrentPortfolio, subject: KnownSubject) -> Response:
    own = standing_recommendation(session, portfolio.pk, subject)
    form = Form.of(RecommendationForm, own or RecommendationForm(text=STANDING[subject]))
    return show_form(request, "settings/recommendation.html", form, subject=subject, standard=STANDING[subject])


@router.post(OF_LIST, name="save_standing_recommendation")
def save(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    portfolio: CurrentPortfolio,
    subject: KnownSubject,
    posted: Posted,
) -> Response:
    lock_rounds(session, portfolio.pk)
    own = standing_recommendation(session, portfolio.pk, subject)
    form = Form.posted(RecommendationForm, posted)
    if (own and form.conflicts_with(own)) or form.invalid:
        standard = STANDING[subject]
        return show_form(request, "settings/recommendation.html", form, subject=subject, standard=standard)
    word_recommendation(session, user, portfolio.pk, subject, form.value)
    return see_other(request, "settings", anchor="recommendations")


@router.get(OF_MEETING, name="edit_recommendation")
def edit_of_meeting(request: Request, meeting: ManagedMeeting, recommendation: ManagedRecommendation) -> Response:
    form = Form.of(RecommendationForm, recommendation)
    return show_form(
        request, "meetings/recommendation.html", form, portfolio=meeting.portfolio, meeting=meeting, row=recommendation
    )


@router.post(OF_MEETING, name="save_recommendation")
def save_of_meeting(
    request: Request,
    session: SessionDep,
    user: SecretariatUser,
    meeting: ManagedMeeting,
    recommendation: ManagedRecommendation,
    posted: Posted,
) -> Response:
    form = Form.posted(RecommendationForm, posted)
    if form.conflicts_with(recommendation) or form.invalid:
        context = {"portfolio": meeting.portfolio, "meeting": meeting, "row": recommendation}
        return show_form(request, "meetings/recommendation.html", form, **context)
    change_recommendation(session, user, recommendation, form.value)
    return see_other(request, "meeting", meeting_id=meeting.pk, anchor=f"recommendation-{recommendation.no}")
