"""The minutes of a meeting on the list (referat): what was decided on each recommendation (R22, R101-R110).

Its texts are those of the paper, so they are in Danish.
"""

from pydantic import BaseModel, Field
from sqlmodel import Session

from app.i18n import show_date
from app.models import Decision, Meeting, Recommendation, Task
from app.models.agenda_item import AgendaItem
from app.models.decision import decisions_of
from app.models.minutes import decisions_on_the_list
from app.models.task import tasks_of

NO_DECISION = "Ingen beslutning registreret."
"""What stands where a recommendation has no decision (domain.md 2C D12)."""


class Ruling(BaseModel):
    """What was decided on a recommendation, and on each of its candidates."""

    about: str = Field(serialization_alias="om")
    text: str = Field(serialization_alias="tekst")
    points: list[str] = Field(serialization_alias="forslag")


class Rulings(BaseModel):
    """What one meeting decided: »Beslutning Direktionen den 29-01-2018« (R22, R102)."""

    heading: str = Field(serialization_alias="overskrift")
    rulings: list[Ruling] = Field(serialization_alias="punkter")


class Ordered(BaseModel):
    """A task that a decision gave somebody."""

    task: str = Field(serialization_alias="opgave")
    who: str = Field(serialization_alias="ansvarlig")
    due: str = Field(serialization_alias="frist")


class OnTheAgenda(BaseModel):
    """An item of the agenda: the table of contents of the minutes."""

    no: int = Field(serialization_alias="nr")
    title: str = Field(serialization_alias="titel")
    case_number: str = Field(serialization_alias="sagsnummer")
    time: str = Field(serialization_alias="tid")


class PaperMinutes(BaseModel):
    """What makes minutes of the paper: the whole agenda, the decisions on the recommendations, and the tasks."""

    heading: str = Field(serialization_alias="overskrift")
    agenda: list[OnTheAgenda] = Field(serialization_alias="dagsorden")
    decisions: list[Rulings] = Field(serialization_alias="beslutninger")
    others: list[str] = Field(serialization_alias="andre_beslutninger")
    tasks: list[Ordered] = Field(serialization_alias="opgaver")
    no_tasks: str = Field(serialization_alias="ingen_opgaver")


def build_minutes(
    session: Session, meeting: Meeting, agenda: list[AgendaItem], recommendations: list[Recommendation]
) -> PaperMinutes:
    """The minutes as the session's reader may see them; the meeting's portfolio must be loaded. Six queries."""
    body = meeting.portfolio.owner_body
    here, on_list = decisions_of(session, meeting), decisions_on_the_list(session, meeting)
    of_list, items = {each.pk for each in on_list}, {item.pk: item for item in agenda}
    met = {each.meeting.held_on: each.meeting_id for each in on_list} | {meeting.held_on: meeting.pk}
    given = [task for task in tasks_of(session, meeting.portfolio_id) if task.decision_id in {d.id for d in here}]
    return PaperMinutes(
        heading=f"Referat af møde i {body} den {show_date(meeting.held_on)}",
        agenda=[_on_the_agenda(item) for item in agenda],
        decisions=[
            Rulings(
                heading=f"Beslutning {body} den {show_date(day)}",
                rulings=_rulings(recommendations, [each for each in on_list if each.meeting_id == met[day]]),
            )
            for day in sorted(met, reverse=True)
        ],
        others=[
            _told(each, item)
            for each in here
            for item in [items.get(each.agenda_item_id or 0)]
            if each.pk not in of_list and not (item and item.closed)
        ],
        tasks=[_ordered(task) for task in given],
        no_tasks="" if given else "Der blev ikke givet opgaver på mødet.",
    )


def _on_the_agenda(item: AgendaItem) -> OnTheAgenda:
    """An item as minutes show it. Of a closed one only its case number and that it is closed (R106)."""
    return OnTheAgenda(
        no=item.no,
        title="Lukket" if item.closed else item.title,
        case_number=item.case_number or "–",
        time=clock(item.starts_at, item.ends_at) or "–",
    )


def clock(starts_at: str, ends_at: str) -> str:
    """»kl. 09.30-10.00«; empty when no time is known."""
    return f"kl. {'-'.join(time for time in (starts_at, ends_at) if time)}" if starts_at or ends_at else ""


def _rulings(recommendations: list[Recommendation], decisions: list[Decision]) -> list[Ruling]:
    """One for each recommendation, also those on which nothing was taken down; under it what is about one thing."""
    return [
        Ruling(
            about=f"Ad {each.no}.",
            text=" ".join(said(d) for d in of if d.candidate is None and d.project is None) or NO_DECISION,
            points=[_told(d) for d in of if d.candidate or d.project],
        )
        for each in recommendations
        for of in [[d for d in decisions if each.pk == d.recommendation_id or _under(d, each)]]
    ]


def _under(decision: Decision, recommendation: Recommendation) -> bool:
    """Whether a decision is on one of the recommendation's candidates."""
    return decision.candidate is not None and decision.candidate.subject is recommendation.subject


def said(decision: Decision) -> str:
    """A decision with what was asked for, or why nothing is to follow (R105, I19)."""
    parts = [decision.sentence]
    if decision.request:
        parts.append(f"Direktionen udbad sig: {decision.request}")
    if decision.no_follow_up:
        parts.append(f"Ingen opfølgning: {decision.no_follow_up}")
    return " ".join(part if part.endswith((".", "!", "?", ")")) else f"{part}." for part in parts)


def _told(decision: Decision, item: AgendaItem | None = None) -> str:
    """A decision behind what it is about: its item on the agenda, its candidate, its project, its recommendation."""
    if item and not item.treats_list:
        about = f"Punkt {item.no}. {item.title}"
    elif decision.candidate or decision.project:
        title = decision.candidate.title if decision.candidate else decision.project.title if decision.project else ""
        about = f"{decision.project.number} {title}" if decision.project else title
    else:
        about = decision.recommendation.text.rstrip(".") if decision.recommendation else ""
    return f"{about}: {said(decision)}" if about else said(decision)


def _ordered(task: Task) -> Ordered:
    return Ordered(task=task.text, who=responsible(task), due=deadline(task))


def responsible(task: Task) -> str:
    """Who it is that does it; owner and unit must be loaded."""
    return str(task.owner) if task.owner else task.owner_unit.name if task.owner_unit else "Mangler"


def deadline(task: Task) -> str:
    """»31-12-2022«, or the window that the decision gave: »09-07-2017 til 09-01-2018« (R63)."""
    on = show_date(task.due_on)
    return f"{show_date(task.due_from)} til {on}" if task.due_from else on
