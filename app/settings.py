"""Settings from the environment, and the two clocks: the business date and the real time."""

from datetime import UTC, date, datetime
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
SAMPLES = {"postgres", "password", "secret", "changeme", "change-me", "admin", "demo", "list", "test", "1234"}
SHORTEST_SECRET = 16
"""Characters; a sign-on makes secrets of 30 and more."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Settings(BaseSettings):
    """Everything that differs between installations; each field is an environment variable."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)  # addresses hold passwords

    environment: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path = Path("data")
    database_url: str = ""
    demo: bool | None = None
    demo_date: date = date(2022, 6, 13)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    forwarded_allow_ips: str = ""
    require_two_factor: bool | None = None
    base_url: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    accessibility_contact: str = ""
    was_url: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = ""
    oidc_help: str = ""

    @model_validator(mode="after")
    def _refuse_demo_in_production(self) -> Self:
        if self.environment == "production" and self.demo:
            raise ValueError("DEMO must not be set when ENVIRONMENT=production: the demo passwords are public.")
        return self

    @model_validator(mode="after")
    def _know_where_letters_go(self) -> Self:
        """What cannot be right is said at the start, not by the first letter that is not sent."""
        base, server = urlsplit(self.base_url), urlsplit(self.smtp_url)
        if self.base_url and (base.scheme not in ("http", "https") or not base.hostname):
            raise ValueError("BASE_URL must be an address like https://list.example.")
        if not self.smtp_url:
            return self
        try:
            known = server.scheme in ("smtp", "smtp+starttls", "smtps") and server.hostname and server.port != 0
        except ValueError:  # a port that is no number
            known = False
        if not known:
            raise ValueError("SMTP_URL must be smtp://, smtp+starttls:// or smtps://user:password@host:port.")
        if "@" not in parseaddr(self.mail_from)[1]:
            raise ValueError("MAIL_FROM must be the sender's address when SMTP_URL is set.")
        if self.production and not self.base_url:
            raise ValueError("BASE_URL must be set when letters are sent: they lead to it.")
        return self

    @model_validator(mode="after")
    def _know_where_the_statement_is(self) -> Self:
        own = urlsplit(self.was_url)
        if self.was_url and (own.scheme not in ("http", "https") or not own.hostname):
            raise ValueError("WAS_URL must be an address like https://was.digst.dk/list-example.")
        return self

    @model_validator(mode="after")
    def _know_where_people_sign_on(self) -> Self:
        """Half a single sign-on lets nobody in, or everybody: it is refused at the start."""
        given = [self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret]
        if not any(given):
            return self
        if not all(given):
            raise ValueError(
                "OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must be set together, or none of them."
            )
        issuer = urlsplit(self.oidc_issuer)
        if issuer.scheme not in ("http", "https") or not issuer.hostname or issuer.query or issuer.fragment:
            raise ValueError("OIDC_ISSUER must be an address like https://login.example/tenant/v2.0.")
        if self.production and issuer.scheme != "https":
            raise ValueError("OIDC_ISSUER must begin with https when ENVIRONMENT=production.")
        if self.production and not self.base_url.startswith("https://"):
            raise ValueError("BASE_URL must be set, with https, when people sign on: the sign-on leads back to it.")
        return self

    @property
    def signs_on(self) -> bool:
        """Whether people may sign on with the municipality's account."""
        return self.oidc_issuer != ""

    @property
    def unsafe(self) -> str:
        """Why nobody may be served like this in production; empty when nothing is known against it."""
        database, server = urlsplit(self.url), urlsplit(self.smtp_url)
        if not self.production:
            return ""
        if urlsplit(self.base_url).scheme != "https":
            return "BASE_URL must be set and begin with https:// when ENVIRONMENT=production."
        if "*" in self.forwarded_allow_ips:
            return "FORWARDED_ALLOW_IPS must name the proxy: with * everybody may say that they are somebody else."
        if not self.url.startswith("sqlite") and (database.password or "").lower() in SAMPLES:
            return "DATABASE_URL has a password that stands in every manual. Choose another."
        if self.signs_on and len(self.oidc_client_secret) < SHORTEST_SECRET:
            return "OIDC_CLIENT_SECRET is too short to be a secret. Have the sign-on make one."
        if server.scheme == "smtp" and server.password and server.hostname not in LOOPBACK:
            return "SMTP_URL sends its password in the clear: use smtp+starttls:// or smtps://."
        return ""

    @property
    def address(self) -> str:
        """Where the pages are, without a slash at the end: BASE_URL, or this machine."""
        return self.base_url.rstrip("/") or f"http://localhost:{self.port}"

    @property
    def host_name(self) -> str:
        return urlsplit(self.address).hostname or "localhost"

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which we answer: in production that of BASE_URL, and this machine's own for its monitor."""
        return frozenset({self.host_name, *LOOPBACK}) if self.production and self.base_url else frozenset()

    @property
    def in_demo(self) -> bool:
        """Whether the demo list is shown: the default in development, impossible in production."""
        return self.environment != "production" if self.demo is None else self.demo

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def two_factor_is_required(self) -> bool:
        """Whether an administrator with a password must sign in in two steps: the default in production (D8)."""
        return self.production if self.require_two_factor is None else self.require_two_factor

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


def day_of(instant: datetime | None) -> date | None:
    """The day of an instant in Copenhagen."""
    return instant.astimezone(COPENHAGEN).date() if instant else None
