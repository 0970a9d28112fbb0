"""The status form in a browser: how little an unchanged green status takes, and that nothing that was typed is lost."""

from typing import Any

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.models import Assessment, Milestone, Project, Report, ReportingRound, User, UserSession
from app.models.assessment import Colour
from app.models.report import ReportState
from app.settings import now
from tests.browser.conftest import Visit
from tests.browser.test_journeys import log_in
from tests.browser.test_pages import findings

STATUS = "/projects/P-005/reports/2022-06"
EDIT = f"{STATUS}/edit"
AREAS = ["Tid", "Økonomi", "Ressourcer", "Leverance og kvalitet", "Implementering", "Effekt"]
MOST = 10
"""How many interactions an unchanged green status may take, from Forside to the receipt (product.md)."""


class Hand:
    """Somebody at a page, who is counted: each press of the mouse, and each field that is written in."""

    def __init__(self) -> None:
        self.interactions = 0

    def press(self, target: Locator) -> None:
        self.interactions += 1
        target.click()

    def write(self, target: Locator, text: str) -> None:
        self.interactions += 1
        target.fill(text)


@pytest.fixture
def on_plan(database: Engine) -> None:
    """P-005 follows its plan, and nobody has judged it in this round yet."""
    with Session(database) as session:
        found = session.exec(status()).one()
        found.summary = "Helhedsplanerne følges."
        for milestone in session.exec(select(Milestone).where(Milestone.project_id == found.project_id)):
            milestone.done_on = milestone.due_on
        for row in session.exec(select(Assessment).where(Assessment.report_id == found.pk)):
            session.delete(row)
        session.commit()


def status() -> Any:
    """The query for the status that `leder` writes."""
    query = select(Report).join(ReportingRound, col(ReportingRound.id) == Report.round_id)
    query = query.join(Project, col(Project.id) == Report.project_id)
    return query.where(Project.number == "P-005", ReportingRound.key == "2022-06")


def saved(database: Engine) -> Report:
    with Session(database) as session:
        found: Report = session.exec(status()).one()
        return found


def sign_everybody_out(database: Engine) -> None:
    with Session(database) as session:
        for row in session.exec(select(UserSession)):
            row.ended_at = now()
        session.commit()


def choice(page: Page, area: str, colour: str) -> Locator:
    return page.get_by_role("group", name=area, exact=True).get_by_label(colour, exact=True)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def summary(page: Page) -> Locator:
    return page.get_by_label("Kort status til Direktionen")


def write_red(page: Page, text: str) -> None:
    """Everything that a red status must say."""
    for area in AREAS[1:]:
        choice(page, area, "Grøn").check()
    choice(page, "Tid", "Rød").check()
    page.locator("#time_comment").fill("Genhusningsplanen er ikke underskrevet.")
    page.locator("#path_action").fill("Aftale med boligorganisationen")
    page.locator("#path_who").fill("Projektleder")
    page.locator("#path_on").fill("01-09-2022")
    page.locator("#decision_wanted").fill("Vælg mellem to udbud")
    page.get_by_role("group", name="Spor").get_by_label("Ny plan").check()
    page.locator("#options").fill("Udbyd igen\nGiv en tillægsbevilling")
    page.locator("#decision_by_on").fill("27-06-2022")
    summary(page).fill(text)


def test_an_unchanged_green_status_takes_at_most_ten_interactions_from_forside_to_the_receipt(
    visit: Visit, leder: User, on_plan: None, database: Engine
) -> None:
    page, hand = visit(leder), Hand()
    page.goto("/")
    hand.press(page.get_by_role("link", name="Skriv status for juni 2022").and_(page.locator(f"[href='{EDIT}']")))
    expect(page.locator("input[type=radio]:checked")).to_have_count(1)  # »as suggested«; no colour is carried over
    for area in AREAS:
        hand.press(choice(page, area, "Grøn"))
    hand.press(button(page, "Indsend til projektejer"))
    receipt = page.locator(".alert-success")
    expect(receipt).to_contain_text("Hanne Skov")
    expect(receipt).to_contain_text("17-06-2022")
    assert hand.interactions <= MOST
    found = saved(database)
    assert (found.state, found.colour) == (ReportState.submitted, Colour.green)


def test_a_status_is_written_and_submitted_with_the_keyboard_alone(
    visit: Visit, leder: User, on_plan: None, database: Engine
) -> None:
    page = visit(leder)
    page.goto(EDIT)
    colours = 0
    for _step in range(60):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.get_attribute("formaction"):
            break
        if focused.get_attribute("type") == "radio" and focused.get_attribute("name") != "colour":
            expect(focused).to_be_in_viewport()
            page.keyboard.press("Space")
            colours += 1
    assert colours == len(AREAS)
    page.keyboard.press("Enter")
    expect(page.locator(".alert-success")).to_be_visible()
    assert saved(database).colour is Colour.green


def test_what_is_asked_follows_from_the_colours(visit: Visit, leder: User, on_plan: None) -> None:
    page = visit(leder)
    page.goto(EDIT)
    comment, way, decision = page.locator("#economy_comment"), page.locator("#path_action"), page.locator("#options")
    for field in (comment, way, decision):
        expect(field).to_be_hidden()
    choice(page, "Økonomi", "Gul").check()
    expect(comment).to_be_visible()
    expect(way).to_be_visible()
    expect(decision).to_be_hidden()
    choice(page, "Økonomi", "Rød").check()
    expect(decision).to_be_visible()
    choice(page, "Økonomi", "Grøn").check()
    for field in (comment, way, decision):
        expect(field).to_be_hidden()


def test_what_is_typed_is_saved_without_a_button_and_the_cursor_stays(visit: Visit, leder: User) -> None:
    page = visit(leder)
    page.goto(EDIT)
    choice(page, "Økonomi", "Rød").check()
    summary(page).fill("")
    summary(page).press_sequentially("Udbuddet blev dyrere.")
    expect(page.locator("#autosave")).to_contain_text("Kladde gemt kl.")
    expect(page.locator("#suggested")).to_contain_text("Foreslået: rød")
    expect(summary(page)).to_be_focused()
    expect(page.locator("#summary-hint")).to_have_text("379 af 400 tegn tilbage")
    page.reload()
    expect(summary(page)).to_have_value("Udbuddet blev dyrere.")
    expect(choice(page, "Økonomi", "Rød")).to_be_checked()


def test_a_text_that_is_too_long_is_kept_and_counted(visit: Visit, leder: User, database: Engine) -> None:
    page = visit(leder)
    page.goto(EDIT)
    summary(page).fill("x" * 431)
    expect(page.locator("#summary-hint")).to_have_text("31 tegn for meget (højst 400)")
    expect(page.locator("#autosave")).to_contain_text("Kladde gemt kl.")
    assert saved(database).summary == "x" * 431


def test_who_is_signed_out_while_writing_signs_in_beside_it_and_writes_on(
    visit: Visit, leder: User, database: Engine
) -> None:
    page = visit(leder)
    page.goto(EDIT)
    sign_everybody_out(database)
    summary(page).fill("Skrevet efter sessionens udløb.")
    said = page.locator("#autosave")
    expect(said).to_contain_text("Ikke gemt")
    with page.context.expect_page() as opened:
        said.get_by_role("link").click()
    opened.value.get_by_label("E-mail").fill("leder@demo.example")
    opened.value.get_by_label("Adgangskode").fill("demo")
    opened.value.locator("main").get_by_role("button").click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("Status juni 2022")
    summary(page).press_sequentially(" Og videre.")
    expect(said).to_contain_text("Kladde gemt kl.")
    assert saved(database).summary == "Skrevet efter sessionens udløb. Og videre."


@pytest.mark.parametrize("scripts", [True, False])
def test_a_form_that_is_sent_after_the_session_has_ended_is_kept_and_sent_again(
    visit: Visit, leder: User, database: Engine, *, scripts: bool
) -> None:
    page = visit(leder, scripts=scripts)
    page.goto(EDIT)
    sign_everybody_out(database)
    summary(page).fill("Den første linje\nog »den anden« <b>")
    button(page, "Gem kladde").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Du er blevet logget af")
    if scripts:
        assert not findings(page)
    with page.context.expect_page() as opened:
        page.locator("main").get_by_role("link").click()
    log_in(opened.value, "leder@demo.example")
    button(page, "Send det igen").click()
    expect(summary(page)).to_have_value("Den første linje\nog »den anden« <b>")
    assert saved(database).summary == "Den første linje\nog »den anden« <b>"


def test_an_answer_that_is_not_ours_loses_nothing_and_who_leaves_is_asked(
    visit: Visit, leder: User, database: Engine
) -> None:
    page = visit(leder)
    page.goto(EDIT)
    page.route("**/edit", lambda route: route.fulfill(status=403, body="<h1>Spærret</h1>"))
    summary(page).fill("Skrevet, mens forbindelsen var spærret.")
    expect(page.locator("#autosave")).to_contain_text("Ikke gemt")
    questions: list[str] = []

    def stay(dialog: Dialog) -> None:
        questions.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("link", name="Overblik", exact=True).first.click()
    expect(summary(page)).to_have_value("Skrevet, mens forbindelsen var spærret.")
    assert questions == ["beforeunload"]
    page.unroute("**/edit")
    summary(page).press_sequentially(" Nu er den her.")
    expect(page.locator("#autosave")).to_contain_text("Kladde gemt kl.")
    assert saved(database).summary == "Skrevet, mens forbindelsen var spærret. Nu er den her."
    page.get_by_role("link", name="Overblik", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overblik")
    assert questions == ["beforeunload"]


def test_a_red_status_is_written_without_scripts_and_the_word_about_health_is_asked_about(
    visit: Visit, leder: User, database: Engine
) -> None:
    page = visit(leder, scripts=False)
    page.goto(EDIT)
    write_red(page, "Planen venter, fordi teamlederen er sygemeldt.")
    button(page, "Vis, som det kommer til at stå").click()
    expect(page.locator("#preview")).to_contain_text("Planen venter")
    expect(page.locator("#preview #reds")).to_contain_text("Vælg mellem to udbud")
    page.get_by_role("link", name="Tilbage til formularen").click()
    button(page, "Indsend til projektejer").click()
    expect(page.locator("#errors")).to_contain_text("helbred")
    expect(page.locator("main")).to_contain_text("»sygemeldt«")
    assert saved(database).state is ReportState.draft
    page.locator("#no_health_data").check()
    button(page, "Indsend til projektejer").click()
    expect(page.locator(".alert-success")).to_contain_text("Hanne Skov")
    found = saved(database)
    assert (found.state, found.colour) == (ReportState.submitted, Colour.red)


@pytest.mark.parametrize("width", [1366, 320])
def test_axe_finds_nothing_and_nothing_scrolls_sideways_on_the_way_to_the_receipt(
    width: int, visit: Visit, leder: User
) -> None:
    page = visit(leder, width)

    def look() -> None:
        assert not findings(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.goto(EDIT)
    look()
    button(page, "Indsend til projektejer").click()
    expect(page.locator("#errors")).to_be_focused()
    look()
    write_red(page, "Udbuddet blev dyrere.")
    look()
    button(page, "Vis, som det kommer til at stå").click()
    expect(page.locator("#preview")).to_be_visible()
    look()
    page.get_by_role("link", name="Tilbage til formularen").click()
    button(page, "Indsend til projektejer").click()
    expect(page.locator(".alert-success")).to_be_visible()
    look()


def test_the_form_is_printed_without_its_buttons(visit: Visit, leder: User) -> None:
    page = visit(leder)
    page.goto(EDIT)
    page.emulate_media(media="print")
    expect(button(page, "Indsend til projektejer")).to_be_hidden()
    expect(summary(page)).to_be_visible()
    expect(choice(page, "Tid", "Gul")).to_be_visible()
