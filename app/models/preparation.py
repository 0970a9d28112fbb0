"""Preparing a meeting: what a new one is suggested with, and the one on a round with everything that it needs."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from app.i18n import N_
from app.models.agenda_item import AgendaItemForm, next_item
from app.models.base import one_of
from app.models.meeting import Meeting, MeetingBody, MeetingForm, last_meeting, plan_meeting
from app.models.person import Person, active_directors
from app.models.portfolio import Portfolio
from app.models.recommendation import recommend
from app.models.reporting_round import ReportingRound

if TYPE_CHECKING:
    from app.models.user import User


class NewMeeting(MeetingForm):
    body: MeetingBody = one_of(MeetingBody, default=MeetingBody.executive_board, title=N_("Body"))


def suggested_meeting(session: Session, portfolio: Portfolio, body: MeetingBody, held_on: date) -> MeetingForm:
    """Where and when the body met last; the executive board is those who are directors today."""
    last = last_meeting(session, portfolio.pk, body)
    form = MeetingForm(held_on=held_on)
    if last:
        form.starts_at, form.ends_at, form.place = last.starts_at, last.ends_at, last.place
    if body is MeetingBody.executive_board:
        form.participants = [_as_in_minutes(person) for person in active_directors(session)]
    elif last:
        form.participants = [*last.participants, *last.apologies]
    return form


def prepare(session: Session, by: "User", portfolio: Portfolio, round_: ReportingRound) -> Meeting:
    """The meeting on a round: its day, those who take part, the item on the list and the four recommendations (3F)."""
    board_on = round_.board_on or round_.as_of + timedelta(days=7)
    form = suggested_meeting(session, portfolio, MeetingBody.executive_board, board_on)
    form.case_number = portfolio.case_number
    meeting = plan_meeting(session, by, portfolio.pk, MeetingBody.executive_board, form, round_)
    session.add(next_item(session, meeting, item_on_list(portfolio, round_), treats_list=True))
    recommend(session, meeting)
    return meeting


def item_on_list(portfolio: Portfolio, round_: ReportingRound) -> AgendaItemForm:
    """The item on the list as it stands on paper, so in Danish (domain.md R10, 3F)."""
    title = f"Status på direktionens porteføljeliste - {round_.name}"
    return AgendaItemForm(title=title, case_number=portfolio.case_number)


def _as_in_minutes(person: Person) -> str:
    """»Mette Dall, kommunaldirektør«."""
    return ", ".join(filter(None, (person.name, person.title[:1].lower() + person.title[1:])))
