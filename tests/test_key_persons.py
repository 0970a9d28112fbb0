from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.models import KeyPersons, Project, Unit, User
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import form_on, read_page

PAGE = "/projects/P-006/key-persons"


def counts(database: Engine, number: str = "P-006") -> dict[str, int]:
    with Session(database) as session:
        query = select(Unit.code, KeyPersons.count).join(KeyPersons).join(Project).where(Project.number == number)
        return dict(session.exec(query).all())


def shown(browser: TestClient, number: str = "P-006") -> str:
    return part(browser.get(f"/projects/{number}").text, "key-persons")


def field(database: Engine, code: str) -> str:
    """The name of a unit's field."""
    with Session(database) as session:
        return f"unit_{session.exec(select(Unit.id).where(Unit.code == code)).one()}"


def test_the_leader_says_how_many_and_never_who(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    assert "3 (BURC 2, FKC 1, ØDC 0)" in shown(browser)
    answer = send(browser, PAGE, **{field(database, "BURC"): "5", field(database, "ISC"): "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-006#key-persons")
    assert counts(database) == {"BURC": 5, "FKC": 1, "ISC": 1, "ØDC": 0}
    assert shown(browser).startswith("Nøglepersoner Mere end 5 timer om ugen ud over styregruppen.")
    assert "7 (BURC 5," in shown(browser)


@one_database
def test_nothing_is_unknown_and_zero_is_known(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    form = form_on(browser, PAGE, PAGE)
    assert form.values[field(database, "ØDC")] == "0"  # they know that nobody does
    assert form.values[field(database, "SHC")] == ""  # nobody has said
    send(browser, PAGE, **{field(database, "ØDC"): "", field(database, "SHC"): "0"})
    assert counts(database) == {"BURC": 2, "FKC": 1, "SHC": 0}
    send(browser, PAGE, **{field(database, code): "" for code in ("BURC", "FKC", "SHC")})
    assert counts(database) == {}
    assert "Ikke oplyst" in shown(browser)
    send(browser, PAGE, **{field(database, "SHC"): "0"})
    assert "0 (SHC 0)" in shown(browser)
    assert "Ikke oplyst" not in shown(browser)


@one_database
def test_there_is_a_field_for_every_unit_of_today(sign_in: SignIn, leder: User) -> None:
    page = read_page(sign_in(leder).get(PAGE).text)
    fields = [label.text for label in page.all("label")]
    assert "ØDC Økonomi- og Digitaliseringscenteret (valgfrit)" in fields
    assert len(fields) == 15
    assert "aldrig navne" in page.text


@one_database
def test_what_is_no_count_is_said_at_its_field(sign_in: SignIn, leder: User, database: Engine) -> None:
    first, second = field(database, "BAC"), field(database, "ØDC")
    assert_each_refused(
        sign_in(leder),
        PAGE,
        PAGE,
        [
            (
                {first: "-1", second: "201"},
                {first: "Skriv et tal, der er mindst 0", second: "Skriv et tal, der er højst 200"},
            ),
            ({first: "2,5", second: "to"}, {first: "Skriv et helt tal", second: "Skriv et tal, fx 1.250,5"}),
        ],
    )
    assert counts(database) == {"BURC": 2, "FKC": 1, "ØDC": 0}
