import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.access import session_cookie
from app.settings import Settings, get_settings, today


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    """The settings are read once a process: each of these tests reads its own."""
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def test_the_demo_list_is_refused_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    assert not Settings().in_demo
    monkeypatch.setenv("DEMO", "true")
    with pytest.raises(ValidationError, match="demo passwords are public"):
        Settings()


@pytest.mark.parametrize("command", ["serve", "migrate", "demo"])
def test_no_command_starts_with_demo_in_production(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("DEMO", "1")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    ended = subprocess.run([sys.executable, "-m", "app", command], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "demo passwords are public" in ended.stderr
    assert not list(tmp_path.iterdir())


def test_in_production_the_session_cookie_is_bound_to_the_host_and_to_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    assert session_cookie() == "session"
    monkeypatch.setenv("ENVIRONMENT", "production")
    get_settings.cache_clear()
    assert session_cookie() == "__Host-session"


def test_the_demo_stands_still_on_its_date_and_production_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert today() == date(2022, 6, 13)
    monkeypatch.setenv("DEMO_DATE", "2020-01-02")
    get_settings.cache_clear()
    assert today() == date(2020, 1, 2)
    monkeypatch.setenv("ENVIRONMENT", "production")
    get_settings.cache_clear()
    assert today() > date(2022, 6, 13)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgres://list@db/list", "postgresql+psycopg://list@db/list"),
        ("postgresql://list@db/list", "postgresql+psycopg://list@db/list"),
        ("sqlite:////var/list.sqlite3", "sqlite:////var/list.sqlite3"),
    ],
)
def test_the_database_is_where_the_environment_says(given: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", given)
    assert Settings().url == meant


def test_without_an_address_the_database_is_a_file_in_the_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert Settings().url == f"sqlite:///{tmp_path}/portefolje.sqlite3"
