import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlmodel import Session, select
from typer.testing import CliRunner

from app.__main__ import cli, has_demo_accounts
from app.access import session_cookie
from app.models import User
from app.settings import Settings, get_settings, today
from tests.conftest import one_database


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


BASE = {"ENVIRONMENT": "production", "BASE_URL": "https://list.example"}
MAIL = {"MAIL_FROM": "list@list.example"}
SIGN_ON = {"OIDC_ISSUER": "https://login.example", "OIDC_CLIENT_ID": "list"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"BASE_URL": ""}, "BASE_URL"),
        ({"BASE_URL": "http://list.example"}, "BASE_URL"),
        ({"FORWARDED_ALLOW_IPS": "*"}, "FORWARDED_ALLOW_IPS"),
        ({"DATABASE_URL": "postgresql://postgres:postgres@db/list"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://list:ChangeMe@db/list"}, "DATABASE_URL"),
        ({"SMTP_URL": "smtp://list:hemmeligt@mail.example:25"} | MAIL, "SMTP_URL"),
        (SIGN_ON | {"OIDC_CLIENT_SECRET": "hemmeligt"}, "OIDC_CLIENT_SECRET"),
        (SIGN_ON | {"OIDC_CLIENT_SECRET": "changeme"}, "OIDC_CLIENT_SECRET"),
        (SIGN_ON | {"OIDC_CLIENT_SECRET": "x" * 32}, ""),
        ({}, ""),
        ({"DATABASE_URL": "postgresql://list:gWq8xkP2rT@db/list", "FORWARDED_ALLOW_IPS": "10.0.0.1"}, ""),
        ({"SMTP_URL": "smtps://list:hemmeligt@mail.example"} | MAIL, ""),
        ({"SMTP_URL": "smtp://list:hemmeligt@127.0.0.1:25"} | MAIL, ""),
        ({"ENVIRONMENT": "development", "BASE_URL": "", "FORWARDED_ALLOW_IPS": "*"}, ""),
    ],
)
def test_production_is_not_served_with_settings_that_are_known_to_be_bad(
    given: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (BASE | given).items():
        monkeypatch.setenv(name, value)
    sentence = Settings().unsafe
    assert sentence.partition(" ")[0] == said
    for secret in ("hemmeligt", "postgres:", "gWq8xkP2rT"):
        assert secret not in sentence


def test_serving_says_what_is_wrong_and_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    ended = CliRunner().invoke(cli, ["serve"])
    assert (ended.exit_code, ended.stderr.partition(" ")[0]) == (1, "BASE_URL")


@one_database
def test_the_demo_accounts_are_found_whatever_the_environment_says(database: Engine) -> None:
    assert has_demo_accounts(database)
    with Session(database) as session:
        for user in session.exec(select(User)):
            user.active = False
        session.commit()
    assert not has_demo_accounts(database)
