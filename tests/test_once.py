"""A form that is sent twice is done once, and both answers lead to the same place."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select
from starlette.testclient import TestClient

from app.models import Event, Milestone, Receipt, User
from app.models.receipt import KEPT, forget_receipts
from app.settings import now
from app.web import HERE, templates
from tests.conftest import SignIn, one_database
from tests.page import form_on

MILESTONES = "/projects/P-006/milestones"
AT_ONCE = 10
Sent = dict[str, str | list[str]]


def filled_in(browser: TestClient, text: str = "Licitation") -> Sent:
    form = form_on(browser, f"{MILESTONES}/new", MILESTONES)
    assert form.once
    return form.values | {"once": form.once, "text": text, "due_on": "01-09-2022"}


def added(database: Engine) -> tuple[int, int]:
    with Session(database) as session:
        milestones, events = (session.exec(select(func.count(col(kind.id)))).one() for kind in (Milestone, Event))
    return milestones, events


def test_what_is_sent_twice_or_by_ten_at_once_is_done_once(sign_in: SignIn, leder: User, database: Engine) -> None:
    browsers = [sign_in(leder) for _each in range(AT_ONCE)]
    form, before = filled_in(browsers[0]), added(database)
    start = Barrier(AT_ONCE)

    def send(browser: TestClient) -> tuple[int, str]:
        start.wait()
        answer = browser.post(MILESTONES, data=form)
        return answer.status_code, answer.headers.get("location", "")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = set(pool.map(send, browsers))
    answer = browsers[0].post(MILESTONES, data=form)
    assert answers == {(303, "/projects/P-006#milestones")} == {(answer.status_code, answer.headers["location"])}
    assert added(database) == (before[0] + 1, before[1] + 1)


def test_what_is_written_anew_on_a_page_that_was_kept_open_is_something_else(
    sign_in: SignIn, leder: User, sekretariat: User, database: Engine
) -> None:
    browser, before = sign_in(leder), added(database)
    form = filled_in(browser)
    assert browser.post(MILESTONES, data=form).status_code == 303
    assert browser.post(MILESTONES, data=form | {"text": "Byggestart"}).status_code == 303
    assert sign_in(sekretariat).post(MILESTONES, data=form).status_code == 303
    assert browser.post(MILESTONES, data=filled_in(browser)).status_code == 303
    assert added(database) == (before[0] + 4, before[1] + 4)


@one_database
def test_what_was_refused_or_changed_nothing_has_no_receipt(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser, edit = sign_in(leder), "/projects/P-006/edit"
    form = filled_in(browser) | {"due_on": "en dag"}
    for _each in range(2):
        assert browser.post(MILESTONES, data=form).status_code == 422
    unchanged = form_on(browser, edit, edit)
    assert browser.post(edit, data=unchanged.values | {"once": unchanged.once}).status_code == 303
    with Session(database) as session:
        assert not session.exec(select(Receipt)).all()


@one_database
def test_receipts_hold_nothing_of_what_was_sent_and_are_forgotten_after_a_week(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    form = filled_in(browser, "Hemmelig licitation")
    browser.post(MILESTONES, data=form)
    with Session(database) as session:
        [receipt] = session.exec(select(Receipt)).all()
        assert receipt.location == "/projects/P-006#milestones"
        assert "Hemmelig" not in repr(receipt)
        assert str(form["once"]) not in repr(receipt)
        forget_receipts(session)
        assert session.exec(select(Receipt)).all()
        receipt.at = now() - KEPT * 1.01
        session.flush()
        forget_receipts(session)
        assert not session.exec(select(Receipt)).all()


def test_every_form_that_changes_something_has_a_key_of_its_own() -> None:
    for file in (HERE / "templates").rglob("*.html"):
        name, source = str(file.relative_to(HERE / "templates")), file.read_text()
        if name not in ("base.html", "not_saved.html") and not name.startswith("sessions/"):
            read = templates.preprocess(source, name)
            assert read.count('name="once"') == source.count('method="post"'), name


@one_database
def test_each_time_a_page_is_shown_its_forms_have_new_keys(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    keys = {form_on(browser, f"{MILESTONES}/new", MILESTONES).once for _each in range(20)}
    assert len(keys) == 20
    assert min(map(len, keys)) == 16
