"""The board paper and the minutes as Word and as PDF: the paper as data in, bytes out (domain.md 3F, J4).

The same paper gives the same bytes: no file tells when or by whom it was made (invariant I24).
"""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import typst
from pydantic import BaseModel

from app.papers.default_template import default_template
from app.papers.sheet import clean
from app.papers.word import fill
from app.papers.zipped import unzipped, zipped
from app.tabs.board_paper import BoardPaper
from app.tabs.forum_paper import ForumPaper

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"

HERE = Path(__file__).parent
FONTS = HERE.parent / "static" / "vendor" / "dkfds" / "fonts" / "IBMPlexSans" / "complete" / "ttf"
"""Where set-up puts the pages' own font as files that a PDF can hold; without them the paper has a serif."""


def file_name(paper: BoardPaper, kind: str) -> str:
    """»sag-2022-06.docx«, »referat-2022-06.pdf«."""
    return f"{paper.role}-{paper.round_key}.{kind}"


def word(paper: BoardPaper) -> bytes:
    """The paper in our own template, as a Word file."""
    return zipped(unzipped(fill(default_template(), *to_fill_in(paper))))


def to_fill_in(paper: BoardPaper) -> tuple[dict[str, Any], dict[str, str], str]:
    """What a Word template is filled in with: the paper, the document's properties, and when its edition was frozen."""
    return said(paper), properties(paper), paper.frozen_at.isoformat()


def pdf(paper: BoardPaper) -> bytes:
    """The paper as PDF/UA-1: tagged, with its language and title (EN 301 549 clause 10).

    The page is ours, and a text of the paper is only ever a text in it: it reads no file and no address.
    """
    return typeset("board_paper.typ", paper, paper.frozen_at)


def typeset(page: str, paper: BaseModel, made_at: datetime) -> bytes:
    """A paper on one of our own pages, as PDF/UA-1."""
    families = ["IBM Plex Sans" if FONTS.is_dir() else "Libertinus Serif"]
    return typst.compile(
        HERE / page,
        root=HERE,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(said(paper)), "fonts": json.dumps(families)},
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=made_at.astimezone(UTC).replace(microsecond=0),
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[FONTS] if FONTS.is_dir() else [])


def said(paper: BaseModel) -> dict[str, Any]:
    """The paper under its Danish names: nothing but texts, numbers, lists and mappings, which any format can hold."""
    return cast(dict[str, Any], _cleaned(paper.model_dump(mode="json", by_alias=True)))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value).strip()
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    if isinstance(value, dict):
        return {name: _cleaned(each) for name, each in value.items()}
    return value


def properties(paper: BoardPaper | ForumPaper) -> dict[str, str]:
    """The document's own properties, by the names of the Word library (L15)."""
    said = {
        "title": paper.name,
        "subject": f"{paper.meeting.body} den {paper.meeting.day}, sagsnr. {paper.case_number}",
        "author": paper.sender,
        "last_modified_by": "Porteføljelisten",
        "category": paper.classification,
        "keywords": paper.classification,
        "language": "da-DK",
    }
    return {name: value[:255] for name, value in said.items()}
