"""What people come to do, from sign-in to the end."""

import re
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from app.models import User
from tests.browser.conftest import Visit

OVERVIEW = "/portfolios/direktionen/overview"


def log_in(page: Page, email: str) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Adgangskode").fill("demo")
    page.locator("main").get_by_role("button").click()
    page.wait_for_url("/")


def test_the_director_signs_in_and_looks_at_the_three_tabs(visit: Visit) -> None:
    page = visit()
    log_in(page, "direktion@demo.example")
    menu = page.get_by_role("navigation", name="Hovedmenu")
    for tab in ("Overblik", "Belastning", "Effekter"):
        menu.get_by_role("link", name=tab, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(tab)
        expect(menu.get_by_role("link", name=tab, exact=True)).to_have_attribute("aria-current", "page")


def test_the_secretariat_changes_a_project_and_finds_the_change_on_overblik_and_in_the_workbook(
    visit: Visit, tmp_path: Path
) -> None:
    page = visit()
    log_in(page, "sekretariat@demo.example")
    page.goto("/projects/P-006")
    page.locator("main a[href='/projects/P-006/edit']").first.click()
    page.get_by_label("Titel").fill("Charlottekvarteret efter ændringen")
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/projects/P-006$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Charlottekvarteret efter ændringen")

    page.get_by_role("navigation", name="Hovedmenu").get_by_role("link", name="Overblik", exact=True).click()
    page.locator("#q").fill("ændringen")
    expect(page.locator("#projects tbody th[scope=row]")).to_have_count(1)
    expect(page.locator("#projects")).to_contain_text("Charlottekvarteret efter ændringen")

    with page.expect_download() as started:
        page.locator("a.button[data-follows-filter]").click()
    file = tmp_path / started.value.suggested_filename
    started.value.save_as(file)
    assert file.suffix == ".xlsx"
    workbook = load_workbook(file)
    assert workbook.sheetnames[:3] == ["Overblik", "Belastning", "Effekter"]
    cells = [cell for row in workbook["Overblik"].values for cell in row]
    assert "Charlottekvarteret efter ændringen" in cells
    assert "P-006" in cells
    assert "P-012" not in cells


def test_a_leader_may_change_her_own_project_and_not_anothers(visit: Visit) -> None:
    page = visit()
    log_in(page, "leder@demo.example")
    page.goto("/projects/P-006")
    expect(page.locator("main a[href='/projects/P-006/edit']").first).to_be_visible()
    page.goto("/projects/P-012")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Børne- og Kulturhuset")
    expect(page.locator("main a[href$='/edit'], main a[href$='/new']")).to_have_count(0)
    answer = page.goto("/projects/P-012/edit")
    assert answer
    assert answer.status == 403
    expect(page.locator("main")).to_contain_text("Kun projektets leder")


def test_what_is_typed_into_the_search_narrows_the_list_and_stands_in_the_address(visit: Visit, leder: User) -> None:
    page = visit(leder)
    page.goto(OVERVIEW)
    reds = page.locator("#reds").inner_text()
    page.locator("#q").press_sequentially("charlotte", delay=20)
    expect(page).to_have_url(re.compile(r"\?.*q=charlotte"))
    expect(page.locator("#projects")).to_contain_text("P-006")
    expect(page.locator("#projects")).not_to_contain_text("P-012")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#live")).to_contain_text("Viser")
    assert page.locator("#reds").inner_text() == reds
    link = page.locator("a.button[data-follows-filter]").get_attribute("href")
    assert link
    assert "q=charlotte" in link
    page.reload()
    expect(page.locator("#q")).to_have_value("charlotte")
    expect(page.locator("#projects")).not_to_contain_text("P-012")


def test_the_way_back_from_a_search_shows_the_whole_list_again(visit: Visit, leder: User) -> None:
    page = visit(leder)
    page.goto(OVERVIEW)
    page.locator("#q").fill("charlotte")
    expect(page.locator("#projects")).not_to_contain_text("P-012")
    page.go_back()
    expect(page).to_have_url(re.compile(f"{OVERVIEW}$"))
    expect(page.locator("#projects")).to_contain_text("P-012")


def test_everything_works_without_scripts(visit: Visit) -> None:
    page = visit(scripts=False)
    log_in(page, "leder@demo.example")
    page.goto(OVERVIEW)
    page.locator("#q").fill("charlotte")
    page.locator("form.filter button[type=submit]").click()
    expect(page).to_have_url(re.compile(r"q=charlotte"))
    expect(page.locator("#projects")).not_to_contain_text("P-012")
    page.goto("/projects/P-006/milestones/new")
    page.locator("[name=text]").fill("Naboerne er hørt")
    page.locator("[name=due_on]").fill("01-09-2022")
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/projects/P-006#milestones$"))
    expect(page.locator("main")).to_contain_text("Naboerne er hørt")


def test_the_keyboard_comes_past_the_menu_with_one_key(visit: Visit, leder: User) -> None:
    page = visit(leder)
    page.goto(OVERVIEW)
    page.keyboard.press("Tab")
    expect(page.locator("a.skipnav")).to_be_focused()
    expect(page.locator("a.skipnav")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_project_can_be_reached_and_changed_with_the_keyboard_alone(visit: Visit, leder: User) -> None:
    page = visit(leder)
    page.goto("/projects/P-006/milestones/new")
    page.locator("[name=text]").focus()
    page.keyboard.type("Naboerne er hørt")
    for _field in range(20):
        page.keyboard.press("Tab")
        if page.locator("[name=due_on]").evaluate("element => element === document.activeElement"):
            break
    page.keyboard.type("01-09-2022")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/projects/P-006#milestones$"))


def test_a_form_with_an_error_puts_the_cursor_on_the_list_of_errors(visit: Visit, leder: User) -> None:
    page = visit(leder)
    page.goto("/projects/P-006/milestones/new")
    page.locator("[name=text]").fill("Uden dato")
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("#errors")).to_be_focused()
    page.locator("#errors a").first.click()
    expect(page.locator("[name=due_on]")).to_be_focused()
    expect(page.locator("[name=text]")).to_have_value("Uden dato")


def test_two_people_change_the_same_project_and_neither_loses_what_was_written(
    visit: Visit, leder: User, ejer: User
) -> None:
    hers, his = visit(leder), visit(ejer)
    for page in (hers, his):
        page.goto("/projects/P-006/edit")
    hers.locator("[name=title]").fill("Lederens titel")
    hers.locator("main form button[type=submit]").first.click()
    expect(hers).to_have_url(re.compile("/projects/P-006$"))
    his.locator("[name=title]").fill("Ejerens titel")
    his.locator("main form button[type=submit]").first.click()
    expect(his.locator("#conflict")).to_be_focused()
    expect(his.locator("#conflict")).to_contain_text("Lederens titel")
    expect(his.locator("[name=title]")).to_have_value("Ejerens titel")
    his.locator("main form button[type=submit]").first.click()
    expect(his).to_have_url(re.compile("/projects/P-006$"))
    expect(his.get_by_role("heading", level=1)).to_contain_text("Ejerens titel")


def test_a_double_click_makes_one_access_key_and_shows_it(visit: Visit, leder: User) -> None:
    page = visit(leder)
    page.goto("/me/tokens/new")
    page.get_by_label("Hvad nøglen skal bruges til").fill("Power BI")
    page.get_by_role("button", name="Lav nøglen").dblclick()
    expect(page.locator("#key")).to_contain_text("pf_")
    page.goto("/me/tokens")
    expect(page.locator("main tbody tr")).to_have_count(1)
