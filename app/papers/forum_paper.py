"""The agenda of the management forum as Word and as PDF: the paper as data in, bytes out.

It has the looks of the board paper, and like it the same data gives the same bytes. It is always in our own template.
"""

from functools import cache

from app.papers.board_paper import properties, said, typeset
from app.papers.default_template import BEGINS, Cell, Writer, made_template
from app.papers.word import fill
from app.papers.zipped import unzipped, zipped
from app.tabs.forum_paper import ForumPaper


def agenda_name(paper: ForumPaper, kind: str) -> str:
    """»dagsorden-chefforum-2022-06-23.docx«."""
    return f"dagsorden-chefforum-{paper.held_on.isoformat()}.{kind}"


def agenda_in_word(paper: ForumPaper) -> bytes:
    content = fill(_template(), said(paper), properties(paper), paper.made_at.isoformat())
    return zipped(unzipped(content))


def agenda_in_pdf(paper: ForumPaper) -> bytes:
    """Tagged, with its language and title (PDF/UA-1, EN 301 549 clause 10)."""
    return typeset("forum_paper.typ", paper, paper.made_at)


@cache
def _template() -> bytes:
    return made_template(_write)


def _write(write: Writer) -> None:
    write.heading(1, "{{ overskrift }}")
    write.text("{{ fakta }}", "Sagsoplysninger")
    write.each("bemærkninger", "Sagsoplysninger")
    for name, label in (("deltagere", "Mødedeltagere:"), ("afbud", "Afbud:")):
        write.code(f"if møde.{name}")
        write.text(f"{{{{ møde.{name} | join('; ') }}}}", label=label)
        write.code("endif")
    write.heading(2, "Dagsorden")
    write.code("if emner")
    write.table(
        "Dagsorden",
        "emner",
        [
            Cell("Nr.", 14, "{{ linje.nr }}", number=True),
            Cell("Emne", 80, "{{ linje.titel }}"),
            Cell("Ansvarlig", 50, "{{ linje.ansvarlig }}"),
            Cell("Tid", 22, "{{ linje.tid }}", number=True),
        ],
    )
    write.code("else")
    write.text("{{ ingen_emner }}")
    write.code("endif")
    _topics(write)
    _followed_up(write)
    _task_forces(write)


def _topics(write: Writer) -> None:
    write.code("for emne in emner")
    write.heading(2, "{{ emne.nr }}. {{ emne.titel }}")
    write.text("{{ emne.hvorfor }}", BEGINS, label="Hvorfor emnet kommer:")
    write.code("if emne.spørgsmål")
    write.heading(3, "Spørgsmål")
    write.each("emne.spørgsmål", "List Number 2")
    write.code("endif")
    write.code("if emne.status or emne.fakta")
    write.heading(3, "Fakta")
    write.code("if emne.status")
    write.text("{{ emne.status.tegn }} {{ emne.status.ord }}", label="Projektets status:")
    write.code("endif")
    write.each("emne.fakta", "List Bullet")
    write.code("endif")
    for heading, name in (("Det blev sagt sidst", "sidst"), ("Udbytte", "udbytte")):
        write.code(f"if emne.{name}")
        write.heading(3, heading)
        write.text(f"{{{{ emne.{name} }}}}")
        write.code("endif")
    write.code("endfor")


def _followed_up(write: Writer) -> None:
    write.heading(2, "Opfølgning fra sidst")
    write.text("{{ opfølgning_indledning }}")
    write.code("if uden_resultat")
    write.text("Intet resultat noteret:", "Indledning")
    write.each("uden_resultat", "List Bullet")
    write.code("endif")
    write.code("if opfølgning")
    write.table(
        "Opgaver, som Chefforum har givet",
        "opfølgning",
        [
            Cell("Emne", 36, "{{ linje.emne }}"),
            Cell("Opgave", 46, "{{ linje.opgave }}"),
            Cell("Ansvarlig", 24, "{{ linje.ansvarlig }}"),
            Cell("Frist", 24, "{{ linje.frist }}"),
            Cell("Hvad skete der?", 36, "{{ linje.status }}"),
        ],
    )
    write.code("endif")


def _task_forces(write: Writer) -> None:
    write.heading(2, "Taskforcer, der skal følges op")
    write.code("if taskforcer")
    write.table(
        "Taskforcer, der skal følges op inden mødet",
        "taskforcer",
        [
            Cell("Taskforce", 36, "{{ linje.taskforce }}"),
            Cell("Fulgt op sidst", 24, "{{ linje.sidst }}"),
            Cell("Konklusion og dokumentation", 54, "{{ linje.konklusion }}"),
            Cell("Næste senest", 28, "{{ linje.senest }}"),
            Cell("Kvartaler, der mangler", 24, "{{ linje.mangler }}"),
        ],
    )
    write.code("else")
    write.text("{{ ingen_taskforcer }}")
    write.code("endif")
    write.code("if belastning")
    write.heading(2, "Hvem bærer mest")
    write.each("belastning", "List Bullet")
    write.code("endif")
