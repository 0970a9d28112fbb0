"""Who may see what, and that somebody has gone through it."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.i18n import show_moment
from app.models import AccessReview, Deputy, Project, User
from app.models.access_review import due_on, half_year_of
from app.models.api_token import ApiTokenForm, Scope, make_token
from app.models.deputy import DeputyFor
from app.settings import get_settings
from tests.conftest import SignIn, one_database
from tests.page import form_on, read_page


def rows(browser: TestClient, query: str = "") -> dict[str, list[str]]:
    page = read_page(browser.get(f"/access-review{query}").text)
    lines = [[cell.text for cell in row.all("th", "td")] for row in page.all("tbody")[0].all("tr")]
    return {line[0]: line[1:] for line in lines}


def test_each_account_stands_there_with_what_it_may_and_why(
    sign_in: SignIn, sekretariat: User, leder: User, laeser: User, database: Engine
) -> None:
    with Session(database) as session:
        session.get_one(User, laeser.id).person_id = 30
        session.get_one(User, laeser.id).active = False
        project = session.exec(select(Project).where(Project.number == "P-012")).one()
        session.add(
            Deputy(no=1, project_id=project.pk, person_id=30, stands_for=DeputyFor.owner, from_on=date(2022, 6, 1))
        )
        session.commit()
    browser = sign_in(sekretariat)
    found = rows(browser)
    assert len(found) == 12
    leads, _closed, seen = found["Camilla Vang leder@demo.example"]
    assert "Leder P-005, P-006" in leads
    assert "skriver status og retter projektet" in leads
    assert "Sidder i »" in leads
    assert seen == "Aldrig"
    [hers] = [line for name, line in found.items() if "laeser@demo.example" in name]
    assert "Er ejerens stedfortræder i P-012: godkender status." in hers[0]
    assert [line[1] for name, line in found.items() if "lukket_" in name] == ["L-01"] * 3
    assert {name: line[1] for name, line in found.items() if line[1] == "Alle"} == {
        "Mette Dall direktion@demo.example": "Alle",
        next(name for name in found if "sekretariat@demo" in name): "Alle",
    }
    assert rows(browser, "?q=camilla").keys() == {"Camilla Vang leder@demo.example"}
    assert len(rows(browser, "?only=closed")) == 5
    assert [name for name in rows(browser, "?only=inactive") if "Lukket" in name]
    assert all("Chefforum" in line[0] for line in rows(browser, "?only=chefforum").values())


@one_database
def test_the_keys_with_which_programs_read_stand_there_and_never_the_keys_themselves(
    sign_in: SignIn, sekretariat: User, leder: User, ejer: User, database: Engine
) -> None:
    """Owner, name, what it may, last use and end; neither what has ended nor what is of a closed account."""
    with Session(database) as session:
        row, text = make_token(session, leder, ApiTokenForm(name="Power BI", scope=Scope.read_closed))
        ended, _text = make_token(session, leder, ApiTokenForm(name="Det gamle regneark"))
        make_token(session, ejer, ApiTokenForm(name="Ejerens regneark"))
        session.get_one(User, ejer.id).active = False
        row.last_used_on, until, fingerprint = date(2022, 6, 10), row.expires_at, row.token_sha256
        ended.revoked_at = until
        session.commit()
    browser = sign_in(sekretariat)
    page = browser.get("/access-review").text
    lines = [[cell.text for cell in line.all("th", "td")] for line in read_page(page).all("tbody")[1].all("tr")]
    assert lines == [["Camilla Vang", "Power BI", str(Scope.read_closed), "10-06-2022", show_moment(until)]]
    assert text[:9] not in page
    assert fingerprint not in page
    assert "Ingen af disse brugere har en adgangsnøgle" in browser.get("/access-review?q=mette").text


@one_database
def test_an_administrator_learns_of_no_closed_project_there(sign_in: SignIn, admin: User, database: Engine) -> None:
    browser = sign_in(admin)
    told = browser.get("/access-review").text
    assert "L-01" not in told
    assert "Lukkede projekter indgår ikke" in told
    with Session(database) as session:
        closed = session.exec(select(Project).where(Project.number == "L-01")).one()
        closed.leader_id = closed.owner_id = None
        for query in ("?only=closed", ""):
            before = browser.get(f"/access-review{query}").text
            session.commit()
            assert browser.get(f"/access-review{query}").text == before


@one_database
def test_the_secretariat_says_once_each_half_year_that_it_was_reviewed(
    sign_in: SignIn, sekretariat: User, admin: User, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, todo = sign_in(sekretariat), "Gennemgå, hvem der må se hvad"
    form = form_on(browser, "/access-review", "/access-review")
    assert todo not in browser.get("/").text
    monkeypatch.setattr(get_settings(), "demo_date", date(2022, 6, 16))
    assert todo in browser.get("/").text
    assert todo not in sign_in(admin).get("/").text
    assert browser.post("/access-review", data=form.values | {"note": "To er lukket."}).status_code == 303
    assert browser.post("/access-review", data=form.values).status_code == 409
    page = read_page(browser.get("/access-review").text).text
    assert "første halvår 2022: 16-06-2022 af" in page
    assert "To er lukket." in page
    assert "Gennemgået i" not in page
    assert todo not in browser.get("/").text
    monkeypatch.setattr(get_settings(), "demo_date", date(2023, 1, 2))
    assert todo in browser.get("/").text, "the second half of 2022 was never reviewed"
    with Session(database) as session:
        assert [review.half_year for review in session.exec(select(AccessReview))] == ["2022-1"]


@pytest.mark.parametrize(
    ("latest", "day", "due"),
    [
        (None, date(2022, 6, 13), date(2022, 6, 30)),
        (None, date(2022, 7, 1), date(2022, 12, 31)),
        ("2022-1", date(2022, 7, 1), date(2022, 12, 31)),
        ("2021-2", date(2022, 6, 13), date(2022, 6, 30)),
        ("2020-2", date(2022, 6, 13), date(2021, 6, 30)),
    ],
)
def test_the_next_review_is_due_at_the_end_of_the_half_year_after_the_latest(
    latest: str | None, day: date, due: date
) -> None:
    assert due_on(latest, day) == due
    assert half_year_of(due) >= (latest or "")
