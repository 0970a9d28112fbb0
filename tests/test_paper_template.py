"""The municipality's own Word template: it is data, and nothing that stands in it is run (trust V15)."""

import io
import re
import time
import zipfile
from collections.abc import Callable

import pytest
from docx import Document
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.i18n import _
from app.models import Event, PaperTemplate, User
from app.papers import word_template
from app.papers.board_paper import WORD
from app.papers.default_template import default_template
from app.papers.word import Refused, check_codes, check_parts
from app.papers.word_template import LARGEST_FILE, UnusableTemplate, check_archive, shape, try_out
from app.papers.zipped import unzipped, zipped
from app.tabs.board_paper import BoardPaper
from tests.conftest import SignIn, one_database
from tests.fields import said_at
from tests.page import read_page

PAGE = "/settings/paper-template"


def template(*paragraphs: str) -> bytes:
    """A Word file with these paragraphs."""
    document, made = Document(), io.BytesIO()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(made)
    return made.getvalue()


def changed(name: str, change: Callable[[bytes], bytes], of: bytes | None = None) -> bytes:
    """A template in which one part says something else; a part that is not there is added."""
    parts = dict(unzipped(of or template("{{ overskrift }}")))
    parts[name] = change(parts.get(name, b""))
    return zipped(parts.items())


def with_relation(kind: str, target: str, *, external: bool = True) -> bytes:
    mode = ' TargetMode="External"' if external else ""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = f'<Relationship Id="rId99" Type="{office}/{kind}" Target="{target}"{mode}/></Relationships>'
    return changed("word/_rels/document.xml.rels", lambda xml: xml.replace(b"</Relationships>", relation.encode()))


def with_body(xml: str) -> bytes:
    """A template with this in its body, as Word would write it."""
    return changed("word/document.xml", lambda body: body.replace(b"<w:sectPr", f"{xml}<w:sectPr".encode(), 1))


def field(instruction: str) -> bytes:
    return with_body(
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve">'
        f'{instruction}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )


def look_at(content: bytes) -> None:
    """All that is looked at before a template is filled in, here and not in a process of its own."""
    check_archive(content)
    try:
        check_parts(content)
        check_codes(content, shape(BoardPaper))
    except Refused as refused:
        raise UnusableTemplate(_(refused.sentence) % refused.given) from refused


def why(content: bytes) -> str:
    """Why a template is refused when it is looked at; an error when it is not. Nothing is filled in."""
    with pytest.raises(UnusableTemplate) as refused:
        look_at(content)
    return refused.value.message


def why_not_filled_in(content: bytes) -> str:
    """Why a template cannot be taken into use, after it has been opened in a process of its own."""
    with pytest.raises(UnusableTemplate) as refused:
        try_out(content)
    return refused.value.message


CODES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ overskrift.__class__ }}",
    "{{ overskrift['__class__'] }}",
    "{{ overskrift | attr('__class__') }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ self.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'].system('id') }}",
    "{{ namespace(a=1) }}",
    "{{ overskrift.format(overskrift) }}",
    "{{ '{0.__class__}' | format(overskrift) }}",
    "{{ '%999999999d' % 1 }}",
    "{{ overskrift * 999999999 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ overskrift | center(999999999) }}",
    "{% for i in range(10 ** 9) %}x{% endfor %}",
    "{% for a in røde %}{% for b in røde %}{% for c in røde %}{% for d in røde %}{% for e in røde %}x"
    "{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
    "{% set a = overskrift %}{{ a }}",
    "{% macro a() %}{{ a() }}{% endmacro %}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends '/etc/passwd' %}",
    "{{ overskrift | safe }}",
    "{{ request.application }}",
    "{% for a in røde recursive %}{{ loop(røde) }}{% endfor %}",
    "{{ dict(a=1) }}",
    "{{ [1, 2] }}",
]


@pytest.mark.parametrize("code", CODES)
def test_a_code_that_does_more_than_show_repeat_and_choose_is_refused_unrun(code: str) -> None:
    started = time.monotonic()
    assert why(template(code))
    assert time.monotonic() - started < 30


def test_codes_that_stand_in_properties_headers_and_footnotes_are_looked_at_too() -> None:
    document, made = Document(), io.BytesIO()
    document.core_properties.title = "{{ cycler.__init__ }}"
    document.save(made)
    assert "cycler" in why(made.getvalue())
    document, made = Document(), io.BytesIO()
    document.sections[0].header.paragraphs[0].text = "{{ lipsum() }}"
    document.save(made)
    assert "lipsum" in why(made.getvalue()) or "Call" in why(made.getvalue())


OUTWARD = {
    "another template": with_relation("attachedTemplate", "file:///C:/x.dotm"),
    "a linked picture": with_relation("image", "http://127.0.0.1:9/x.png"),
    "a picture on a share": with_relation("image", "file://server/share/x.png"),
    "an embedded object": with_relation("oleObject", "embeddings/oleObject1.bin", external=False),
    "a piece in another format": with_relation("aFChunk", "afchunk.html", external=False),
    "a frame": with_relation("frame", "http://127.0.0.1:9/"),
    "another document": with_relation("subDocument", "file:///etc/passwd"),
    "a link to a file": with_relation("hyperlink", "file:///etc/passwd"),
    "a script as a link": with_relation("hyperlink", "javascript:alert(1)"),
    "the text of a file": field("INCLUDETEXT /etc/passwd"),
    "a picture by a field": field('INCLUDEPICTURE "http://127.0.0.1:9/x.png"'),
    "a program": field('DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"'),
    "a link that is kept up to date": field("LINK Excel.Sheet.8 C:\\\\x.xls"),
    "a field that the data fill in": field("{{ overskrift }}"),
    "a simple field": with_body('<w:p><w:fldSimple w:instr="INCLUDETEXT /etc/passwd"/></w:p>'),
    "an object": with_body("<w:p><w:r><w:object/></w:r></w:p>"),
    "a code in an attribute": with_body('<w:p><w:bookmarkStart w:id="1" w:name="{{ overskrift }}"/></w:p>'),
    "macros": changed("word/vbaProject.bin", lambda _none: b"\0"),
    "a document with macros": changed(
        "[Content_Types].xml",
        lambda xml: xml.replace(
            b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            b"application/vnd.ms-word.document.macroEnabled.main+xml",
        ),
    ),
    "an entity": changed(
        "word/document.xml",
        lambda xml: (
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
            + xml[xml.index(b"<w:document") :]
        ),
    ),
    "a path out of the archive": changed("../../etc/cron.d/x.xml", lambda _none: b"<x/>"),
    "no archive": b"PK\x03\x04 nothing",
    "another file": b"%PDF-1.7",
}


@pytest.mark.parametrize("content", OUTWARD.values(), ids=OUTWARD.keys())
def test_what_leads_out_of_the_file_or_runs_is_refused(content: bytes) -> None:
    assert why(content)


def test_a_file_that_grows_when_it_is_unpacked_is_refused_before_it_is() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (40 * 2**20))
    started = time.monotonic()
    assert "ikke bygget, som Word bygger" in why(bomb.getvalue())
    assert "for stor" in why(b" " * (LARGEST_FILE + 1))
    assert time.monotonic() - started < 2


def test_a_template_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many open codes, which the library's patterns look for again and again."""
    monkeypatch.setattr(word_template, "SECONDS", 3)
    started = time.monotonic()
    assert why_not_filled_in(template("{{ overskrift " * 100_000))
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("paragraphs", "sentence"),
    [
        (["{{ overskrif }}"], "Sagen har ikke »overskrif«. Der har den: afsender,"),
        (
            ["{%p for a in røde %}", "{{ a.navn }}", "{%p endfor %}"],
            "Sagen har ikke »a.navn«. Der har den: beslutning,",
        ),
        (["{%p for a in overskrift %}", "{%p endfor %}"], "»overskrift« er ikke en liste og kan ikke gentages."),
        (["{{ røde.nr }}"], "»røde« er en liste: gentag den med »for« først."),
        (["Her:", "{%p for a in røde %}", "{{ a.nr }}"], "En kode i skabelonen kan ikke læses."),
        (["{{ overskrift | upper }"], "En kode i skabelonen kan ikke læses. Den står her eller før: »{{ overskrift"),
        (["{{ dict(a=1) }}"], "Skabelonen bruger »Call«."),
    ],
)
def test_what_is_wrong_is_said_in_danish_with_what_to_look_for(paragraphs: list[str], sentence: str) -> None:
    assert why(template(*paragraphs)).startswith(sentence)


def test_a_template_is_filled_in_in_a_process_of_its_own_with_a_paper_that_has_everything_and_one_that_lacks_much() -> (
    None
):
    assert why_not_filled_in(template(CODES[0])).startswith("Skabelonen bruger »Call«")
    misfit = template("Røde: {% if røde %}", "{%p endif %}")
    assert "Koderne passer ikke til afsnittene" in why_not_filled_in(misfit)
    missing = template("{{ økonomi.sætninger[0] }}")
    assert "Sæt en »if« omkring." in why_not_filled_in(missing)
    try_out(template("{%p if økonomi %}", "{{ økonomi.sætninger[0] }}", "{%p endif %}"))


def test_a_picture_needs_an_alternative_text() -> None:
    drawn = (
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
        'wordprocessingDrawing"><wp:docPr id="1" name="Logo"{}/></wp:inline></w:drawing></w:r></w:p>'
    )
    assert "alternativ tekst" in why(with_body(drawn.format("")))
    check_parts(with_body(drawn.format(' descr="Kommunens logo"')))


def test_our_own_template_passes_its_own_test_and_asks_for_everything_that_a_paper_has() -> None:
    try_out(default_template())
    asked = b"".join(content for name, content in unzipped(default_template()) if name.startswith("word/")).decode()
    unused = [name for name in shape(BoardPaper) if not re.search(rf"\b{name}\b", asked)]
    assert unused == ["afsender"]


# ------------------------------------------------------------------------------------------------------- the settings


@one_database
def test_a_template_that_works_is_taken_into_use_and_put_away_again(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    mine = template("Byrådscentrets egen: {{ overskrift }}")
    assert browser.post(PAGE, files={"file": ("Vores skabelon.docx", mine, WORD)}).status_code == 303
    assert "Jeres egen skabelon »Vores skabelon.docx«" in browser.get(PAGE).text
    assert browser.get(f"{PAGE}/own.docx").content == mine
    assert browser.post(f"{PAGE}/withdrawal").status_code == 303
    assert browser.get(f"{PAGE}/own.docx").status_code == 404
    with Session(database) as session:
        events = session.exec(select(Event).where(Event.subject == "PaperTemplate").order_by(col(Event.id))).all()
        assert [event.action for event in events] == ["created", "changed"]
        assert not session.exec(select(PaperTemplate)).one().active


@one_database
@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (template("{{ overskrif }}"), "x.docx", "Sagen har ikke »overskrif«."),
        (template("{{ overskrift }}"), "x.docm", "Vælg et Word-dokument (.docx)"),
        (b"", "", "Vælg et Word-dokument (.docx)"),
    ],
    ids=["an unknown name", "another kind of file", "no file"],
)
def test_a_template_that_does_not_work_is_refused_at_the_field(
    content: bytes, name: str, sentence: str, sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    answer = sign_in(sekretariat).post(PAGE, files={"file": (name, content, WORD)})
    assert answer.status_code == 422
    page = read_page(answer.text)
    assert said_at(page, "file").startswith(sentence)
    with Session(database) as session:
        assert session.exec(select(PaperTemplate)).first() is None


@one_database
def test_a_file_that_is_too_large_is_refused_before_it_is_read(sign_in: SignIn, sekretariat: User) -> None:
    answer = sign_in(sekretariat).post(PAGE, files={"file": ("x.docx", b"x" * (LARGEST_FILE + 2**17), WORD)})
    assert answer.status_code == 413


@one_database
def test_whoever_is_not_signed_in_is_sent_to_sign_in_with_or_without_a_file(anonymous: TestClient) -> None:
    answer = anonymous.post(PAGE, files={"file": ("x.docx", b"x", WORD)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


@one_database
def test_the_standard_template_can_be_downloaded_and_uploaded_again(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    standard = browser.get(f"{PAGE}/standard.docx")
    assert standard.headers["content-type"] == WORD
    assert browser.post(PAGE, files={"file": ("standardskabelon.docx", standard.content, WORD)}).status_code == 303
