"""The board paper and the minutes: what they say, that Word and PDF say the same, and that everybody can read them."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.errors import DomainError
from app.models import Event, Export, Meeting, Portfolio, User
from app.models.agenda_item import AgendaItemForm, add_agenda_item
from app.models.decision import DecisionForm, DecisionVerb
from app.models.meeting import MeetingBody, MeetingForm, MeetingState, meeting_by_id, meeting_on, plan_meeting
from app.models.minutes import Matter, decide
from app.models.recommendation import recommend
from app.models.reporting_round import round_by_key
from app.models.task import TaskForm
from app.papers.board_paper import pdf, said, word
from app.papers.workbook import workbook
from app.settings import today
from app.tabs.board_paper import BoardPaper, build_board_paper
from app.tabs.edition import tabs_of
from app.tabs.filters import Filters
from tests.conftest import Queries, SignIn, one_database

HEADINGS = [
    (1, "Punkt 2: Status på direktionens porteføljeliste - januar 2021"),
    (2, "Baggrund"),
    (2, "Indstilling"),
    (2, "Sagsfremstilling"),
    (3, "Formål"),
    (3, "Proces"),
    (3, "Ændringer siden sidst"),
    (3, "Overblik"),
    (3, "Røde projekter, årsag og ønsket beslutning"),
    (3, "Ad 1. Forslag til opmærksomhedspunkter"),
    (3, "Ad 2. Forslag til nye projekter"),
    (3, "Ad 3. Forslag til fjernelse med effektopfølgning"),
    (3, "Ad 4. Forslag til drøftelser i Chefforum"),
    (3, "Opfølgning på beslutninger fra sidst"),
    (2, "Økonomi"),
    (2, "Bilag"),
]
HOSTILE = 'Notat om A & B <x> {{ 7 * 7 }} {% for a in b %} #set #image("/etc/passwd") doc.nr. 1584040'


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """Seen by somebody who may see everything; it keeps nobody from writing."""
    with Session(database.execution_options(read_only=True)) as session:
        yield session


@pytest.fixture
def meeting(session: Session) -> Meeting:
    """A meeting on the edition of January 2021, which was held; two of its four recommendations have a decision."""
    portfolio = session.exec(select(Portfolio)).one()
    round_ = round_by_key(session, portfolio.pk, "2021-01")
    assert round_
    if before := meeting_on(session, round_.pk):
        before.round_id = None
        session.flush()
    form = MeetingForm(
        held_on=date(2021, 1, 25),
        starts_at="9.30",
        ends_at="11",
        place="Rådhuset, lokale 2",
        participants=["Mette Dall, kommunaldirektør", "Jonas Bek, direktør"],
        apologies=["Lene Bruun, direktør"],
    )
    made = plan_meeting(session, None, portfolio.pk, MeetingBody.executive_board, form, round_)
    add_agenda_item(session, None, made, AgendaItemForm(title="Godkendelse af dagsorden"))
    item = AgendaItemForm(
        title="Status på direktionens porteføljeliste - januar 2021",
        case_number="10/22743",
        background="Direktionen behandlede listen i juni 2020.",
        annexes=[HOSTILE],
    )
    add_agenda_item(session, None, made, item, treats_list=True)
    closed = AgendaItemForm(title="Noget hemmeligt", case_number="20/114", closed=True)
    add_agenda_item(session, None, made, closed)
    first, second, *_others = recommend(session, made)
    task = TaskForm(text="Holde temadrøftelse", owner_id=1, due_from=date(2021, 2, 1), due_on=date(2021, 3, 1))
    with_condition = DecisionForm(verb=DecisionVerb.approved_with, text="der holdes en temadrøftelse i næste måned.")
    decide(session, None, made, Matter(recommendation=first), with_condition, task)
    decide(session, None, made, Matter(recommendation=second), DecisionForm(verb=DecisionVerb.noted))
    made.state = MeetingState.held
    session.commit()
    found = meeting_by_id(session, made.pk)
    assert found
    return found


@pytest.fixture
def paper(session: Session, meeting: Meeting) -> BoardPaper:
    return build_board_paper(session, meeting, today())


@pytest.fixture
def minutes(session: Session, meeting: Meeting) -> BoardPaper:
    return build_board_paper(session, meeting, today(), minutes=True)


def texts(value: Any) -> Iterator[str]:
    """Every text of the paper that is printed; a shade is no text."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name not in ("farve", "afsender"):
                yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


def squeezed(text: str) -> str:
    """Text as a reader compares it: where a line breaks does not count."""
    return re.sub(r"[\s\u00ad]+", "", text)


def text_of_word(content: bytes) -> str:
    """All that stands in a Word file, headers and footers too."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        names = [name for name in parts.namelist() if re.fullmatch(r"word/(document|header\d|footer\d)\.xml", name)]
        return "".join("".join(fromstring(parts.read(name)).itertext()) for name in names)


def text_of_pdf(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


# ------------------------------------------------------------------------------------------------------- what it says


@one_database
def test_the_paper_has_the_anatomy_of_a_case_and_its_numbers_are_the_editions(
    session: Session, meeting: Meeting, paper: BoardPaper
) -> None:
    assert paper.heading == "Punkt 2: Status på direktionens porteføljeliste - januar 2021"
    assert paper.recommends == "Byrådscentret indstiller, at Direktionen:"
    assert [each.text.split()[0] for each in paper.recommendations] == ["Drøfter", "Drøfter", "Drøfter", "Beslutter,"]
    assert paper.annexes[0] == "Direktionens porteføljeliste pr. januar 2021"
    overview, _burden, _effects = tabs_of(session, meeting.portfolio, Filters(round="2021-01"))
    assert [(count.status.word, count.now) for count in paper.counts] == [
        (str(tile.mark), tile.count) for tile in overview.tiles
    ]
    for count in paper.counts:
        assert count.before + count.moved_in - count.moved_out + count.joined - count.left == count.now
    assert [red.number for red in paper.reds] == [row.number for row in overview.reds]
    assert all(red.cause and red.decision for red in paper.reds)


@one_database
def test_before_the_meeting_the_paper_says_nothing_of_decisions(paper: BoardPaper) -> None:
    assert paper.minutes is None
    assert "Beslutning Direktionen" not in "".join(texts(said(paper)))


@one_database
def test_the_minutes_have_a_decision_for_each_recommendation_or_say_that_there_is_none(minutes: BoardPaper) -> None:
    assert minutes.minutes
    [rulings] = minutes.minutes.decisions
    assert rulings.heading == "Beslutning Direktionen den 25-01-2021"
    assert [(each.about, each.text) for each in rulings.rulings] == [
        ("Ad 1.", "Godkendt, idet der holdes en temadrøftelse i næste måned."),
        ("Ad 2.", "Taget til efterretning."),
        ("Ad 3.", "Ingen beslutning registreret."),
        ("Ad 4.", "Ingen beslutning registreret."),
    ]
    assert [(each.task, each.due) for each in minutes.minutes.tasks] == [
        ("Holde temadrøftelse", "01-02-2021 til 01-03-2021")
    ]
    assert (minutes.meeting.time, minutes.meeting.apologies) == ("kl. 09.30-11.00", ["Lene Bruun, direktør"])


@one_database
def test_of_a_closed_item_the_minutes_have_the_case_number_alone(minutes: BoardPaper) -> None:
    assert minutes.minutes
    closed = minutes.minutes.agenda[2]
    assert (closed.no, closed.title, closed.case_number) == (3, "Lukket", "20/114")
    assert "hemmeligt" not in "".join(texts(said(minutes)))


@one_database
def test_before_the_meeting_what_the_list_finds_stands_under_each_recommendation_and_nothing_is_said_twice(
    session: Session, meeting: Meeting
) -> None:
    meeting.state = MeetingState.planned
    paper = build_board_paper(session, meeting, today())
    points = {each.number: each.text for each in paper.recommendations[0].points}
    assert {red.number for red in paper.reds} <= points.keys()
    for red in paper.reds:
        assert points[red.number].startswith("Se ovenfor.")
        assert not red.options or red.options[0] not in points[red.number]
    assert [bool(each.points) != bool(each.none) for each in paper.recommendations] == [True] * 4


@one_database
def test_the_paper_tells_what_was_decided_last_time_and_that_the_evaluation_of_2017_is_still_owed(
    paper: BoardPaper,
) -> None:
    assert paper.last_meeting.startswith("Det seneste møde om listen var den 22-06-2020.")
    [owed] = [each for each in paper.followed_up if each.task == "Evaluering af taskforcens indsats og organisering"]
    assert (owed.due, owed.state) == ("09-01-2018", "Over frist (1.112 dage)")


@one_database
def test_a_paper_with_closed_projects_says_so_and_one_without_says_the_same_as_any(
    session: Session, meeting: Meeting, paper: BoardPaper
) -> None:
    assert paper.closed == 1
    assert "Sagen omtaler 1 lukket projekt og er kun til Direktionen og Byrådscentret." in paper.notices


@one_database
def test_there_is_no_paper_without_a_frozen_edition(session: Session, meeting: Meeting) -> None:
    portfolio = meeting.portfolio
    under_way = round_by_key(session, portfolio.pk, "2022-06")
    assert under_way
    form = MeetingForm(held_on=date(2022, 6, 27))
    made = meeting_on(session, under_way.pk) or plan_meeting(
        session, None, portfolio.pk, MeetingBody.executive_board, form, under_way
    )
    session.flush()
    found = meeting_by_id(session, made.pk)
    assert found
    with pytest.raises(DomainError, match="frys runden juni 2022 først"):
        build_board_paper(session, found, today())


@one_database
def test_the_paper_costs_the_same_number_of_queries_however_many_decisions_there_are(
    session: Session, meeting: Meeting, queries: Queries
) -> None:
    with queries() as asked:
        build_board_paper(session, meeting, today(), minutes=True)
    assert len(asked) < 60


# --------------------------------------------------------------------------------------------------- as Word and PDF


@one_database
def test_word_and_pdf_say_everything_that_the_paper_says(paper: BoardPaper, minutes: BoardPaper) -> None:
    for each in (paper, minutes):
        facts = said(each)
        if each.minutes is None:
            del facts["møde"]  # only minutes tell who was there
        in_word, in_pdf = squeezed(text_of_word(word(each))), squeezed(text_of_pdf(pdf(each)))
        for text in {squeezed(text).casefold() for text in texts(facts)}:
            assert text in in_word.casefold()
            assert text in in_pdf.casefold()


@one_database
def test_what_looks_like_a_code_in_the_data_is_text(paper: BoardPaper) -> None:
    for content in (text_of_word(word(paper)), text_of_pdf(pdf(paper))):
        assert squeezed(HOSTILE) in squeezed(content)
        assert "root:" not in content


@one_database
def test_the_same_paper_gives_the_same_bytes(paper: BoardPaper) -> None:
    on_the_second = paper.model_copy(update={"frozen_at": paper.frozen_at.replace(microsecond=123)})
    for write in (word, pdf):
        assert write(paper) == write(paper) == write(on_the_second)


@one_database
def test_word_has_real_headings_lists_header_rows_and_danish(minutes: BoardPaper) -> None:
    document = Document(io.BytesIO(word(minutes)))
    found = [
        (int(p.style.name[-1]), p.text)
        for p in document.paragraphs
        if p.style and p.style.name and p.style.name.startswith("Heading")
    ]
    assert [heading for heading in found if heading[0] < 4 and "Beslutning" not in heading[1]][2:] == [
        *HEADINGS[:3],
        (3, "Opgaver"),
        *HEADINGS[3:],
    ]
    assert found[0] == (1, "Referat af møde i Direktionen den 25-01-2021")
    assert [heading for heading in found if heading[0] == 4]
    numbered = [p.text for p in document.paragraphs if p.style and p.style.name == "List Number"]
    assert numbered == [each.text for each in minutes.recommendations]
    assert document.styles["List Number"].element.find(f".//{qn('w:numId')}") is not None
    for table in document.tables:
        first = table.rows[0]._tr.trPr
        assert first is not None
        assert first.find(qn("w:tblHeader")) is not None
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
        assert not list(table._tbl.iter(qn("w:gridSpan"), qn("w:vMerge")))
        assert all(cell.text.strip() for cell in table.rows[0].cells)
    languages = {each.get(qn("w:val")) for each in document.styles.element.iter(qn("w:lang"))}
    assert languages == {"da-DK"}
    section = document.sections[0]
    assert (section.page_width, section.page_height) == (7560310, 10692130)
    assert "10/22743" in section.header.paragraphs[0].text
    assert "Internt" in section.header.paragraphs[0].text
    assert re.search(r"Side 1 af 1$", section.footer.paragraphs[0].text)


@one_database
def test_the_word_file_knows_its_title_its_classification_and_when_the_edition_was_frozen(paper: BoardPaper) -> None:
    core = Document(io.BytesIO(word(paper))).core_properties
    assert (core.title, core.category, core.language) == (paper.heading, "Internt", "da-DK")
    assert core.created == core.modified == paper.frozen_at.replace(microsecond=0)
    assert core.subject == "Direktionen den 25-01-2021, sagsnr. 10/22743"


@one_database
def test_the_pdf_is_tagged_and_has_its_language_its_title_and_headings_in_order(minutes: BoardPaper) -> None:
    reader = PdfReader(io.BytesIO(pdf(minutes)))
    catalog: Any = reader.trailer["/Root"]
    assert catalog["/Lang"] == "da-DK"
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata
    assert reader.metadata.title == minutes.heading
    tags = list(structure(catalog["/StructTreeRoot"]))
    assert {"/Table", "/TH", "/TD", "/L", "/LI"} <= set(tags)
    ranks = [int(tag[2:]) for tag in tags if re.fullmatch(r"/H\d", tag)]
    assert ranks[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(ranks))


def structure(node: Any) -> Iterator[str]:
    """The tags of a PDF in reading order."""
    if isinstance(node, list):
        for each in node:
            yield from structure(each)
        return
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, dict):
        if "/S" in node:
            yield str(node["/S"])
        yield from structure(node.get("/K", []))


@one_database
def test_colours_are_said_in_words_beside_their_symbol(paper: BoardPaper) -> None:
    assert {(each.status.symbol, each.status.word) for each in paper.counts} == {
        ("■", "Rød"),
        ("◆", "Gul"),
        ("●", "Grøn"),
        ("–", "Ikke indberettet"),
    }


# --------------------------------------------------------------------------------------------------- what is handed out


def test_each_file_is_one_press_and_is_logged_with_its_fingerprint(
    meeting: Meeting, sign_in: SignIn, direktion: User, database: Engine
) -> None:
    browser, sizes = sign_in(direktion), []
    for name in ("paper.docx", "paper.pdf", "minutes.docx", "minutes.pdf", "annex.xlsx", "package.zip"):
        answer = browser.get(f"/meetings/{meeting.pk}/{name}")
        assert answer.status_code == 200, name
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
        sizes.append(len(answer.content))
    with Session(database) as session:
        exports = session.exec(select(Export).order_by(col(Export.id))).all()
        assert [(export.round_key, export.size) for export in exports] == [("2021-01", size) for size in sizes]
        event = session.exec(select(Event).order_by(col(Event.id).desc())).first()
        assert event
        assert (event.action, event.subject_name) == ("exported", exports[-1].file_name)


@one_database
def test_others_than_the_board_and_the_secretariat_get_no_paper_and_a_reason(
    meeting: Meeting, sign_in: SignIn, chefforum: User
) -> None:
    answer = sign_in(chefforum).get(f"/meetings/{meeting.pk}/paper.docx")
    assert answer.status_code == 403
    assert "Kun Direktionen og sekretariatet må hente sagen" in answer.text


@one_database
def test_minutes_of_a_meeting_that_was_not_held_are_refused_with_a_reason(
    session: Session, meeting: Meeting, sign_in: SignIn, sekretariat: User
) -> None:
    session.rollback()
    meeting.state = MeetingState.planned
    session.commit()
    answer = sign_in(sekretariat).get(f"/meetings/{meeting.pk}/minutes.pdf")
    assert answer.status_code == 409
    assert "Der er intet referat endnu" in answer.text


@one_database
def test_the_package_holds_the_documents_and_says_of_each_what_it_is(
    session: Session, meeting: Meeting, paper: BoardPaper, sign_in: SignIn, sekretariat: User
) -> None:
    browser = sign_in(sekretariat)
    content = browser.get(f"/meetings/{meeting.pk}/package.zip").content
    assert content == browser.get(f"/meetings/{meeting.pk}/package.zip").content
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        files = {name: package.read(name) for name in package.namelist()}
        assert {each.date_time[0] for each in package.infolist()} == {1980}
    facts = json.loads(files["metadata.json"])
    assert facts["titel"] == "Status på direktionens porteføljeliste - januar 2021"
    assert (facts["dato"], facts["organ"], facts["sagsnumre"]) == ("2021-01-25", "Direktionen", ["10/22743"])
    assert (facts["klassifikation"], facts["lukkede_projekter"]) == ("Internt", 1)
    assert facts["udgave"]["sha256"] == paper.sha256
    assert [each["rolle"] for each in facts["dokumenter"]] == ["sag", "sag", "bilag", "referat", "referat"]
    for each in facts["dokumenter"]:
        assert len(files[each["fil"]]) == each["bytes"]
    root = fromstring(files["metadata.xml"])
    assert [each.findtext("sha256") for each in root.iter("dokument")] == [
        each["sha256"] for each in facts["dokumenter"]
    ]
    tabs = tabs_of(session, meeting.portfolio, Filters(round="2021-01"))
    assert files["bilag-portefoeljeliste-2021-01.xlsx"] == workbook(*tabs)
