"""The thresholds of the list, which the secretariat sets. The settings of the environment: test_settings.py."""

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.models import Event, Portfolio, User
from app.models.portfolio import Thresholds
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import form_on, read_page

HERE = "/settings"
ABOVE = "Det høje trin skal ligge over det lave"


def stored(database: Engine) -> Thresholds:
    with Session(database) as session:
        return session.exec(select(Portfolio).where(Portfolio.slug == "direktionen")).one().thresholds


def test_the_secretariat_sets_from_when_load_deserves_attention(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    assert stored(database) == Thresholds()
    answer = send(browser, HERE, seats_watch="5", seats_high="8", large_body="7")
    assert (answer.status_code, answer.headers["location"]) == (303, "/portfolios/direktionen/burden")
    assert stored(database) == Thresholds(seats_watch=5, seats_high=8, large_body=7)
    with Session(database) as session:
        *_before, last = session.exec(select(Event).order_by(col(Event.id))).all()
    assert (last.action, last.subject, last.subject_name) == ("changed", "Portfolio", "Direktionens porteføljeliste")
    assert (last.before, last.after) == (
        {"large_body": 5, "seats_high": 6, "seats_watch": 4},
        {"large_body": 7, "seats_high": 8, "seats_watch": 5},
    )
    assert "Pladser: opmærksom fra: 4 → 5" in read_page(browser.get("/events").text).text
    send(browser, HERE, seats_watch="", seats_high="", large_body="")
    assert stored(database) == Thresholds()


@one_database
def test_each_threshold_says_what_it_means_and_what_it_is_by_default(sign_in: SignIn, sekretariat: User) -> None:
    page = read_page(sign_in(sekretariat).get(HERE).text)
    hints = [element.text for element in page.all("span") if "form-hint" in element.get("class")]
    assert len(hints) == len(Thresholds.model_fields)
    assert "Møder i alle de organer, man har plads i. Standard: 40." in hints
    assert "Der findes ingen dansk norm" in page.text


@one_database
def test_only_the_secretariat_is_led_there(sign_in: SignIn, sekretariat: User, chefforum: User) -> None:
    def led_there(user: User) -> bool:
        return any(link.get("href") == HERE for link in read_page(sign_in(user).get("/people").text).all("a"))

    assert led_there(sekretariat)
    assert not led_there(chefforum)


@one_database
def test_what_cannot_be_is_said_at_its_field(sign_in: SignIn, sekretariat: User) -> None:
    assert_each_refused(
        sign_in(sekretariat),
        HERE,
        HERE,
        [
            ({"seats_watch": "6"}, {"seats_high": ABOVE}),
            ({"large_body": "20"}, {"very_large_body": ABOVE}),
            (
                {"chairs_watch": "0", "meetings_watch": "2,5", "key_person_hours": "mange"},
                {
                    "chairs_watch": "Skriv et tal, der er mindst 1",
                    "meetings_watch": "Skriv et helt tal",
                    "key_person_hours": "Skriv et tal, fx 1.250,5",
                },
            ),
        ],
    )


@one_database
def test_of_two_who_set_them_the_second_sees_what_the_first_saved(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    first, second = sign_in(sekretariat), sign_in(sekretariat)
    form = form_on(second, HERE, HERE)
    send(first, HERE, meetings_watch="50")
    answer = second.post(HERE, data=form.values | {"many_in_trouble": "2"})
    assert answer.status_code == 409
    assert "Møder om året: opmærksom over 50 40" in part(answer.text, "conflict")
    assert stored(database).many_in_trouble == 3
