from sqlalchemy import Engine
from sqlmodel import Session

from app.models import User
from tests.conftest import SignIn, one_database
from tests.page import read_page


def test_every_account_stands_there_with_person_roles_and_whether_it_can_sign_in(
    sign_in: SignIn, admin: User, database: Engine
) -> None:
    with Session(database) as session:
        session.get_one(User, 2).active = False
        session.get_one(User, 2).roles = ["direktion", "secretariat"]
        session.commit()
    page = read_page(sign_in(admin).get("/users").text)
    rows = [[cell.text for cell in row.all("th", "td")] for row in page.all("tbody")[0].all("tr")]
    assert len(rows) == 12
    assert rows == sorted(rows)
    assert ["admin@demo.example", "Søren Kvist", "Administrator", "Ja"] in rows
    assert ["direktion@demo.example", "Mette Dall", "Direktionen, Sekretariat", "Nej"] in rows
    assert ["laeser@demo.example", "–", "Læser", "Ja"] in rows
    links = {link.text: link.get("href") for link in page.all("a")}
    assert links["Mette Dall"] == "/people/1"


@one_database
def test_no_page_shows_a_password_or_its_hash(sign_in: SignIn, admin: User, sekretariat: User) -> None:
    for person in (admin, sekretariat):
        text = sign_in(person).get("/users").text
        assert "argon2" not in text
        assert person.password_hash not in text
        assert "python -m app add-user" in text  # how an account is made
