"""A Word template that is not our own: looked at before it is opened, and opened only in a process of its own (V15)."""

import base64
import io
import json
import subprocess  # runs our own file, without a shell # nosec
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from app.errors import DomainError
from app.i18n import _
from app.papers.board_paper import to_fill_in, word
from app.papers.zipped import unzipped, zipped
from app.tabs.board_paper import BoardPaper

LARGEST_FILE = 5 * 2**20
"""Bytes of a template as it is uploaded."""

MOST_PARTS, LARGEST_PART, LARGEST_WHOLE = 200, 10 * 2**20, 30 * 2**20
"""How many parts a template may have, and the bytes of one and of all of them when unpacked."""

KINDS = (".xml", ".rels", ".png", ".jpg", ".jpeg", ".gif", ".odttf")
"""What the parts of a template may be: text, pictures and fonts. Nothing that runs."""

SECONDS = 20
"""How long somebody waits for a template before it is given up; the process itself stops after half of that."""

A_DAY = "2022-06-13T10:00:00+00:00"
"""When the made-up papers were made."""

HERE = Path(__file__).parent


class UnusableTemplate(DomainError):
    """What is wrong with a template, as a sentence that says what to do."""


def check_archive(content: bytes) -> None:
    """That the file is an archive of few, small, harmless parts. Nothing is unpacked."""
    if len(content) > LARGEST_FILE:
        raise UnusableTemplate(_("The file is too large: a template may have at most 5 MB."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as wrong:
        raise UnusableTemplate(_("The file is no Word document (.docx).")) from wrong
    names = [part.filename for part in parts if not part.is_dir()]
    sizes = [part.file_size for part in parts]
    if len(parts) > MOST_PARTS or len(set(names)) < len(names) or max(sizes, default=0) > LARGEST_PART:
        raise UnusableTemplate(_("The file is not built as Word builds a document. Save it anew in Word."))
    if sum(sizes) > LARGEST_WHOLE or any(part.flag_bits & 1 for part in parts):
        raise UnusableTemplate(_("The file is not built as Word builds a document. Save it anew in Word."))
    for name in names:
        if ".." in name or name.startswith("/") or "\\" in name or not name.lower().endswith(KINDS):
            raise UnusableTemplate(
                _("The file holds something that a paper may not have: »%(what)s«.") % {"what": name[:80]}
            )


def word_in(own: bytes | None, paper: BoardPaper) -> bytes:
    """The paper as a Word file, in the municipality's own template when there is one."""
    return word(paper) if own is None else filled(own, paper)[0]


def filled(template: bytes, *papers: BoardPaper) -> list[bytes]:
    """The papers in this template, as Word files; UnusableTemplate says what is wrong with it."""
    return _asked(template, [to_fill_in(paper) for paper in papers])


def try_out(template: bytes, *papers: BoardPaper) -> None:
    """That the template can be filled in: with a paper that has everything, with one that lacks much, with these."""
    check_archive(template)
    examples = [(example(BoardPaper, full=full), {"title": "Prøve"}, A_DAY) for full in (True, False)]
    _asked(template, [*examples, *(to_fill_in(paper) for paper in papers)])


def _asked(template: bytes, papers: list[Any]) -> list[bytes]:
    question = {"template": base64.b64encode(template).decode(), "shape": shape(BoardPaper), "papers": papers}
    try:
        done = subprocess.run(  # our own file, no shell, and nothing of the environment # noqa: S603 # nosec
            [sys.executable, "-I", str(HERE / "word.py")],
            input=json.dumps(question).encode(),
            capture_output=True,
            timeout=SECONDS,
            env={},
            cwd=HERE,
            check=True,
        )
    except subprocess.TimeoutExpired as wrong:
        raise UnusableTemplate(_("The template takes far too long to fill in.")) from wrong
    except subprocess.CalledProcessError as wrong:
        raise UnusableTemplate(_("The template cannot be filled in: it takes too much time or memory.")) from wrong
    answer = json.loads(done.stdout)
    if sentence := answer.get("sentence"):
        raise UnusableTemplate(_(sentence) % answer["given"])
    return [zipped(unzipped(base64.b64decode(each))) for each in answer["filled"]]


@cache
def shape(model: type[BaseModel]) -> dict[str, Any]:
    """What a paper has, by its Danish names: mappings, lists with the shape of one, and None for a text or number."""
    return {
        str(field.serialization_alias or name): _shape_of(field.annotation)
        for name, field in model.model_fields.items()
        if not field.exclude
    }


def _shape_of(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return shape(annotation)
    inner = [_shape_of(each) for each in get_args(annotation) if each is not type(None)]
    if get_origin(annotation) is list:
        return inner
    return inner[0] if inner else None


def example(model: type[BaseModel], *, full: bool) -> dict[str, Any]:
    """A made-up paper in which everything has a value, or in which nothing that may be missing has one."""
    return {
        str(field.serialization_alias or name): _example_of(field.annotation, full=full)
        for name, field in model.model_fields.items()
        if not field.exclude
    }


def _example_of(annotation: Any, *, full: bool) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return example(annotation, full=full)
    wanted = [each for each in get_args(annotation) if each is not type(None)]
    if get_origin(annotation) is list:
        return [_example_of(each, full=full) for each in wanted] if full else []
    if wanted:
        return _example_of(wanted[0], full=full) if full else None
    return "Prøve & <tekst>" if annotation is str else 0
