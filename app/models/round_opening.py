from datetime import date

from sqlmodel import Session, select

from app.errors import DomainError
from app.i18n import _
from app.models.placement import keys_on_list
from app.models.report import last_texts, open_reports
from app.models.reporting_round import ReportingRound, RoundState, lock_rounds, round_under_way
from app.models.user import User


def open_round(session: Session, by: User | None, round_: ReportingRound, day: date) -> int:
    """Opens a planned round: a draft for every project on the list, once. One round at a time. How many were made."""
    lock_rounds(session, round_.portfolio_id)
    other = round_under_way(session, round_.portfolio_id)
    if other and other is not round_:
        raise DomainError(_("The round %(name)s must be frozen before another opens.") % {"name": other.name})
    if later := _opened_round_after(session, round_):
        raise DomainError(
            _("The round %(name)s has been opened and is of a later day; give this round a later as-of date.")
            % {"name": later.name}
        )
    round_.move(session, by, "opened", RoundState.open, RoundState.planned)
    project_ids = keys_on_list(session, round_.portfolio_id, day)
    return open_reports(session, project_ids, round_, last_texts(session, project_ids))


def _opened_round_after(session: Session, round_: ReportingRound) -> ReportingRound | None:
    """Another round that has been opened and stands after this one: rounds follow each other by their as-of dates."""
    query = select(ReportingRound).where(
        ReportingRound.portfolio_id == round_.portfolio_id,
        ReportingRound.id != round_.pk,
        ReportingRound.as_of >= round_.as_of,
        ReportingRound.state != RoundState.planned,
    )
    return session.exec(query).first()
