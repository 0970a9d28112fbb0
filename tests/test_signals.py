"""Evidence signals: what makes each of them speak, and what does not (domain.md 4D)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import selectinload
from sqlmodel import Session, col, select

from app.i18n import gettext
from app.models import Milestone, Project, Report, ReportingRound, User
from app.models.assessment import Colour, Dimension
from app.models.base import rel
from app.models.effect_target import NoShare
from app.models.signal import ReportFacts, Signal, SignalKind, same_text, signals_of, stands_first
from tests.conftest import SignIn, one_database
from tests.page import read_page

GREEN, YELLOW, RED = Colour.green, Colour.yellow, Colour.red
SENT = datetime(2022, 6, 7, 8, tzinfo=UTC)
TEXT = "Arbejdet følger planen, og de næste skridt er aftalt med de berørte centre."

QUIET = ReportFacts(
    colour=GREEN,
    colours=dict.fromkeys(Dimension, GREEN),
    summary=TEXT,
    summary_before="Leverandøren er valgt, og kontrakten er underskrevet i maj.",
    shares=[("Målet", 1.0)],
    submitted_at=SENT,
    approved_at=SENT + timedelta(days=2),
)
"""A green report that nothing speaks against."""


def kinds(facts: ReportFacts) -> list[str]:
    return [signal.kind.value for signal in signals_of(facts)]


def said(facts: ReportFacts) -> list[str]:
    return [str(signal) for signal in signals_of(facts)]


def test_a_report_that_nothing_speaks_against_raises_no_signal() -> None:
    assert signals_of(QUIET) == []


@pytest.mark.parametrize(
    ("changed", "fires"),
    [
        ({"colours": {Dimension.time: YELLOW, Dimension.effect: None}}, ["W1"]),
        ({"colour": YELLOW, "colours": {Dimension.time: RED}}, ["W1"]),
        ({"colour": YELLOW, "colours": {Dimension.time: YELLOW}}, []),
        ({"colour": RED, "colours": {Dimension.time: YELLOW}}, []),
        ({"colours": {}}, []),
        ({"late": ("Licitation", 1)}, ["W2"]),
        ({"late": ("Licitation", 1), "colour": YELLOW}, []),
        ({"days_moved": 90}, ["W2"]),
        ({"days_moved": 89}, []),
        ({"days_moved": 400, "colour": YELLOW}, []),
        ({"late": ("Licitation", 1), "days_moved": 90}, ["W2"]),
        ({"shares": [("Målet", 0.79)]}, ["W3"]),
        ({"shares": [("Målet", 0.8)]}, []),
        ({"shares": [("Målet", 0.2), ("Et andet", 0.1)]}, ["W3"]),
        ({"shares": [("Målet", 0.2)], "colour": YELLOW}, []),
        ({"shares": [("Målet", NoShare.not_measured)]}, []),
        ({"summary_before": TEXT}, ["W5"]),
        ({"summary_before": TEXT.replace("berørte", "relevante")}, ["W5"]),
        ({"summary_before": TEXT, "colour": RED}, ["W5"]),
        ({"summary": "", "summary_before": ""}, []),
        ({"shares": []}, ["W6"]),
        ({"shares": [("Målet", NoShare.no_baseline), ("Et andet", NoShare.no_number)]}, ["W6"]),
        ({"shares": [("Målet", NoShare.no_date), ("Et andet", NoShare.not_due)]}, []),
        ({"shares": [], "colours": {Dimension.effect: None}}, []),
        ({"late_task": ("Evaluering", 1616)}, ["W8"]),
        ({"late_task": ("Evaluering", 1616), "colour": YELLOW}, []),
        ({"one_person": True}, ["W9"]),
        ({"approved_at": SENT + timedelta(seconds=60)}, ["W9"]),
        ({"approved_at": SENT + timedelta(seconds=61)}, []),
        ({"approved_at": SENT - timedelta(seconds=1)}, []),
        ({"approved_at": None}, []),
        ({"submitted_at": None}, []),
        ({"one_person": True, "approved_at": SENT}, ["W9"]),
    ],
)
def test_what_makes_a_signal_speak(changed: dict[str, Any], fires: list[str]) -> None:
    assert kinds(replace(QUIET, **changed)) == fires


def test_each_kind_speaks_once_and_in_the_same_order() -> None:
    everything = replace(
        QUIET,
        colours={Dimension.time: YELLOW, Dimension.effect: GREEN},
        late=("Licitation", 40),
        days_moved=200,
        shares=[("Målet", 0.5), ("Et andet", 0.6)],
        summary_before=TEXT,
        late_task=("Evaluering", 3),
        one_person=True,
    )
    assert kinds(everything) == ["W1", "W2", "W3", "W5", "W8", "W9"]
    assert signals_of(everything) == signals_of(everything)


def test_a_signal_names_its_facts() -> None:
    assert said(replace(QUIET, late=("Licitation", 40), days_moved=200)) == [
        gettext("»%(milestone)s« is %(days)s days late") % {"milestone": "Licitation", "days": 40}
    ]
    assert said(replace(QUIET, days_moved=120)) == [
        gettext("The planned end has moved %(moved)s days in all") % {"moved": 120}
    ]
    assert said(replace(QUIET, shares=[("Målet", 0.796), ("Et andet", 0.43), ("Et tredje", 0.5)])) == [
        gettext("»%(target)s« is at %(share)s per cent of its path") % {"target": "Et andet", "share": 43}
    ]
    assert said(replace(QUIET, shares=[("Målet", 0.799)])) == [
        gettext("»%(target)s« is at %(share)s per cent of its path") % {"target": "Målet", "share": 79}
    ]
    assert said(replace(QUIET, late_task=("Evaluering", 1616))) == [
        gettext("»%(task)s« was ordered and is %(days)s days late") % {"task": "Evaluering", "days": 1616}
    ]
    assert said(replace(QUIET, approved_at=SENT + timedelta(seconds=12))) == [
        gettext("Approved %(seconds)s seconds after it was submitted") % {"seconds": 12}
    ]


def test_every_kind_has_a_number_of_its_own() -> None:
    """W4 and W7 need posts and benefits, which the list does not hold yet."""
    assert [kind.value for kind in SignalKind] == ["W1", "W2", "W3", "W5", "W6", "W8", "W9"]


def test_three_signals_stand_first() -> None:
    one = Signal(SignalKind.same_text)
    assert [stands_first([one] * count) for count in (0, 1, 2, 3, 4)] == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [(TEXT, TEXT, True), (TEXT, f"{TEXT} Ja.", True), (TEXT, TEXT[:40], False), ("", TEXT, False), ("", "", False)],
)
def test_the_same_text_is_nine_tenths_alike(before: str, now: str, same: bool) -> None:
    assert same_text(now, before) is same


@one_database
def test_three_signals_put_a_green_project_first_on_the_boards_page_and_change_no_colour(
    sign_in: SignIn, direktion: User, database: Engine
) -> None:
    address = "/portfolios/direktionen/overview"
    browser = sign_in(direktion)

    assert "P-029" not in words_before_the_projects(browser.get(address).text)
    with Session(database) as session:
        report = session.exec(
            select(Report)
            .join(Project, col(Project.id) == Report.project_id)
            .join(ReportingRound, col(ReportingRound.id) == Report.round_id)
            .where(Project.number == "P-029", ReportingRound.key == "2022-06")
            .options(selectinload(rel(Report.assessments)))
        ).one()
        report.approved_at = report.submitted_at
        for each in report.assessments:
            each.colour = YELLOW if each.dimension is Dimension.time else GREEN
        late = date(2022, 6, 1)
        session.add(Milestone(project_id=report.project_id, no=90, text="Licitation", due_on=late, baseline_on=late))
        session.commit()
    page = browser.get(address).text
    assert page.index('id="tested-first"') < page.index('id="projects"')
    for words in (
        "P-029",
        gettext("One step better than suggested"),
        gettext("»%(milestone)s« is %(days)s days late") % {"milestone": "Licitation", "days": 12},
        gettext("Green on effect, but no measurable target"),
        gettext("Approved %(seconds)s seconds after it was submitted") % {"seconds": 0},
        "Grøn",
    ):
        assert words in words_before_the_projects(page)


def words_before_the_projects(page: str) -> str:
    """What stands in the part of the page that comes before all projects; nothing when there is none."""
    return next((each.text for each in read_page(page) if each.get("id") == "tested-first"), "")
