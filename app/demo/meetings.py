"""The meetings of the demo list: agendas, what was decided, what was to be done about it, and topics for Chefforum."""

from datetime import UTC, date, datetime, time
from hashlib import blake2s
from typing import Any

from sqlmodel import Session, col, select

from app.demo.organisation import People, Projects, Units
from app.demo.source import Facts, chosen, read
from app.models import (
    AgendaItem,
    Decision,
    Meeting,
    Placement,
    Portfolio,
    Recommendation,
    ReportingRound,
    Task,
    Topic,
)
from app.models.agenda_item import AgendaItemForm
from app.models.decision import DecisionForm
from app.models.meeting import MeetingBody, MeetingForm, MeetingState
from app.models.recommendation import recommend
from app.models.task import TaskForm, TaskState
from app.models.topic import TopicForm, TopicState
from app.settings import COPENHAGEN

BOARD = ("mette_dall", "jonas_bek", "lene_bruun", "anders_ravn")
FORUM = (
    "mette_dall",
    "ulla_fjord",
    "hanne_skov",
    "tina_falk",
    "sofie_dahlgren",
    "karsten_uhre",
    "birgit_stenvang",
    "jytte_overgaard",
    "rune_toft",
    "ole_bramming",
)
SECRETARY = "line_thorup"


def load_meetings(session: Session, portfolio: Portfolio, people: People, units: Units, projects: Projects) -> None:
    """Adds them; rounds, projects and their places on the list are there already."""
    facts = read("meetings.toml")
    rounds = {round_.key: round_ for round_ in session.exec(select(ReportingRound))}
    known: dict[tuple[str, date], list[AgendaItem]] = {}
    decisions: dict[str, Decision] = {}
    meetings: dict[tuple[str, date], Meeting] = {}
    for table in facts["meeting"]:
        round_ = rounds.get(table.get("round", ""))
        meeting = _meeting(portfolio, table, facts["place"], round_, people)
        session.add(meeting)
        session.flush()
        place = meeting.body.value, meeting.held_on
        meetings[place] = meeting
        known[place] = _agenda(session, portfolio, meeting, table, round_, known)
        recommendations = {each.subject.value: each for each in recommend(session, meeting)} if round_ else {}
        for said in table.get("decision", ()):
            decision = _decision(meeting, said, known[place], recommendations, projects)
            session.add(decision)
            session.flush()
            decisions[decision.key] = decision
            for task in said.get("tasks", ()):
                given = {"decision_id": decision.pk, "project_id": decision.project_id, "given_on": meeting.held_on}
                told = task | chosen(said, "constructed")
                session.add(_task(portfolio, meeting, told, given, people, units))
            _move(session, meeting, decision, said.get("moves", ""))
    for table in facts["topic"]:
        sent_by = decisions[table["decision"]] if "decision" in table else None
        treated_at = meetings[MeetingBody.management_forum.value, table["meeting"]] if "meeting" in table else None
        topic = _topic(portfolio, table, sent_by, treated_at, people, units, projects)
        session.add(topic)
        session.flush()
        given = {"topic_id": topic.pk, "project_id": topic.project_id, "given_on": topic.treated_on}
        if treated_at:
            tasks = table.get("tasks", ())
            session.add_all(_task(portfolio, treated_at, task, given, people, units) for task in tasks)
    session.flush()


def _meeting(
    portfolio: Portfolio, table: Facts, places: Facts, round_: ReportingRound | None, people: People
) -> Meeting:
    body = MeetingBody(table.get("body", MeetingBody.executive_board.value))
    absent = table.get("apologies", ())
    invited = BOARD if body is MeetingBody.executive_board else FORUM
    form = MeetingForm(
        **chosen(table, "starts_at", "ends_at"),
        held_on=round_.board_on if round_ and round_.board_on else table["held_on"],
        place=table["place"] if "place" in table else places[body.value],
        participants=[_named(people, key) for key in (*invited, SECRETARY) if key not in absent],
        apologies=[_named(people, key) for key in absent],
        case_number=portfolio.case_number if round_ else table.get("case_number"),
    )
    return Meeting(
        **form.model_dump(),
        portfolio_id=portfolio.pk,
        body=body,
        round_id=round_.pk if round_ else None,
        state=MeetingState(table.get("state", MeetingState.held.value)),
    )


def _named(people: People, key: str) -> str:
    return f"{people[key].name}, {people[key].title.lower()}"


def _agenda(
    session: Session,
    portfolio: Portfolio,
    meeting: Meeting,
    table: Facts,
    round_: ReportingRound | None,
    known: dict[tuple[str, date], list[AgendaItem]],
) -> list[AgendaItem]:
    items = []
    for no, said in enumerate(table.get("items", [{"treats_list": True}]), start=1):
        on_list = {"title": f"Status på direktionens porteføljeliste - {round_}", "case_number": portfolio.case_number}
        stands = on_list if said.get("treats_list") else said | {"title": _told(said, said["title"])}
        form = AgendaItemForm(**chosen(stands, *AgendaItemForm.model_fields))
        earlier = known[meeting.body.value, said["continues"]] if "continues" in said else []
        origin = next((item for item in earlier if item.title == form.title), None)
        items.append(
            AgendaItem(
                **form.model_dump(),
                meeting_id=meeting.pk,
                no=no,
                treats_list=said.get("treats_list", False),
                continues_id=origin.pk if origin else None,
            )
        )
    session.add_all(items)
    session.flush()
    return items


def _decision(
    meeting: Meeting,
    said: Facts,
    items: list[AgendaItem],
    recommendations: dict[str, Recommendation],
    projects: Projects,
) -> Decision:
    form = DecisionForm(
        **chosen(said, "verb", "request", "deferred_to", "no_follow_up"), text=_told(said, said.get("text", ""))
    )
    item = items[said["item"] - 1] if "item" in said else None
    matter: dict[str, Any] = {
        "agenda_item_id": (item.continues_id or item.pk) if item else None,
        "recommendation_id": recommendations[said["on"]].pk if "on" in said else None,
        "project_id": projects[said["project"]].pk if "project" in said else None,
    }
    return Decision(
        **form.model_dump(),
        **matter,
        key=said.get("key", _key(meeting, said)),
        meeting_id=meeting.pk,
        recorded_at=datetime.combine(meeting.held_on, time(14), COPENHAGEN).astimezone(UTC),
    )


def _task(portfolio: Portfolio, meeting: Meeting, table: Facts, given: Facts, people: People, units: Units) -> Task:
    form = TaskForm(
        **chosen(table, "evaluation"),
        text=_told(table, table["text"]).replace("(K", "(k"),
        owner_id=people[table["owner"]].pk if "owner" in table else None,
        owner_unit_id=units[table["unit"]].pk if "unit" in table else None,
        due_from=table.get("from"),
        due_on=table["due"],
    )
    state = TaskState.done if "done" in table else TaskState.lapsed if "lapsed" in table else TaskState.open
    return Task(
        **form.model_dump(),
        portfolio_id=portfolio.pk,
        key=table.get("key", _key(meeting, table)),
        **given,
        state=state,
        evidence=table.get("evidence", ""),
        ended_on=table.get("done", table.get("lapsed")),
    )


def _move(session: Session, meeting: Meeting, decision: Decision, moves: str) -> None:
    """The place on the list that the decision opened or closed now points to it."""
    if moves:
        day = col(Placement.from_on if moves == "in" else Placement.to_on)
        placed = select(Placement).where(Placement.project_id == decision.project_id, day == meeting.held_on)
        setattr(session.exec(placed).one(), f"decision_{moves}_id", decision.pk)


def _topic(
    portfolio: Portfolio,
    table: Facts,
    decision: Decision | None,
    meeting: Meeting | None,
    people: People,
    units: Units,
    projects: Projects,
) -> Topic:
    form = TopicForm(
        **chosen(table, "title", "questions"),
        owner_id=people[table["owner"]].pk if "owner" in table else None,
        owner_unit_id=units[table["unit"]].pk if "unit" in table else None,
        due_on=table.get("due"),
    )
    return Topic(
        **form.model_dump(),
        **chosen(table, "key", "outcome", "treated_on", "minutes"),
        portfolio_id=portfolio.pk,
        decision_id=decision.pk if decision else None,
        project_id=projects[table["project"]].pk if "project" in table else None,
        meeting_id=meeting.pk if meeting else None,
        agenda_no=1 if meeting else None,
        state=TopicState(table["state"]),
        sent_on=decision.recorded_at.astimezone(COPENHAGEN).date() if decision else table["sent"],
    )


def _told(said: Facts, text: str) -> str:
    return f"{text} (Konstrueret)".strip() if said.get("constructed") else text


def _key(meeting: Meeting, said: Facts) -> str:
    """The same at every loading, and whatever else was decided: keys are drawn at random only where people work."""
    facts = [str(said.get(name, "")) for name in ("on", "item", "project", "verb", "text", "due")]
    return blake2s("|".join([str(meeting.held_on), *facts]).encode(), digest_size=6).hexdigest()
