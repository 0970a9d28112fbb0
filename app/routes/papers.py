from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from app.access import CurrentUser, MeetingWithPapers
from app.db import SessionDep
from app.models import Meeting, User
from app.models.export import Recipient, log_export
from app.models.meeting import MeetingState
from app.models.paper_template import paper_template_of
from app.papers.board_paper import PDF, WORD, file_name, pdf
from app.papers.package import MEDIA_TYPE as PACKAGE
from app.papers.package import File, package, package_name
from app.papers.word_template import word_in
from app.papers.workbook import MEDIA_TYPE as WORKBOOK
from app.papers.workbook import workbook
from app.settings import today
from app.tabs.board_paper import BoardPaper, build_board_paper, treated_round
from app.tabs.edition import tabs_of
from app.tabs.filters import Filters

router = APIRouter(include_in_schema=False)
PLACE = "/meetings/{meeting_id}"


@router.get(f"{PLACE}/paper.docx", name="paper_word")
def paper_word(session: SessionDep, user: CurrentUser, meeting: MeetingWithPapers) -> Response:
    paper = build_board_paper(session, meeting, today())
    return hand_out(session, user, meeting, in_word(session, meeting, paper))


@router.get(f"{PLACE}/paper.pdf", name="paper_pdf")
def paper_pdf(session: SessionDep, user: CurrentUser, meeting: MeetingWithPapers) -> Response:
    return hand_out(session, user, meeting, in_pdf(build_board_paper(session, meeting, today())))


@router.get(f"{PLACE}/minutes.docx", name="minutes_word")
def minutes_word(session: SessionDep, user: CurrentUser, meeting: MeetingWithPapers) -> Response:
    minutes = build_board_paper(session, meeting, today(), minutes=True)
    return hand_out(session, user, meeting, in_word(session, meeting, minutes))


@router.get(f"{PLACE}/minutes.pdf", name="minutes_pdf")
def minutes_pdf(session: SessionDep, user: CurrentUser, meeting: MeetingWithPapers) -> Response:
    return hand_out(session, user, meeting, in_pdf(build_board_paper(session, meeting, today(), minutes=True)))


@router.get(f"{PLACE}/annex.xlsx", name="paper_annex")
def annex(session: SessionDep, user: CurrentUser, meeting: MeetingWithPapers) -> Response:
    return hand_out(session, user, meeting, the_workbook(session, meeting))


@router.get(f"{PLACE}/package.zip", name="paper_package")
def show_package(session: SessionDep, user: CurrentUser, meeting: MeetingWithPapers) -> Response:
    """Everything that the records system keeps of the meeting on the list."""
    papers = [build_board_paper(session, meeting, today())]
    if meeting.state is MeetingState.held:
        papers.append(build_board_paper(session, meeting, today(), minutes=True))
    files = [file for paper in papers for file in (in_word(session, meeting, paper), in_pdf(paper))]
    files.insert(2, the_workbook(session, meeting))
    zipped = package(papers[0], files)
    return hand_out(session, user, meeting, File(package_name(papers[0]), "pakke", papers[0].title, PACKAGE, zipped))


def in_word(session: Session, meeting: Meeting, paper: BoardPaper) -> File:
    own = paper_template_of(session, meeting.portfolio_id)
    return File(file_name(paper, "docx"), paper.role, paper.name, WORD, word_in(own.content if own else None, paper))


def in_pdf(paper: BoardPaper) -> File:
    return File(file_name(paper, "pdf"), paper.role, paper.name, PDF, pdf(paper))


def the_workbook(session: Session, meeting: Meeting) -> File:
    """The annex: the workbook of the edition that the meeting treats."""
    round_ = treated_round(meeting)
    tabs = tabs_of(session, meeting.portfolio, Filters(round=round_.key))
    title = f"{meeting.portfolio.name} pr. {round_.name}"
    return File(f"bilag-portefoeljeliste-{round_.key}.xlsx", "bilag", title, WORKBOOK, workbook(*tabs))


def hand_out(session: Session, by: User, meeting: Meeting, file: File) -> Response:
    """The file, which is logged before it leaves."""
    key = treated_round(meeting).key
    log_export(session, by, meeting.portfolio_id, file.name, file.content, recipient=Recipient.board, round_key=key)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=file.media_type, headers=headers)
