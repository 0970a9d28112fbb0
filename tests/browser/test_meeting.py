"""The board's meeting from the frozen edition to the decisions that the next round opens with."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from app.models import User
from tests.browser.conftest import Visit
from tests.browser.test_round import LIST
from tests.browser.test_status import button
from tests.test_freezing import frozen

ROUND = f"{LIST}/rounds/2022-06"


@pytest.fixture
def june_is_frozen(database: Engine) -> None:
    """The round of June 2022 has its edition, and no meeting yet."""
    frozen(database)


def prepare(page: Page) -> str:
    page.goto(ROUND)
    button(page, "Forbered mødet").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Møde: Direktionen mandag 27-06-2022")
    expect(page.locator("#last-time")).to_contain_text("Evaluering af taskforcens indsats og organisering")
    meeting = page.url.partition("#")[0]
    page.goto(f"{meeting}/edit")
    page.get_by_label("Dato").fill("10-06-2022")  # the demo list stands on the 13th: the next round looks back at it
    button(page, "Gem").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Møde: Direktionen fredag 10-06-2022")
    return meeting


def take_the_papers(page: Page, meeting: str) -> None:
    for name, begins in (("paper.docx", b"PK"), ("paper.pdf", b"%PDF"), ("annex.xlsx", b"PK"), ("package.zip", b"PK")):
        answer = page.request.get(f"{meeting}/{name}")
        assert answer.status == 200, name
        assert answer.body().startswith(begins), name


def walk_to(page: Page, words: str) -> None:
    """With the keyboard alone."""
    for _step in range(60):
        if words in page.locator("#step").inner_text():
            return
        page.keyboard.press("ArrowRight")
        page.wait_for_load_state()
        page.wait_for_timeout(50)
    raise AssertionError(f"no step says {words}")


def decide(page: Page, verb: str, text: str) -> None:
    page.locator("#verb").select_option(label=verb)
    page.get_by_label("Beslutningens ordlyd").fill(text)
    button(page, "Gem beslutningen").click()
    expect(page.locator(".walk")).to_contain_text(text)


def list_by_the_decision(page: Page) -> None:
    page.goto(f"{LIST}/proposals/hjem-til-alle")
    page.get_by_role("link", name="Opret projektet og sæt det på listen").click()
    page.get_by_label("Tema", exact=True).select_option(index=1)
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hjem til Alle")
    expect(page.locator("#places")).to_contain_text("Det første forslag kommer på listen.")
    page.goto(f"{LIST}/overview")
    expect(page.locator("#projects")).to_contain_text("Hjem til Alle")


def take_off_by_the_decision(page: Page) -> None:
    page.goto(f"{LIST}/proposals/aktindsigt-ud")
    page.get_by_role("link", name="Fjern fra listen").click()
    expect(page.locator("main")).to_contain_text("Projektet er i drift og udgår af listen.")
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("#places")).to_contain_text("Projektet er i drift og udgår af listen.")


@pytest.mark.usefixtures("june_is_frozen")
def test_the_board_meets_and_the_next_round_opens_with_what_it_decided(
    visit: Visit, sekretariat: User, direktion: User
) -> None:
    page, director = visit(sekretariat), visit(direktion)
    meeting = prepare(page)
    take_the_papers(page, meeting)

    button(page, "Gennemgå mødet").click()
    expect(page.locator("#step")).to_contain_text("Møde: Direktionen")
    director.goto(f"{meeting}/screen")
    walk_to(page, "Omdannelse af Blåkildegård")
    expect(page.locator(".walk .rag")).to_contain_text("Rød")
    expect(director.locator("#step")).to_contain_text("Omdannelse af Blåkildegård", timeout=15_000)
    page.keyboard.press("F2")
    page.get_by_label("Opgave", exact=False).first.fill("Løft sagen til ministeren")
    page.get_by_label("Ansvarlig", exact=True).select_option(label="BYC · Byrådscentret")
    page.get_by_label("Frist").fill("01-09-2022")
    decide(page, "Besluttet", "Sagen løftes til ministeren.")
    expect(director.locator("#screen")).to_contain_text("Sagen løftes til ministeren.", timeout=15_000)

    walk_to(page, "Drøfter om porteføljelisten giver anledning")
    decide(page, "Drøftet", "De røde projekter ses igen i august.")
    walk_to(page, "Hjem til Alle")
    decide(page, "Besluttet", "Det første forslag kommer på listen.")
    walk_to(page, "Drøfter om der er nye projekter")
    decide(page, "Drøftet", "Forslagene blev drøftet.")
    walk_to(page, "Aktindsigtsløsning")
    decide(page, "Besluttet", "Projektet er i drift og udgår af listen.")
    walk_to(page, "Drøfter om der er nuværende projekter")
    decide(page, "Taget til efterretning", "Et projekt udgår.")
    walk_to(page, "Beslutter, hvilke drøftelser")
    decide(page, "Besluttet", "Belastningen drøftes i Chefforum.")
    walk_to(page, "Det var det hele")
    expect(page.locator(".walk")).to_contain_text("4 af 4 indstillinger har en beslutning")

    page.goto(meeting)
    button(page, "Mødet er holdt").click()
    for name in ("minutes.docx", "minutes.pdf"):
        assert page.request.get(f"{meeting}/{name}").status == 200
    list_by_the_decision(page)
    take_off_by_the_decision(page)
    page.goto(meeting)
    button(page, "Afslut runden").click()

    page.goto(f"{LIST}/tasks")
    expect(page.locator("main")).to_contain_text("Løft sagen til ministeren")
    page.goto(f"{LIST}/rounds/new")
    button(page, "Gem").click()
    page.get_by_role("button", name=re.compile("Åbn runden for")).click()
    expect(page.locator("#last-time")).to_contain_text("Løft sagen til ministeren")
    expect(page.locator("#last-time")).to_contain_text("Evaluering af taskforcens indsats og organisering")
