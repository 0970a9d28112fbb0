"""Masking (product.md, decision 15): the one exception to »never changes«, exact, told, and followed by `verify`."""

# ruff: noqa: S608 - whoever attacks writes plain SQL
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import Session, select
from typer.testing import CliRunner

from app.__main__ import cli
from app.errors import DomainError
from app.models import Edition, Event, Mail, Masking, Milestone, Project, Report, ReportingRound, User
from app.models.event import record
from app.models.mail import MailKind
from app.models.masking import MASK, MaskingForm
from app.models.user import with_person
from app.settings import get_settings, now
from app.tabs.masking import mask
from tests.conftest import SignIn
from tests.page import form_on, read_page

REASON = "Teksten fortalte om nogens helbred."


@pytest.fixture(autouse=True)
def on_the_server(database: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def verify() -> Any:
    return CliRunner().invoke(cli, ["verify"])


@pytest.fixture
def text(database: Engine, sekretariat: User) -> str:
    """What a leader wrote in January 2022: in the edition, the status, a letter, and the log, also as its name."""
    with Session(database) as session:
        round_ = session.exec(select(ReportingRound).where(ReportingRound.key == "2022-01")).one()
        project = session.exec(select(Project).where(Project.number == "P-006")).one()
        report = session.exec(select(Report).where(Report.round_id == round_.pk, Report.project_id == project.pk)).one()
        found = report.summary[:40]
        assert len(found) == 40
        session.add(
            Mail(
                kind=MailKind.returned,
                subject="Status",
                body=f"Der står: {found}!",
                portfolio_id=1,
                person_id=sekretariat.person_id or 0,
                key="x:2022-01-13",
                address="a@b.example",
                written_at=now(),
            )
        )
        user = session.exec(select(User).where(User.id == sekretariat.id).options(with_person())).one()
        row = Milestone(project_id=project.pk, no=99, text=found, due_on=round_.as_of, baseline_on=round_.as_of)
        record(
            session, user, "changed", row, project_id=project.pk, before={"text": found}, after={"text": "Ø: " + found}
        )
        session.commit()
    return found


def everything(database: Engine) -> str:
    """Whatever stands in any text of the database, as it is stored."""
    with database.connect() as connection:
        tables = sa.MetaData()
        tables.reflect(connection)
        return "\n".join(
            str(value)
            for table in tables.sorted_tables
            for row in connection.execute(sa.select(*(sa.cast(column, sa.Text) for column in table.columns)))
            for value in row
        )


def test_a_masked_text_is_gone_from_everywhere_and_verify_follows_the_chain_across_it(
    sign_in: SignIn, sekretariat: User, leder: User, database: Engine, text: str
) -> None:
    assert verify().exit_code == 0
    office, to = sign_in(sekretariat), "/maskings"
    form = form_on(office, "/maskings/new", to).values | {"text": text, "reason": REASON}
    shown = office.post(to, data=form)
    assert shown.status_code == 422
    places = {item.text for item in read_page(shown.text).all("li") if "sted" in item.text}
    assert any(place.startswith("Udgave: januar 2022") for place in places)
    assert any(place.startswith("Mail") for place in places)
    assert any(place.startswith("Hændelse") for place in places)
    assert text in everything(database)
    with Session(database) as session:
        untouched = {e.id: e.content for e in session.exec(select(Edition)) if text not in e.content}
        fingerprints = list(session.exec(select(Edition.sha256)))
    assert office.post(to, data=form | {"confirmed": "on"}).status_code == 303
    after = everything(database)
    assert text not in after
    assert text[:30] not in after
    with Session(database) as session:
        assert {e.id: e.content for e in session.exec(select(Edition)) if e.id in untouched} == untouched
        assert list(session.exec(select(Edition.sha256))) == fingerprints
        event = session.exec(select(Event).where(Event.action == "masked")).one()
        assert event.after["reason"] == REASON
        assert event.after["places"] >= 5
    ended = verify()
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert "Masked on" in ended.output
    assert "Otherwise untouched" in ended.output
    page = sign_in(leder).get("/portfolios/direktionen/overview?round=2022-01").text
    assert REASON in page
    assert MASK in sign_in(leder).get("/projects/P-006/reports/2022-01").text
    assert REASON in office.get("/maskings").text
    assert office.post(to, data=form | {"confirmed": "on"}).status_code == 422


def test_the_database_lets_a_masking_through_and_nothing_else(database: Engine, sekretariat: User, text: str) -> None:
    with Session(database) as session:
        user = session.exec(select(User).where(User.id == sekretariat.id).options(with_person())).one()
        mask(session, user, MaskingForm(text=text, reason=REASON, confirmed=True))
        session.commit()
        spans = session.exec(select(Masking)).all()
        edition_id = next(row.edition_id for row in spans if row.edition_id)
        event_id = next(row.event_id for row in spans if row.event_id)
    for statement in (
        f"update edition set content = content where id = {edition_id}",
        f"update edition set content = replace(content, 'P-006', 'P-007'), masked = masked + 1 where id = {edition_id}",
        f"update edition set masked = masked + 1 where id = {edition_id}",
        f"update edition set frozen_by = 'En anden', masked = masked + 1 where id = {edition_id}",
        f"update edition set masked = 0 where id = {edition_id}",
        f"update event set subject_name = 'x', masked = masked + 1 where id = {event_id}",
        f"update event set masked = masked - 1 where id = {event_id}",
        "update masking set reason = 'x'",
        "delete from masking",
        f"delete from edition where id = {edition_id}",
        f"delete from event where id = {event_id}",
    ):
        with pytest.raises(sa.exc.DBAPIError), database.begin() as connection:
            connection.execute(sa.text(statement))
    assert verify().exit_code == 0


def test_a_masking_that_the_log_does_not_know_is_found(database: Engine, sekretariat: User, text: str) -> None:
    """Who may write in the database may mask, too: the database lets it through, and `verify` says so."""
    with Session(database) as session:
        edition = next(e for e in session.exec(select(Edition)) if text in e.content)
        at = edition.content.index(text)
        new = edition.content[:at] + MASK + edition.content[at + len(text) :]
        session.add(
            Masking(
                key="x",
                edition_id=edition.id,
                field="content",
                no=1,
                starts_at=at + 1,
                length=len(text),
                sha256_before=edition.sha256,
                sha256_after=edition.fingerprint_with(new),
                masked_at=now(),
                masked_by="En anden",
                reason="Fordi",
            )
        )
        session.flush()
        change = sa.text("update edition set content = :new, masked = 1 where id = :id")
        session.connection().execute(change, {"new": new, "id": edition.id})
        session.commit()
    ended = verify()
    assert ended.exit_code == 1
    assert "is not in the log" in ended.stderr
    assert "is not what was frozen" in ended.stderr


@pytest.mark.parametrize("word", ['"overview"', "assessments", "not_reported", "2018-01-22"])
def test_what_is_not_only_text_is_refused_and_leaves_everything_as_it_was(
    word: str, database: Engine, sekretariat: User
) -> None:
    with Session(database) as session:
        contents = list(session.exec(select(Edition.content)))
        user = session.exec(select(User).where(User.id == sekretariat.id).options(with_person())).one()
        form = MaskingForm.model_construct(text=word, reason=REASON, confirmed=True)
        assert any(word in content for content in contents)
        with pytest.raises(DomainError):
            mask(session, user, form)
        session.rollback()
        assert list(session.exec(select(Edition.content))) == contents


def test_a_masking_is_written_without_the_text(database: Engine, sekretariat: User, text: str) -> None:
    with Session(database) as session:
        user = session.exec(select(User).where(User.id == sekretariat.id).options(with_person())).one()
        mask(session, user, MaskingForm(text=text, reason=REASON, confirmed=True))
        session.commit()
        told = repr(session.exec(select(Masking)).all()) + repr(session.exec(select(Event)).all())
    assert not re.search(re.escape(text[:20]), told)
