"""Overblik: how the list stands, the red ones first. The demo list's colours stand in app/demo/statuses.toml."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import Engine
from sqlmodel import Session, func, select
from starlette.testclient import TestClient

from app.models import (
    AgendaItem,
    Assessment,
    Decision,
    EffectTarget,
    Measurement,
    Milestone,
    Person,
    Placement,
    Portfolio,
    Project,
    Report,
    ReportingRound,
    Theme,
    User,
)
from app.models.assessment import Colour, Dimension
from app.models.milestone import Precision
from app.models.placement import RemovalForm, remove
from app.models.project import Phase, project_by_number
from app.models.report import ReportState
from app.models.reporting_round import RoundState
from app.models.signal import SignalKind
from app.models.task import TaskState
from app.settings import today
from app.tabs.filters import Filters
from app.tabs.mark import Mark, Trend
from app.tabs.overview import build_overview
from app.tabs.overview_row import OverviewRow
from tests.conftest import Queries, SignIn, one_database
from tests.decided import a_decision, a_meeting, a_task
from tests.page import Element, read_page
from tests.test_effect_follow_ups import DECIDED, not_followed

PAGE = "/portfolios/direktionen/overview"


@pytest.fixture
def board(sign_in: SignIn, direktion: User) -> TestClient:
    """A director's browser: she sees all 38 projects, the closed one among them."""
    return sign_in(direktion)


def named(page: Element, key: str) -> Element:
    return next(element for element in page if element.get("id") == key)


def main(answer: Response) -> Element:
    assert answer.status_code == 200
    return read_page(answer.text).all("main")[0]


def rows(answer: Response) -> dict[str, Element]:
    """The rows of the table of all projects, by number, in the order of the page."""
    table = named(read_page(answer.text), "projects")
    found = {row.all("a")[0].get("href").rpartition("/")[2]: row for row in table.all("tr") if row.all("a")}
    assert len(found) == len([row for row in table.all("tr") if row.all("a")])
    return found


def cell(row: Element, place: int) -> str:
    return row.all("th", "td")[place].text


def tiles(answer: Response) -> list[str]:
    page = named(main(answer), "tiles")
    return [tile.text for tile in page.all("div") if "tile" in tile.get("class").split()]


# ------------------------------------------------------------------------------------------------------ the demo list


def test_each_tile_says_how_many_there_are_and_splits_the_change_into_moved_joined_and_left(board: TestClient) -> None:
    """By hand from the last two letters of each line, January and June 2022.

    Red 2 → 5: nf_anvisning YR, nyt_raadhus YR and dt_ky YR moved in. Yellow 15 → 11: three moved in (htc,
    laeringshuse and dt_aktindsigt GY); YR three times, sundhedshus YG, nf_helhed Yd, nf_omlacering Ys and uta Yx
    moved out. Green 18 → 15: sundhedshus moved in, frie_bymidter and ole_roemer -G joined; GY three times, nf_kb2 Gs,
    opd_udviklingsstrategi Gd and kerneopgaven Gb moved out. Six that had a colour are not reported; civilsamfund -x
    joined and has never been assessed.

    Seven raise a signal. One of them is naerheden, green while its planned end has moved 730 days (W2, domain.md 4D).
    """
    assert tiles(board.get(PAGE)) == [
        "5 Rød +3 siden januar 2022 Flyttet +3 / 0 Nye 0 Udgået 0",
        "11 Gul −4 siden januar 2022 Flyttet +3 / −7 Nye 0 Udgået 0",
        "15 Grøn −3 siden januar 2022 Flyttet +1 / −6 Nye +2 Udgået 0",
        "6 Ikke indberettet +6 siden januar 2022 Flyttet +6 / 0 Nye 0 Udgået 0",
        "38 projekter på listen Siden januar 2022: 3 kommet til, 0 udgået. "
        "1 uden farve (ny, fritaget eller afsluttet). 7 bør efterprøves",
    ]


def take_off(database: Engine, by: User, number: str) -> None:
    with Session(database) as session:
        project = project_by_number(session, number)
        assert project is not None
        form = RemovalForm(to_on=today(), reason_out="Det er gennemført.")
        remove(session, by, project, form, DECIDED, not_followed(session, project))
        session.commit()


@one_database
def test_a_project_that_has_left_is_counted_as_left_and_not_as_moved(
    board: TestClient, database: Engine, sekretariat: User
) -> None:
    take_off(database, sekretariat, "P-048")  # green in both rounds
    take_off(database, sekretariat, "P-049")  # green in January, a draft in June
    found = tiles(board.get(PAGE))
    assert found[2] == "14 Grøn −4 siden januar 2022 Flyttet +1 / −5 Nye +2 Udgået −2"
    assert found[3] == "5 Ikke indberettet +5 siden januar 2022 Flyttet +5 / 0 Nye 0 Udgået 0"
    assert found[4].startswith("36 projekter på listen Siden januar 2022: 3 kommet til, 2 udgået.")
    gone = named(main(board.get(PAGE)), "gone").all("tr")
    assert [row.text for row in gone] == [
        "Udgået af listen siden januar 2022 · 2 projekter",
        "Revision af brandingstrategien P-048 Sidst: grøn, januar 2022",
        "Opdatering af udviklingsstrategien (2022) P-049 Sidst: grøn, januar 2022",
    ]
    assert "Udgået af listen" not in main(board.get(f"{PAGE}?colour=green")).text


@one_database
def test_the_numbers_are_of_the_whole_list_also_when_a_filter_shows_a_part_of_it(board: TestClient) -> None:
    assert tiles(board.get(f"{PAGE}?theme=digitalisering")) == tiles(board.get(PAGE))
    assert len(named(main(board.get(f"{PAGE}?colour=green")), "reds").all("tbody")[0].all("tr")) == 5


@one_database
def test_the_red_ones_come_first_with_cause_question_and_date(board: TestClient, database: Engine) -> None:
    with Session(database) as session:
        report = session.exec(
            select(Report).join(Project).where(Project.number == "P-043", Report.state == ReportState.approved)
        ).one()
        report.decision_by_on = date(2022, 6, 20)  # the others are to be decided on the 27th
        session.commit()
    page = main(board.get(PAGE))
    red = named(page, "reds").all("tbody")[0].all("tr")
    assert [row.all("a")[0].get("href") for row in red] == [
        f"/projects/{number}" for number in ("P-043", "P-007", "P-011", "P-028", "P-037")
    ]
    new, long = red[0], red[1]
    assert cell(new, 0) == (
        "Monopolbrud: nyt ydelsessystem (KY) og gevinstforløb P-043 · Ejer Ulla Fjord · ny rød, gul i januar 2022"
    )
    assert cell(new, 1).startswith("Implementering: Under halvdelen af sagerne går gennem systemet uden kontrol.")
    assert cell(new, 2).startswith("Tilbage til plan Godkend to ekstra årsværk i et halvt år")
    assert cell(new, 3) == "20-06-2022"
    assert cell(long, 1).startswith("Tid: Ministeriet har ikke svaret")
    assert cell(long, 0).endswith("Ejer Hanne Skov · rød i 4 runder, siden januar 2021")
    order = [element.get("id") for element in page if element.get("id") in ("tiles", "reds", "projects")]
    assert order == ["tiles", "reds", "projects"]


@one_database
def test_a_red_project_that_asks_for_no_decision_says_that_it_is_missing(board: TestClient, database: Engine) -> None:
    with Session(database) as session:
        for report in session.exec(select(Report).join(Project).where(Project.number == "P-007")):
            report.decision_wanted = ""
        session.commit()
    last = named(main(board.get(PAGE)), "reds").all("tbody")[0].all("tr")[-1]
    assert "P-007" in cell(last, 0)
    assert cell(last, 2) == "Mangler: Status siger ikke, hvad der skal besluttes"
    assert cell(last, 3) == ""


@one_database
def test_the_list_stands_by_theme_in_the_secretariats_order_and_by_number_with_the_closed_last(
    board: TestClient,
) -> None:
    answer = board.get(PAGE)
    groups = [row.text for row in named(main(answer), "projects").all("tr") if row.get("class") == "group-row"]
    assert groups == [
        "Omdannelse af udsatte boligområder · 14 projekter 2 rød 5 gul 4 grøn 3 ikke indberettet",
        "Byudvikling og anlæg · 4 projekter 1 rød 1 gul 2 grøn",
        "Børn, unge og læring · 4 projekter 1 gul 2 grøn 1 ikke indberettet",
        "Social, sundhed og beskæftigelse · 5 projekter 1 rød 2 gul 2 grøn",
        "Civilsamfund og fællesskaber · 1 projekt 1 endnu ikke vurderet",
        "Digitalisering · 5 projekter 1 rød 1 gul 3 grøn",
        "Strategi og branding · 2 projekter 1 grøn 1 ikke indberettet",
        "Effektiv administration og økonomi · 3 projekter 1 gul 1 grøn 1 ikke indberettet",
    ]
    numbers = list(rows(answer))
    assert len(numbers) == 38
    assert numbers == [*sorted(numbers[:-1]), "L-01"]  # the demo list's themes follow its numbers


@pytest.mark.parametrize(
    ("number", "mark", "status", "text"),
    [
        ("P-005", "not_reported", "Ikke indberettet Sidst: gul, januar 2022", "Status mangler fra projektleder."),
        (
            "P-008",
            "not_reported",
            "Ikke indberettet Sidst: gul, januar 2022",
            "Indsendt; afventer projektejers godkendelse.",
        ),
        (
            "P-050",
            "not_reported",
            "Ikke indberettet Sidst: grøn, januar 2022",
            "Returneret af projektejer til projektleder.",
        ),
        ("P-032", "not_reported", "Ikke indberettet Sidst: gul, januar 2022", "Status mangler fra projektleder."),
        ("P-039", "not_assessed", "Endnu ikke vurderet", "Ny på listen; endnu ikke indberettet."),
    ],
    ids=["draft", "submitted", "returned", "nothing", "new"],
)
@one_database
def test_no_colour_is_carried_over_and_what_is_missing_says_why(
    board: TestClient, number: str, mark: str, status: str, text: str
) -> None:
    """A draft, a submitted and a returned status have a colour or a text in them; none of it shows."""
    row = rows(board.get(PAGE))[number]
    assert cell(row, 1) == status
    assert [span.get("class") for span in row.all("td")[0].all("span") if "rag" in span.get("class").split()] == [
        f"rag rag--{mark}"
    ]
    assert cell(row, 2).endswith("Ingen tendens")
    assert cell(row, 3) == text
    assert cell(row, 6) == "Ikke godkendt"


@one_database
def test_a_finished_project_has_a_mark_of_its_own(board: TestClient, database: Engine) -> None:
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == "P-032")).one()  # without a report in June
        project.phase = Phase.finished
        session.commit()
    answer = board.get(PAGE)
    row = rows(answer)["P-032"]
    assert cell(row, 1) == "Afsluttet Sidst: gul, januar 2022"
    assert cell(row, 3) == "Projektet er afsluttet og indberettes ikke."
    assert tiles(answer)[1].startswith("11 Gul")
    assert tiles(answer)[3].startswith("5 Ikke indberettet")


def test_red_yellow_and_green_are_colours_and_no_other_mark_is() -> None:
    assert [mark for mark in Mark if mark.is_colour] == [Mark.red, Mark.yellow, Mark.green]
    assert {mark.value for mark in Mark if mark.is_colour} == {colour.value for colour in Colour}


@one_database
def test_the_trend_follows_the_last_two_rounds_and_counts_the_rounds_in_a_colour(board: TestClient) -> None:
    """The last six letters: nf_blaakilde YYRRRR, dt_ky ---YYR, sundhedshus GYYYYG, nyt_fokus YYYYYY, frie_bymidter
    -----G, nf_campus GGGGGG, uta GGGGYx.
    """
    found = rows(board.get(PAGE))
    assert {number: cell(found[number], 2).rpartition("juni 2022: ")[2] for number in TRENDS} == TRENDS
    assert cell(found["P-007"], 2).startswith(
        "januar 2020: Gul juni 2020: Gul januar 2021: Rød juni 2021: Rød januar 2022: Rød juni 2022: Rød"
    )
    assert cell(found["P-029"], 2).startswith("januar 2020: Ikke på listen juni 2020: Ikke på listen")


TRENDS = {
    "P-007": "Rød Uændret · 4. runde",
    "P-043": "Rød Værre",
    "P-036": "Grøn Bedre",
    "P-001": "Gul Uændret · 6. runde",
    "P-029": "Grøn Ny på listen",
    "P-013": "Grøn Uændret",
    "P-032": "Ikke indberettet Ingen tendens",
}


@one_database
def test_a_programme_keeps_its_own_colour_and_shows_how_many_below_it_are_red(board: TestClient) -> None:
    found = rows(board.get(PAGE))
    assert cell(found["P-001"], 1) == "Gul Underliggende: 2 af 14 røde"
    assert cell(found["P-040"], 1) == "Grøn Underliggende: 1 af 4 røde"
    assert cell(found["P-026"], 1) == "Grøn"
    page = main(board.get("/projects/P-001"))
    below = next(section for section in page.all("section") if section.get("id") == "programme")
    assert "Indberettet farve: Gul · den værste underliggende: Rød · 2 af 14 underliggende er røde" in below.text
    assert "Indsatsområde 1: Byomdannelse" in below.text
    page = main(board.get("/projects/P-037"))
    below = next(section for section in page.all("section") if section.get("id") == "programme")
    assert "den værste underliggende: Gul · 0 af 1 underliggende er røde" in below.text


FILTERED = {
    # a unit's alias: responsible for P-034, taking part in the others
    "q=SUOC": "P-001 P-002 P-034 P-036 P-037 P-040 P-041 P-044",
    # an alias of projects, however it is spelled
    "q=Taastrupgaard": "P-005 P-012 P-017",
    "q=taastrupgård": "P-005 P-012 P-017",
    "q=TAASTRUPGÅRD+byomdannelse": "",
    "q=16/13808": "P-001 P-002 P-005 P-006 P-007 P-011",
    "q=p-007": "P-007",
    "q=Camilla": "P-005 P-006 P-029",
    "q=camilla+helhedsplaner": "P-005",
    "q=ulla+fjord": "P-043",
    "q=bygherre": "",
    "q=100%25": "",
    "q=_": "",
    "theme=boern-unge-og-laering": "P-030 P-031 P-032 P-033",
    "theme=findes-ikke": "",
    "unit=ISC": "P-012 P-013 P-030 P-033",
    "unit=ØDC": "P-052",
    "colour=red": "P-007 P-011 P-028 P-037 P-043",
    "colour=not_reported": "P-005 P-008 P-018 P-032 P-049 P-050",
    "colour=not_assessed": "P-039",
    "colour=amber": "",
    "owner=6": "P-005 P-006 P-007 P-008",
    "owner=hanne": "",
    "kind=programme": "P-001 P-026 P-027",
    "kind=strategy": "P-044 P-048 P-049",
    "kind=programme&colour=green": "P-026",
    "theme=digitalisering&owner=7&colour=green": "P-040 P-041",
    "q=monopolbrud&kind=sub_project&unit=BAC&colour=red&owner=5&theme=digitalisering": "P-043",
    "q=&theme=&unit=BAC&colour=&owner=&kind=": "P-035 P-043",
}


def test_every_filter_narrows_the_table_and_the_address_says_what_is_shown(board: TestClient) -> None:
    for query, numbers in FILTERED.items():
        answer = board.get(f"{PAGE}?{query}")
        assert list(rows(answer)) == numbers.split(), query
        shown = next(line for line in named(main(answer), "projects").all("p") if line.get("class") == "filter__result")
        assert shown.text.startswith(f"Viser {len(numbers.split())} af 38 projekter."), query
    page = main(board.get(f"{PAGE}?q=ingen+som+helst"))
    assert "Ingen projekter passer. Prøv færre ord, eller ryd filtrene." in named(page, "projects").text


@one_database
def test_the_filters_offer_only_what_stands_on_the_list_and_remember_what_was_chosen(board: TestClient) -> None:
    page = main(board.get(f"{PAGE}?q=plan&unit=BURC&owner=6"))
    chosen = {
        select.get("name"): [option.get("value") for option in select.all("option") if "selected" in option.attributes]
        for select in page.all("select")
    }
    assert chosen == {"theme": [], "unit": ["BURC"], "owner": ["6"], "kind": [], "colour": []}
    assert next(field for field in page.all("input") if field.get("name") == "q").get("value") == "plan"
    options = {select.get("name"): [o.text for o in select.all("option")][1:] for select in page.all("select")}
    assert options["unit"] == ["BAC", "BURC", "BYC", "FKC", "ISC", "SHC", "SOUC", "UC", "ØDC"]
    assert "Opgave" not in options["kind"]
    assert options["colour"] == [str(mark) for mark in Mark if mark is not Mark.absent]
    assert options["owner"][-1] == "Ulla Fjord"
    assert page.text.count("Line Thorup") == 0  # owns nothing
    export = next(link for link in page.all("a") if "data-follows-filter" in link.attributes)
    assert export.get("href") == "/portfolios/direktionen/export.xlsx?q=plan&unit=BURC&owner=6"


@one_database
def test_htmx_gets_the_table_alone_with_the_same_rows_as_the_whole_page(board: TestClient) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#projects"}
    for query in ("", "?colour=red", "?q=ingen+som+helst"):
        part, whole = board.get(f"{PAGE}{query}", headers=headers), board.get(f"{PAGE}{query}")
        assert not read_page(part.text).all("html", "h1", "main")
        assert named(read_page(part.text), "projects").text == named(read_page(whole.text), "projects").text


@one_database
def test_a_hundred_more_projects_take_no_more_queries(board: TestClient, database: Engine, queries: Queries) -> None:
    board.get(PAGE)
    with queries() as few:
        board.get(PAGE)
    with Session(database) as session:
        small = SmallList(session, session.exec(select(Portfolio)).one())
        for n in range(100):
            project = small.project(f"Projekt {n}", leader_id=1 + n % 40, owner_id=1 + n % 13, parent_id=1 + n % 20)
            small.report(project, "2022-01", Colour.yellow, "Som ventet.")
            small.report(project, "2022-06", Colour.green, "Det går bedre.", {Dimension.effect: Colour.green})
            small.late(project)
            small.target(project, measured=10)
        session.commit()
    with queries() as many:
        answer = board.get(PAGE)
    assert len(rows(answer)) == 138
    assert len(many) == len(few)
    assert len(few) < 20


# ---------------------------------------------------------------------------------------------- facts built in the test

ROUNDS = ("2021-01", "2021-06", "2022-01", "2022-06")


@dataclass
class SmallList:
    """A list where nothing is but what a test says: reports, milestones and targets of projects of its own."""

    session: Session
    portfolio: Portfolio
    rounds: dict[str, ReportingRound] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = self.session.exec(select(ReportingRound).where(ReportingRound.portfolio_id == self.portfolio.pk))
        self.rounds = {each.key: each for each in known}
        theme = self.session.exec(select(Theme).where(Theme.portfolio_id == self.portfolio.pk)).first()
        self.theme_id = theme.pk if theme else self._add(Theme, name="Et tema", position=1).pk
        self.count = self.session.exec(select(func.max(Project.sequence))).one() or 0

    @classmethod
    def empty(cls, session: Session) -> "SmallList":
        portfolio = Portfolio(slug="lille", name="En lille liste", case_number="22/1", owner_body="Direktionen")
        session.add(portfolio)
        session.flush()
        return cls(session, portfolio)

    def with_rounds(self, *keys: str) -> "SmallList":
        for key in keys:
            day = date(int(key[:4]), int(key[5:]), 20)
            self.rounds[key] = self._add(
                ReportingRound,
                key=key,
                name=key,
                as_of=day,
                opens_on=day,
                leader_deadline_on=day,
                owner_deadline_on=day,
                state=RoundState.open if key == keys[-1] else RoundState.frozen,
            )
        return self

    def project(self, title: str = "Et projekt", **more: Any) -> Project:
        self.count += 1
        facts = {"theme_id": self.theme_id, "series": "P", "sequence": self.count, "phase": Phase.execution} | more
        project: Project = self._add(Project, title=title, number=f"P-{self.count:03d}", **facts)
        self.session.add(Placement(project_id=project.pk, no=1, from_on=date(2021, 1, 4), decision_in="Direktionen"))
        return project

    def report(
        self,
        project: Project,
        key: str,
        colour: Colour | None,
        summary: str = "",
        judged: dict[Dimension, Colour | None] | None = None,
        state: ReportState = ReportState.approved,
    ) -> Report:
        said = [
            Assessment(report_id=0, dimension=dimension, colour=judgement, comment="Fordi.")
            for dimension, judgement in (judged or {}).items()
        ]
        report = Report(
            project_id=project.pk,
            round_id=self.rounds[key].pk,
            state=state,
            colour=colour,
            summary=summary,
            assessments=said,
        )
        if report.counts:
            report.approved_at = datetime(2022, 6, 3, 12, tzinfo=UTC)
        self.session.add(report)
        return report

    def late(self, project: Project, due_on: date = date(2022, 5, 14), **more: Any) -> None:
        facts: dict[str, Any] = {"text": "Licitation", "no": 1, "due_on": due_on, "baseline_on": due_on} | more
        self.session.add(Milestone(project_id=project.pk, **facts))

    def task(self, project: Project, due_on: date, *, closed: bool = False, **more: Any) -> Decision:
        """Given by a decision on an item of a meeting in May."""
        meeting = a_meeting(self.session, date(2022, 5, 2), self.portfolio.pk)
        item = AgendaItem(meeting_id=meeting.pk, no=1, title="Et punkt", closed=closed)
        self.session.add(item)
        self.session.flush()
        decision = a_decision(self.session, meeting, project_id=project.pk, agenda_item_id=item.pk)
        a_task(self.session, decision, meeting, due_on, **more)
        return decision

    def target(self, project: Project, *, measured: float | None = None, **more: Any) -> None:
        """From 0 to 100 in the whole of 2022: 152 of its 365 days have passed on 1 June."""
        facts: dict[str, Any] = {"no": 1, "name": "Målet", "unit_of_measure": "procent"}
        facts |= {"baseline_value": 0.0, "baseline_on": date(2021, 12, 31)}
        facts |= {"target_value": 100.0, "target_on": date(2022, 12, 31)}
        target = EffectTarget(project_id=project.pk, **(facts | more))
        if measured is not None:
            day = date(2022, 6, 1)
            figure = Measurement(effect_target_id=0, no=1, measured_on=day, value=measured, source="Optælling")
            target.measurements = [figure]
        self.session.add(target)

    def row(self, project: Project) -> OverviewRow:
        self.session.flush()
        overview = build_overview(self.session, self.portfolio, Filters(), today())
        return next(row for group in overview.groups for row in group.rows if row.number == project.number)

    def signals(self, project: Project) -> list[str]:
        return [signal.kind.value for signal in self.row(project).signals]

    def _add(self, kind: type[Any], **facts: Any) -> Any:
        row = kind(portfolio_id=self.portfolio.pk, **facts)
        self.session.add(row)
        self.session.flush()
        return row


@pytest.fixture
def small(database: Engine) -> Iterator[SmallList]:
    with Session(database) as session:
        yield SmallList.empty(session).with_rounds(*ROUNDS)


GREEN, YELLOW, RED = Colour.green, Colour.yellow, Colour.red


@one_database
def test_a_project_that_is_as_it_should_be_raises_no_signal(small: SmallList) -> None:
    project = small.project(owner_id=1, leader_id=2)
    small.target(project, measured=45)
    small.late(project, date(2022, 7, 1))
    small.report(project, "2022-01", GREEN, "Udbuddet er sendt ud.")
    small.report(project, "2022-06", GREEN, "Leverandøren er valgt.", dict.fromkeys(Dimension, GREEN))
    assert small.signals(project) == []


@one_database
def test_better_than_suggested_is_better_than_the_worst_dimension(small: SmallList) -> None:
    for reported, worst, fires in [
        (GREEN, YELLOW, True),
        (YELLOW, RED, True),
        (GREEN, GREEN, False),
        (YELLOW, GREEN, False),
        (RED, RED, False),
        (GREEN, None, False),  # nothing is judged: nothing is suggested
    ]:
        project = small.project()
        small.report(
            project, "2022-06", reported, "Tekst.", {Dimension.time: GREEN if worst else None, Dimension.economy: worst}
        )
        assert small.signals(project) == (["W1"] if fires else []), (reported, worst)


@one_database
def test_a_milestone_is_overdue_when_its_whole_period_has_passed_and_nothing_came_of_it(small: SmallList) -> None:
    cases: list[tuple[Colour, dict[str, Any], int]] = [
        (GREEN, {"due_on": date(2022, 6, 12)}, 1),
        (GREEN, {"due_on": date(2022, 6, 13)}, 0),
        (GREEN, {"due_on": date(2022, 5, 1), "precision": Precision.month}, 13),
        (GREEN, {"due_on": date(2022, 6, 1), "precision": Precision.month}, 0),
        (GREEN, {"due_on": date(2022, 1, 1), "precision": Precision.half}, 0),
        (GREEN, {"due_on": date(2022, 5, 14), "done_on": date(2022, 6, 13)}, 0),
        (GREEN, {"due_on": date(2022, 5, 14), "dropped_on": date(2022, 6, 1), "dropped_reason": "Udgik."}, 0),
        (YELLOW, {"due_on": date(2022, 5, 14)}, 0),
        (RED, {"due_on": date(2022, 5, 14)}, 0),
    ]
    for colour, facts, days in cases:
        project = small.project()
        small.late(project, **facts)
        small.report(project, "2022-06", colour, "Tekst.")
        signals = small.row(project).signals
        assert [str(signal) for signal in signals] == ([f"»Licitation« er {days} dage over frist"] if days else []), (
            facts
        )


@one_database
def test_of_several_overdue_milestones_the_latest_is_named(small: SmallList) -> None:
    project = small.project()
    small.late(project, date(2022, 6, 1), text="Rejsegilde", no=1)
    small.late(project, date(2022, 5, 4), text="Licitation", no=2)
    small.report(project, "2022-06", GREEN, "Tekst.")
    assert [str(signal) for signal in small.row(project).signals] == ["»Licitation« er 40 dage over frist"]


@one_database
def test_an_effect_is_behind_its_path_below_eight_tenths_of_it(small: SmallList) -> None:
    """On 1 June 41.64 is expected: 33.3 is 80 per cent of it."""
    cases: list[tuple[Colour, float | None, dict[str, Any], str]] = [
        (GREEN, 20.0, {}, "»Målet« er på 48 pct. af forventet sti"),
        (GREEN, 33.0, {}, "»Målet« er på 79 pct. af forventet sti"),
        (GREEN, 33.4, {}, ""),
        (GREEN, 20.0, {"withdrawn": True}, ""),
        (GREEN, 20.0, {"baseline_value": None}, ""),
        (GREEN, None, {}, ""),
        (YELLOW, 20.0, {}, ""),
    ]
    for colour, measured, facts, said in cases:
        project = small.project()
        small.target(project, measured=measured, **facts)
        small.report(project, "2022-06", colour, "Tekst.")
        assert [str(signal) for signal in small.row(project).signals] == ([said] if said else []), (measured, facts)


@one_database
def test_the_same_text_is_nine_tenths_alike_in_two_rounds_in_a_row(small: SmallList) -> None:
    text = "Arbejdet følger planen, og de næste skridt er aftalt med de berørte centre."
    for before, now, fires in [
        (text, text, True),
        (text, text.replace("berørte", "relevante"), True),
        (text, "Leverandøren er valgt, og kontrakten er underskrevet i maj.", False),
        ("", "", False),
        ("", text, False),
    ]:
        project = small.project()
        small.report(project, "2022-01", GREEN, before)
        small.report(project, "2022-06", YELLOW, now)
        assert small.signals(project) == (["W5"] if fires else []), now
    project = small.project()
    small.report(project, "2021-06", GREEN, text)  # a year ago
    small.report(project, "2022-06", GREEN, text)
    assert small.signals(project) == []


@one_database
def test_green_on_effect_needs_a_target_with_baseline_figure_and_date(small: SmallList) -> None:
    cases: list[tuple[Colour | None, dict[str, Any] | None, bool]] = [
        (GREEN, None, True),
        (GREEN, {"baseline_value": None}, True),
        (GREEN, {"target_value": None}, True),
        (GREEN, {"target_on": None}, True),
        (GREEN, {"withdrawn": True}, True),
        (GREEN, {}, False),
        (YELLOW, None, False),
        (None, None, False),
    ]
    for effect, facts, fires in cases:
        project = small.project()
        if facts is not None:
            small.target(project, **facts)
        small.report(project, "2022-06", YELLOW, "Tekst.", {Dimension.time: YELLOW, Dimension.effect: effect})
        assert small.signals(project) == (["W6"] if fires else []), (effect, facts)


@one_database
def test_leader_and_owner_in_one_person_is_a_signal_and_nobody_at_all_is_not(small: SmallList) -> None:
    for owner_id, leader_id, fires in [(1, 1, True), (1, 2, False), (None, None, False), (None, 1, False)]:
        project = small.project(owner_id=owner_id, leader_id=leader_id)
        small.report(project, "2022-06", RED, "Tekst.")
        assert small.signals(project) == (["W9"] if fires else []), (owner_id, leader_id)


@one_database
def test_w8_an_open_task_from_a_decision_is_overdue_while_green(small: SmallList) -> None:
    cases: list[tuple[Colour, date, dict[str, Any], bool]] = [
        (GREEN, date(2022, 6, 12), {}, True),
        (GREEN, date(2022, 6, 13), {}, False),
        (Colour.yellow, date(2022, 6, 12), {}, False),
        (GREEN, date(2022, 6, 1), {"state": TaskState.done, "ended_on": date(2022, 6, 13)}, False),
        (GREEN, date(2022, 6, 1), {"state": TaskState.done, "ended_on": date(2022, 6, 14)}, True),
    ]
    for colour, due_on, more, fires in cases:
        project = small.project()
        small.report(project, "2022-06", colour)
        small.task(project, due_on, **more)
        assert small.signals(project) == (["W8"] if fires else []), (colour, due_on, more)


@one_database
def test_w8_says_nothing_of_a_decision_that_was_annulled_or_of_a_closed_item(small: SmallList) -> None:
    for closed, annulled_at, fires in [
        (False, None, True),
        (True, None, False),
        (False, datetime(2022, 6, 2, tzinfo=UTC), False),
    ]:
        project = small.project()
        small.report(project, "2022-06", GREEN)
        decision = small.task(project, date(2022, 6, 1), closed=closed)
        decision.annulled_at = annulled_at
        small.session.flush()
        assert small.signals(project) == (["W8"] if fires else []), (closed, annulled_at)


@one_database
def test_a_status_that_nobody_has_approved_raises_no_signal(small: SmallList) -> None:
    for state in (ReportState.draft, ReportState.submitted, ReportState.returned):
        project = small.project(owner_id=1, leader_id=1)
        small.late(project)
        small.report(project, "2022-01", GREEN, "Samme tekst.")
        small.report(project, "2022-06", GREEN, "Samme tekst.", {Dimension.effect: GREEN}, state)
        assert small.signals(project) == [], state


@one_database
def test_a_signal_names_its_facts_on_the_page_and_changes_no_colour(board: TestClient, small: SmallList) -> None:
    project = small.project(owner_id=1, leader_id=1)
    small.late(project)
    small.report(project, "2022-06", GREEN, "Alt går godt.", {Dimension.effect: GREEN, Dimension.time: YELLOW})
    small.session.commit()
    row = rows(board.get("/portfolios/lille/overview"))[project.number]
    assert cell(row, 1) == "Grøn"
    assert cell(row, 3) == (
        "Alt går godt. Bør efterprøves (4) Meldt ét trin bedre end foreslået »Licitation« er 30 dage over frist "
        "Grøn på effekt, men intet målbart effektmål Leder og ejer er samme person"
    )
    assert {kind.value for kind in SignalKind} == {"W1", "W2", "W3", "W5", "W6", "W8", "W9"}


@one_database
def test_the_trend_compares_with_the_round_before_and_says_nothing_where_there_was_no_colour(small: SmallList) -> None:
    for letters, trend, in_a_row in [
        ("G", Trend.new, 1),
        ("GG", Trend.same, 2),
        ("YG", Trend.better, 1),
        ("GY", Trend.worse, 1),
        ("RY", Trend.better, 1),
        ("YRR", Trend.same, 2),
        ("RGRR", Trend.same, 2),
        ("RRRR", Trend.same, 4),
        ("GxG", None, 1),  # not reported in between
        ("G-G", None, 1),  # off the list in between
        ("RRx", None, 0),
        ("x", None, 0),
    ]:
        project = small.project()
        for key, letter in zip(ROUNDS[-len(letters) :], letters, strict=True):
            colour = {"R": RED, "Y": YELLOW, "G": GREEN}.get(letter)
            if letter != "-":
                approved = ReportState.approved if key == ROUNDS[-1] else ReportState.frozen
                state = approved if colour else ReportState.not_reported
                small.report(project, key, colour, f"{letter} i {key}.", state=state)
        row = small.row(project)
        assert (row.trend, row.rounds_in_colour) == (trend, in_a_row), letters


@one_database
def test_the_worst_colour_below_a_programme_reaches_it_from_every_level(small: SmallList) -> None:
    programme = small.project("Program")
    area = small.project("Indsatsområde", parent_id=programme.pk)
    below = [small.project(f"Projekt {n}", parent_id=area.pk) for n in range(3)]
    for project, colour in zip([programme, area, *below], [GREEN, GREEN, GREEN, YELLOW, None], strict=True):
        if colour:
            small.report(project, "2022-06", colour, "Tekst.")
    row = small.row(programme)
    assert (row.mark, row.worst_child, row.red_children, row.children) == (Mark.green, YELLOW, 0, 4)
    small.report(below[2], "2022-06", RED, "Tekst.")
    for above, children in ((programme, 4), (area, 3)):
        row = small.row(above)
        assert (row.mark, row.worst_child, row.red_children, row.children) == (Mark.green, RED, 1, children)
    assert small.row(below[0]).worst_child is None


@one_database
def test_a_project_is_on_the_list_from_the_day_it_is_placed_until_the_day_it_leaves(small: SmallList) -> None:
    for from_on, to_on, listed in [
        (date(2022, 6, 13), None, True),
        (date(2022, 6, 14), None, False),
        (date(2022, 1, 1), date(2022, 6, 14), True),
        (date(2022, 1, 1), date(2022, 6, 13), False),
    ]:
        project = small.project()
        placement = small.session.exec(select(Placement).where(Placement.project_id == project.pk)).one()
        placement.from_on, placement.to_on = from_on, to_on
        small.session.flush()
        overview = build_overview(small.session, small.portfolio, Filters(), today())
        on_list = {row.number for group in overview.groups for row in group.rows}
        assert (project.number in on_list) is listed, (from_on, to_on)


@one_database
def test_a_list_before_its_first_round_has_no_colour_no_trend_and_no_change(
    database: Engine, board: TestClient
) -> None:
    with Session(database) as session:
        small = SmallList.empty(session)
        number = small.project().number
        session.commit()
    answer = board.get("/portfolios/lille/overview")
    assert tiles(answer) == ["0 Rød", "0 Gul", "0 Grøn", "0 Ikke indberettet", "1 projekt på listen"]
    row = rows(answer)[number]
    assert cell(row, 1) == "Endnu ikke vurderet"
    assert cell(row, 4) == "Mangler Leder: Mangler"
    assert cell(row, 5) == "Mangler"


@one_database
def test_an_empty_list_says_what_brings_a_project_onto_it(database: Engine, board: TestClient) -> None:
    with Session(database) as session:
        SmallList.empty(session).with_rounds(*ROUNDS)
        session.commit()
    page = main(board.get("/portfolios/lille/overview"))
    assert "Der er ingen projekter på listen endnu" in page.text
    assert not page.all("table", "form")
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#projects"}
    assert board.get("/portfolios/lille/overview", headers=headers).status_code == 200


@one_database
def test_the_colour_and_the_people_are_found_by_whoever_looks_for_them(database: Engine) -> None:
    """The same columns as on the page, as the API and the workbook read them: sorted, and each project once."""
    with Session(database) as session:
        portfolio = session.exec(select(Portfolio)).one()
        overview = build_overview(session, portfolio, Filters(), today())
        people = set(session.exec(select(Person.name)))
    found = [row for group in overview.groups for row in group.rows]
    assert all(one.number < other.number for one, other in pairwise(found) if one.number[0] == other.number[0])
    assert {row.owner for row in found} | {row.leader for row in found} - {""} <= people
    assert sum(tile.count for tile in overview.tiles) == overview.total - 1  # one has never been assessed
