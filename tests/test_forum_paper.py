"""The agenda of the management forum: what it says, that Word and PDF say the same, and that everybody can read it."""

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.models import Export, Meeting, Topic, User
from app.models.meeting import meeting_by_id
from app.models.visibility import read_as
from app.papers.board_paper import said
from app.papers.forum_paper import agenda_in_pdf, agenda_in_word
from app.settings import today
from app.tabs.forum_paper import ForumPaper, build_forum_paper
from tests.conftest import Queries, SignIn, one_database
from tests.fields import send
from tests.test_board_paper import HOSTILE, squeezed, structure, text_of_pdf, text_of_word, texts
from tests.writes import FORUM

HERE = f"/meetings/{FORUM}"
HEADINGS = [
    (1, "Dagsorden til møde i Chefforum den 23-06-2022"),
    (2, "Dagsorden"),
    (2, "1. Ni forslag om civilsamfund og lokale fællesskaber"),
    (3, "Spørgsmål"),
    (3, "Fakta"),
    (2, "Opfølgning fra sidst"),
    (2, "Taskforcer, der skal følges op"),
    (2, "Hvem bærer mest"),
]


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    with Session(database.execution_options(read_only=True)) as session:
        yield session


def the_forum(session: Session) -> Meeting:
    found = meeting_by_id(session, FORUM)
    assert found
    return found


@pytest.fixture
def meeting(session: Session) -> Meeting:
    return the_forum(session)


@pytest.fixture
def paper(session: Session, meeting: Meeting) -> ForumPaper:
    return build_forum_paper(session, meeting, today())


@one_database
def test_each_topic_has_why_it_comes_its_questions_and_the_facts(paper: ForumPaper) -> None:
    [topic] = paper.topics
    assert topic.why.startswith("Direktionen ")
    assert topic.questions == [
        "Hvilke af de ni forslag skal vi gå videre med? (konstrueret)",
        "Hvilke centre skal inddrages, og hvornår? (konstrueret)",
    ]
    assert (topic.responsible, topic.minutes) == ("Lene Bruun", "45 min.")
    assert "Behandles senest 31-08-2022." in topic.facts
    assert any("Projektleder: mangler." in fact for fact in topic.facts)
    assert topic.status


@one_database
def test_what_came_of_last_time_and_the_task_forces_that_are_due_stand_in_it(paper: ForumPaper) -> None:
    assert paper.last_time.startswith("Sidst, den 24-03-2022: »Hele Direktionen i samme udvalg«: Chefforum foreslår")
    assert [(task.responsible, task.happened.split(":")[0]) for task in paper.tasks] == [
        ("BYC", "Udført 07-06-2022"),
        ("Jonas Bek", "Åben"),
    ]
    assert paper.without_outcome == ["Størrelsen af møderne i § 17.4-udvalget (på dagsordenen 15-05-2018)"]
    [force] = paper.task_forces
    assert force.due == "02-03-2022 (103 dage over frist)"
    assert "Dokumentation: Opfølgning på Direktionens beslutning 09-01-2017" in force.conclusion
    assert len(paper.load) == 3
    assert "Lukkede projekter indgår ikke." in paper.notices


@one_database
def test_a_topic_that_came_back_tells_what_was_said_the_last_time(
    sign_in: SignIn, sekretariat: User, session: Session
) -> None:
    assert send(sign_in(sekretariat), "/portfolios/direktionen/topics/hele-direktionen-2022/meeting").status_code == 303
    session.rollback()
    again = build_forum_paper(session, the_forum(session), today()).topics[1]
    assert again.before.startswith("24-03-2022: Chefforum foreslår")
    assert again.outcome == ""


@one_database
def test_word_and_pdf_say_everything_that_the_agenda_says(paper: ForumPaper) -> None:
    hostile = paper.topics[0].model_copy(update={"title": HOSTILE, "before": HOSTILE, "outcome": HOSTILE})
    for each in (paper, paper.model_copy(update={"topics": [hostile, *paper.topics]})):
        facts = said(each)
        for name in ("organ", "dato", "tid", "sted"):
            del facts["møde"][name]  # they stand in the line of facts
        in_word, in_pdf = squeezed(text_of_word(agenda_in_word(each))), squeezed(text_of_pdf(agenda_in_pdf(each)))
        for text in {squeezed(text).casefold() for text in texts(facts)}:
            assert text in in_word.casefold()
            assert text in in_pdf.casefold()


@one_database
def test_the_same_agenda_gives_the_same_bytes(paper: ForumPaper) -> None:
    for write in (agenda_in_word, agenda_in_pdf):
        assert write(paper) == write(paper)


@one_database
def test_word_has_real_headings_lists_header_rows_and_danish(paper: ForumPaper) -> None:
    document = Document(io.BytesIO(agenda_in_word(paper)))
    styled = [(p.style.name or "", p.text) for p in document.paragraphs if p.style]
    assert [(int(name[-1]), text) for name, text in styled if name.startswith("Heading")] == HEADINGS
    assert [text for name, text in styled if name == "List Number 2"] == paper.topics[0].questions
    assert len(document.tables) == 3
    for table in document.tables:
        first = table.rows[0]._tr.trPr
        assert first is not None
        assert first.find(qn("w:tblHeader")) is not None
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
        assert all(cell.text.strip() for cell in table.rows[0].cells)
    assert {each.get(qn("w:val")) for each in document.styles.element.iter(qn("w:lang"))} == {"da-DK"}
    core = document.core_properties
    assert (core.title, core.category, core.language) == (paper.heading, "Internt", "da-DK")


@one_database
def test_the_pdf_is_tagged_and_has_its_language_its_title_and_headings_in_order(paper: ForumPaper) -> None:
    reader = PdfReader(io.BytesIO(agenda_in_pdf(paper)))
    catalog: Any = reader.trailer["/Root"]
    assert catalog["/Lang"] == "da-DK"
    assert catalog["/MarkInfo"]["/Marked"]
    assert reader.metadata
    assert reader.metadata.title == paper.heading
    tags = list(structure(catalog["/StructTreeRoot"]))
    assert {"/Table", "/TH", "/TD", "/L", "/LI"} <= set(tags)
    ranks = [int(tag[2:]) for tag in tags if re.fullmatch(r"/H\d", tag)]
    assert ranks[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(ranks))


@one_database
def test_a_closed_project_stands_in_the_agenda_only_of_those_who_may_see_it_and_then_it_says_so(
    sign_in: SignIn, sekretariat: User, chefforum: User, session: Session
) -> None:
    topics = "/portfolios/direktionen/topics"
    sent = send(sign_in(sekretariat), f"{topics}/new", topics, title="Det hemmelige køb", project="L-01")
    here = str(sent.headers["location"])
    assert send(sign_in(sekretariat), f"{here}/meeting").status_code == 303
    session.rollback()
    whole = build_forum_paper(session, the_forum(session), today())
    assert [topic.title for topic in whole.topics][1:] == ["Det hemmelige køb"]
    assert "Dagsordenen omtaler 1 lukket projekt og må kun sendes til dem, der må se det." in whole.notices
    read_as(session, chefforum)
    assert "emmelig" not in build_forum_paper(session, the_forum(session), today()).model_dump_json()


@one_database
def test_the_agenda_costs_the_same_number_of_queries_however_many_topics_there_are(
    session: Session, meeting: Meeting, database: Engine, queries: Queries
) -> None:
    with queries() as few:
        build_forum_paper(session, meeting, today())
    session.rollback()
    with Session(database) as writing:
        known = writing.exec(select(Topic).where(Topic.key == "forslag-2022")).one()
        facts = known.model_dump(exclude={"id", "version", "key"})
        writing.add_all(Topic(**facts, key=f"emne-{no}") for no in range(40))
        writing.commit()
    found = meeting_by_id(session, FORUM)
    assert found
    with queries() as many:
        assert len(build_forum_paper(session, found, today()).topics) == 41
    assert len(many) <= len(few)


def test_each_file_is_one_press_and_is_logged(sign_in: SignIn, chefforum: User, database: Engine) -> None:
    browser, sizes = sign_in(chefforum), []
    assert f'href="{HERE}/agenda.pdf"' in browser.get(HERE).text
    for kind in ("docx", "pdf"):
        answer = browser.get(f"{HERE}/agenda.{kind}")
        assert answer.status_code == 200
        wanted = f'attachment; filename="dagsorden-chefforum-2022-06-23.{kind}"'
        assert answer.headers["content-disposition"] == wanted
        sizes.append(len(answer.content))
    with Session(database) as session:
        assert [export.size for export in session.exec(select(Export).order_by(col(Export.id)))] == sizes


@one_database
def test_a_meeting_of_the_board_has_no_such_agenda_and_a_leader_gets_none(
    sign_in: SignIn, sekretariat: User, leder: User
) -> None:
    assert sign_in(sekretariat).get("/meetings/12/agenda.pdf").status_code == 404
    answer = sign_in(leder).get(f"{HERE}/agenda.pdf")
    assert answer.status_code == 403
    assert "Kun Chefforum, Direktionen og sekretariatet må hente dagsordenen" in answer.text
