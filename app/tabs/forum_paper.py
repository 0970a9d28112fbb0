"""The agenda of a meeting of the management forum, as it is sent out (dagsorden): R21, R53, R104; 2C D11; 5B Q15.

Its texts are those of the paper, so they are in Danish, whoever makes it. It holds what its reader may see.
"""

from datetime import UTC, date, datetime, time

from pydantic import BaseModel, Field
from sqlmodel import Session

from app.i18n import DEFAULT_LANGUAGE, show_date, show_number, speaking
from app.models import Meeting
from app.models.task import TaskState
from app.models.topic import topics_at, topics_of
from app.settings import get_settings
from app.tabs.board_paper import meeting_facts, secretariat_of
from app.tabs.burden import Burden
from app.tabs.edition import burden_of
from app.tabs.filters import Filters
from app.tabs.mark import Mark
from app.tabs.overview_row import OverviewRow, rows_of
from app.tabs.paper_parts import MeetingFacts, Status, status
from app.tabs.task_force import FollowedTaskForce, build_due
from app.tabs.topic import AgendaTopic, ForumTopic, TopicTask, agenda_of, forum_topic

FORUM = "Chefforum"


class PaperTopic(BaseModel):
    """One topic with all that the forum needs to talk about it; `status` is that of the project that it is about."""

    no: int = Field(serialization_alias="nr")
    title: str = Field(serialization_alias="titel")
    responsible: str = Field(serialization_alias="ansvarlig")
    minutes: str = Field(serialization_alias="tid")
    why: str = Field(serialization_alias="hvorfor")
    questions: list[str] = Field(serialization_alias="spørgsmål")
    status: Status | None
    facts: list[str] = Field(serialization_alias="fakta")
    before: str = Field(serialization_alias="sidst")
    outcome: str = Field(serialization_alias="udbytte")


class PaperTask(BaseModel):
    """What the forum gave somebody to do, and what came of it."""

    topic: str = Field(serialization_alias="emne")
    task: str = Field(serialization_alias="opgave")
    responsible: str = Field(serialization_alias="ansvarlig")
    due: str = Field(serialization_alias="frist")
    happened: str = Field(serialization_alias="status")


class PaperTaskForce(BaseModel):
    """A task force that must be followed up by the meeting, with the evidence of the last time."""

    name: str = Field(serialization_alias="taskforce")
    last: str = Field(serialization_alias="sidst")
    conclusion: str = Field(serialization_alias="konklusion")
    due: str = Field(serialization_alias="senest")
    missing: str = Field(serialization_alias="mangler")


class ForumPaper(BaseModel):
    """The whole agenda. `made_at` is the noon of the day on which it stands: the same day gives the same bytes."""

    heading: str = Field(serialization_alias="overskrift")
    title: str = Field(serialization_alias="titel")
    case_number: str = Field(serialization_alias="sagsnummer")
    classification: str = Field(serialization_alias="klassifikation")
    sender: str = Field(serialization_alias="afsender")
    facts: str = Field(serialization_alias="fakta")
    notices: list[str] = Field(serialization_alias="bemærkninger")
    meeting: MeetingFacts = Field(serialization_alias="møde")
    topics: list[PaperTopic] = Field(serialization_alias="emner")
    no_topics: str = Field(serialization_alias="ingen_emner")
    last_time: str = Field(serialization_alias="opfølgning_indledning")
    tasks: list[PaperTask] = Field(serialization_alias="opfølgning")
    without_outcome: list[str] = Field(serialization_alias="uden_resultat")
    task_forces: list[PaperTaskForce] = Field(serialization_alias="taskforcer")
    no_task_forces: str = Field(serialization_alias="ingen_taskforcer")
    load: list[str] = Field(serialization_alias="belastning")
    held_on: date = Field(exclude=True)
    made_at: datetime = Field(exclude=True)

    @property
    def name(self) -> str:
        """The document's own title."""
        return self.heading


def build_forum_paper(session: Session, meeting: Meeting, day: date) -> ForumPaper:
    """The agenda as the session's reader may see it on a day. A fixed number of queries, however many topics."""
    with speaking(DEFAULT_LANGUAGE):
        return _built(session, meeting, day)


def _built(session: Session, meeting: Meeting, day: date) -> ForumPaper:
    portfolio = meeting.portfolio
    topics = topics_at(session, meeting)
    agenda = agenda_of(topics, meeting.pk, day)
    about = {topic.project.number: topic.project_id for topic in topics if topic.project and topic.project_id}
    rows, _rounds = rows_of(session, portfolio.pk, day, set(about.values())) if about else ({}, [])
    others = [forum_topic(topic, day) for topic in topics_of(session, portfolio.pk)]
    case_number = meeting.case_number or portfolio.case_number
    facts = meeting_facts(meeting, FORUM)
    held_on = show_date(meeting.held_on)
    when = " ".join(part for part in (f"{FORUM} den {held_on}", facts.time) if part)
    due = build_due(session, portfolio, meeting.held_on, day)
    return ForumPaper(
        heading=f"Dagsorden til møde i {FORUM} den {held_on}",
        title=f"Dagsorden til {FORUM} {held_on}",
        case_number=case_number,
        classification="Internt",
        sender=secretariat_of(session, portfolio),
        facts=" · ".join(part for part in (f"Sagsnr. {case_number}", when, meeting.place, "Internt") if part),
        notices=_notices(agenda, due, rows, day),
        meeting=facts,
        topics=[_topic(no, each, rows.get(about.get(each.topic.number, 0))) for no, each in enumerate(agenda, start=1)],
        no_topics="" if agenda else "Der er ingen emner på dagsordenen.",
        last_time=_last_time(others, meeting),
        tasks=[_task(topic, task) for topic in others for task in topic.tasks if _still_told(task, day)],
        without_outcome=[
            f"{topic.title} (på dagsordenen {show_date(topic.meeting_on or topic.treated_on)})"
            for topic in others
            if topic.lacks_outcome
        ],
        task_forces=[_task_force(each) for each in due],
        no_task_forces="" if due else "Ingen taskforce skal følges op inden mødet.",
        load=_load(burden_of(session, portfolio, Filters())),
        held_on=meeting.held_on,
        made_at=datetime.combine(day, time(12), UTC),
    )


def _notices(
    agenda: list[AgendaTopic], due: list[FollowedTaskForce], rows: dict[int, OverviewRow], day: date
) -> list[str]:
    """That closed projects are in it is said; otherwise always the same."""
    closed = {each.topic.number for each in agenda if each.topic.closed}
    closed |= {row.number for row in rows.values() if row.closed} | {each.number for each in due if each.closed}
    said = ["Lukkede projekter indgår ikke."]
    if closed:
        many = f"{len(closed)} {'lukket projekt' if len(closed) == 1 else 'lukkede projekter'}"
        said = [f"Dagsordenen omtaler {many} og må kun sendes til dem, der må se det."]
    demo = ["Demodata – farver er konstruerede."] if get_settings().in_demo else []
    return [f"Stand {show_date(day)}.", *said, *demo]


def _topic(no: int, each: AgendaTopic, row: OverviewRow | None) -> PaperTopic:
    topic, before = each.topic, each.topic.before
    return PaperTopic(
        no=no,
        title=topic.title,
        responsible=topic.owner or "Ikke udpeget",
        minutes=f"{each.minutes} min." if each.minutes else "",
        why=topic.why,
        questions=topic.questions,
        status=status(row.mark) if row else None,
        facts=_facts(topic, row),
        before=f"{show_date(before.on)}: {before.outcome}" if before and before.on and not each.came_back else "",
        outcome=each.outcome,
    )


def _facts(topic: ForumTopic, row: OverviewRow | None) -> list[str]:
    said = [f"Behandles senest {show_date(topic.due_on)}."] if topic.due_on else []
    if topic.number:
        said.append(f"Emnet handler om {topic.number} {topic.project}.")
    if row:
        people = f"Projektejer: {row.owner or 'mangler'}. Projektleder: {row.leader or 'mangler'}."
        said.append(people)
        if row.summary and row.mark is not Mark.not_reported:
            said.append(row.summary)
    return said + [f"Opgave: {task.text} ({_happened(task).lower()})" for task in topic.open_tasks]


def _last_time(topics: list[ForumTopic], meeting: Meeting) -> str:
    """When the forum last talked about something from the list, and what came of it."""
    treated = [topic for topic in topics if topic.treated_on and topic.treated_on < meeting.held_on]
    if not treated:
        return f"{FORUM} har ikke behandlet emner fra listen før."
    last = max(topic.treated_on for topic in treated if topic.treated_on)
    said = [
        f"»{topic.title}«: {topic.outcome or 'Intet resultat noteret.'}"
        for topic in treated
        if topic.treated_on == last
    ]
    return f"Sidst, den {show_date(last)}: {' '.join(said)}"


def _still_told(task: TopicTask, day: date) -> bool:
    """What is open, and what has been done within the last half-year."""
    return task.state is TaskState.open or (task.ended_on is not None and (day - task.ended_on).days <= 183)


def _task(topic: ForumTopic, task: TopicTask) -> PaperTask:
    return PaperTask(
        topic=topic.title,
        task=task.text,
        responsible=task.owner or "Ikke udpeget",
        due=show_date(task.due_on),
        happened=f"{_happened(task)}: {task.evidence}" if task.evidence else _happened(task),
    )


def _happened(task: TopicTask) -> str:
    if task.days_late:
        return f"{task.days_late} {'dag' if task.days_late == 1 else 'dage'} over frist"
    return f"{task.state} {show_date(task.ended_on)}" if task.ended_on else str(task.state)


def _task_force(force: FollowedTaskForce) -> PaperTaskForce:
    days = -(force.days_left or 0)
    late = f" ({days} {'dag' if days == 1 else 'dage'} over frist)" if force.overdue else ""
    evidence = f" Dokumentation: {force.evidence}" if force.evidence else " Dokumentation mangler."
    return PaperTaskForce(
        name=f"{force.number} {force.title}",
        last=show_date(force.held_on) if force.held_on else "Aldrig fulgt op",
        conclusion=f"{force.conclusion}{evidence}" if force.held_on else "–",
        due=f"{show_date(force.next_on)}{late}",
        missing=f"{force.missing} af {force.owed}",
    )


def _load(burden: Burden) -> list[str]:
    """The three most loaded people with the bodies that cause it (J5)."""
    return [
        f"{person.name}: {show_number(person.points)} point, {', '.join(person.bodies)}"
        for person in burden.most_loaded
    ]
