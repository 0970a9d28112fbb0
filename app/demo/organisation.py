"""The municipality of the demo list: portfolio, themes, units, people, accounts, bodies and seats."""

from collections import Counter

from sqlmodel import Session

from app.demo.source import Facts, chosen, read
from app.i18n import search_key
from app.models import Body, BodyProject, Person, Portfolio, Project, Seat, Theme, Unit, User
from app.models.body import BodyForm
from app.models.password import hash_password
from app.models.person import PersonForm
from app.models.seat import SeatForm
from app.models.unit import refresh_search_text

People = dict[str, Person]
Units = dict[str, Unit]
Projects = dict[str, Project]


def load_organisation(session: Session) -> tuple[Portfolio, People, Units]:
    """Everything that projects refer to."""
    facts = read("organisation.toml")
    units = _units(session, facts["unit"])
    owner = next(body["name"] for body in facts["body"] if body["key"] == facts["portfolio"]["owner_body"])
    portfolio = Portfolio(
        **chosen(facts["portfolio"], "slug", "name", "case_number"),
        owner_body=owner,
        secretariat_unit_id=units[facts["portfolio"]["secretariat_unit"]].pk,
    )
    session.add(portfolio)
    people = _people(session, facts["person"], units)
    session.add_all(
        Theme(portfolio_id=portfolio.pk, name=theme["name"], position=position)
        for position, theme in enumerate(facts["theme"], start=1)
    )
    hashed = hash_password("demo")  # no secret: it is printed at the start, and demo mode is refused in production
    session.add_all(
        User(email=user["email"], person_id=people[user["person"]].pk, password_hash=hashed, roles=[user["role"]])
        for user in facts["user"]
    )
    session.flush()
    return portfolio, people, units


def _units(session: Session, tables: list[Facts]) -> Units:
    units = {
        table["code"]: Unit(**chosen(table, "code", "name", "aliases", "valid_from", "valid_to")) for table in tables
    }
    for unit in units.values():
        refresh_search_text(unit)
    session.add_all(units.values())
    session.flush()
    return units


def _people(session: Session, tables: list[Facts], units: Units) -> People:
    people = {}
    for table in tables:
        unit = table.get("unit")
        form = PersonForm(
            **chosen(table, "name", "title", "external", "organisation"), unit_id=units[unit].pk if unit else None
        )
        people[table["key"]] = Person(
            **form.model_dump(), director=unit == "DIR", search_text=search_key(table["name"])
        )
    session.add_all(people.values())
    session.flush()
    return people


def load_bodies(session: Session, portfolio: Portfolio, people: People, units: Units, projects: Projects) -> None:
    """Who meets about which projects, and who sits there."""
    tables = read("organisation.toml")["body"]
    bodies = [_body(portfolio, table) for table in tables]
    session.add_all(bodies)
    session.flush()
    served: Counter[str] = Counter()
    for table, body in zip(tables, bodies, strict=True):
        for key in table["projects"]:
            served[key] += 1
            session.add(BodyProject(project_id=projects[key].pk, body_id=body.pk, no=served[key]))
        for no, seat in enumerate(table["seats"], start=1):
            form = SeatForm(
                person_id=people[seat["person"]].pk if "person" in seat else None,
                role=seat.get("role", ""),
                unit_id=units[seat["unit"]].pk if "unit" in seat else None,
                function=seat["function"],
                attendance=seat["attendance"],
                from_on=seat["from"],
                to_on=seat.get("to"),
            )
            session.add(Seat(**form.model_dump(), body_id=body.pk, no=no))


def _body(portfolio: Portfolio, table: Facts) -> Body:
    form = BodyForm(
        **chosen(
            table,
            "name",
            "short",
            "type",
            "meetings_per_year",
            "typical_attendance",
            "external_members",
            "aliases",
            "valid_from",
            "valid_to",
        )
    )
    return Body(**form.model_dump(), portfolio_id=portfolio.pk)
