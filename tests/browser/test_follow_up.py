"""An effect after its project: four people from the decision to remove it to its conclusion a year later."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine
from sqlmodel import Session, select
from typer.testing import CliRunner

from app.__main__ import cli
from app.models import Person, User
from app.settings import get_settings
from tests.browser.conftest import Visit
from tests.mailbox import MailServer, text_of
from tests.test_freezing import frozen

EFFECTS = "/portfolios/direktionen/effects"
LOOK = "/projects/P-048/effect-targets/1/follow-ups/1"


@contextmanager
def on(day: str, database: Engine, server: MailServer) -> Iterator[None]:
    """The business day is another one, and the command line finds the database and the mail server."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DEMO_DATE", day)
        environment.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
        environment.setenv("SMTP_URL", server.url)
        environment.setenv("MAIL_FROM", "Porteføljelisten <liste@kommune.example>")
        get_settings.cache_clear()
        yield
    get_settings.cache_clear()


def button(page: Page, name: str) -> Locator:
    return page.locator("main").get_by_role("button", name=name, exact=True)


def take_off_the_list(page: Page, owner: User) -> None:
    page.goto("/projects/P-048")
    page.get_by_role("link", name="Fjern fra listen").click()
    page.get_by_label("Direktionens møde den").fill("13-06-2022")
    page.get_by_label("Beslutningens ordlyd").fill("Projektet fjernes fra listen.")
    page.get_by_label("Hvorfor det udgår af listen").fill("Brandingen er en del af driften.")
    page.locator("#days_1").fill("13-06-2023")
    page.locator("#owner_1").select_option(str(owner.person_id))
    button(page, "Fjern fra listen").click()
    expect(page.locator("main")).to_contain_text("Effekterne følges fortsat.")


def report(page: Page) -> None:
    """From the front page, where the follow-up stands among what must be done."""
    page.goto("/")
    page.get_by_role("link", name="Skriv, hvad der kom ud af »Uddannelse og indkomst for tilflyttere«").click()
    page.get_by_label("Resultat").select_option(label="Delvist nået")
    page.get_by_label("Nyt tal").or_(page.get_by_label("Ny værdi")).fill("104,5")
    page.get_by_label("Målt den").fill("01-06-2023")
    page.get_by_label("Hvad tallene viser").fill("Tilflytterne har lidt højere uddannelse end i 2014.")
    button(page, "Send til godkendelse").click()
    expect(page.locator("main")).to_contain_text("Indberettet")


def approve(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Godkend opfølgningen på »Uddannelse og indkomst for tilflyttere«").click()
    expect(page.locator("#result")).to_have_text("Delvist nået")
    button(page, "Godkend").click()
    expect(page.locator("main")).to_contain_text("Godkendt")


def after(page: Page) -> Locator:
    page.goto(EFFECTS)
    return page.locator("#after table")


@pytest.mark.parametrize("scripts", [False])
def test_an_effect_is_measured_a_year_after_its_project_has_left_the_list(
    visit: Visit, database: Engine, sekretariat: User, leder: User, direktion: User, *, scripts: bool
) -> None:
    frozen(database)
    server = MailServer()
    with Session(database) as session:
        reader = session.exec(select(Person).where(Person.id == leder.person_id)).one()
        reader.email, name = "leder@kommune.example", reader.name
        session.commit()
    secretariat, owner, approver = (visit(user, scripts=scripts) for user in (sekretariat, leder, direktion))
    take_off_the_list(secretariat, leder)
    expect(after(secretariat)).to_contain_text("Revision af brandingstrategien")
    with on("2023-06-10", database, server), server.up():
        for _run in range(2):
            assert CliRunner().invoke(cli, ["remind"]).exit_code == 0
        about_it = [text_of(message) for message in server.to(name) if "P-048" in text_of(message)]
        assert [LOOK in text for text in about_it] == [True]
        assert len(server.to(name)) == 1
        report(owner)
        expect(after(secretariat)).to_contain_text("Afventer godkendelse")
        approve(approver)
        expect(after(secretariat)).not_to_contain_text("Revision af brandingstrategien")
        secretariat.goto("/projects/P-048")
        expect(secretariat.locator("main")).to_contain_text("Lukket 10-06-2023.")
