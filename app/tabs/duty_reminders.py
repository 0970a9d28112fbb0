"""Who should be told on a day what is to be done beside the rounds: effects, tasks from decisions, task forces.

One letter a person with all of it, also when no round is under way. A follow-up of an effect is told 30 and 7 days
before its day, on the day, a week after, and then every 30 days as long as nothing is said; what waits for approval
when it comes, and a figure when it falls due. A task is told 14 days before its deadline, on the day, and then weekly;
a task force's follow-up 14 days before and on the day, its expiry 90 and 30 days before and on the day, and then every
30 days. Nobody gets a second letter of a list on a day on which a round has written to them: this one waits until the
next.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta

from pydantic import BaseModel
from sqlmodel import Session, col, select

from app.i18n import danish_order
from app.models import Mail, Portfolio, ReportingRound
from app.models.mail import MailKind, day_of, duty_mails
from app.models.reporting_round import UNDER_WAY
from app.tabs.effect_duties import EffectAsk, EffectDuty, build_effect_duties, figures_due
from app.tabs.reminders import MailLine, MailState, Reader, may_know, readers
from app.tabs.task_duties import TaskAsk, TaskDuty, build_task_duties, build_task_force_duties

Ask = EffectAsk | TaskAsk

BEFORE: dict[Ask, tuple[int, ...]] = {
    EffectAsk.report: (30, 7, 0, -7),
    EffectAsk.correct: (30, 7, 0, -7),
    TaskAsk.do: (14, 0),
    TaskAsk.follow_up: (14, 0),
    TaskAsk.expiry: (90, 30, 0),
}
"""Days before its day on which something is told, if not on the day alone; a negative one is after it."""

AGAIN: dict[Ask, int] = {TaskAsk.do: 7}
"""Days between two letters about what is overdue, if not 30."""

KINDS: dict[Ask, MailKind] = {
    TaskAsk.do: MailKind.tasks,
    TaskAsk.follow_up: MailKind.task_forces,
    TaskAsk.expiry: MailKind.task_forces,
}
"""What a letter about one kind of thing is, if not about effects."""


class DutyMatter(BaseModel):
    """One thing to do. What is closed has no title and nobody's words in a letter: `what` is a target or a task."""

    ask: Ask
    number: str
    title: str
    what: str
    closed: bool
    due_on: date
    reason: str
    address: str
    happened_at: datetime | None
    since: date | None = None

    def told_on(self, day: date) -> date | None:
        """The last day until `day` on which somebody is told of it; None before the first. Not before it was there."""
        again = AGAIN.get(self.ask, 30)
        overdue = max(0, (day - self.due_on).days // again) * again
        days = [self.due_on - timedelta(days=count) for count in BEFORE.get(self.ask, (0,))]
        days.append(self.due_on + timedelta(days=overdue))
        moments = [each for each in days if each <= day]
        return max([*moments, *([self.since] if self.since and self.since <= day else [])]) if moments else None


class DutyDigest(BaseModel):
    """All that one person must do beside the rounds, in one letter."""

    reader: Reader
    portfolio_id: int
    portfolio: str
    day: date
    matters: list[DutyMatter]

    @property
    def kind(self) -> MailKind:
        kinds = {KINDS.get(matter.ask, MailKind.effects) for matter in self.matters}
        return kinds.pop() if len(kinds) == 1 else MailKind.duties

    @property
    def due_on(self) -> date:
        """The next day; the last one when all have passed."""
        days = [matter.due_on for matter in self.matters]
        return min((day for day in days if day >= self.day), default=max(days))


def build_duty_reminders(session: Session, portfolio: Portfolio, day: date) -> list[DutyDigest]:
    """The letters that are due on a day. Twelve queries, and two for each who reads of a closed project."""
    duties: list[EffectDuty | TaskDuty] = [
        *build_effect_duties(session, portfolio, day),
        *figures_due(session, portfolio, day),
        *build_task_duties(session, portfolio, day),
        *build_task_force_duties(session, portfolio, day),
    ]
    people = readers(session, {person_id for duty in duties for person_id in duty.people})
    last, told = _last_letters(session, portfolio), _told_by_a_round(session, portfolio, day)
    matters: dict[int, list[DutyMatter]] = defaultdict(list)
    for duty in duties:
        for person_id in duty.people:
            reader = people.get(person_id)
            hidden = duty.closed and duty.project_id is not None
            knows = not hidden or may_know(session, person_id, duty.project_id or 0)
            if reader and reader.reachable and person_id not in told and knows:
                matters[person_id].append(_matter(duty))
    digests = [
        DutyDigest(
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


def build_duty_mail_log(session: Session, portfolio: Portfolio, day: date) -> list[MailLine]:
    """Every letter beside the rounds, the newest first, and whether it was sent."""
    due = {digest.reader.person_id for digest in build_duty_reminders(session, portfolio, day)}

    def state(mail: Mail) -> MailState:
        if mail.sent_at:
            return MailState.sent
        return MailState.waits if mail.person_id in due else MailState.not_sent

    return [MailLine.of(mail, state(mail)) for mail in duty_mails(session, portfolio.pk)]


def _matter(duty: EffectDuty | TaskDuty) -> DutyMatter:
    if isinstance(duty, TaskDuty):
        what, reason, happened_at, since = duty.what, "", None, duty.given_on
    else:
        what, reason, happened_at, since = duty.target, duty.reason, duty.happened_at, None
    return DutyMatter(
        ask=duty.ask,
        number=duty.number,
        title="" if duty.closed else duty.title,
        what="" if duty.closed else what,
        closed=duty.closed,
        due_on=duty.due_on,
        reason="" if duty.closed else reason,
        address=duty.address,
        happened_at=happened_at,
        since=since,
    )


def _is_due(matters: list[DutyMatter], last: tuple[date, datetime] | None, day: date) -> bool:
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
    sent = (mail for mail in duty_mails(session, portfolio.pk) if mail.sent_at)
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
