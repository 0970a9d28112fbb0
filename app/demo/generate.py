"""A synthetic list of any size, the same one every time: what the benchmarks and the search for slow pages run on.

Nothing in it is true. It has the demo list's rounds and accounts and its rows go through the forms, but they are stored
in bulk: ten thousand projects with a hundred thousand reports take less than a minute.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from app.demo.source import chosen, read
from app.i18n import search_key
from app.models import (
    Assessment,
    Body,
    BodyProject,
    EffectTarget,
    KeyPersons,
    Measurement,
    Milestone,
    Person,
    Placement,
    Portfolio,
    Project,
    ProjectUnit,
    Report,
    ReportingRound,
    Seat,
    SuccessCriterion,
    Theme,
    Unit,
    User,
)
from app.models.assessment import AssessmentForm, Colour, Dimension
from app.models.base import table_of
from app.models.body import BodyForm
from app.models.effect_target import Direction, EffectTargetForm, Frequency
from app.models.event import record
from app.models.measurement import MeasurementForm
from app.models.milestone import MilestoneForm, Precision
from app.models.password import hash_password
from app.models.person import PersonForm
from app.models.placement import PlacementForm
from app.models.project import Confidentiality, Kind, Phase, ProjectForm
from app.models.report import ReportForm, ReportState, Track
from app.models.reporting_round import RoundState
from app.models.seat import SeatForm, SeatFunction
from app.models.success_criterion import SuccessCriterionForm
from app.settings import today

SEED = 2022
PEOPLE, HEADS, BODIES, SEATS = 300, 60, 60, 5
"""How many there are; the heads, the first of the people, own projects and chair bodies."""
FAMILY = 25
"""So many projects in a row share a theme; the first of them is a programme, the second a focus area of it."""

Rows = Iterator[dict[str, Any]]
COLOURS, DIMENSIONS, KINDS, PHASES, TRACKS = list(Colour), list(Dimension), list(Kind), list(Phase), list(Track)

THEMES = (
    "Omdannelse af boligområder",
    "Byudvikling og anlæg",
    "Børn og dagtilbud",
    "Skole og læring",
    "Unge og uddannelse",
    "Sundhed og forebyggelse",
    "Ældre og pleje",
    "Social indsats",
    "Beskæftigelse",
    "Civilsamfund og fællesskaber",
    "Kultur og fritid",
    "Klima og miljø",
    "Trafik og mobilitet",
    "Ejendomme og energi",
    "Digitalisering",
    "Data og sikkerhed",
    "Strategi og branding",
    "Ledelse og arbejdsmiljø",
    "Økonomi og styring",
    "Indkøb og udbud",
)
FIELDS = {
    "BØR": "Børn",
    "SKO": "Skoler",
    "UNG": "Unge",
    "SUN": "Sundhed",
    "PLE": "Pleje",
    "SOC": "Sociale indsatser",
    "JOB": "Job og Ydelser",
    "KUL": "Kultur",
    "IDR": "Idræt",
    "BIB": "Biblioteker",
    "KLI": "Klima",
    "MIL": "Miljø",
    "TRA": "Trafik",
    "EJE": "Ejendomme",
    "BYG": "Byggesager",
    "DIG": "Digitalisering",
    "HRM": "Personale",
    "ØKO": "Økonomi",
    "IND": "Indkøb",
    "JUR": "Jura",
}
FIRST_NAMES = (
    "Anne Bente Carsten Dorte Erik Fatima Gitte Hans Ida Jens Karen Lars Mette Niels Ole Pia Rune Sofie Ulla Åse"
)
LAST_NAMES = (
    "Agerbo Bjerre Dalum Egholm Fabricius Gade Højlund Iversen Juhl Krogh Lund Mørk Nygård Overby Poulsen Ravn Sø"
)
WORKS = (
    "Helhedsplan for",
    "Udvikling af",
    "Ny organisering af",
    "Digital indgang til",
    "Renovering af",
    "Samarbejde om",
    "Analyse af",
    "Tidlig indsats i",
    "Evaluering af",
    "Fælles drift af",
    "Udbud af",
    "Partnerskab om",
)
MATTERS = (
    "dagtilbud",
    "folkeskolen",
    "plejecentre",
    "hjemmeplejen",
    "sundhedshuset",
    "de grønne områder",
    "cykelstierne",
    "idrætsanlæggene",
    "borgerservice",
    "kulturhuset",
    "ungdomsuddannelserne",
    "sagsbehandlingen",
    "affaldsordningen",
    "energiforbruget",
    "boligsociale indsatser",
    "familiestøtten",
)
PLACES = "i bymidten,i Nordbyen,i Sydbyen,ved åen,på havnen,i landsbyerne,på tværs af centre,i Østerparken,i Vestervang"
SENTENCES = (
    "Arbejdet følger planen, og de næste skridt er aftalt med de berørte centre.",
    "Udbuddet er afsluttet, og kontrakten er underskrevet.",
    "Leverandøren er bagud, og en ny tidsplan ventes til {month}.",
    "Styregruppen har godkendt den reviderede tidsplan.",
    "Der mangler {count} mio. kr. i den samlede finansiering.",
    "De første {count} medarbejdere er oplært, og resten følger efter ferien.",
    "Borgerne er inddraget på {count} møder, og indvendingerne er behandlet.",
    "Høringen slutter i {month}, og der er kommet {count} svar.",
    "Byggetilladelsen er givet, og arbejdet går i gang i {month}.",
    "Nøglepersoner mangler tid, fordi driften har krævet mere end ventet.",
    "Effekten kan først måles, når løsningen er taget i brug i {month}.",
    "Pilotforløbet viser gode resultater på {count} institutioner.",
    "Kommunalbestyrelsen behandler sagen i {month}.",
    "Samarbejdet med regionen er på plads.",
    "Overdragelsen til driften er forberedt, men ikke aftalt.",
    "Rekrutteringen af projektmedarbejdere er lykkedes.",
)
CAUSES = (
    "Tidsplanen er skredet {count} måneder.",
    "Der mangler {count} mio. kr.",
    "Leverancen lever ikke op til aftalen.",
    "Driften har ikke taget løsningen i brug.",
    "Effekten er lavere end ventet efter {count} måneder.",
)
MONTHS = ("januar", "februar", "marts", "april", "maj", "juni", "august", "september", "oktober", "november")


def generate(session: Session, projects: int) -> None:
    """Fills an empty database with so many projects, all of them on the list; the caller commits."""
    # No secret comes of it: the same list every time.
    chance = Random(SEED)  # noqa: S311 # nosec
    facts = read("organisation.toml")
    rounds = list(_rounds())
    people = list(_people(chance))
    listed = list(_projects(chance, projects))
    portfolio = chosen(facts["portfolio"], "slug", "name", "case_number") | {"owner_body": "direktionen"}
    _insert(session, Unit, _units())
    _insert(session, Portfolio, [portfolio | {"secretariat_unit_id": 1, "key_person_hours": 5}])
    _insert(session, Person, people)
    _insert(session, User, _users(facts["user"]))
    _insert(session, Theme, ({"portfolio_id": 1, "name": name, "position": n} for n, name in enumerate(THEMES, 1)))
    _insert(session, ReportingRound, rounds)
    _insert(session, Project, listed)
    _insert(session, ProjectUnit, _involved(chance, projects))
    _insert(session, Placement, _placements(listed))
    _insert(session, Milestone, _milestones(chance, projects))
    _insert(session, KeyPersons, _key_persons(chance, projects))
    _insert(session, Body, _bodies(min(BODIES, projects)))
    _insert(session, BodyProject, _served(projects))
    _insert(session, Seat, _seats(chance, min(BODIES, projects)))
    _insert_targets(session, chance, projects)
    _insert_reports(session, chance, listed, rounds, [person["name"] for person in people])
    record(session, None, "created", session.exec(select(Portfolio)).one())
    session.flush()


def _insert(session: Session, model: type[SQLModel], rows: Iterable[dict[str, Any]], batch: int = 5_000) -> None:
    """Stores rows past the mapper, numbered from 1 in their order where the table has a key and a version."""
    table = table_of(model)
    numbered = "id" in table.c
    ready = ({"id": n, "version": 1} | row if numbered else row for n, row in enumerate(rows, 1))
    connection = session.connection()
    while some := list(islice(ready, batch)):
        connection.execute(sa.insert(table), some)
    if numbered and connection.dialect.name == "postgresql":
        highest = sa.select(sa.func.max(table.c.id)).scalar_subquery()
        connection.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(f'"{table.name}"', "id"), highest)))


def _rounds() -> Rows:
    names = ("key", "name", "as_of", "opens_on", "leader_deadline_on", "owner_deadline_on", "board_on")
    for table in read("statuses.toml")["round"]:
        state = RoundState(table["state"])
        frozen_at = _at(table["as_of"]) if state is RoundState.frozen else None
        yield chosen(table, *names) | {"portfolio_id": 1, "state": state, "frozen_at": frozen_at}


def _units() -> Rows:
    for letter, kind in (("C", "Center for"), ("A", "Afdeling for")):
        for short, name in FIELDS.items():
            code, called = f"{short}{letter}", f"{kind} {name}"
            yield {"code": code, "name": called, "aliases": [], "search_text": search_key(code, called)}


def _people(chance: Random) -> Rows:
    names = [f"{first} {last}" for first in FIRST_NAMES.split() for last in LAST_NAMES.split()]
    chance.shuffle(names)
    for n, name in enumerate(names[:PEOPLE]):
        form = PersonForm(name=name, title="Chef" if n < HEADS else "Konsulent", unit_id=1 + n % (2 * len(FIELDS)))
        yield form.model_dump() | {"director": n < 5, "search_text": search_key(name)}


def _users(tables: list[dict[str, Any]]) -> Rows:
    """The demo accounts. The owner among them is the first of the people, who owns P-001; its leader comes right after
    the heads."""
    hashed = hash_password("demo")  # no secret: it is printed at the start, and demo mode is refused in production
    known = {"ejer@demo.example": 1, "leder@demo.example": HEADS + 1}
    for n, user in enumerate(tables, 2):
        yield {
            "email": user["email"],
            "person_id": known.get(user["email"], n),
            "password_hash": hashed,
            "roles": [user["role"]],
            "language": "da",
            "active": True,
        }


def _projects(chance: Random, count: int) -> Rows:
    """Families of a programme, a focus area and projects, a few of them without leader or closed to most readers."""
    last = {"P": 0, "L": 0}
    places = PLACES.split(",")
    for n in range(count):
        head, place = n - n % FAMILY, n % FAMILY
        closed = n > 0 and chance.random() < 0.02
        series = "L" if closed else "P"
        last[series] += 1
        number = f"{series}-{last[series]:0{2 if closed else 3}d}"
        title = f"{chance.choice(WORKS)} {chance.choice(MATTERS)} {chance.choice(places)}"
        starts_on = date(2017, 1, 2) + timedelta(days=7 * chance.randrange(220))
        owner_id = 1 + n % HEADS
        form = ProjectForm(
            title=title,
            purpose=f"Målet er et bedre resultat for borgerne inden for {title[0].lower()}{title[1:]}.",
            kind={0: Kind.programme, 1: Kind.focus_area}.get(place, chance.choice(KINDS[2:])),
            parent_id=head + 1 if place == 1 else head + 2 if 2 <= place < 10 else None,
            theme_id=1 + n // FAMILY % len(THEMES),
            phase=chance.choices(PHASES, (2, 8, 50, 20, 15, 4, 1))[0],
            starts_on=starts_on,
            planned_end_on=starts_on + timedelta(days=chance.randrange(700, 3000)),
            unit_id=1 + chance.randrange(2 * len(FIELDS)),
            owner_id=owner_id if n == 0 or chance.random() > 0.01 else None,
            leader_id=_leader(chance, n, owner_id),
            large=place < 5,
            cross_cutting=place % 3 == 0,
            strategic=place % 2 == 0,
            confidentiality=Confidentiality.closed if closed else Confidentiality.internal,
            case_numbers=[f"{chance.randrange(14, 22)}/{chance.randrange(1000, 30000)}"],
        )
        yield form.model_dump() | {
            "portfolio_id": 1,
            "number": number,
            "series": series,
            "sequence": last[series],
            "baseline_end_on": form.planned_end_on,
            "search_text": search_key(number, title, *form.case_numbers),
        }


def _leader(chance: Random, n: int, owner_id: int) -> int | None:
    """A few projects have no leader, and a few the owner."""
    draw = chance.random() if n else 1
    return None if draw < 0.03 else owner_id if draw < 0.04 else HEADS + 1 + n % (PEOPLE - HEADS)


def _involved(chance: Random, projects: int) -> Rows:
    for n in range(projects):
        for unit in chance.sample(range(2 * len(FIELDS)), chance.randrange(1, 4)):
            yield {"project_id": n + 1, "unit_id": unit + 1}


def _placements(listed: list[dict[str, Any]]) -> Rows:
    for n, project in enumerate(listed):
        form = PlacementForm(from_on=max(project["starts_on"], date(2018, 1, 2)))
        decided = {"decision_in": "Direktionen, punkt 4", "decision_out": "", "reason_out": ""}
        yield form.model_dump() | decided | {"project_id": n + 1, "no": 1, "to_on": None, "follow_up": False}


def _milestones(chance: Random, projects: int) -> Rows:
    """Three a project; one in twelve of those that are due has not been done."""
    for n in range(projects):
        for no, what in enumerate(("Plan godkendt", "Løsning taget i brug", "Evaluering afleveret"), 1):
            due_on = date(2019 + no, 1, 1) + timedelta(days=chance.randrange(365))
            done = due_on < today() and chance.random() > 0.08
            form = MilestoneForm(text=what, due_on=due_on, precision=Precision.month, done_on=due_on if done else None)
            baseline_on = due_on - timedelta(days=30 * chance.randrange(4))
            yield form.model_dump() | {"project_id": n + 1, "no": no, "baseline_on": baseline_on}


def _key_persons(chance: Random, projects: int) -> Rows:
    for n in range(projects):
        for unit in chance.sample(range(2 * len(FIELDS)), n % 4):
            yield {"project_id": n + 1, "unit_id": unit + 1, "count": chance.randrange(6)}


def _bodies(count: int) -> Rows:
    for n in range(count):
        name = f"Styregruppe {n + 1}, {THEMES[n % len(THEMES)]}"
        form = BodyForm(name=name, short=f"SG {n + 1}", meetings_per_year=4 + n % 8)
        yield form.model_dump() | {"portfolio_id": 1}


def _served(projects: int) -> Rows:
    """Each project has its body, and every tenth the next one as well."""
    bodies = min(BODIES, projects)
    for n in range(projects):
        for no in range(1 + (n % 10 == 0 and bodies > 1)):
            yield {"project_id": n + 1, "body_id": 1 + (n + no) % bodies, "no": no + 1}


def _seats(chance: Random, bodies: int) -> Rows:
    functions = (
        SeatFunction.chair,
        SeatFunction.owner,
        SeatFunction.member,
        SeatFunction.member,
        SeatFunction.secretary,
    )
    for n in range(bodies):
        sitting = [n % HEADS, *chance.sample(range(HEADS, PEOPLE), SEATS - 1)]
        for no, (person, function) in enumerate(zip(sitting, functions, strict=True), 1):
            form = SeatForm(person_id=person + 1, function=function, from_on=date(2018, 1, 2))
            yield form.model_dump() | {"body_id": n + 1, "no": no}


def _insert_targets(session: Session, chance: Random, projects: int) -> None:
    """An effect target, with its success criterion and up to four measurements, for a third of the projects."""
    measured = range(0, projects, 3)
    targets = [_target(chance, n) | {"project_id": n + 1, "no": 1} for n in measured]
    _insert(session, EffectTarget, targets)
    _insert(session, SuccessCriterion, (_criterion(n) for n in measured))
    _insert(session, Measurement, _measurements(chance, targets))


def _target(chance: Random, n: int) -> dict[str, Any]:
    """A target that wants more or less of something; some lack a baseline."""
    direction = Direction.up if n % 2 else Direction.down
    baseline = chance.randrange(200, 800)
    form = EffectTargetForm(
        name=f"{'Flere' if n % 2 else 'Færre'} {chance.choice(MATTERS)} pr. 1.000 borgere",
        unit_of_measure="antal",
        direction=direction,
        baseline_value=float(baseline) if chance.random() > 0.1 else None,
        baseline_on=date(2019, 12, 31),
        target_value=baseline * (1.25 if direction is Direction.up else 0.75),
        target_on=date(2023, 12, 31),
        owner_unit_id=1 + n % (2 * len(FIELDS)),
        source="Ledelsesinformation",
        frequency=Frequency.half_yearly,
    )
    return form.model_dump()


def _criterion(n: int) -> dict[str, Any]:
    form = SuccessCriterionForm(text=f"Løsningen bruges af mindst {50 + n % 50} % af målgruppen")
    return form.model_dump() | {"project_id": n + 1, "no": 1}


def _measurements(chance: Random, targets: list[dict[str, Any]]) -> Rows:
    for n, target in enumerate(targets):
        value = target["baseline_value"] or 400.0
        step = (target["target_value"] - value) / 8
        for no in range(n % 5):
            value += step * chance.uniform(-0.2, 1.8)
            measured_on = date(2020, 6, 30) + timedelta(days=183 * no)
            form = MeasurementForm(measured_on=measured_on, value=round(value, 1), source="Ledelsesinformation")
            yield form.model_dump() | {"effect_target_id": n + 1, "no": no + 1}


def _insert_reports(
    session: Session, chance: Random, listed: list[dict[str, Any]], rounds: list[dict[str, Any]], names: list[str]
) -> None:
    """Every project's report in every round since it came on the list, six dimensions for the last two rounds."""
    assessments: list[dict[str, Any]] = []
    reports = _reports(chance, listed, rounds, names, assessments)
    _insert(session, Report, reports)
    _insert(session, Assessment, assessments)


def _reports(
    chance: Random,
    listed: list[dict[str, Any]],
    rounds: list[dict[str, Any]],
    names: list[str],
    assessments: list[dict[str, Any]],
) -> Rows:
    number = 0
    for n, project in enumerate(listed):
        colour, summary = Colour.green, ""
        for place, a_round in enumerate(rounds, 1 - len(rounds)):
            colour = _next(chance, colour)
            if project["starts_on"] > a_round["as_of"] or (n and place == 0 and chance.random() < 0.05):
                continue
            number += 1
            state = _state(chance, under_way=place == 0, first=n == 0)
            written = state is not ReportState.not_reported
            if not summary or chance.random() > 0.03:
                summary = " ".join(
                    _text(chance, sentence) for sentence in chance.sample(SENTENCES, chance.randrange(1, 6))
                )
            better = colour is not Colour.green and chance.random() < 0.05
            form = _report(chance, colour, better, summary, a_round, names) if written else ReportForm()
            if written and place >= -1:
                assessments += _assessments(chance, number, colour)
            yield form.model_dump() | {
                "project_id": n + 1,
                "round_id": place + len(rounds),
                "state": state,
                "author_id": project["leader_id"] if written else None,
                **_dates(project, a_round, state),
                "returned_reason": "Beskriv virkningen for borgerne." if state is ReportState.returned else "",
            }


def _next(chance: Random, colour: Colour) -> Colour:
    """Two colours in three stay as they were; most projects are green most of the time."""
    return colour if chance.random() < 0.66 else chance.choices(COLOURS, (1, 3, 6))[0]


def _state(chance: Random, *, under_way: bool, first: bool) -> ReportState:
    if first:
        return ReportState.approved if under_way else ReportState.frozen
    if under_way:
        states = (ReportState.approved, ReportState.submitted, ReportState.returned, ReportState.draft)
        return chance.choices(states, (88, 6, 2, 4))[0]
    return ReportState.frozen if chance.random() > 0.03 else ReportState.not_reported


def _report(
    chance: Random, colour: Colour, better: bool, summary: str, a_round: dict[str, Any], names: list[str]
) -> ReportForm:
    """A report with what its colour demands; `better` is one step above the worst dimension, with the reason."""
    if better:
        colour = COLOURS[COLOURS.index(colour) + 1]
    written: dict[str, Any] = {"colour": colour, "summary": summary}
    if better:
        written["deviation_reason"] = "Afvigelsen er dækket af en aftale, der er indgået."
    if colour is not Colour.green:
        written["path_action"] = "Ny tidsplan med leverandøren"
        written["path_who"] = chance.choice(names)
        written["path_on"] = a_round["as_of"] + timedelta(days=90)
    if colour is Colour.red:
        written["decision_wanted"] = "Skal projektet have en ny plan eller stoppes?"
        written["decision_track"] = chance.choice(TRACKS)
        written["decision_by_on"] = a_round["as_of"] + timedelta(days=chance.randrange(7, 60))
        written["options"] = ["Ny plan inden for rammen", "Stop projektet"]
    return ReportForm.model_validate(written)


def _assessments(chance: Random, report: int, colour: Colour) -> Rows:
    """Six dimensions, the worst of which has this colour; effect is often not relevant yet."""
    cause, has_effect = chance.choice(DIMENSIONS[:5]), chance.random() > 0.6
    for dimension in DIMENSIONS:
        judged = colour if dimension is cause else Colour.green if has_effect or dimension in DIMENSIONS[:5] else None
        comment = _text(chance, chance.choice(CAUSES)) if judged in COLOURS[:2] else ""
        form = AssessmentForm(dimension=dimension, colour=judged, comment=comment)
        yield form.model_dump() | {"report_id": report}


def _dates(project: dict[str, Any], a_round: dict[str, Any], state: ReportState) -> dict[str, Any]:
    counts = state in (ReportState.approved, ReportState.frozen)
    sent = counts or state in (ReportState.submitted, ReportState.returned)
    return {
        "submitted_at": _at(a_round["leader_deadline_on"]) - timedelta(days=7) if sent else None,
        "approver_id": project["owner_id"] if counts else None,
        "approved_at": _at(a_round["leader_deadline_on"]) - timedelta(days=project["sequence"] % 6) if counts else None,
    }


def _text(chance: Random, sentence: str) -> str:
    return sentence.format(month=chance.choice(MONTHS), count=chance.randrange(2, 40))


def _at(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
