"""A whole round from its opening to the frozen edition, played by five people: with scripts, and without."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine

from app.models import User
from tests.browser.conftest import Visit
from tests.browser.test_status import AREAS, button, choice, summary, write_red
from tests.test_freezing import frozen

LIST = "/portfolios/direktionen"
OLD, NEW = "2022-01", "2023-01"
REASON = "Skriv, hvad forsinkelsen betyder for beboerne."
CORRECTED = "Udbuddet blev dyrere; beboerne flytter et halvt år senere."


@pytest.fixture
def between_rounds(database: Engine) -> None:
    """The round of June 2022 is frozen, and no other has been planned."""
    frozen(database)


def menu(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Hovedmenu").get_by_role("link", name=name, exact=True).click()


def link(page: Page, name: str) -> Locator:
    return page.locator("main").get_by_role("link", name=name, exact=True)


def plan_and_open_the_round(page: Page) -> None:
    """Every date stands in the form already."""
    page.goto("/")
    menu(page, "Runder")
    link(page, "Planlæg en runde").click()
    expect(page.get_by_label("Navn")).to_have_value("januar 2023")
    button(page, "Gem").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Runde januar 2023")
    button(page, "Åbn runden for 38 projekter").click()
    expect(page.locator("main")).to_contain_text("0 af 38 godkendt")


def find_the_opening_letter(page: Page, to: str) -> None:
    link(page, "Log over mails").click()
    expect(page.locator("main")).to_contain_text(to)


def open_my_status(page: Page, number: str, task: str = "Skriv status for januar 2023") -> None:
    """From the front page, where it stands among what must be done."""
    page.goto("/")
    link(page, task).and_(page.locator(f"[href='/projects/{number}/reports/{NEW}/edit']")).click()


def write_yellow(page: Page, text: str) -> None:
    """Everything that a yellow status must say."""
    for area in AREAS[1:]:
        choice(page, area, "Grøn").check()
    choice(page, "Tid", "Gul").check()
    page.locator("#time_comment").fill("Byggetilladelsen kom tre måneder for sent.")
    page.locator("#path_action").fill("Ny tidsplan med entreprenøren")
    page.locator("#path_who").fill("Projektleder")
    page.locator("#path_on").fill("01-09-2022")
    summary(page).fill(text)


def submit(page: Page, approver: str) -> None:
    button(page, "Indsend til projektejer").click()
    receipt = page.locator(".alert-success")
    expect(receipt).to_contain_text("Status er indsendt")
    expect(receipt).to_contain_text(approver)


def open_for_approval(page: Page, number: str) -> Locator:
    """In the list of what waits: the status unfolds in its place."""
    page.goto("/approvals")
    page.locator(f"#open-{number}").click()
    waiting = page.locator(f"#waiting-{number}")
    expect(waiting.locator("#review")).to_be_visible()
    return waiting


def send_back(page: Page, number: str, reason: str) -> None:
    waiting = open_for_approval(page, number)
    waiting.get_by_label("Begrundelse for at returnere").fill(reason)
    button(page, "Returnér til leder").click()
    expect(page.locator(".alert-success")).to_contain_text(number)


def approve(page: Page, number: str, says: str) -> None:
    waiting = open_for_approval(page, number)
    expect(waiting).to_contain_text(says)
    button(page, "Godkend").click()
    expect(page.locator(".alert-success")).to_contain_text(number)
    expect(page).to_have_url(re.compile("/approvals"))


def go_to_the_round(page: Page) -> None:
    page.goto("/")
    menu(page, "Runder")
    link(page, "Januar 2023").click()


def close_for_leaders(page: Page) -> None:
    go_to_the_round(page)
    button(page, "Luk for ledere").click()
    expect(button(page, "Åbn for ledere igen")).to_be_visible()


def freeze(page: Page) -> None:
    go_to_the_round(page)
    link(page, "Frys runden").click()
    expect(page.locator("main")).to_contain_text("2 af 38 statusser er godkendt")
    button(page, "Frys runden").click()
    expect(link(page, "Udgaven")).to_be_visible()


def look_at_the_edition(page: Page) -> None:
    go_to_the_round(page)
    link(page, "Udgaven").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overblik")
    expect(page.locator("main")).to_contain_text("Frosset udgave: januar 2023")


def compare_with(page: Page, before: str) -> None:
    link(page, "Hvad er ændret").click()
    page.get_by_label("Fra", exact=True).select_option(before)
    button(page, "Vis").click()
    expect(page).to_have_url(re.compile(f"from={before}&to={NEW}"))


def change_the_title(page: Page, number: str, title: str) -> None:
    page.goto(f"/projects/{number}/edit")
    page.get_by_label("Titel").fill(title)
    button(page, "Gem").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def edition(page: Page, key: str) -> list[bytes]:
    """All that there is of an edition: the three tabs as data, and the workbook."""
    parts = [f"/api/v1{LIST}/{tab}" for tab in ("overview", "burden", "effects")] + [f"{LIST}/export.xlsx"]
    answers = [page.request.get(part, params={"round": key}) for part in parts]
    assert [answer.status for answer in answers] == [200] * 4
    return [answer.body() for answer in answers]


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.usefixtures("between_rounds")
def test_five_people_play_a_whole_round_and_no_edition_changes_afterwards(
    visit: Visit, sekretariat: User, leder: User, anden_leder: User, ejer: User, direktion: User, *, scripts: bool
) -> None:
    secretariat, leader, other_leader, owner, director = (
        visit(user, scripts=scripts) for user in (sekretariat, leder, anden_leder, ejer, direktion)
    )
    before = edition(secretariat, OLD)

    plan_and_open_the_round(secretariat)
    find_the_opening_letter(secretariat, to="leder@demo.example")

    open_my_status(leader, "P-005")
    write_red(leader, "Udbuddet blev dyrere.")
    submit(leader, approver="Hanne Skov")
    open_my_status(other_leader, "P-012")
    write_yellow(other_leader, "Byggeriet er i gang, tre måneder forsinket.")
    submit(other_leader, approver="Lene Bruun")
    close_for_leaders(secretariat)

    send_back(owner, "P-005", REASON)
    open_my_status(leader, "P-005", "Ret status for januar 2023")
    expect(leader.locator("main")).to_contain_text(REASON)
    summary(leader).fill(CORRECTED)
    submit(leader, approver="Hanne Skov")
    approve(owner, "P-005", says=CORRECTED)
    approve(director, "P-012", says="Du handler i stedet for Lene Bruun")

    freeze(secretariat)
    look_at_the_edition(director)
    expect(director.locator("#reds")).to_contain_text("Vælg mellem to udbud")
    expect(director.locator("#projects")).to_contain_text("tre måneder forsinket")
    compare_with(director, OLD)
    expect(director.locator("[aria-labelledby=worse]")).to_contain_text("P-005")

    assert edition(secretariat, OLD) == before
    after = edition(secretariat, NEW)
    change_the_title(secretariat, "P-005", "Et navn, som ingen udgave har")
    assert edition(secretariat, NEW) == after
    assert edition(secretariat, OLD) == before
    secretariat.goto(f"{LIST}/overview")
    expect(secretariat.locator("#projects")).to_contain_text("Et navn, som ingen udgave har")
