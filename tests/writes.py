"""Every address that changes something: where its form stands, and what is typed into it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

import pyotp
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import (
    AgendaItem,
    ApiToken,
    Benchmark,
    Candidate,
    Decision,
    Deputy,
    EffectTarget,
    Identity,
    Meeting,
    PaperTemplate,
    PasswordLink,
    Portfolio,
    Project,
    Recommendation,
    Report,
    ReportingRound,
    Scenario,
    ScenarioChange,
    SecondFactor,
    Task,
    Topic,
    User,
    UserSession,
)
from app.models.api_token import ApiTokenForm, make_token
from app.models.assessment import Colour
from app.models.candidate import CandidateFacts, Source
from app.models.decision import DecisionVerb
from app.models.error_report import ErrorReportForm, error_report_by_key, report_error
from app.models.meeting import MeetingBody, MeetingState
from app.models.milestone import Precision
from app.models.recommendation import Subject, recommend
from app.models.report import ReportState
from app.models.reporting_round import RoundState, suggested_round
from app.models.scenario import ScenarioChangeKind
from app.models.second_factor import hash_recovery
from app.models.task import TaskState
from app.models.user import with_person
from app.models.user_session import digest, start_session
from app.papers.board_paper import WORD
from app.papers.default_template import default_template
from app.settings import now
from app.tabs.edition import freeze
from tests.decided import a_decision, a_meeting, a_task
from tests.page import form_on

PLACES = {
    "slug": "direktionen",
    "number": "P-006",
    "no": "1",
    "measurement_no": "1",
    "follow_up_no": "1",
    "benchmark_no": "1",
    "body_no": "1",
    "seat_no": "1",
    "year": "2022",
    "person_id": "1",
    "key": "2022-06",
    "round": "2022-06",
    "kind": "opening",
    "meeting_id": "12",
    "subject": "attention",
    "source": "red",
    "ref": "P-028",
    "token": "et-link",
    "user_id": "900",
}
"""What stands in an address where its route has a name. P-006 is the project that `leder` leads and `ejer` owns, and
meeting 12 the one on the edition of January 2022, which has been held."""


@dataclass(frozen=True)
class Write:
    form: str
    """The address of the page with the form; empty where a form stands on every page."""
    typed: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    """Where PLACES does not fit."""
    opener: str = "sekretariat"
    """Who fills in the form in the name of those who may not even open it."""
    required: bool = True
    """Whether something must be typed: then an empty form is invalid."""
    of_many_rows: bool = False
    """Whether each row that it changes has an event of its own, before the one of the whole."""
    answer: int = 303
    """What it answers when it succeeds; 200 where the answer is the file that was asked for."""
    before: Callable[[Engine], None] | None = None
    """What must be so before the form can be filled in, where the demo list does not have it."""
    typed_now: Callable[[], dict[str, str]] = dict
    """What is typed besides, where it depends on the time."""
    files: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)
    """Name, content and media type of each file that is sent along."""


def a_list_with_a_round(state: RoundState) -> Callable[[Engine], None]:
    """A list of its own, named after the state, whose only round is in it; made once."""

    def made(database: Engine) -> None:
        with Session(database) as session:
            if session.exec(select(Portfolio).where(Portfolio.slug == state.value)).first():
                return
            portfolio = Portfolio(slug=state.value, name="En anden liste", case_number="22/1", owner_body="chefforum")
            session.add(portfolio)
            session.flush()
            form = suggested_round(None, date(2022, 7, 14))
            session.add(round_ := ReportingRound(**form.model_dump(), portfolio_id=portfolio.pk, state=state))
            session.flush()
            if state in (RoundState.frozen, RoundState.presented):
                round_.state = RoundState.closed_for_leaders
                freeze(session, None, round_, date(2022, 6, 13))
                round_.state = state
                a_meeting_on(session, round_, held=state is RoundState.presented)
            session.commit()

    return made


def a_meeting_on(session: Session, round_: ReportingRound, *, held: bool, key: int | None = None) -> Meeting:
    """The board's meeting on a round; when it has been held, with an answer to every recommendation."""
    meeting = Meeting(
        id=key,
        portfolio_id=round_.portfolio_id,
        round_id=round_.pk,
        body=MeetingBody.executive_board,
        held_on=round_.board_on or round_.as_of,
        state=MeetingState.held if held else MeetingState.planned,
    )
    session.add(meeting)
    session.flush()
    session.add(AgendaItem(meeting_id=meeting.pk, no=1, title="Status på listen", treats_list=True))
    for recommendation in recommend(session, meeting):
        if held:
            session.add(answer_to(recommendation))
    session.flush()
    return meeting


def answer_to(recommendation: Recommendation, verb: DecisionVerb = DecisionVerb.noted) -> Decision:
    return Decision(
        verb=verb, meeting_id=recommendation.meeting_id, recommendation_id=recommendation.pk, recorded_at=now()
    )


JUNE = 900
"""The key of the board's meeting on the round of June 2022, where a test has one."""


def the_board_meets_in_june(database: Engine) -> None:
    """The meeting is planned; made once."""
    with Session(database) as session:
        if session.get(Meeting, JUNE) is None:
            round_ = session.exec(select(ReportingRound).where(ReportingRound.key == PLACES["round"])).one()
            a_meeting_on(session, round_, held=False, key=JUNE)
            session.commit()


def of_candidate(ref: str) -> Write:
    """What is pressed beside a red project on the page of that meeting."""
    places = {"meeting_id": str(JUNE), "source": "red", "ref": ref}
    return Write("/meetings/{meeting_id}", places=places, required=False, before=the_board_meets_in_june)


def a_candidate_was_taken_up(database: Engine) -> None:
    """A red project of the meeting of June; made once."""
    the_board_meets_in_june(database)
    with Session(database) as session:
        if session.exec(select(Candidate).where(Candidate.ref == "P-028")).first():
            return
        project = session.exec(select(Project).where(Project.number == "P-028")).one()
        facts = CandidateFacts(
            subject=Subject.attention, source=Source.red, ref="P-028", title=project.title, project_id=project.pk
        )
        session.add(Candidate(**facts.model_dump(), meeting_id=JUNE))
        session.commit()


def an_item_was_deferred(database: Engine) -> None:
    """»Øvrige sager« of April 2022, to the meeting of June; made once."""
    the_board_meets_in_june(database)
    with Session(database) as session:
        if session.exec(select(Decision).where(Decision.key == "udskudt")).first():
            return
        item = session.exec(select(AgendaItem).where(AgendaItem.title == "Øvrige sager")).one()
        session.add(
            Decision(
                key="udskudt",
                verb=DecisionVerb.deferred,
                deferred_to=date(2022, 6, 27),
                meeting_id=item.meeting_id,
                agenda_item_id=item.pk,
                recorded_at=now(),
            )
        )
        session.commit()


NEW_PASSWORD: dict[str, str] = dict.fromkeys(("password", "again"), "gul cykel i regnvejr")


def a_password_link(database: Engine) -> None:
    """The secretariat has a link with the token of PLACES; made once."""
    with Session(database) as session:
        if session.exec(select(PasswordLink)).first():
            return
        user = session.exec(select(User).where(User.email == "sekretariat@demo.example")).one()
        session.add(PasswordLink(user_id=user.pk, token_sha256=digest(PLACES["token"]), made_at=now()))
        session.commit()


SECRET, RECOVERY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "abcde-fghjk-mnpqr-stuvw-xyz23"


def everybodys_second_step(*, in_use: bool) -> Callable[[Engine], None]:
    """Everybody's app knows SECRET, and it is taken into use, or not yet."""

    def made(database: Engine) -> None:
        with Session(database) as session:
            for known in session.exec(select(SecondFactor)).all():
                session.delete(known)
            session.flush()
            for user in session.exec(select(User)):
                used_since = now() if in_use else None
                factor = SecondFactor(user_id=user.pk, secret=SECRET, enrolled_at=used_since)
                factor.recovery_sha256 = [hash_recovery(RECOVERY)]
                session.add(factor)
            session.commit()

    return made


def the_reader_has_shown_the_password(database: Engine) -> None:
    """Wherever `laeser` is signed in, the code is still asked for."""
    everybodys_second_step(in_use=True)(database)
    with Session(database) as session:
        reader = session.exec(select(User).where(User.email == "laeser@demo.example")).one()
        for each in session.exec(select(UserSession).where(UserSession.user_id == reader.pk)):
            each.awaits_code = True
        session.commit()


def another_account(*, active: bool = True, approved: bool = False) -> Callable[[Engine], None]:
    """The account of PLACES, which nobody else uses: open, signed in and in two steps, or closed."""

    def made(database: Engine) -> None:
        key = int(PLACES["user_id"])
        with Session(database) as session:
            user = session.get(User, key)
            if user is None:
                session.add(user := User(id=key, email="ny@kommune.example", roles=["reader"]))
                session.flush()
                session.add(SecondFactor(user_id=key, secret=SECRET, enrolled_at=now()))
            user.active = active
            identity = session.exec(select(Identity).where(Identity.user_id == key)).first()
            if approved and identity is None:
                session.add(Identity(user_id=key, account_name="ny@kommune.example", approved_at=now()))
            start_session(session, user)
            session.commit()

    return made


def of_account(*, active: bool = True, answer: int = 303) -> Write:
    """A button on the page of that account."""
    before = another_account(active=active)
    return Write("/users/{user_id}", opener="admin", required=False, before=before, answer=answer)


ELSEWHERE = "et-andet-sted"


def signed_in_elsewhere(database: Engine) -> None:
    """Everybody has a session in another browser too, `leder` one with a key that is known; made once."""
    with Session(database) as session:
        if session.exec(select(UserSession).where(UserSession.key == ELSEWHERE)).first():
            return
        for user in session.exec(select(User)):
            start_session(session, user)
        session.flush()
        leder = session.exec(select(User).where(User.email == "leder@demo.example")).one()
        hers = session.exec(select(UserSession).where(UserSession.user_id == leder.pk)).all()[-1]
        hers.key = ELSEWHERE
        session.commit()


def the_leader_has_a_deputy(database: Engine) -> None:
    """On the project that `leder` leads; made once."""
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == PLACES["number"])).one()
        if session.exec(select(Deputy).where(Deputy.project_id == project.pk)).first():
            return
        session.add(Deputy(project_id=project.pk, no=1, person_id=1, from_on=date(2022, 6, 1)))
        session.commit()


def the_leader_has_a_token(database: Engine) -> None:
    """The first one of all; made once."""
    with Session(database) as session:
        if session.get(ApiToken, int(PLACES["no"])):
            return
        query = select(User).where(User.email == "leder@demo.example").options(with_person())
        leder = session.exec(query).one()
        make_token(session, leder, ApiTokenForm(name="Regnearket"))
        session.commit()


def the_target_has_a_benchmark(database: Engine) -> None:
    """The first one of the project that `leder` leads; made once."""
    with Session(database) as session:
        of_project = select(EffectTarget).join(Project).where(Project.number == PLACES["number"])
        target = session.exec(of_project.where(EffectTarget.no == 1)).one()
        if session.exec(select(Benchmark).where(Benchmark.effect_target_id == target.pk)).first():
            return
        session.add(
            Benchmark(
                effect_target_id=target.pk,
                no=1,
                name="Nabokommunen",
                measured_on=date(2021, 12, 31),
                precision=Precision.year,
                value=61,
                source="FLIS",
            )
        )
        session.commit()


def the_leader_has_submitted(database: Engine) -> None:
    """The status that `leder` writes."""
    with Session(database) as session:
        of_round = select(Report).join(ReportingRound).where(ReportingRound.key == PLACES["round"])
        found = session.exec(of_round.join(Project).where(Project.number == "P-005")).one()
        found.state, found.colour, found.submitted_at = ReportState.submitted, Colour.green, now()
        session.commit()


def a_scenario_that_nobody_has_proposed(database: Engine) -> None:
    """The demo list's own, once more under another key; made once."""
    with Session(database) as session:
        if session.exec(select(Scenario).where(Scenario.key == "uden-forslag")).first():
            return
        known = session.exec(select(Scenario)).first()
        assert known
        fields = known.model_dump(exclude={"id", "version", "key"})
        session.add(scenario := Scenario(**fields, key="uden-forslag"))
        session.flush()
        session.add(
            ScenarioChange(
                scenario_id=scenario.pk, no=1, kind=ScenarioChangeKind.remove_seat, body_id=None, person_id=1
            )
        )
        session.commit()


def tasks_of_the_leader(database: Engine) -> None:
    """One that is open, one that another deadline is asked for, and one that is done; made once."""
    with Session(database) as session:
        if session.exec(select(Task).where(Task.key == "aaben")).first():
            return
        leader = session.exec(select(User).where(User.email == "leder@demo.example")).one()
        meeting = a_meeting(session, date(2022, 5, 2))
        decision, due_on = a_decision(session, meeting), date(2022, 7, 1)
        a_task(session, decision, meeting, due_on, key="aaben", owner_id=leader.person_id)
        a_task(session, decision, meeting, due_on, key="oensket", wished_on=date(2022, 9, 1), wished_reason="Ferie")
        done = {"state": TaskState.done, "ended_on": date(2022, 6, 1)}
        a_task(session, decision, meeting, due_on, key="udfoert", owner_id=leader.person_id, **done)
        session.commit()


def of_task(way: str, typed: dict[str, str], key: str = "aaben", form: str = "") -> Write:
    """A step of a task; its form stands at the same address unless something else is said."""
    return Write(form or f"{TASK}/{way}", typed, {"key": key}, before=tasks_of_the_leader)


def the_list_has_a_template_of_its_own(database: Engine) -> None:
    """Ours under another name; made once."""
    with Session(database) as session:
        if session.exec(select(PaperTemplate)).first():
            return
        portfolio = session.exec(select(Portfolio).order_by(col(Portfolio.id))).first()
        assert portfolio
        content = default_template()
        session.add(
            PaperTemplate(
                portfolio_id=portfolio.pk, file_name="vores.docx", content=content, sha256="", uploaded_at=now()
            )
        )
        session.commit()


def step_from(state: RoundState) -> Write:
    """A step that a round in this state can take, by a button on its page."""
    places = {"slug": state.value, "key": "2023-01"}
    return Write("/portfolios/{slug}/rounds/{key}", places=places, required=False, before=a_list_with_a_round(state))


LOOK = "/projects/{number}/effect-targets/{no}/follow-ups/{follow_up_no}"
"""One look at an effect after its project."""

TASK = "/portfolios/{slug}/tasks/{key}"
TOPIC = "/portfolios/{slug}/topics/{key}"
"""A topic for the management forum."""

FORUM = 18
"""The meeting of the management forum on 23 June 2022, which is still to come."""


def another_topic_on_the_agenda(database: Engine) -> None:
    """After the one that stands there; made once."""
    with Session(database) as session:
        known = session.exec(select(Topic).where(Topic.key == "forslag-2022")).one()
        if session.exec(select(Topic).where(Topic.key == "et-andet-emne")).first():
            return
        facts = known.model_dump(exclude={"id", "version", "key", "agenda_no", "title"})
        session.add(Topic(**facts, key="et-andet-emne", agenda_no=2, title="Et andet emne"))
        session.commit()


def an_error_was_reported(database: Engine) -> None:
    """Something is wrong on a page, under an address that is known; reported once."""
    with Session(database) as session:
        if error_report_by_key(session, "fejl-1") is None:
            user = session.exec(select(User).where(User.email == "leder@demo.example").options(with_person())).one()
            form = ErrorReportForm(text="Jeg sidder ikke længere i gruppen.", page="/projects/P-006")
            report_error(session, user, form).key = "fejl-1"
            session.commit()


WRITES = {
    "/login": Write("/login", {"email": "leder@demo.example", "password": "demo"}),
    "/logout": Write("", required=False),
    "/language": Write("", {"language": "en", "next": "/"}, required=False),
    "/projects": Write("/projects/new", {"title": "Et nyt projekt", "theme_id": "1"}),
    "/projects/{number}/edit": Write("/projects/{number}/edit", {"title": "En ny titel"}),
    "/projects/{number}/placement": Write(
        "/projects/{number}/placement",
        {"decided_on": "13-06-2022", "wording": "Projektet sættes på listen."},
        {"number": "P-009"},
    ),
    "/projects/{number}/removal": Write(
        "/projects/{number}/removal",
        {"decided_on": "13-06-2022", "wording": "Projektet fjernes.", "reason_out": "Det er gennemført."},
    ),
    "/projects/{number}/proposals/new-listing": Write(
        "/projects/{number}/proposals/new-listing",
        {"reason": "Boligerne mangler stadig.", "large": "on", "admission_reason": "Stor: 100 boliger."},
        {"number": "P-009"},
    ),
    "/projects/{number}/proposals/new-removal": Write(
        "/projects/{number}/proposals/new-removal", {"reason": "Driften har overtaget."}, opener="leder"
    ),
    "/projects/{number}/milestones": Write(
        "/projects/{number}/milestones/new", {"text": "En ny milepæl", "due_on": "01-09-2022"}
    ),
    "/projects/{number}/milestones/{no}/edit": Write(
        "/projects/{number}/milestones/{no}/edit", {"text": "En anden milepæl"}
    ),
    "/projects/{number}/relations": Write("/projects/{number}/relations/new", {"other": "P-012"}),
    "/projects/{number}/relations/{no}/edit": Write(
        "/projects/{number}/relations/{no}/edit", {"text": "En anden grund"}
    ),
    "/projects/{number}/success-criteria": Write(
        "/projects/{number}/success-criteria/new", {"text": "Et nyt kriterium"}
    ),
    "/projects/{number}/success-criteria/{no}/edit": Write(
        "/projects/{number}/success-criteria/{no}/edit", {"text": "Et andet kriterium"}
    ),
    "/projects/{number}/effect-targets": Write(
        "/projects/{number}/effect-targets/new", {"name": "Et nyt mål", "unit_of_measure": "procent"}
    ),
    "/projects/{number}/effect-targets/{no}/edit": Write(
        "/projects/{number}/effect-targets/{no}/edit", {"name": "Et andet mål"}
    ),
    "/projects/{number}/effect-targets/{no}/versions": Write(
        "/projects/{number}/effect-targets/{no}/versions/new",
        {"target_value": "90", "reason": "Byrådet har ændret måltallet."},
    ),
    "/projects/{number}/effect-targets/{no}/benchmarks": Write(
        "/projects/{number}/effect-targets/{no}/benchmarks/new",
        {"name": "Nabokommunen", "measured_on": "31-12-2021", "value": "61", "source": "FLIS"},
    ),
    "/projects/{number}/effect-targets/{no}/benchmarks/{benchmark_no}/edit": Write(
        "/projects/{number}/effect-targets/{no}/benchmarks/{benchmark_no}/edit",
        {"value": "62"},
        before=the_target_has_a_benchmark,
    ),
    "/projects/{number}/effect-targets/{no}/measurements": Write(
        "/projects/{number}/effect-targets/{no}/measurements/new",
        {"measured_on": "01-06-2022", "value": "12,5", "source": "Optælling"},
    ),
    "/projects/{number}/effect-targets/{no}/measurements/{measurement_no}/edit": Write(
        "/projects/{number}/effect-targets/{no}/measurements/{measurement_no}/edit", {"value": "13,5"}
    ),
    "/projects/{number}/implementation": Write(
        "/projects/{number}/implementation", {"receiver": "Borgerservice"}, required=False
    ),
    "/projects/{number}/strategy": Write("/projects/{number}/strategy", {"theme_ids": "1"}, required=False),
    "/portfolios/{slug}/strategy/themes": Write(
        "/portfolios/{slug}/strategy/themes/new", {"name": "Cirkulære indkøb", "promise": "Mindre affald hvert år"}
    ),
    "/portfolios/{slug}/strategy/themes/{no}/edit": Write(
        "/portfolios/{slug}/strategy/themes/{no}/edit", {"promise": "Flere nye borgere"}
    ),
    f"{LOOK}/report": Write(
        LOOK,
        {"result": "not_measured", "conclusion": "Der er ikke hentet et nyt tal."},
        {"number": "P-045", "follow_up_no": "2"},
    ),
    f"{LOOK}/approval": Write(
        LOOK, places={"number": "P-051", "follow_up_no": "3"}, opener="direktion", required=False
    ),
    f"{LOOK}/return": Write(
        LOOK,
        {"reason": "Skriv, hvilket regnskab tallet er fra."},
        {"number": "P-051", "follow_up_no": "3"},
        opener="direktion",
    ),
    f"{LOOK}/edit": Write(f"{LOOK}/edit", {"due_on": "01-09-2022"}, {"number": "P-045", "follow_up_no": "2"}),
    f"{LOOK}/waiver": Write(
        f"{LOOK}/waiver", {"waived_reason": "Tallet opgøres ikke mere."}, {"number": "P-045", "follow_up_no": "2"}
    ),
    "/projects/{number}/key-persons": Write("/projects/{number}/key-persons", {"unit_1": "7"}, required=False),
    "/projects/{number}/staffing": Write("/projects/{number}/staffing/new", {"function": "Projektleder", "fte": "0,5"}),
    "/projects/{number}/staffing/{no}/edit": Write("/projects/{number}/staffing/{no}/edit", {"function": "Planlægger"}),
    "/projects/{number}/staffing/{no}/split/{year}": Write(
        "/projects/{number}/staffing/{no}/split/{year}", {"unit_1": "40", "unit_2": "60"}, required=False
    ),
    "/projects/{number}/funding": Write(
        "/projects/{number}/funding/new", {"source": "Budget 2023", "year": "2023", "amount": "250.000"}
    ),
    "/projects/{number}/funding/{no}/edit": Write("/projects/{number}/funding/{no}/edit", {"amount": "250.000"}),
    "/projects/{number}/funding-needs": Write(
        "/projects/{number}/funding-needs/new", {"purpose": "Rådgivning", "year": "2023", "amount": "300.000"}
    ),
    "/projects/{number}/funding-needs/{no}/edit": Write(
        "/projects/{number}/funding-needs/{no}/edit", {"amount": "300.000"}
    ),
    "/projects/{number}/benefits": Write("/projects/{number}/benefits/new", {"area": "Lavere husleje", "year": "2023"}),
    "/projects/{number}/benefits/{no}/edit": Write("/projects/{number}/benefits/{no}/edit", {"realised": "50.000"}),
    "/projects/{number}/stated-totals": Write(
        "/projects/{number}/stated-totals/new",
        {"text": "I alt 0,5 mio. kr.", "source": "Sag", "year": "2023", "amount": "500.000"},
    ),
    "/projects/{number}/stated-totals/{no}/edit": Write(
        "/projects/{number}/stated-totals/{no}/edit", {"amount": "500.000"}
    ),
    "/projects/{number}/task-force": Write(
        "/projects/{number}/task-force", {"operational_task": "yes"}, {"number": "P-002"}, required=False
    ),
    "/projects/{number}/follow-ups": Write(
        "/projects/{number}/follow-ups/new",
        {"held_on": "01-06-2022", "body": "Chefforum", "conclusion": "Det går fremad."},
        {"number": "P-002"},
    ),
    "/projects/{number}/follow-ups/{no}/edit": Write(
        "/projects/{number}/follow-ups/{no}/edit", {"conclusion": "Det går fremad."}, {"number": "P-002"}
    ),
    "/projects/{number}/bodies": Write("/projects/{number}/bodies/new", {"name": "En ny styregruppe"}),
    "/projects/{number}/bodies/choose": Write(
        "/projects/{number}/bodies/choose", {"body": "Styregruppen for Rådhuset"}
    ),
    "/projects/{number}/bodies/{body_no}/edit": Write(
        "/projects/{number}/bodies/{body_no}/edit", {"name": "En anden styregruppe"}
    ),
    "/projects/{number}/bodies/{body_no}/seats": Write(
        "/projects/{number}/bodies/{body_no}/seats/new", {"person_id": "1", "from_on": "13-06-2022"}
    ),
    "/projects/{number}/bodies/{body_no}/seats/{seat_no}/edit": Write(
        "/projects/{number}/bodies/{body_no}/seats/{seat_no}/edit", {"to_on": "13-06-2022"}
    ),
    "/portfolios/{slug}/exports": Write(
        "/portfolios/{slug}/exports/new",
        {"recipient": "housing", "note": "Domea, til styregruppens møde", "confirmed": "on"},
        answer=200,
    ),
    "/portfolios/{slug}/rounds": Write("/portfolios/{slug}/rounds/new", {"name": "januar 2023"}),
    "/portfolios/{slug}/rounds/{key}/edit": Write("/portfolios/{slug}/rounds/{key}/edit", {"board_on": "28-06-2022"}),
    "/portfolios/{slug}/rounds/{key}/opening": step_from(RoundState.planned),
    "/portfolios/{slug}/rounds/{key}/closing": step_from(RoundState.open),
    "/portfolios/{slug}/rounds/{key}/extension": step_from(RoundState.closed_for_leaders),
    "/portfolios/{slug}/rounds/{key}/freeze": Write(
        "/portfolios/{slug}/rounds/{key}/freeze",
        places={"slug": "closed_for_leaders", "key": "2023-01"},
        required=False,
        before=a_list_with_a_round(RoundState.closed_for_leaders),
    ),
    "/portfolios/{slug}/rounds/{key}/addenda": Write(
        "/portfolios/{slug}/rounds/{key}/addenda/new", {"text": "Et tal var forkert."}, {"key": "2022-01"}
    ),
    "/portfolios/{slug}/rounds/{key}/presentation": step_from(RoundState.frozen),
    "/portfolios/{slug}/rounds/{key}/conclusion": step_from(RoundState.presented),
    "/portfolios/{slug}/rounds/{key}/reminder": Write("/portfolios/{slug}/rounds/{key}", required=False),
    "/portfolios/{slug}/rounds/{key}/meeting": Write("/portfolios/{slug}/rounds/{key}", required=False),
    "/portfolios/{slug}/meetings": Write("/portfolios/{slug}/meetings/new", {"held_on": "20-06-2022"}),
    "/meetings/{meeting_id}/edit": Write("/meetings/{meeting_id}/edit", {"place": "Rådhuset, mødelokale 3"}),
    "/meetings/{meeting_id}/holding": Write("/meetings/{meeting_id}", places={"meeting_id": "18"}, required=False),
    "/meetings/{meeting_id}/walk": Write("/meetings/{meeting_id}", required=False),
    "/meetings/{meeting_id}/cancellation": Write(
        "/meetings/{meeting_id}/cancellation", places={"meeting_id": "18"}, required=False
    ),
    "/meetings/{meeting_id}/items": Write("/meetings/{meeting_id}/items/new", {"title": "Et nyt punkt"}),
    "/meetings/{meeting_id}/items/{no}/edit": Write("/meetings/{meeting_id}/items/{no}/edit", {"title": "Et andet"}),
    "/meetings/{meeting_id}/items/continuation": Write(
        "/meetings/{meeting_id}", places={"meeting_id": str(JUNE)}, required=False, before=an_item_was_deferred
    ),
    "/meetings/{meeting_id}/recommendations/{subject}/edit": Write(
        "/meetings/{meeting_id}/recommendations/{subject}/edit",
        {"text": "Drøfter listen og det, der følger af den."},
        {"meeting_id": str(JUNE)},
        before=the_board_meets_in_june,
    ),
    "/meetings/{meeting_id}/recommendations/{subject}/addition": Write(
        "/meetings/{meeting_id}/recommendations/{subject}/addition",
        {"title": "Fælles kalender for styregrupperne"},
        {"meeting_id": str(JUNE), "subject": "forum"},
        before=the_board_meets_in_june,
    ),
    "/meetings/{meeting_id}/recommendations/{subject}/acceptance": Write(
        "/meetings/{meeting_id}",
        places={"meeting_id": str(JUNE), "subject": "removal"},
        required=False,
        before=the_board_meets_in_june,
    ),
    "/meetings/{meeting_id}/candidates/{source}/{ref}/acceptance": of_candidate("P-007"),
    "/meetings/{meeting_id}/candidates/{source}/{ref}/omission": of_candidate("P-011"),
    "/meetings/{meeting_id}/candidates/{source}/{ref}/edit": Write(
        "/meetings/{meeting_id}/candidates/{source}/{ref}/edit",
        {"text": "Skal sagen løftes?"},
        {"meeting_id": str(JUNE), "source": "red", "ref": "P-028"},
        before=a_candidate_was_taken_up,
    ),
    "/meetings/{meeting_id}/decisions": Write(
        "/meetings/{meeting_id}/decisions/new?on=recommendation-2", {"verb": "noted"}
    ),
    "/meetings/{meeting_id}/decisions/{key}/tasks": Write(
        "/meetings/{meeting_id}/decisions/{key}/tasks/new",
        {"task": "En ny opgave", "responsible": "u1", "due_on": "01-09-2022"},
        {"key": "opmaerk-2022"},
    ),
    "/meetings/{meeting_id}/decisions/{key}/annulment": Write(
        "/meetings/{meeting_id}/decisions/{key}/annulment", {"reason": "Skrevet to gange."}, {"key": "opmaerk-2022"}
    ),
    "/settings/recommendations/{subject}/edit": Write(
        "/settings/recommendations/{subject}/edit", {"text": "Drøfter listen og det, der følger af den."}
    ),
    "/portfolios/{slug}/mail-texts/{kind}/edit": Write(
        "/portfolios/{slug}/mail-texts/{kind}/edit", {"subject": "Status for {round}", "body": "Husk {projects}."}
    ),
    "/projects/{number}/reports/{round}/exemption": Write(
        "/projects/{number}/reports/{round}/exemption", {"reason": "Byrådet behandler sagen."}, {"number": "P-005"}
    ),
    "/projects/{number}/notes": Write("/projects/{number}/notes/new", {"text": "En løbende status"}, opener="leder"),
    "/projects/{number}/reports/{round}/edit": Write(
        "/projects/{number}/reports/{round}/edit",
        {"summary": "En kladde"},
        {"number": "P-005"},
        opener="leder",
        required=False,
    ),
    "/projects/{number}/reports/{round}/submission": Write(
        "/projects/{number}/reports/{round}/edit",
        dict.fromkeys(("economy", "resources", "delivery", "implementation", "effect"), "green")
        | {"path_action": "En ny aftale", "path_who": "Projektleder", "path_on": "01-09-2022"},
        {"number": "P-005"},
        opener="leder",
    ),
    "/projects/{number}/reports/{round}/withdrawal": Write(
        "/projects/{number}/reports/{round}",
        {},
        {"number": "P-005"},
        opener="leder",
        required=False,
        before=the_leader_has_submitted,
    ),
    "/projects/{number}/reports/{round}/approval": Write(
        "/projects/{number}/reports/{round}/approval", {}, {"number": "P-008"}, opener="ejer", required=False
    ),
    "/projects/{number}/reports/{round}/return": Write(
        "/projects/{number}/reports/{round}/approval",
        {"reason": "Skriv, hvornår grundene er solgt."},
        {"number": "P-008"},
        opener="ejer",
    ),
    "/projects/{number}/reports/{round}/reopening": Write(
        "/projects/{number}/reports/{round}/reopening", {"reason": "Beløbet var forkert."}
    ),
    "/projects/{number}/deputies": Write(
        "/projects/{number}/deputies/new", {"person_id": "1", "from_on": "13-06-2022"}
    ),
    "/projects/{number}/deputies/{no}/edit": Write(
        "/projects/{number}/deputies/{no}/edit", {"to_on": "30-06-2022"}, before=the_leader_has_a_deputy
    ),
    "/settings": Write("/settings", {"seats_watch": "5"}, required=False),
    "/settings/paper-template": Write(
        "/settings/paper-template", files={"file": ("skabelon.docx", default_template(), WORD)}
    ),
    "/settings/paper-template/withdrawal": Write(
        "/settings/paper-template", required=False, before=the_list_has_a_template_of_its_own
    ),
    "/portfolios/{slug}/scenarios": Write(
        "/portfolios/{slug}/scenarios/new?change=remove-project:P-012", {"name": "Uden Børne- og Kulturhuset"}
    ),
    "/portfolios/{slug}/scenarios/{key}/edit": Write(
        "/portfolios/{slug}/scenarios/{key}/edit", {"name": "Et andet navn"}, {"key": "udvalg-17-4"}
    ),
    "/portfolios/{slug}/scenarios/{key}/proposal": Write(
        "/portfolios/{slug}/scenarios/{key}/proposal",
        {"title": "At Direktionen drøfter udvalget", "reason": "Det samler for mange."},
        {"key": "uden-forslag"},
        before=a_scenario_that_nobody_has_proposed,
    ),
    "/portfolios/{slug}/proposals/new-listing": Write(
        "/portfolios/{slug}/proposals/new-listing",
        {
            "title": "Grønne skolegårde",
            "reason": "Skolegårdene er nedslidte.",
            "cross_cutting": "on",
            "admission_reason": "Tværgående: ISC og BURC skal bygge sammen.",
        },
        opener="leder",
    ),
    "/portfolios/{slug}/proposals/{key}/rejection": Write(
        "/portfolios/{slug}/proposals/{key}/rejection",
        {"decided_on": "13-06-2022", "wording": "Det løses i driften."},
        {"key": "hjem-til-alle"},
    ),
    "/portfolios/{slug}/proposals/{key}/project": Write(
        "/portfolios/{slug}/proposals/{key}/project",
        {"decided_on": "13-06-2022", "wording": "Projektet sættes på listen.", "theme_id": "1"},
        {"key": "hjem-til-alle"},
        of_many_rows=True,
    ),
    "/portfolios/{slug}/proposals/{key}/withdrawal": Write(
        "/portfolios/{slug}/scenarios/{key}", places={"key": "udvalg-17-4"}, required=False
    ),
    f"{TASK}/completion": of_task("completion", {"evidence": "Planen er vedtaget."}, form=TASK),
    f"{TASK}/evidence": of_task("evidence", {"evidence": "Udkastet er sendt ud."}),
    f"{TASK}/wish": of_task("wish", {"wished_on": "01-10-2022", "wished_reason": "Der mangler tal."}),
    f"{TASK}/postponement": of_task("postponement", {"due_on": "01-10-2022", "reason": "Der mangler tal."}),
    f"{TASK}/refusal": of_task("refusal", {"reason": "Fristen holder."}, "oensket"),
    f"{TASK}/lapse": of_task("lapse", {"reason": "Projektet er stoppet."}),
    f"{TASK}/reopening": of_task("reopening", {"reason": "Det var en fejl."}, "udfoert"),
    f"{TASK}/handover": of_task("handover", {"owner_id": "1"}),
    "/portfolios/{slug}/topics": Write("/portfolios/{slug}/topics/new", {"title": "Et nyt emne"}),
    f"{TOPIC}/edit": Write(f"{TOPIC}/edit", {"title": "Et andet emne"}, {"key": "forslag-2022"}),
    f"{TOPIC}/meeting": Write(f"{TOPIC}/meeting", {"minutes": "20"}, {"key": "centerchefer-2022"}),
    f"{TOPIC}/postponement": Write(TOPIC, places={"key": "forslag-2022"}, required=False),
    f"{TOPIC}/position": Write(
        "/meetings/{meeting_id}",
        places={"key": "forslag-2022", "meeting_id": str(FORUM)},
        required=False,
        before=another_topic_on_the_agenda,
    ),
    f"{TOPIC}/outcome": Write(
        f"{TOPIC}/outcome",
        {"outcome": "Møderne bliver mindre.", "no_follow_up": "Det er besluttet."},
        {"key": "moeder-2018"},
    ),
    f"{TOPIC}/tasks": Write(
        f"{TOPIC}/tasks/new",
        {"text": "Foreslå en mindre kreds", "owner_id": "1", "due_on": "01-09-2022"},
        {"key": "moeder-2018"},
    ),
    f"{TOPIC}/lapse": Write(f"{TOPIC}/lapse", {"reason": "Det er løst."}, {"key": "forslag-2022"}),
    f"{TOPIC}/reopening": Write(f"{TOPIC}/reopening", {"reason": "Det er ikke løst."}, {"key": "fora-2014"}),
    "/maskings": Write(
        "/maskings/new",
        {"text": "Fysiske helhedsplaner", "reason": "Det prøver vi af her.", "confirmed": "on"},
    ),
    "/extracts": Write("/extracts/new?tables=milestone", {"recipient": "own_use", "profile": "internal"}, answer=200),
    "/error-reports": Write("/error-reports/new", {"text": "Jeg leder ikke længere projektet."}, opener="leder"),
    "/error-reports/{key}/answer": Write(
        "/error-reports/{key}/answer",
        {"outcome": "corrected", "answer": "Lederen er skiftet."},
        {"key": "fejl-1"},
        before=an_error_was_reported,
    ),
    "/people": Write("/people/new", {"name": "Ny Person"}),
    "/me/tokens": Write("/me/tokens/new", {"name": "Power BI"}, opener="leder", answer=201),
    "/me/tokens/{no}/revocation": Write("/me/tokens", opener="leder", required=False, before=the_leader_has_a_token),
    "/tokens/{no}/revocation": Write("/tokens", opener="admin", required=False, before=the_leader_has_a_token),
    "/people/{person_id}/handover": Write(
        "/people/{person_id}/handover", {"receiver_id": "2", "reason": "Fratræder"}, of_many_rows=True
    ),
    "/people/{person_id}/edit": Write("/people/{person_id}/edit", {"name": "Andet Navn"}),
    "/password": Write("/password", {"email": "sekretariat@demo.example"}),
    "/password/{token}": Write("/password/{token}", NEW_PASSWORD, before=a_password_link),
    "/me/password": Write("/me/password", NEW_PASSWORD | {"current": "demo"}),
    "/access-review": Write("/access-review", {"note": "To brugere er lukket."}, required=False),
    "/users": Write("/users/new", {"email": "anden@kommune.example"}, opener="admin"),
    "/users/{user_id}/edit": Write(
        "/users/{user_id}/edit", {"email": "nyere@kommune.example"}, opener="admin", before=another_account()
    ),
    "/users/{user_id}/identity": Write(
        "/users/{user_id}/identity", {"account_name": "nyere@kommune.example"}, opener="admin", before=another_account()
    ),
    "/users/{user_id}/identity/removal": Write(
        "/users/{user_id}/identity", opener="admin", required=False, before=another_account(approved=True)
    ),
    "/users/{user_id}/deactivation": of_account(),
    "/users/{user_id}/reactivation": of_account(active=False),
    "/users/{user_id}/sessions/ending": of_account(),
    "/users/{user_id}/two-factor/removal": of_account(),
    "/users/{user_id}/password-link": of_account(answer=200),
    "/me/two-factor": Write("/me/two-factor", required=False),
    "/me/two-factor/confirmation": Write(
        "/me/two-factor",
        typed_now=lambda: {"code": pyotp.TOTP(SECRET).now()},
        before=everybodys_second_step(in_use=False),
        answer=200,
    ),
    "/me/two-factor/recovery-codes": Write(
        "/me/two-factor/recovery-codes", {"current": "demo"}, before=everybodys_second_step(in_use=True), answer=200
    ),
    "/me/two-factor/removal": Write(
        "/me/two-factor/removal", {"current": "demo"}, before=everybodys_second_step(in_use=True)
    ),
    "/login/code": Write(
        "/login/code",
        {"code": RECOVERY},
        opener="laeser",
        required=False,
        before=the_reader_has_shown_the_password,
    ),
    "/me/sessions/others/ending": Write("/me/sessions", required=False, before=signed_in_elsewhere),
    "/me/sessions/{key}/ending": Write(
        "/me/sessions", {}, {"key": ELSEWHERE}, opener="leder", required=False, before=signed_in_elsewhere
    ),
}
"""By the route's path. Every POST in the table of test_access.py must have a line here."""


def address(path: str, write: Write | None = None) -> str:
    """A route's path with something that exists in its places."""
    return path.format(**(PLACES | (write.places if write else {})))


def filled_in(opener: TestClient, path: str) -> dict[str, str | list[str]]:
    """What a browser would send after somebody has filled in the form."""
    write = WRITES[path]
    if not write.form:
        return dict(write.typed)
    if write.before:
        write.before(cast(FastAPI, opener.app).state.engine)
    form = form_on(opener, address(write.form, write), address(path, write))
    typed = write.typed | write.typed_now()
    missing = typed.keys() - form.names
    assert not missing, f"the form at {write.form} has no {missing}"
    return form.values | typed


def send_to(browser: TestClient, path: str, form: dict[str, str | list[str]], **more: Any) -> Any:
    """The answer to a form, sent with its files."""
    return browser.post(address(path, WRITES[path]), data=form, files=WRITES[path].files or None, **more)
