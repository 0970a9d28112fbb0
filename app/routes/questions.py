from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.access import VisiblePortfolio
from app.db import SessionDep
from app.tabs.edition import editions
from app.tabs.questions import QuestionPage, Questions, build_question, build_questions
from app.web import render

router = APIRouter()

Round = Annotated[str, Query(description="The key of an edition; without it, the list as it stands now")]


@router.get("/portfolios/{slug}/questions", name="questions", include_in_schema=False)
def index(request: Request, session: SessionDep, portfolio: VisiblePortfolio, round: Round = "") -> Response:
    tab, shown = build_questions(session, portfolio, round), editions(session, portfolio, round)
    return render(request, "questions/index.html", portfolio=portfolio, tab=tab, editions=shown)


@router.get("/portfolios/{slug}/questions/{key}", name="question", include_in_schema=False)
def show(request: Request, session: SessionDep, portfolio: VisiblePortfolio, key: str, round: Round = "") -> Response:
    tab, shown = build_question(session, portfolio, key, round), editions(session, portfolio, round)
    return render(request, "questions/show.html", portfolio=portfolio, tab=tab, editions=shown)


@router.get("/api/v1/portfolios/{slug}/questions", name="api_questions")
def read_all(session: SessionDep, portfolio: VisiblePortfolio, round: Round = "") -> Questions:
    return build_questions(session, portfolio, round)


@router.get("/api/v1/portfolios/{slug}/questions/{key}", name="api_question")
def read(session: SessionDep, portfolio: VisiblePortfolio, key: str, round: Round = "") -> QuestionPage:
    return build_question(session, portfolio, key, round)
