"""Who should be told on a day what is to be done about effects: one letter a person, also between the rounds.

A follow-up is told 30 and 7 days before its day, on the day, a week after, and then every 30 days as long as nothing is
said; what waits for approval when it comes, and a figure when it falls due. Nobody gets a second letter of a list on a
day on which a round has written to them: this one waits until the next.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta

from pydantic import BaseModel
from sqlmodel import Session, col, select

from app.i18n import danish_order
from app.models import Mail, Portfolio, ReportingRound
from app.models.mail import day_of, effect_mails
from app.models.reporting_round import UNDER_WAY
from app.tabs.effect_duties import EffectAsk, EffectDuty, build_effect_duties, figures_due
from app.tabs.reminders import MailLine, MailState, Reader, may_know, readers

BEFORE = (30, 7, 0, -7)
"""Days before the day of a follow-up on which it is told; the last is a week after."""

AGAIN = 30
"""Days between two letters about what is overdue."""


class EffectMatter(BaseModel):
    """One thing to do. A closed project has no title, no target and nobody's words in a letter."""

    ask: EffectAsk
    number: str
    title: str
    target: str
    closed: bool
    due_on: date
    reason: str
    address: str
    happened_at: datetime | None

    def told_on(self, day: date) -> date | None:
        """The last day until `day` on which somebody is told of it; None before the first."""
        before = BEFORE if self.ask in (EffectAsk.report, EffectAsk.correct) else (0,)
        overdue = max(0, (day - self.due_on).days // AGAIN) * AGAIN
        days = [self.due_on - timedelta(days=count) for count in before] + [self.due_on + timedelta(days=overdue)]
        return max((each for each in days if each <= day), default=None)


class EffectDigest(BaseModel):
    """All that one person must do about effects, in one letter."""

    reader: Reader
    portfolio_id: int
    portfolio: str
    day: date
    matters: list[EffectMatter]

    @property
    def due_on(self) -> date:
        """The next day; the last one when all have passed."""
        days = [matter.due_on for matter in self.matters]
        return min((day for day in days if day >= self.day), default=max(days))


def build_effect_reminders(session: Session, portfolio: Portfolio, day: date) -> list[EffectDigest]:
    """The letters about effects that are due on a day. Nine queries, and two for each who reads of a closed project."""
    duties = build_effect_duties(session, portfolio, day) + figures_due(session, portfolio, day)
    people = readers(session, {person_id for duty in duties for person_id in duty.people})
    last, told = _last_letters(session, portfolio), _told_by_a_round(session, portfolio, day)
    matters: dict[int, list[EffectMatter]] = defaultdict(list)
    for duty in duties:
        for person_id in duty.people:
            reader = people.get(person_id)
            knows = not duty.closed or may_know(session, person_id, duty.project_id)
            if reader and reader.reachable and person_id not in told and knows:
                matters[person_id].append(_matter(duty))
    digests = [
        EffectDigest(
            reader=people[person_id],
            portfolio_id=portfolio.pk,
            portfolio=portfolio.name,
            day=day,
            matters=sorted(about, key=lambda matter: (matter.due_on, matter.closed, matter.number, matter.address)),
        )
        for person_id, about in matters.items()
        if _is_due(about, last.get(person_id), day)
    ]
    return sorted(digests, key=lambda each: danish_order(each.reader.name))


def build_effect_mail_log(session: Session, portfolio: Portfolio, day: date) -> list[MailLine]:
    """Every letter about effects, the newest first, and whether it was sent."""
    due = {digest.reader.person_id for digest in build_effect_reminders(session, portfolio, day)}

    def state(mail: Mail) -> MailState:
        if mail.sent_at:
            return MailState.sent
        return MailState.waits if mail.person_id in due else MailState.not_sent

    return [MailLine.of(mail, state(mail)) for mail in effect_mails(session, portfolio.pk)]


def _matter(duty: EffectDuty) -> EffectMatter:
    return EffectMatter(
        ask=duty.ask,
        number=duty.number,
        title="" if duty.closed else duty.title,
        target="" if duty.closed else duty.target,
        closed=duty.closed,
        due_on=duty.due_on,
        reason="" if duty.closed else duty.reason,
        address=duty.address,
        happened_at=duty.happened_at,
    )


def _is_due(matters: list[EffectMatter], last: tuple[date, datetime] | None, day: date) -> bool:
    """Whether one of these has to be said on a day, given the last letter that was sent: its day, and when written."""
    if last is None:
        return any(matter.told_on(day) or matter.happened_at for matter in matters)
    last_day, written_at = last
    if last_day >= day:
        return False
    moments = (matter.told_on(day) for matter in matters)
    return any(moment and moment > last_day for moment in moments) or any(
        matter.happened_at and matter.happened_at > written_at for matter in matters
    )


def _last_letters(session: Session, portfolio: Portfolio) -> dict[int, tuple[date, datetime]]:
    sent = (mail for mail in effect_mails(session, portfolio.pk) if mail.sent_at)
    return {mail.person_id: (mail.day, mail.written_at) for mail in sorted(sent, key=lambda mail: mail.day)}


def _told_by_a_round(session: Session, portfolio: Portfolio, day: date) -> set[int]:
    """Who has a letter of a round on a day: one that was sent, or that waits while its round is under way."""
    query = (
        select(Mail.person_id, Mail.key, Mail.sent_at, ReportingRound.state)
        .join(ReportingRound, col(ReportingRound.id) == Mail.round_id)
        .where(Mail.portfolio_id == portfolio.pk, col(Mail.key).endswith(f":{day}"))
    )
    return {
        person_id
        for person_id, key, sent_at, state in session.exec(query)
        if day_of(key) == day and (sent_at or state in UNDER_WAY)
    }
