"""Approval: an owner reads a status beside last time's, approves or returns it, and both voices are kept."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.i18n import gettext as _
from app.models import Deputy, Event, Person, Project, Report, ReportingRound, User
from app.models.assessment import Colour
from app.models.deputy import DeputyFor
from app.models.report import ApprovedAs, ReportState
from app.models.reporting_round import RoundState
from app.models.role import Role
from app.tabs.approval import Piece, compare
from tests.conftest import Queries, SignIn, one_database
from tests.fields import assert_refused, part, said_at, send
from tests.page import Element, form_on, read_page

APPROVAL = "/projects/P-008/reports/2022-06/approval"
RETURN = "/projects/P-008/reports/2022-06/return"
REOPENING = "/projects/P-006/reports/2022-06/reopening"
IN_THE_LIST = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#approvals"}
REASON = "Skriv, hvornår grundene er solgt."


def the_report(session: Session, number: str = "P-008") -> Report:
    query = (
        select(Report)
        .join(Project, col(Project.id) == Report.project_id)
        .join(ReportingRound, col(ReportingRound.id) == Report.round_id)
        .where(Project.number == number, ReportingRound.key == "2022-06")
    )
    return session.exec(query).one()


@pytest.fixture
def open_session(database: Engine) -> Iterator[Session]:
    with Session(database, expire_on_commit=False) as session:
        yield session


def saved(database: Engine, number: str = "P-008") -> Report:
    with Session(database) as session:
        return the_report(session, number)


def last_event(database: Engine) -> Event:
    with Session(database) as session:
        return session.exec(select(Event).order_by(col(Event.id).desc()).limit(1)).one()


def submit(database: Engine, *numbers: str) -> None:
    """Puts the statuses of projects back to where they await their owner."""
    with Session(database) as session:
        for number in numbers:
            report = the_report(session, number)
            report.state, report.approver_id, report.approved_at = ReportState.submitted, None, None
            report.submitted_at = report.submitted_at or the_report(session).submitted_at
            session.add(report)
        session.commit()


def name_deputy(database: Engine, who: User, *, to_on: date | None = None, number: str = "P-008") -> None:
    with Session(database) as session:
        project = session.exec(select(Project).where(Project.number == number)).one()
        named = Deputy(
            project_id=project.pk,
            no=1,
            person_id=who.person_id or 0,
            stands_for=DeputyFor.owner,
            from_on=date(2022, 6, 1),
            to_on=to_on,
        )
        session.add(named)
        session.commit()


# ---------------------------------------------------------------------------------------------------- what has changed


def marked(pieces: list[Piece]) -> list[str]:
    return [piece.words for piece in pieces if piece.changed]


@given(st.text(alphabet="ab \n.", max_size=60), st.text(alphabet="ab \n.", max_size=60))
def test_the_pieces_of_a_text_are_the_text(before: str, now: str) -> None:
    old, new = compare(before, now)
    assert ("".join(piece.text for piece in old), "".join(piece.text for piece in new)) == (before, now)
    assert all(one.changed is not other.changed for pieces in (old, new) for one, other in pairwise(pieces))


def test_what_was_changed_is_marked_word_by_word() -> None:
    old, new = compare(
        "Prækvalifikation gennemføres i foråret. Budgettet holder, og ingen stillinger er ledige.",
        "Prækvalifikation er gennemført. Budgettet holder, og ingen stillinger er ledige. Vi flytter ind i maj.",
    )
    assert marked(old) == ["gennemføres i foråret."]
    assert marked(new) == ["er gennemført.", "Vi flytter ind i maj."]


def test_a_text_that_is_the_same_has_no_marks() -> None:
    old, new = compare("Alt følger  planen.", "Alt følger planen.")
    assert marked(old) == marked(new) == []


def test_a_text_that_is_new_is_marked_as_a_whole() -> None:
    old, new = compare(
        "Udbuddet er sendt ud i maj.", "Leverandøren er valgt, og kontrakten underskrives af borgmesteren."
    )
    assert (len(old), len(new)) == (1, 1)
    assert old[0].changed
    assert new[0].changed


def test_one_word_between_two_changes_is_marked_with_them() -> None:
    _old, new = compare(
        "Vi har valgt en leverandør og begynder i maj her", "Vi har valgt to rådgivere og slutter i maj her"
    )
    assert marked(new) == ["to rådgivere og slutter"]


# ---------------------------------------------------------------------------------------------------------------- page


def sections(page: str) -> dict[str, Element]:
    return {element.get("id"): element for element in read_page(page) if element.get("id")}


@one_database
def test_the_page_shows_last_time_and_now_with_what_changed(sign_in: SignIn, ejer: User, open_session: Session) -> None:
    report = the_report(open_session)
    report.summary = "Omkring 130 nye almene boliger er i brug, og 24 er på vej. <b>Ingen</b> byggegrunde er solgt."
    open_session.commit()
    page = sign_in(ejer).get(APPROVAL).text
    assert "<b>" not in page
    found = read_page(page)
    assert found.all("ins")[0].text.startswith(_("new:"))
    assert found.all("del")
    assert "&lt;b&gt;Ingen&lt;/b&gt;" in page
    text = found.text
    for words in ("Sælge to byggegrunde", "01-06-2022", _("The date has passed"), "Udbyde de to sidste byggegrunde"):
        assert words in text
    assert _("%(n)s of %(of)s for approval") % {"n": 1, "of": 1} in text


@one_database
def test_a_dimension_says_what_it_was_why_and_what_the_list_knows(
    sign_in: SignIn, ejer: User, database: Engine
) -> None:
    table = next(iter(read_page(sign_in(ejer).get(APPROVAL).text).all("tbody")))
    rows = [row.text for row in table.all("tr")]
    assert len(rows) == 6
    assert "Andet udbud af byggegrunde er udskudt til november." in rows[0]
    assert "Kommunal anvisning til udsatte områder er stoppet" in rows[0]


@one_database
def test_facts_that_suggest_worse_are_counted_where_no_signal_is(sign_in: SignIn, ejer: User) -> None:
    panel = sections(sign_in(ejer).get(APPROVAL).text)["signals"].parent
    assert panel
    assert panel.text.endswith("Ingen signaler, men 2 områder er meldt bedre, end fakta taler for.")


@one_database
def test_a_changed_colour_says_so(sign_in: SignIn, ejer: User, open_session: Session) -> None:
    browser = sign_in(ejer)
    assert _("Changed") not in sections(browser.get(APPROVAL).text)["dimensions"].parent.text  # type: ignore[union-attr]
    report = the_report(open_session)
    report.colour = Colour.red
    open_session.commit()
    assert _("Changed") in sections(browser.get(APPROVAL).text)["review"].text


@one_database
def test_a_status_that_has_been_decided_has_no_buttons(sign_in: SignIn, ejer: User) -> None:
    page = sign_in(ejer).get("/projects/P-006/reports/2022-06/approval")
    assert page.status_code == 200
    assert "verdict" not in sections(page.text)
    assert _("There is nothing to approve here now") in page.text


# ------------------------------------------------------------------------------------------------------------ approval


@one_database
def test_an_owner_approves_and_the_trace_says_as_what(sign_in: SignIn, ejer: User, database: Engine) -> None:
    answer = send(sign_in(ejer), APPROVAL)
    assert (answer.status_code, answer.headers["location"]) == (303, "/approvals?done=P-008")
    report, event = saved(database), last_event(database)
    assert (report.state, report.approver_id, report.approved_as) == (
        ReportState.approved,
        ejer.person_id,
        ApprovedAs.owner,
    )
    assert report.approved_at is not None
    assert (event.action, event.actor, event.after) == (
        "approved",
        str(ejer),
        {"state": "approved", "approved_as": "owner"},
    )


@one_database
def test_after_the_last_one_the_list_says_what_was_done(sign_in: SignIn, ejer: User) -> None:
    browser = sign_in(ejer)
    page = browser.get(send(browser, APPROVAL).headers["location"]).text
    assert (
        _("%(project)s: you have approved the status.") % {"project": "P-008 Omlacering af 300 almene boliger"} in page
    )
    assert _("Nothing awaits your approval.") in page
    assert _("Nothing more awaits you.") in page


@one_database
def test_approving_goes_on_to_the_next_one(sign_in: SignIn, ejer: User, database: Engine) -> None:
    submit(database, "P-006", "P-007")
    browser = sign_in(ejer)
    order = [element.get("id") for element in read_page(browser.get("/approvals").text).all("li")]
    waiting = [key.removeprefix("waiting-") for key in order if key.startswith("waiting-")]
    assert sorted(waiting) == ["P-006", "P-007", "P-008"]
    seen = [waiting[0]]
    for _turn in waiting[1:]:
        answer = send(browser, f"/projects/{seen[-1]}/reports/2022-06/approval")
        seen.append(answer.headers["location"].split("/")[2])
    assert seen == waiting
    assert send(browser, f"/projects/{seen[-1]}/reports/2022-06/approval").headers["location"].startswith("/approvals?")


@one_database
def test_a_next_one_that_is_skipped_comes_again(sign_in: SignIn, ejer: User, database: Engine) -> None:
    submit(database, "P-006")
    browser = sign_in(ejer)
    links = {}
    for number in ("P-006", "P-008"):
        page = read_page(browser.get(f"/projects/{number}/reports/2022-06/approval").text)
        [following] = [link.get("href") for link in page.all("a") if link.text == _("Next")]
        links[number] = following
    assert links == {
        "P-006": "/projects/P-008/reports/2022-06/approval",
        "P-008": "/projects/P-006/reports/2022-06/approval",
    }


@one_database
def test_an_owner_who_sees_another_colour_must_say_why(sign_in: SignIn, ejer: User, database: Engine) -> None:
    browser = sign_in(ejer)
    sent = form_on(browser, APPROVAL, APPROVAL).values | {"owner_colour": "red"}
    answer = browser.post(APPROVAL, data=sent)
    assert_refused(answer, sent, {"owner_comment": _("Write why you see the project in another colour")})
    assert saved(database).state is ReportState.submitted
    too_long = browser.post(APPROVAL, data=sent | {"owner_comment": "x" * 301})
    assert too_long.status_code == 422
    assert browser.post(APPROVAL, data=sent | {"owner_colour": "amber"}).status_code == 422


@one_database
def test_both_voices_are_kept_and_shown(sign_in: SignIn, ejer: User, chefforum: User, database: Engine) -> None:
    send(sign_in(ejer), APPROVAL, owner_colour="red", owner_comment="Grundene bliver ikke solgt i år.")
    report = saved(database)
    assert (report.colour, report.owner_colour) == (Colour.yellow, Colour.red)
    after = last_event(database).after
    assert (after["owner_colour"], after["owner_comment"]) == ("red", "Grundene bliver ikke solgt i år.")
    board = sign_in(chefforum)
    for address in ("/portfolios/direktionen/overview", "/projects/P-008", "/projects/P-008/reports/2022-06"):
        assert "Grundene bliver ikke solgt i år." in board.get(address).text, address
    row = next(
        row for row in read_page(board.get("/portfolios/direktionen/overview").text).all("tr") if "P-008" in row.text
    )
    assert f"{_('Project owner')}: rød" in row.text
    assert row.text.count("Gul") >= 1


@one_database
def test_the_same_colour_is_no_other_voice(sign_in: SignIn, ejer: User, database: Engine) -> None:
    send(sign_in(ejer), APPROVAL, owner_colour="yellow", owner_comment="Enig.")
    assert (saved(database).owner_colour, saved(database).owner_comment) == (None, "")


# -------------------------------------------------------------------------------------------------------------- return


@one_database
def test_a_return_needs_a_reason_that_the_leader_reads(
    sign_in: SignIn, ejer: User, database: Engine, open_session: Session
) -> None:
    browser = sign_in(ejer)
    for reason, sentence in [("", _("Fill in »%(label)s«") % {"label": _("Why it is returned")}), ("For kort", "10")]:
        answer = browser.post(RETURN, data={"reason": reason})
        assert answer.status_code == 422
        assert sentence in said_at(read_page(answer.text), "reason")
        assert read_page(answer.text).all("title")[0].text.startswith("Fejl:")
    assert saved(database).state is ReportState.submitted
    answer = send(browser, APPROVAL, RETURN, reason=REASON)
    assert answer.status_code == 303
    report, event = saved(database), last_event(database)
    assert (report.state, report.returned_reason, report.submitted_at) == (ReportState.returned, REASON, None)
    assert (event.action, event.after["returned_reason"], event.after["approved_as"]) == ("returned", REASON, "owner")
    assert (
        _("%(project)s: the status has been returned to the project leader.").partition(":")[2]
        in browser.get("/approvals?done=P-008").text
    )
    leader = open_session.get(Person, report.author_id)
    assert leader is not None


# ----------------------------------------------------------------------------------------------------------------- who


@one_database
def test_a_director_approves_for_an_absent_owner_and_is_shown_as_such(
    sign_in: SignIn, direktion: User, chefforum: User, database: Engine
) -> None:
    browser = sign_in(direktion)
    page = browser.get("/approvals").text
    assert "P-008" in sections(page)["on-behalf"].parent.text  # type: ignore[union-attr]
    assert str(ApprovedAs.director) in browser.get(APPROVAL).text
    assert send(browser, APPROVAL).status_code == 303
    assert saved(database).approved_as is ApprovedAs.director
    assert last_event(database).after["approved_as"] == "director"
    reader = sign_in(chefforum)
    assert str(ApprovedAs.director).lower() in reader.get("/projects/P-008").text
    row = next(
        row for row in read_page(reader.get("/portfolios/direktionen/overview").text).all("tr") if "P-008" in row.text
    )
    assert _("by another director") in row.text


@one_database
def test_a_deputy_approves_as_long_as_the_period_lasts(
    sign_in: SignIn, laeser: User, anden_leder: User, anden_ejer: User, database: Engine
) -> None:
    name_deputy(database, anden_leder)
    deputy = sign_in(anden_leder)
    assert _("you are the deputy") in deputy.get("/approvals").text
    assert send(deputy, APPROVAL).status_code == 303
    assert saved(database).approved_as is ApprovedAs.deputy


@one_database
def test_a_deputy_whose_time_is_over_approves_nothing(sign_in: SignIn, anden_leder: User, database: Engine) -> None:
    name_deputy(database, anden_leder, to_on=date(2022, 6, 12))
    deputy = sign_in(anden_leder)
    assert "P-008" not in deputy.get("/approvals").text
    assert deputy.post(APPROVAL).status_code == 403
    assert saved(database).state is ReportState.submitted


@pytest.mark.parametrize("role", [Role.secretariat, Role.admin])
@one_database
def test_the_secretariat_and_administrators_approve_in_nobodys_place(
    role: Role, sign_in: SignIn, anden_leder: User, database: Engine
) -> None:
    name_deputy(database, anden_leder)
    with Session(database) as session:
        account = session.get(User, anden_leder.pk)
        assert account is not None
        account.roles = [role.value, Role.direktion.value]
        session.commit()
    assert sign_in(anden_leder).post(APPROVAL).status_code == 403
    assert saved(database).state is ReportState.submitted


@one_database
def test_nobody_approves_or_returns_what_they_have_written(sign_in: SignIn, ejer: User, database: Engine) -> None:
    with Session(database) as session:
        the_report(session).author_id = ejer.person_id
        session.commit()
    browser = sign_in(ejer)
    for answer in (browser.get(APPROVAL), browser.post(APPROVAL), browser.post(RETURN, data={"reason": REASON})):
        assert answer.status_code == 403
        assert _("Nobody can approve a status they have written themselves.") in answer.text
    assert "P-008" not in browser.get("/approvals").text
    assert saved(database).state is ReportState.submitted


@one_database
def test_an_owner_who_is_the_leader_needs_another_director(
    sign_in: SignIn, ejer: User, direktion: User, database: Engine
) -> None:
    with Session(database) as session:
        report = the_report(session)
        report.author_id = ejer.person_id
        project = session.get(Project, report.project_id)
        assert project is not None
        project.leader_id = ejer.person_id
        session.commit()
    assert sign_in(ejer).post(APPROVAL).status_code == 403
    assert send(sign_in(direktion), APPROVAL).status_code == 303
    assert saved(database).approved_as is ApprovedAs.director


@one_database
def test_a_closed_project_awaits_only_those_who_may_see_it(
    sign_in: SignIn, lukket_ejer: User, ejer: User, direktion: User, database: Engine
) -> None:
    submit(database, "L-01")
    address = "/projects/L-01/reports/2022-06/approval"
    assert "L-01" in sign_in(lukket_ejer).get("/approvals").text
    assert "L-01" in sign_in(direktion).get("/approvals").text
    other = sign_in(ejer)
    for page in ("/approvals", "/approvals?review=L-01", "/approvals?done=L-01", "/"):
        assert "L-01" not in other.get(page).text.replace(f"review={page[-4:]}", ""), page
    assert other.get(address).status_code == other.post(address).status_code == 404
    assert other.get(address).text.count("L-01") <= other.get(address.replace("L-01", "L-99")).text.count("L-99")


# ---------------------------------------------------------------------------------------------------------- what state


@pytest.mark.parametrize("state", [state for state in ReportState if state is not ReportState.submitted])
@one_database
def test_only_what_is_submitted_can_be_approved_or_returned(
    state: ReportState, sign_in: SignIn, ejer: User, database: Engine
) -> None:
    with Session(database) as session:
        the_report(session).state = state
        session.commit()
    browser = sign_in(ejer)
    assert browser.post(APPROVAL).status_code == 409
    assert browser.post(RETURN, data={"reason": REASON}).status_code == 409
    assert saved(database).state is state


@one_database
def test_nothing_is_approved_once_the_round_is_frozen(sign_in: SignIn, ejer: User, database: Engine) -> None:
    with Session(database) as session:
        session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one().state = RoundState.frozen
        session.commit()
    browser = sign_in(ejer)
    assert browser.post(APPROVAL).status_code == 409
    assert "P-008" not in browser.get("/approvals").text
    assert "verdict" not in sections(browser.get(APPROVAL).text)


# ---------------------------------------------------------------------------------------------------------------- list


@one_database
def test_the_list_opens_one_without_leaving_the_page(sign_in: SignIn, ejer: User, database: Engine) -> None:
    submit(database, "P-006")
    browser = sign_in(ejer)
    closed = browser.get("/approvals").text
    assert "review" not in sections(closed)
    opened = browser.get("/approvals?review=P-008", headers=IN_THE_LIST)
    [root] = [child for child in read_page(opened.text).children if not isinstance(child, str)]
    assert root.get("id") == "approvals"
    assert "verdict" in sections(opened.text)
    assert sections(opened.text)["open-P-008"].get("aria-expanded") == "true"
    assert "verdict" in sections(browser.get("/approvals?review=P-008").text)
    assert "verdict" not in sections(browser.get("/approvals?review=P-999").text)


@one_database
def test_approving_in_the_list_says_so_and_opens_the_next(sign_in: SignIn, ejer: User, database: Engine) -> None:
    submit(database, "P-006")
    browser = sign_in(ejer)
    page = browser.get("/approvals?review=P-006", headers=IN_THE_LIST).text
    [form] = [form for form in read_page(page).all("form") if form.get("hx-post").endswith("/approval")]
    assert (form.get("hx-target"), form.get("hx-swap")) == ("#approvals", "outerHTML")
    answer = browser.post(form.get("hx-post"), headers=IN_THE_LIST)
    assert answer.status_code == 200
    after = read_page(answer.text)
    [live] = [element.text for element in after if "data-live" in element.attributes]
    assert "P-006" in live
    assert sections(answer.text)["open-P-008"].get("aria-expanded") == "true"
    assert "waiting-P-006" not in sections(answer.text)
    assert saved(database, "P-006").state is ReportState.approved
    [focused] = [element for element in after if "autofocus" in element.attributes]
    assert "Omlacering" in focused.text


@one_database
def test_what_is_wrong_is_said_in_the_list(sign_in: SignIn, ejer: User, database: Engine) -> None:
    answer = sign_in(ejer).post(RETURN, data={"reason": "kort"}, headers=IN_THE_LIST)
    assert answer.status_code == 422
    [root] = [child for child in read_page(answer.text).children if not isinstance(child, str)]
    assert root.get("id") == "approvals"
    assert said_at(root, "reason")
    assert saved(database).state is ReportState.submitted


@one_database
def test_a_row_says_what_one_decides_by(sign_in: SignIn, ejer: User, database: Engine) -> None:
    row = part(sign_in(ejer).get("/approvals").text, "waiting-P-008")
    for words in ("Omlacering af 300 almene boliger", "Gul", "Steen Aaby", "02-06-2022", "17-06-2022", "4"):
        assert words in row


@one_database
def test_the_list_asks_as_much_for_one_as_for_many(
    sign_in: SignIn, direktion: User, database: Engine, queries: Queries
) -> None:
    browser = sign_in(direktion)
    browser.get("/approvals")
    with queries() as few:
        browser.get("/approvals")
    with Session(database) as session:
        for report in session.exec(select(Report).where(Report.state == ReportState.approved)):
            report.state = ReportState.submitted
        session.commit()
    with queries() as many:
        page = browser.get("/approvals").text
    assert page.count('id="waiting-') > 20
    assert len(many) == len(few)


# ---------------------------------------------------------------------------------------------------------- reopening


@one_database
def test_the_secretariat_reopens_what_is_approved_with_a_reason(
    sign_in: SignIn, sekretariat: User, leder: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    sent = form_on(browser, REOPENING, REOPENING).values | {"reason": "Forkert"}
    assert_refused(
        browser.post(REOPENING, data=sent),
        sent,
        {"reason": _("Write at least %(min_length)s characters") % {"min_length": 10}},
    )
    answer = send(browser, REOPENING, reason="Beløbet var forkert.")
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-006/reports/2022-06")
    report, event = saved(database, "P-006"), last_event(database)
    assert (report.state, report.returned_reason) == (ReportState.returned, "Beløbet var forkert.")
    assert (report.approver_id, report.approved_at, report.approved_as, report.owner_colour) == (None, None, None, None)
    assert (event.action, event.actor) == ("reopened", str(sekretariat))
    assert "Beløbet var forkert." in sign_in(leder).get("/projects/P-006/reports/2022-06").text


@one_database
def test_what_is_not_approved_or_is_frozen_cannot_be_reopened(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser, typed = sign_in(sekretariat), {"reason": "Beløbet var forkert."}
    assert browser.post(REOPENING.replace("P-006", "P-008"), data=typed).status_code == 409
    assert browser.post(REOPENING.replace("2022-06", "2022-01"), data=typed).status_code == 409
    with Session(database) as session:
        session.exec(select(ReportingRound).where(ReportingRound.key == "2022-06")).one().state = RoundState.frozen
        session.commit()
    assert browser.post(REOPENING, data=typed).status_code == 409
    assert saved(database, "P-006").state is ReportState.approved


@one_database
def test_the_way_to_approve_and_to_reopen_stands_on_the_status(
    sign_in: SignIn, ejer: User, sekretariat: User, chefforum: User
) -> None:
    def links(browser: TestClient, address: str) -> set[str]:
        return {link.get("href") for link in read_page(browser.get(address).text).all("a")}

    assert APPROVAL in links(sign_in(ejer), "/projects/P-008/reports/2022-06")
    assert REOPENING in links(sign_in(sekretariat), "/projects/P-006/reports/2022-06")
    assert REOPENING not in links(sign_in(ejer), "/projects/P-006/reports/2022-06")
    assert REOPENING not in links(sign_in(chefforum), "/projects/P-006/reports/2022-06")


@one_database
def test_a_status_that_nobody_has_approved_is_read_only_by_those_who_work_on_it(
    sign_in: SignIn, cast: dict[str, User]
) -> None:
    asked = {name: sign_in(user).get("/projects/P-008/reports/2022-06") for name, user in cast.items()}
    assert {name for name, answer in asked.items() if answer.status_code == 200} == {"ejer", "sekretariat", "direktion"}
    assert {answer.status_code for answer in asked.values()} == {200, 403}
    assert "Status kan læses, når projektejeren har godkendt den." in asked["laeser"].text
