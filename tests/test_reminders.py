"""Who is told what on which day of a round. The open round's deadlines are 10 June (leaders) and 17 June (owners)."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.models import Deputy, Event, Mail, Person, Portfolio, Project, Report, ReportingRound, User
from app.models.deputy import DeputyFor
from app.models.mail import LetterForm, MailKind, is_address, write_letter
from app.models.project import Confidentiality, project_by_number
from app.models.report import ReportState, report_of
from app.models.reporting_round import RoundState, round_by_key
from app.settings import now
from app.tabs.reminders import Ask, Digest, Reminders, build_reminders
from tests.conftest import Queries, one_database

OPENING, LEADERS, OWNERS = date(2022, 5, 9), date(2022, 6, 10), date(2022, 6, 17)


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """The list, on which everybody has an address and nobody has been written to."""
    with Session(database) as opened:
        for person in opened.exec(select(Person)):
            person.email = f"person{person.id}@kommune.example"
        opened.commit()
        yield opened


def the_round(session: Session) -> ReportingRound:
    found = round_by_key(session, 1, "2022-06")
    assert found is not None
    return found


def reminders(session: Session, day: date) -> Reminders:
    return build_reminders(session, session.exec(select(Portfolio)).one(), the_round(session), day)


def told(session: Session, day: date) -> dict[str, Digest]:
    """The letters that are due on a day, by name."""
    return {digest.reader.name: digest for digest in reminders(session, day).due}


def send(session: Session, day: date) -> list[str]:
    """The names of those who are written to on a day, as if their letters had been sent."""
    due = reminders(session, day).due
    for digest in due:
        form = LetterForm(kind=digest.kind, subject="", body="")
        letter = write_letter(session, the_round(session), digest.reader.person_id, day, "a@b.example", form, now())
        assert letter is not None
        letter.sent_at = now()
    session.flush()
    return [digest.reader.name for digest in due]


def report(session: Session, number: str) -> Report:
    project = project_by_number(session, number)
    assert project is not None
    found = report_of(session, project, "2022-06")
    assert found is not None
    return found


def unwritten(session: Session) -> None:
    """Every status as it was on the day the round opened."""
    for each in session.exec(select(Report).where(Report.round_id == the_round(session).pk)):
        each.state, each.submitted_at, each.author_id, each.returned_reason = ReportState.draft, None, None, ""
    session.flush()


def asks(digest: Digest) -> list[tuple[Ask, str]]:
    return [(matter.ask, matter.number) for matter in digest.matters]


# ------------------------------------------------------------------------------------------------- the days of a round


def test_everybody_with_something_to_write_is_told_at_the_opening_and_nobody_else(session: Session) -> None:
    unwritten(session)
    letters = told(session, OPENING)
    on_list = session.exec(select(Report).where(Report.round_id == the_round(session).pk)).all()
    assert sum(len(digest.matters) for digest in letters.values()) == len(on_list) == 38
    assert {digest.kind for digest in letters.values()} == {MailKind.opening}
    assert {ask for digest in letters.values() for ask, _number in asks(digest)} == {Ask.write}
    assert asks(letters["Camilla Vang"]) == [(Ask.write, "P-005"), (Ask.write, "P-006"), (Ask.write, "P-029")]


@one_database
def test_leaders_are_reminded_7_and_2_days_before_on_the_day_and_the_day_after(session: Session) -> None:
    unwritten(session)
    days = {}
    for count in range((OWNERS - OPENING).days + 8):
        day = OPENING + timedelta(days=count)
        letters = told(session, day)
        if "Camilla Vang" in send(session, day):
            days[day] = letters["Camilla Vang"].kind
    assert days == {
        OPENING: MailKind.opening,
        LEADERS - timedelta(days=7): MailKind.reminder,
        LEADERS - timedelta(days=2): MailKind.reminder,
        LEADERS: MailKind.deadline,
        LEADERS + timedelta(days=1): MailKind.overdue,
    }


@one_database
def test_the_owner_is_told_the_day_after_the_deadline_and_not_before(session: Session) -> None:
    for day in (LEADERS - timedelta(days=7), LEADERS):
        assert Ask.chase not in {matter.ask for digest in told(session, day).values() for matter in digest.matters}
    letters = told(session, LEADERS + timedelta(days=1))
    assert (Ask.chase, "P-005") in asks(letters["Hanne Skov"])
    assert [matter.who for matter in letters["Hanne Skov"].matters if matter.ask is Ask.chase] == ["Camilla Vang"]


@one_database
def test_an_owner_is_told_when_something_waits_and_two_days_before_the_owners_deadline(session: Session) -> None:
    days = []
    for count in range(12):
        day = LEADERS + timedelta(days=count - 4)
        if "Sofie Dahlgren" in send(session, day):
            days.append(day)
    assert days == [LEADERS - timedelta(days=4), OWNERS - timedelta(days=2)]


@one_database
def test_a_leader_is_told_why_a_status_came_back_and_once(session: Session, direktion: User) -> None:
    assert "Steen Aaby" not in send(session, date(2022, 6, 4))
    report(session, "P-008").send_back(session, direktion, "Skriv hvornår byggeriet begynder.")
    session.flush()
    digest = told(session, date(2022, 6, 5))["Steen Aaby"]
    [matter] = digest.matters
    assert (digest.kind, matter.ask) == (MailKind.returned, Ask.correct)
    assert (matter.number, matter.reason) == ("P-008", "Skriv hvornår byggeriet begynder.")
    assert "Steen Aaby" in send(session, date(2022, 6, 5))
    assert "Steen Aaby" not in told(session, date(2022, 6, 7))


@one_database
def test_what_comes_back_on_the_day_of_a_letter_is_told_the_day_after(
    session: Session, leder: User, direktion: User
) -> None:
    """One letter a person and day, and nothing lost."""
    unwritten(session)
    assert "Steen Aaby" in send(session, LEADERS)
    each = report(session, "P-008")
    each.submit(session, leder)
    each.send_back(session, direktion, "Skriv hvornår byggeriet begynder.")
    session.flush()
    assert "Steen Aaby" not in told(session, LEADERS)
    assert (Ask.correct, "P-008") in asks(told(session, LEADERS + timedelta(days=1))["Steen Aaby"])


@one_database
def test_a_status_returned_after_the_deadline_has_the_owners_deadline(session: Session) -> None:
    digest = told(session, date(2022, 6, 13))["Jakob Winther"]
    assert [(matter.number, matter.due_on) for matter in digest.matters] == [("P-049", LEADERS), ("P-050", OWNERS)]
    assert (digest.kind, digest.due_on) == (MailKind.digest, OWNERS)


@one_database
def test_a_day_on_which_nothing_could_be_sent_is_made_up_for(session: Session) -> None:
    send(session, OPENING)
    assert "Camilla Vang" in told(session, LEADERS - timedelta(days=5))
    assert told(session, LEADERS - timedelta(days=5))["Camilla Vang"].kind is MailKind.reminder


@one_database
def test_nobody_gets_two_letters_on_a_day(session: Session) -> None:
    assert len(send(session, date(2022, 6, 13))) == 8
    assert send(session, date(2022, 6, 13)) == []


# ---------------------------------------------------------------------------------------------- who is told, who is not


def test_nobody_is_told_of_what_is_done(session: Session, sekretariat: User) -> None:
    states = {each.project_id: each.state for each in session.exec(select(Report))}
    report(session, "P-005").exempt(session, sekretariat, "Byrådet behandler sagen først.")
    session.flush()
    done = {
        number
        for key, number in session.exec(select(Project.id, Project.number))
        if states.get(key or 0) is ReportState.approved
    } | {"P-005"}
    for day in (OPENING, LEADERS, date(2022, 6, 13), OWNERS):
        assert not done & {matter.number for digest in told(session, day).values() for matter in digest.matters}


@pytest.mark.parametrize("state", [RoundState.planned, RoundState.frozen, RoundState.presented, RoundState.finished])
@one_database
def test_nobody_is_told_anything_before_the_opening_or_after_the_freeze(state: RoundState, session: Session) -> None:
    the_round(session).state = state
    session.flush()
    found = reminders(session, date(2022, 6, 13))
    assert (found.due, found.next_on, found.unreachable, found.under_way) == ([], None, [], False)


@one_database
def test_a_leader_who_can_no_longer_write_is_not_asked_to(session: Session) -> None:
    the_round(session).state = RoundState.closed_for_leaders
    session.flush()
    letters = told(session, date(2022, 6, 13))
    assert "Camilla Vang" not in letters
    assert asks(letters["Jakob Winther"]) == [(Ask.correct, "P-050")]
    assert (Ask.chase, "P-005") in asks(letters["Hanne Skov"])


@one_database
def test_the_owner_writes_where_nobody_leads_and_is_not_chased_as_well(session: Session) -> None:
    assert asks(told(session, date(2022, 6, 13))["Lene Bruun"]) == [(Ask.write, "P-039")]


@one_database
def test_nobody_is_asked_to_approve_what_they_wrote(session: Session) -> None:
    each = report(session, "P-018")
    each.author_id = each.project.owner_id
    session.flush()
    assert "Sofie Dahlgren" not in told(session, date(2022, 6, 13))


def deputy(session: Session, number: str, person: User, role: DeputyFor, to_on: date | None = None) -> None:
    project = report(session, number).project
    form = {"stands_for": role, "person_id": person.person_id or 0, "from_on": OPENING, "to_on": to_on}
    session.add(Deputy(project_id=project.pk, no=9, **form))  # type: ignore[arg-type] # as above
    session.flush()


@pytest.mark.parametrize(
    ("role", "number", "ask"), [(DeputyFor.leader, "P-005", Ask.write), (DeputyFor.owner, "P-018", Ask.approve)]
)
@one_database
def test_a_deputy_is_told_as_long_as_they_act(
    role: DeputyFor, number: str, ask: Ask, session: Session, chefforum: User
) -> None:
    deputy(session, number, chefforum, role, to_on=date(2022, 6, 13))
    assert (ask, number) in asks(told(session, date(2022, 6, 13))[str(chefforum)])
    assert str(chefforum) not in told(session, date(2022, 6, 14))


def closed(session: Session, number: str) -> None:
    report(session, number).project.confidentiality = Confidentiality.closed
    session.flush()


@one_database
def test_a_closed_project_is_its_number_alone(session: Session) -> None:
    closed(session, "P-050")
    closed(session, "P-005")
    letters = told(session, date(2022, 6, 13))
    for name in ("Jakob Winther", "Camilla Vang", "Hanne Skov"):
        [matter] = [each for each in letters[name].matters if each.number in ("P-050", "P-005")]
        assert (matter.title, matter.who, matter.reason) == ("", "", "")


@one_database
def test_a_deputy_who_may_not_know_of_a_closed_project_is_not_told(
    session: Session, anden_leder: User, direktion: User
) -> None:
    deputy(session, "P-005", anden_leder, DeputyFor.leader)
    deputy(session, "P-018", direktion, DeputyFor.owner)
    assert (Ask.write, "P-005") in asks(told(session, date(2022, 6, 13))[str(anden_leder)])
    closed(session, "P-005")
    closed(session, "P-018")
    letters = told(session, date(2022, 6, 13))
    assert str(anden_leder) not in {name for name, digest in letters.items() if digest.is_about("P-005")}
    assert (Ask.approve, "P-018") in asks(letters[str(direktion)])


@pytest.mark.parametrize(("email", "active"), [("", True), ("ikke en adresse", True), ("a@kommune.example", False)])
@one_database
def test_whoever_cannot_be_reached_is_named_instead(email: str, active: bool, session: Session) -> None:
    person = session.exec(select(Person).where(Person.name == "Kasper Ørum")).one()
    person.email, person.active = email, active
    session.flush()
    found = reminders(session, date(2022, 6, 13))
    assert [(each.name, each.active) for each in found.unreachable] == [("Kasper Ørum", active)]
    assert "Kasper Ørum" not in {digest.reader.name for digest in found.due}


@one_database
def test_an_account_gives_the_language_and_where_needed_the_address(session: Session, leder: User) -> None:
    account = session.exec(select(User).where(User.id == leder.pk)).one()
    account.language = "en"
    person = session.get_one(Person, leder.person_id)
    person.email = ""
    session.flush()
    letters = told(session, date(2022, 6, 13))
    assert (letters[str(leder)].reader.language, letters[str(leder)].reader.address) == ("en", "leder@demo.example")
    assert letters["Kasper Ørum"].reader.language == "da"


# --------------------------------------------------------------------------------------------------------- what is next


@one_database
def test_the_next_day_and_how_many_it_concerns_are_known(session: Session) -> None:
    found = reminders(session, date(2022, 6, 13))
    assert (found.next_on, found.next_count) == (date(2022, 6, 15), 3)
    later = reminders(session, OWNERS + timedelta(days=1))
    assert (later.next_on, later.next_count) == (None, 0)


@one_database
def test_the_days_to_come_are_those_on_which_letters_go_out(session: Session) -> None:
    unwritten(session)
    day, days = OPENING, list[date]()
    send(session, day)
    while (coming := reminders(session, day).next_on) and len(days) < 20:
        assert not any(told(session, day + timedelta(days=n)) for n in range(1, (coming - day).days))
        assert len(send(session, coming)) == reminders(session, day).next_count
        days.append(coming)
        day = coming
    assert days == [LEADERS - timedelta(days=n) for n in (7, 2, 0, -1)]


@one_database
def test_the_number_of_queries_does_not_follow_the_number_of_letters(session: Session, queries: Queries) -> None:
    with queries() as asked:
        few = len(reminders(session, date(2022, 6, 13)).due)
    before = len(asked)
    unwritten(session)
    with queries() as asked:
        many = len(reminders(session, date(2022, 6, 13)).due)
    assert many > 2 * few
    assert len(asked) <= before <= 12


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("anne.holm@kommune.example", True),
        ("a+b@sub.kommune.example", True),
        ("", False),
        ("anne", False),
        ("anne@localhost", False),
        ("a@b.example, c@d.example", False),
        ("a@b.example\nBcc: c@d.example", False),
        ("Anne <a@b.example>", False),
        ("a" * 120 + "@b.example", False),
    ],
)
def test_an_address_is_one_that_a_letter_can_go_to(text: str, right: bool) -> None:
    assert is_address(text) is right


@one_database
def test_the_log_of_the_demo_list_has_no_letters_yet(session: Session) -> None:
    assert not session.exec(select(Mail)).all()
    assert not session.exec(select(Event).where(col(Event.action) == "reminded")).all()
