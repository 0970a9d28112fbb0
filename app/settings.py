"""Settings from the environment, and the two clocks: the business date and the real time."""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import model_validator
from pydantic_settings import BaseSettings

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


class Settings(BaseSettings):
    """Everything that differs between installations; each field is an environment variable."""

    environment: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path = Path("data")
    database_url: str = ""
    demo: bool | None = None
    demo_date: date = date(2022, 6, 13)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="after")
    def _refuse_demo_in_production(self) -> Self:
        if self.environment == "production" and self.demo:
            raise ValueError("DEMO must not be set when ENVIRONMENT=production: the demo passwords are public.")
        return self

    @property
    def in_demo(self) -> bool:
        """Whether the demo list is shown: the default in development, impossible in production."""
        return self.environment != "production" if self.demo is None else self.demo

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def url(self) -> str:
        """The database's address: DATABASE_URL, or the embedded SQLite file in DATA_DIR."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'portefolje.sqlite3'}"
        for plain in ("postgres://", "postgresql://"):
            if self.database_url.startswith(plain):
                return "postgresql+psycopg://" + self.database_url.removeprefix(plain)
        return self.database_url


@cache
def get_settings() -> Settings:
    return Settings()


def today() -> date:
    """The business date: DEMO_DATE in demo mode, otherwise today in Copenhagen."""
    settings = get_settings()
    return settings.demo_date if settings.in_demo else datetime.now(COPENHAGEN).date()


def now() -> datetime:
    """The real time, in UTC: for the audit log and for sessions, also in demo mode."""
    return datetime.now(UTC)
