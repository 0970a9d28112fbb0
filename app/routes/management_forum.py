from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, ForumMeeting, VisiblePortfolio
from app.db import SessionDep
from app.models import Meeting, User
from app.models.export import Recipient, log_export
from app.papers.board_paper import PDF, WORD
from app.papers.forum_paper import agenda_in_pdf, agenda_in_word, agenda_name
from app.settings import today
from app.tabs.forum_paper import build_forum_paper
from app.tabs.management_forum import ManagementForum, build_management_forum
from app.web import render

router = APIRouter()


@router.get("/portfolios/{slug}/management-forum", name="management_forum", include_in_schema=False)
def show(request: Request, session: SessionDep, user: CurrentUser, portfolio: VisiblePortfolio) -> Response:
    tab = build_management_forum(session, portfolio, today())
    return render(request, "management_forum/show.html", portfolio=portfolio, tab=tab)


@router.get("/api/v1/portfolios/{slug}/management-forum", name="api_management_forum")
def read(session: SessionDep, user: CurrentUser, portfolio: VisiblePortfolio) -> ManagementForum:
    return build_management_forum(session, portfolio, today())


@router.get("/meetings/{meeting_id}/agenda.docx", name="agenda_word", include_in_schema=False)
def agenda_word(session: SessionDep, user: CurrentUser, meeting: ForumMeeting) -> Response:
    paper = build_forum_paper(session, meeting, today())
    return hand_out(session, user, meeting, agenda_name(paper, "docx"), agenda_in_word(paper), WORD)


@router.get("/meetings/{meeting_id}/agenda.pdf", name="agenda_pdf", include_in_schema=False)
def agenda_pdf(session: SessionDep, user: CurrentUser, meeting: ForumMeeting) -> Response:
    paper = build_forum_paper(session, meeting, today())
    return hand_out(session, user, meeting, agenda_name(paper, "pdf"), agenda_in_pdf(paper), PDF)


def hand_out(session: Session, by: User, meeting: Meeting, name: str, content: bytes, media_type: str) -> Response:
    """The file, which is logged before it leaves."""
    log_export(session, by, meeting.portfolio_id, name, content, recipient=Recipient.board)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
