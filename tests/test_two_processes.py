"""Two serving processes on one database: no edit is lost, and what can be done once is done once.

Beside a SQLite that could lose what was confirmed there is one process only.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select
from typer.testing import CliRunner

from app.__main__ import cli
from app.db import sqlite_module
from app.models import Decision, Event, Mail, Meeting, Milestone, Recommendation, ReportingRound, User
from app.models.reporting_round import next_round
from app.settings import get_settings, today
from tests.conftest import SignIn, one_database
from tests.serving import MILESTONES, TYPED, Installation, assert_sound, cookie_of, installation, write
from tests.sizes import AT_ONCE, CELLS, CLIENTS, EDITS, LIVES, STEPS, tried
from tests.writes import answer_to, filled_in

SUBMISSION = "/projects/{number}/reports/{round}/submission"
JUNE = "/portfolios/direktionen/rounds/2022-06"
Typed = dict[str, str | list[str]]
FIRST: Typed = {"on": "recommendation-1", "verb": "noted"}


def test_no_edit_of_many_at_once_is_lost_by_two_processes(database: Engine, leder: User) -> None:
    """Each of eight reads a cell and saves another text; who was overtaken is told so, and nobody else's is lost."""
    cookie, edits = cookie_of(database, leder), EDITS[database.dialect.name]
    with installation(database, 2) as serving:
        serving.start()
        with serving.browser(cookie) as browser:
            for n in range(CELLS):
                assert write(browser, f"Nr. {n}").status_code == 303
        cells = sorted(each.no for each in ours(database))

        def edit(client: int) -> tuple[list[str], int]:
            chance, saved, refused = random.Random(client), [], 0  # noqa: S311 - the same in every run
            with serving.browser(cookie, client) as browser:
                for n in range(edits):
                    text, no = f"Nr. {client}.{n}", chance.choice(cells)
                    cell = next(each for each in ours(database) if each.no == no)
                    form = TYPED | {"text": text, "version": str(cell.version)}
                    answer = browser.post(f"{MILESTONES}/{no}/edit", data=form)
                    assert answer.status_code in (303, 409)
                    if answer.status_code == 303:
                        saved.append(text)
                    else:
                        assert 'id="conflict"' in answer.text
                        refused += 1
            return saved, refused

        with ThreadPoolExecutor(CLIENTS) as pool:
            answers = list(pool.map(edit, range(CLIENTS)))
    saved = {text for texts, _refused in answers for text in texts}
    stored = ours(database)
    assert sum(cell.version - 1 for cell in stored) == len(saved)
    assert {cell.text for cell in stored} - {f"Nr. {n}" for n in range(CELLS)} <= saved
    with Session(database) as session:
        query = select(Event).where(Event.subject == "Milestone", Event.action == "changed")
        changes = [
            (event.before["text"], event.after["text"]) for event in session.exec(query) if "text" in event.after
        ]
    assert {after for _before, after in changes} == saved
    assert len(dict(changes)) == len(changes), "two saved over the same text"
    tried(f"edits of {CELLS} cells by {CLIENTS} at once, {database.dialect.name}", CLIENTS * edits)


def ours(database: Engine) -> list[Milestone]:
    with Session(database.execution_options(read_only=True)) as session:
        return list(session.exec(select(Milestone).where(col(Milestone.text).startswith("Nr. "))))


@dataclass(frozen=True)
class Step:
    """What twenty press at once: who, where, what they have typed, and the answers to all but one of them."""

    who: User
    address: str
    typed: Typed = field(default_factory=dict)
    others: int = 409
    letters: bool = False
    """Whether somebody is told of it by letter."""


@pytest.mark.parametrize("life", range(LIVES))
def test_each_step_of_a_round_is_taken_once_by_twenty_at_two_processes(
    database: Engine, sign_in: SignIn, leder: User, ejer: User, sekretariat: User, life: int
) -> None:
    """Whoever comes second is told so; one event tells of it, and nobody gets two letters."""
    once: Typed = {**TYPED, "once": "den samme", "text": "Nr. 1"}
    status = filled_in(sign_in(leder), SUBMISSION)
    reason: Typed = {"reason": "Skriv, hvornår grundene er solgt."}
    with installation(database, 2) as serving:
        serving.start()
        press = Twenty(serving, database)
        press(Step(leder, MILESTONES, once, others=303))
        press(Step(leder, "/projects/P-005/reports/2022-06/submission", status, letters=True))
        press(Step(ejer, "/projects/P-005/reports/2022-06/approval"))
        press(Step(ejer, "/projects/P-008/reports/2022-06/return", reason))  # its leader has no account
        press(Step(sekretariat, f"{JUNE}/closing"))
        press(Step(sekretariat, f"{JUNE}/freeze"))
        press(Step(sekretariat, f"{JUNE}/meeting"))
        press(Step(sekretariat, f"{JUNE}/presentation"))
        press(Step(sekretariat, f"/meetings/{meeting_on_june(database)}/decisions", FIRST))
        answer_the_rest(database)
        press(Step(sekretariat, f"{JUNE}/conclusion"))
        press(Step(sekretariat, f"{planned_after_june(database)}/opening", letters=True))
    assert press.steps == STEPS
    assert_sound(database)
    tried(f"steps pressed by {AT_ONCE} at two processes, {database.dialect.name}", STEPS)


class Twenty:
    """Ten at each of two processes."""

    def __init__(self, serving: Installation, database: Engine) -> None:
        self.serving, self.database, self.steps = serving, database, 0

    def __call__(self, step: Step) -> None:
        before = counted(self.database)
        assert sorted(self.answers(step)) == sorted([303] + [step.others] * (AT_ONCE - 1)), step.address
        events, letters = counted(self.database)
        assert events == before[0] + 1
        assert (letters > before[1]) is step.letters
        self.steps += 1

    def answers(self, step: Step) -> list[int]:
        cookie, start = cookie_of(self.database, step.who), Barrier(AT_ONCE)

        def press(browser: httpx.Client) -> int:
            start.wait()
            return browser.post(step.address, data=step.typed).status_code

        at = self.serving.browser
        with at(cookie, 0) as one, at(cookie, 1) as other, ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(press, [one, other] * (AT_ONCE // 2)))


def counted(database: Engine) -> tuple[int, int]:
    """How many events there are, and how many have a letter; nobody has two about the same round."""
    with Session(database.execution_options(read_only=True)) as session:
        events = session.exec(select(func.count(col(Event.id)))).one()
        letters = session.exec(select(Mail.round_id, Mail.person_id)).all()
    assert len(set(letters)) == len(letters)
    return events, len(letters)


def meeting_on_june(database: Engine) -> int:
    with Session(database) as session:
        return session.exec(select(Meeting).join(ReportingRound).where(ReportingRound.key == "2022-06")).one().pk


def answer_the_rest(database: Engine) -> None:
    """The board has decided on every other recommendation too."""
    here = Recommendation.meeting_id == meeting_on_june(database)
    with Session(database) as session:
        decided = select(Decision.recommendation_id).where(col(Decision.recommendation_id).is_not(None))
        for each in session.exec(select(Recommendation).where(here, col(Recommendation.id).not_in(decided))):
            session.add(answer_to(each))
        session.commit()


def planned_after_june(database: Engine) -> str:
    """The address of the next round, which has been planned."""
    with Session(database) as session:
        june = session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one()
        form = next_round(session, june.portfolio_id, today())
        session.add(ReportingRound(**form.model_dump(), portfolio_id=june.portfolio_id))
        session.commit()
    return f"/portfolios/direktionen/rounds/{form.key}"


@one_database
def test_beside_a_sqlite_that_loses_what_was_confirmed_there_is_one_process_only(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is refused; when the first is dead, another may."""
    old = {"sqlite_version": "3.40.1", "sqlite_version_info": (3, 40, 1)}
    for name, value in old.items():
        monkeypatch.setattr(sqlite_module(), name, value)
    monkeypatch.setenv("DATABASE_URL", str(database.url))
    for _each in range(2):
        with installation(database, sqlite=old) as serving:
            serving.start()
            get_settings.cache_clear()
            refused = CliRunner().invoke(cli, ["serve"])
            assert refused.exit_code == 1
            assert refused.stderr == "Another process serves this list, and SQLite 3.40.1 is safe with one only.\n"
    get_settings.cache_clear()
