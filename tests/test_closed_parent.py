from sqlalchemy import Engine
from sqlmodel import Session, select

from app.models import Project, User
from tests.conftest import SignIn


def test_nobody_learns_of_a_closed_programme_from_what_stands_below_it(
    sign_in: SignIn, database: Engine, leder: User, sekretariat: User
) -> None:
    with Session(database) as session:
        closed = session.exec(select(Project).where(Project.number == "L-01")).one()
        child = session.exec(select(Project).where(Project.number == "P-006")).one()
        title, child.parent_id = closed.title, closed.id
        session.commit()
    for address in ("/api/v1/portfolios/direktionen/overview", "/projects/P-006"):
        assert title not in sign_in(leder).get(address).text
        assert title in sign_in(sekretariat).get(address).text
