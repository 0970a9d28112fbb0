"""Twenty who press the same button at the same time, each with a browser and a connection of their own."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.i18n import gettext as _
from app.models import Edition, Event, Portfolio, Project, Report, ReportingRound, User
from app.models.report import ReportState
from app.models.reporting_round import RoundState, next_round
from app.settings import today
from tests.conftest import SignIn

TWENTY = 20
ROUNDS = "/portfolios/direktionen/rounds"
APPROVAL = "/projects/P-008/reports/2022-06/approval"
EXEMPTION = "/projects/P-005/reports/2022-06/exemption"
REOPENING = "/projects/P-005/reports/2022-06/reopening"
FREEZE = f"{ROUNDS}/2022-06/freeze"
REASON = {"reason": "Byrådet behandler sagen først."}


def all_press(browsers: Iterable[TestClient], *addresses: str) -> list[tuple[str, int, str]]:
    """Everybody presses at the same moment, the addresses in turn: the address, the status and the page of each."""
    pairs = list(zip(browsers, cycle(addresses)))
    start = Barrier(len(pairs))

    def press(pair: tuple[TestClient, str]) -> tuple[str, int, str]:
        browser, address = pair
        start.wait()
        answer = browser.post(address, data=REASON)
        return address, answer.status_code, answer.text

    with ThreadPoolExecutor(len(pairs)) as pool:
        return list(pool.map(press, pairs))


def one_succeeded(answers: list[tuple[str, int, str]], says: str) -> bool:
    """One was let through, and everybody else was told in a sentence why not."""
    refused = [page for _address, status, page in answers if status == 409]
    assert sorted(status for _address, status, _page in answers) == [303] + [409] * (len(answers) - 1)
    return all(says in page for page in refused)


def events(database: Engine, action: str) -> int:
    with Session(database) as session:
        return len(session.exec(select(Event.id).where(Event.action == action)).all())


def report_of(database: Engine, number: str) -> tuple[ReportState, RoundState]:
    """The state of a status of June 2022, and of the round."""
    query = (
        select(Report, ReportingRound)
        .join(Project, col(Project.id) == Report.project_id)
        .join(ReportingRound, col(ReportingRound.id) == Report.round_id)
        .where(Project.number == number, ReportingRound.key == "2022-06")
    )
    with Session(database) as session:
        report, round_ = session.exec(query).one()
        return report.state, round_.state


def put(database: Engine, state: RoundState) -> None:
    with Session(database) as session:
        session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one().state = state
        session.commit()


@pytest.fixture
def browsers(sign_in: SignIn, sekretariat: User) -> list[TestClient]:
    """Twenty windows of the secretariat."""
    return [sign_in(sekretariat) for _each in range(TWENTY)]


def test_of_twenty_who_approve_one_does(sign_in: SignIn, ejer: User, direktion: User, database: Engine) -> None:
    browsers = [sign_in(who) for who in islice(cycle((ejer, direktion)), TWENTY)]
    said = _("This cannot be done now: the status is %(state)s.") % {"state": str(ReportState.approved).lower()}
    before = events(database, "approved")
    assert one_succeeded(all_press(browsers, APPROVAL), said)
    assert events(database, "approved") == before + 1
    assert report_of(database, "P-008")[0] is ReportState.approved


def test_of_ten_who_approve_and_ten_who_return_one_does(sign_in: SignIn, ejer: User, database: Engine) -> None:
    browsers = [sign_in(ejer) for _each in range(TWENTY)]
    answers = all_press(browsers, APPROVAL, APPROVAL.replace("approval", "return"))
    assert one_succeeded(answers, _("This cannot be done now: the status is %(state)s.").partition("%")[0])
    [done] = [address for address, status, _page in answers if status == 303]
    state = report_of(database, "P-008")[0]
    assert (state is ReportState.approved) is (done == APPROVAL)
    assert events(database, "approved") + events(database, "returned") == 1


def test_of_twenty_who_freeze_one_does(browsers: list[TestClient], database: Engine) -> None:
    put(database, RoundState.closed_for_leaders)
    with Session(database) as session:
        before = len(session.exec(select(Edition.id)).all())
    frozen = events(database, "frozen")
    said = _("This cannot be done now: the round is %(state)s.") % {"state": str(RoundState.frozen).lower()}
    assert one_succeeded(all_press(browsers, FREEZE), said)
    assert events(database, "frozen") == frozen + 1
    with Session(database) as session:
        kept = session.exec(select(Edition).order_by(col(Edition.id))).all()
        assert len(kept) == before + 1
        assert kept[-1].previous_sha256 == kept[-2].sha256
        assert kept[-1].is_whole
    assert report_of(database, "P-006") == (ReportState.frozen, RoundState.frozen)


def test_of_twenty_who_open_one_does(browsers: list[TestClient], database: Engine) -> None:
    put(database, RoundState.frozen)
    with Session(database) as session:
        portfolio = session.exec(select(Portfolio)).one()
        planned = ReportingRound(**next_round(session, portfolio.pk, today()).model_dump(), portfolio_id=portfolio.pk)
        session.add(planned)
        session.commit()
        key, known = planned.pk, planned.key
    said = _("This cannot be done now: the round is %(state)s.") % {"state": str(RoundState.open).lower()}
    opened = events(database, "opened")
    assert one_succeeded(all_press(browsers, f"{ROUNDS}/{known}/opening"), said)
    assert events(database, "opened") == opened + 1
    with Session(database) as session:
        asked = session.exec(select(Report.project_id).where(Report.round_id == key)).all()
    assert len(asked) == len(set(asked)) > 30


def test_what_is_approved_during_the_freeze_is_frozen_or_refused(
    sign_in: SignIn, ejer: User, sekretariat: User, database: Engine
) -> None:
    put(database, RoundState.closed_for_leaders)
    pressed = all_press([sign_in(who) for who in (ejer, sekretariat)], APPROVAL, FREEZE)
    answers = {address: status for address, status, _page in pressed}
    assert answers[FREEZE] == 303
    state, round_ = report_of(database, "P-008")
    assert round_ is RoundState.frozen
    assert (answers[APPROVAL], state) in {(303, ReportState.frozen), (409, ReportState.not_approved)}


def test_what_is_exempt_is_not_reopened_behind_the_freeze(browsers: list[TestClient], database: Engine) -> None:
    assert browsers[0].post(EXEMPTION, data=REASON).status_code == 303
    put(database, RoundState.closed_for_leaders)
    answers = {address: status for address, status, _page in all_press(browsers[:2], FREEZE, REOPENING)}
    assert answers[FREEZE] == 303
    state, round_ = report_of(database, "P-005")
    assert round_ is RoundState.frozen
    assert (answers[REOPENING], state) in {(303, ReportState.not_reported), (409, ReportState.exempt)}
