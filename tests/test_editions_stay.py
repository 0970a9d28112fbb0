"""Whatever is changed today, every old edition stays as it was: a property, tried with many sequences of edits."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from app.models import (
    Benchmark,
    Body,
    EffectTarget,
    KeyPersons,
    Measurement,
    Milestone,
    Person,
    Placement,
    Portfolio,
    Project,
    Report,
    ReportingRound,
    Seat,
    SuccessCriterion,
    TargetVersion,
    Theme,
    Unit,
)
from app.models.assessment import Colour
from app.models.edition import editions_of
from app.models.report import ReportState
from app.models.reporting_round import RoundState, round_under_way, suggested_round
from app.models.round_opening import open_round
from app.settings import today
from app.tabs.edition import broken, burden_of, effects_of, freeze, overview_of
from app.tabs.filters import Filters
from tests.conftest import one_database

EDITED: list[type[SQLModel]] = [
    Portfolio,
    Theme,
    Unit,
    Person,
    Project,
    Placement,
    Milestone,
    KeyPersons,
    Body,
    Seat,
    EffectTarget,
    Measurement,
    TargetVersion,
    Benchmark,
    SuccessCriterion,
]
"""Everything that a tab is made of, beside the reports, which are written and approved below."""

KEPT = {"id", "version", "slug", "portfolio_id"}
COLUMNS = [
    column
    for model in EDITED
    for column in sa.inspect(model).local_table.columns
    if column.name not in KEPT and not (column.name == "number" or column.computed)
]
"""Every column of these that can hold something else tomorrow, also whose leader, body or theme it is."""


@dataclass(frozen=True)
class Edit:
    """Another value in one column: of all rows, or of every third."""

    column: sa.Column[Any]
    value: Any
    third: int | None

    def __str__(self) -> str:
        return f"{self.column} = {self.value!r}"

    def make(self, session: Session) -> None:
        """Makes the edit; one that the database's own rules refuse is not made."""
        table = self.column.table
        rows = table.c.id % 3 == self.third if self.third is not None else sa.true()
        try:
            with session.begin_nested():
                session.connection().execute(table.update().where(rows).values({self.column.name: self.value}))
        except sa.exc.IntegrityError:
            pass
        session.expire_all()


@dataclass(frozen=True)
class Round:
    """The round under way is frozen with these colours, and the next one is opened."""

    colours: tuple[Colour | None, ...]

    def make(self, session: Session) -> None:
        current = round_under_way(session, 1)
        assert current is not None
        reports = session.exec(select(Report).where(Report.round_id == current.pk).order_by(sa.text("id")))
        for report, colour in zip(reports, self.colours * 20, strict=False):
            report.colour, report.summary = colour, "Skrevet om"
            report.state = ReportState.approved if colour else ReportState.submitted
        current.state = RoundState.closed_for_leaders
        freeze(session, None, current, today())
        form = suggested_round(current.as_of, current.as_of)
        following = ReportingRound(**form.model_dump(), portfolio_id=1)
        session.add(following)
        session.flush()
        open_round(session, None, following, today())


def _values(column: sa.Column[Any]) -> st.SearchStrategy[Any]:
    """Other values of a column's type."""
    kind = column.type
    if isinstance(kind, sa.Enum):
        found: st.SearchStrategy[Any] = st.sampled_from(list(kind.enum_class or [StrEnum]))
    elif column.name == "waypoints":
        found = st.sampled_from([[], ["31-12-2022: 60", "31-12-2023: 90"]])
    elif isinstance(kind, sa.JSON):
        found = st.sampled_from([[], ["Et andet ord"]])
    elif isinstance(kind, sa.Boolean):
        found = st.booleans()
    elif isinstance(kind, sa.Date):
        found = st.dates(date(2014, 1, 1), date(2030, 1, 1))
    elif kind.python_type in (int, float):
        found = st.integers(1, 12)
    elif isinstance(kind, sa.String):
        found = st.sampled_from(["", "Æble", "Et helt andet navn", "<b>x</b>"])
    else:
        found = st.just(datetime(2022, 6, 13, tzinfo=UTC))
    return st.none() | found if column.nullable else found


EDITS = st.sampled_from(COLUMNS).flatmap(
    lambda column: st.builds(Edit, st.just(column), _values(column), st.none() | st.integers(0, 2))
)
ROUNDS = st.builds(Round, st.lists(st.none() | st.sampled_from(list(Colour)), min_size=1, max_size=5).map(tuple))


def tabs(session: Session, key: str) -> list[str]:
    """The edition's three tabs as the API gives them."""
    portfolio = session.exec(select(Portfolio)).one()
    filters = Filters(round=key)
    return [tab(session, portfolio, filters).model_dump_json() for tab in (overview_of, burden_of, effects_of)]


def test_every_column_that_a_tab_is_made_of_is_edited() -> None:
    named = {f"{column.table.name}.{column.name}" for column in COLUMNS}
    assert {
        "person.name",
        "body.name",
        "project.title",
        "project.owner_id",
        "project.theme_id",
        "theme.name",
        "unit.code",
        "seat.person_id",
        "key_persons.count",
        "effect_target.target_value",
        "measurement.value",
        "milestone.due_on",
        "placement.to_on",
    } <= named


@one_database
@settings(
    max_examples=20,
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(EDITS, min_size=3, max_size=10), st.none() | ROUNDS, st.lists(EDITS, max_size=5))
def test_an_old_edition_stays_whatever_is_changed_today(
    database: Engine, edits: list[Edit], a_round: Round | None, more: list[Edit]
) -> None:
    with Session(database) as session:
        kept = [(each.round_id, each.content, each.sha256) for each in editions_of(session, 1)]
        before = tabs(session, "2022-01")
        for step in (*edits, a_round, *more):
            if step:
                step.make(session)
        session.flush()
        session.expire_all()
        assert tabs(session, "2022-01") == before
        assert [(each.round_id, each.content, each.sha256) for each in editions_of(session, 1)][: len(kept)] == kept
        assert broken(session) == []
        session.rollback()


@one_database
def test_the_property_sees_a_tab_that_would_change(database: Engine) -> None:
    """The same edits do change the list of today: the comparison is able to fail."""
    with Session(database) as session:
        before, edition = tabs(session, ""), tabs(session, "2022-01")
        title = next(column for column in COLUMNS if str(column) == "project.title")
        Edit(title, "Et helt andet navn", None).make(session)
        after = tabs(session, "")
        assert all(one != other for one, other in zip(before[:2], after[:2], strict=True))
        assert tabs(session, "2022-01") == edition
