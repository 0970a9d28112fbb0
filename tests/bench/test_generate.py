"""The synthetic list that the benchmarks run on."""

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner, Result

from app.__main__ import cli
from app.demo.generate import generate
from app.models import Portfolio, Theme
from app.settings import get_settings, today
from app.tabs.filters import Filters
from app.tabs.overview import Overview, build_overview
from tests.databases import House, fingerprint, upgrade


def made(house: House, projects: int) -> tuple[Overview, dict[str, int]]:
    with house.empty() as engine:
        upgrade(engine)
        with Session(engine) as session:
            generate(session, projects)
            session.commit()
            tab = build_overview(session, session.exec(select(Portfolio)).one(), Filters(), today())
        kept = fingerprint(engine)
        return tab, {name: kept[name] for name in ("project", "report", "assessment", "seat", "measurement")}


def test_as_many_projects_as_asked_for_stand_on_the_list(house: House) -> None:
    tab, _kept = made(house, 60)
    assert tab.total == 60
    assert {tile.mark.value for tile in tab.tiles if tile.count} >= {"red", "yellow", "green"}


def test_the_same_list_comes_every_time(sqlite: House) -> None:
    assert made(sqlite, 30) == made(sqlite, 30)


def test_what_is_added_later_gets_a_key_of_its_own(house: House) -> None:
    with house.empty() as engine:
        upgrade(engine)
        with Session(engine) as session:
            generate(session, 10)
            theme = Theme(portfolio_id=1, name="Nyt tema", position=99)
            session.add(theme)
            session.flush()
            assert theme.pk == len(session.exec(select(Theme)).all())


@pytest.mark.parametrize(("environment", "said"), [("production", "refused"), ("development", "already holds a list")])
def test_it_is_refused_in_production_and_where_there_is_a_list(
    sqlite: House, monkeypatch: pytest.MonkeyPatch, environment: str, said: str
) -> None:
    def run(environment: str) -> Result:
        monkeypatch.setenv("ENVIRONMENT", environment)
        get_settings.cache_clear()
        return CliRunner().invoke(cli, ["generate", "--projects", "2"])

    with sqlite.empty() as engine:
        upgrade(engine)
        monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False))
        assert run("development").exit_code == 0
        again = run(environment)
    get_settings.cache_clear()
    assert again.exit_code == 1
    assert said in again.stderr
