"""Generated lists in files of their own, and what must be seen of them, asked of SQLite directly."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from app.db import connect, sqlite_module
from app.demo.generate import generate
from app.settings import today
from tests.databases import upgrade

READER = "leder@demo.example"
"""Who reads: a project leader. Every query is narrowed to the open projects and those that are the leader's own."""

ADDRESS = "/portfolios/direktionen/overview"
EXPORT = "/portfolios/direktionen/export.xlsx"


@dataclass
class GeneratedList:
    """A database with a generated list."""

    folder: Path
    projects: int

    @property
    def file(self) -> Path:
        return self.folder / "portefolje.sqlite3"

    @cached_property
    def engine(self) -> Engine:
        return connect(f"sqlite:///{self.file}")

    @cached_property
    def raw(self) -> Any:
        """A plain connection with the product's SQLite library."""
        return sqlite_module().connect(str(self.file), isolation_level=None)

    @cached_property
    def numbers(self) -> Iterator[int]:
        return count(1)

    def commit_a_status(self) -> str:
        """Changes the text of one approved report of the current round; gives the text that a fresh page shows."""
        text = f"Status skrevet lige før siden, nr. {next(self.numbers)}."
        self.raw.execute(_WRITE, (text,))
        return text

    def parameters(self) -> dict[str, Any]:
        """What the hand-written statements of rows.sql ask with."""
        (person,) = self.raw.execute("select person_id from user where email = ?", (READER,)).fetchone()
        keys = [key for (key,) in self.raw.execute(_ROUNDS)]
        names = ("now", "r1", "r2", "r3", "r4", "r5")
        return {"person": person, "day": today().isoformat()} | dict(zip(names, keys, strict=True))

    def statuses(self) -> dict[str, list[str]]:
        """What the reader must see: the six marks of each visible project, oldest round first, by number."""
        rounds = [key for (key,) in self.raw.execute(_ROUNDS)][::-1]
        visible = self.raw.execute(_VISIBLE, self.parameters()).fetchall()
        marks = {number: ["absent"] * len(rounds) for number, _phase in visible}
        for number, key, state, colour in self.raw.execute(_REPORTS):
            in_hand = key == rounds[-1] and state in ("draft", "submitted", "returned")
            if number in marks and key in rounds and not in_hand:
                counts = state in ("approved", "frozen") and colour
                marks[number][rounds.index(key)] = colour if counts else "not_reported"
        for number, phase in visible:
            if marks[number][-1] == "absent":
                reported = set(marks[number]) != {"absent"}
                ended = phase in ("finished", "stopped")
                marks[number][-1] = "finished" if ended else "not_reported" if reported else "not_assessed"
        return marks


_ROUNDS = "select id from reporting_round where state <> 'planned' order by as_of desc limit 6"
_WRITE = """
update report set summary = ?, version = version + 1
where project_id = (select id from project where number = 'P-001')
  and round_id = (select id from reporting_round where state <> 'planned' order by as_of desc limit 1)
"""
_VISIBLE = """
select number, phase from project p where confidentiality <> 'closed' or :person in (owner_id, leader_id)
or id in (select project_id from body_project join seat using (body_id) where person_id = :person)
"""
_REPORTS = "select p.number, r.round_id, r.state, r.colour from report r join project p on p.id = r.project_id"


def make_list(folder: Path, projects: int) -> GeneratedList:
    folder.mkdir()
    made = GeneratedList(folder, projects)
    upgrade(made.engine)
    with Session(made.engine) as session:
        generate(session, projects)
        session.commit()
    made.engine.dispose()
    return made
