from datetime import date

from sqlmodel import Session

from app.errors import DomainError
from app.i18n import _
from app.models.placement import keys_on_list
from app.models.report import last_texts, open_reports
from app.models.reporting_round import ReportingRound, RoundState, round_under_way
from app.models.user import User


def open_round(session: Session, by: User | None, round_: ReportingRound, day: date) -> int:
    """Opens a planned round: a draft for every project on the list, once. One round at a time. How many were made."""
    other = round_under_way(session, round_.portfolio_id)
    if other and other is not round_:
        raise DomainError(_("The round %(name)s must be frozen before another opens.") % {"name": other.name})
    round_.move(session, by, "opened", RoundState.open, RoundState.planned)
    project_ids = keys_on_list(session, round_.portfolio_id, day)
    return open_reports(session, project_ids, round_, last_texts(session, project_ids))
