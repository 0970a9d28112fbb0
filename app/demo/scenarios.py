"""The saved scenarios of the demo list, and what was proposed to the executive board; all of it constructed."""

from datetime import UTC, date, datetime, time

from sqlmodel import Session, select

from app.demo.organisation import People
from app.demo.source import Facts, read
from app.models import Body, Portfolio, Proposal, ReportingRound, Scenario, ScenarioChange, Seat
from app.models.proposal import ProposalForm
from app.models.scenario import ScenarioChangeKind, ScenarioForm
from app.models.seat import Attendance
from app.settings import COPENHAGEN


def load_scenarios(session: Session, portfolio: Portfolio, people: People) -> None:
    """Adds them; the bodies and the rounds are there already."""
    names = {table["key"]: table["name"] for table in read("organisation.toml")["body"]}
    for table in read("scenarios.toml")["scenario"]:
        form = ScenarioForm(name=table["name"], note=table["note"])
        scenario = Scenario(
            **form.model_dump(),
            portfolio_id=portfolio.pk,
            key=table["key"],
            author_id=people[table["author"]].pk,
            saved_at=_at(table["saved_on"]),
        )
        session.add(scenario)
        session.flush()
        body = session.exec(select(Body).where(Body.name == names[table["body"]])).one()
        for no, key in enumerate(table["when_needed"], start=1):
            held = select(Seat).where(Seat.body_id == body.pk, Seat.person_id == people[key].pk)
            session.add(_when_needed(scenario, no, session.exec(held).one()))
        session.add(_proposal(session, portfolio, scenario, people, table))


def _when_needed(scenario: Scenario, no: int, seat: Seat) -> ScenarioChange:
    return ScenarioChange(
        scenario_id=scenario.pk,
        no=no,
        kind=ScenarioChangeKind.change_seat,
        body_id=seat.body_id,
        person_id=seat.person_id,
        function=seat.function,
        attendance=Attendance.when_needed,
    )


def _proposal(session: Session, portfolio: Portfolio, scenario: Scenario, people: People, table: Facts) -> Proposal:
    facts = table["proposal"]
    form = ProposalForm(title=facts["title"], reason=facts["reason"])
    round_ = session.exec(select(ReportingRound).where(ReportingRound.key == facts["round"])).one()
    return Proposal(
        **form.model_dump(),
        portfolio_id=portfolio.pk,
        key=table["key"],
        scenario_id=scenario.pk,
        round_id=round_.pk,
        raised_by_id=people[table["author"]].pk,
        raised_at=_at(facts["raised_on"]),
    )


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10), COPENHAGEN).astimezone(UTC)
