"""A list made by hand: it starts empty and grows by what each test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session, SQLModel

from app.models import (
    Body,
    BodyProject,
    Person,
    Placement,
    Portfolio,
    Project,
    Report,
    ReportingRound,
    Seat,
    Theme,
    Unit,
)
from app.models.assessment import Colour
from app.models.project import Confidentiality, refresh_search_text
from app.models.report import ReportState
from app.models.reporting_round import RoundState
from app.models.seat import Attendance, SeatFunction
from app.tabs.burden import Burden, build_burden
from app.tabs.burden_people import PersonBurden
from app.tabs.filters import Filters
from tests.databases import House

TODAY = date(2022, 6, 13)


@dataclass
class SmallList:
    """A list that starts empty and grows by what each test says."""

    session: Session
    portfolio: Portfolio
    theme: Theme
    numbers: dict[str, int] = field(default_factory=lambda: {"P": 0, "L": 0, "body": 0})

    def add(self, row: Any) -> Any:
        self.session.add(row)
        self.session.flush()
        return row

    def unit(self, code: str) -> Unit:
        unit: Unit = self.add(Unit(code=code, name=f"Center {code}"))
        return unit

    def person(self, name: str, **more: Any) -> Person:
        person: Person = self.add(Person(name=name, **more))
        return person

    def project(self, title: str = "Et projekt", *, closed: bool = False, **more: Any) -> Project:
        series = "L" if closed else "P"
        self.numbers[series] += 1
        project: Project = Project(
            portfolio_id=self.portfolio.pk,
            theme_id=self.theme.pk,
            title=title,
            series=series,
            sequence=self.numbers[series],
            number=f"{series}-{self.numbers[series]:03}",
            confidentiality=Confidentiality.closed if closed else Confidentiality.open,
            **more,
        )
        refresh_search_text(project)
        self.add(project)
        self.add(Placement(project_id=project.pk, no=1, from_on=date(2018, 1, 1), decision_in="Direktionen"))
        return project

    def body(self, name: str, *projects: Project, **more: Any) -> Body:
        body: Body = self.add(Body(portfolio_id=self.portfolio.pk, name=name, **more))
        for project in projects:
            self.add(BodyProject(project_id=project.pk, body_id=body.pk, no=body.pk))
        return body

    def seat(self, body: Body, person: Person, function: SeatFunction = SeatFunction.member, **more: Any) -> Seat:
        self.numbers["body"] += 1
        given: dict[str, Any] = {"from_on": date(2018, 1, 1), "attendance": Attendance.fixed} | more
        seat: Seat = self.add(
            Seat(body_id=body.pk, person_id=person.pk, no=self.numbers["body"], function=function, **given)
        )
        return seat

    def round(self) -> ReportingRound:
        days: dict[str, Any] = dict.fromkeys(("as_of", "opens_on", "leader_deadline_on", "owner_deadline_on"), TODAY)
        found: ReportingRound = self.add(
            ReportingRound(
                portfolio_id=self.portfolio.pk, key="2022-06", name="juni 2022", state=RoundState.open, **days
            )
        )
        return found

    def report(self, project: Project, a_round: ReportingRound, colour: Colour, state: ReportState) -> None:
        self.add(Report(project_id=project.pk, round_id=a_round.pk, colour=colour, state=state))

    def burden(self, **filters: str) -> Burden:
        return build_burden(self.session, self.portfolio, Filters(**filters), TODAY)

    def load_of(self, person: Person, **filters: str) -> PersonBurden:
        return next(load for load in self.burden(**filters).people if load.id == person.pk)


@contextmanager
def a_small_list(house: House) -> Iterator[SmallList]:
    """In a database of its own."""
    with house.empty() as engine:
        SQLModel.metadata.create_all(engine)
        with Session(engine) as session:
            portfolio = Portfolio(slug="lille", name="Lille liste", case_number="10/1", owner_body="Direktionen")
            session.add(portfolio)
            session.flush()
            theme = Theme(portfolio_id=portfolio.pk, name="Byudvikling", position=1)
            session.add(theme)
            session.flush()
            yield SmallList(session, portfolio, theme)
