"""The package for the records system (ESDH): the documents of a meeting on the list, with what they are (R09, L15).

A zip file with the documents, and the same metadata as JSON and as XML. The same documents give the same bytes.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from lxml import etree

from app.papers.zipped import zipped
from app.tabs.board_paper import BoardPaper

MEDIA_TYPE = "application/zip"


class File(NamedTuple):
    """A document of the package: its name, what it is, its title, its media type and its bytes."""

    name: str
    role: str
    title: str
    media_type: str
    content: bytes


def package_name(paper: BoardPaper) -> str:
    """»pakke-2022-06.zip«."""
    return f"pakke-{paper.round_key}.zip"


def package(paper: BoardPaper, files: Sequence[File]) -> bytes:
    """The documents under their names, `metadata.json` and `metadata.xml`."""
    facts = metadata(paper, files)
    as_json = json.dumps(facts, ensure_ascii=False, indent=2) + "\n"
    as_xml = etree.tostring(_element("sag", facts), xml_declaration=True, encoding="UTF-8", pretty_print=True)
    content = [(file.name, file.content) for file in files]
    return zipped([*content, ("metadata.json", as_json.encode()), ("metadata.xml", as_xml)])


def metadata(paper: BoardPaper, files: Sequence[File]) -> dict[str, Any]:
    """Date, meeting, body, case numbers, short thematic title, classification, and each document with its SHA-256.

    The names are Danish, as records systems here have them. `lukkede_projekter` says how many closed projects the
    documents tell of: they may only be kept where those are.
    """
    return {
        "titel": paper.title,
        "sagsnumre": [paper.case_number],
        "klassifikation": paper.classification,
        "lukkede_projekter": paper.closed,
        "organ": paper.meeting.body,
        "dato": paper.held_on.isoformat(),
        "punkt": paper.heading,
        "afsender": paper.sender,
        "udgave": {
            "runde": paper.round_key,
            "navn": paper.this_time,
            "frosset": paper.frozen_at.isoformat(timespec="seconds"),
            "sha256": paper.sha256,
        },
        "dokumenter": [
            {
                "fil": file.name,
                "rolle": file.role,
                "titel": file.title,
                "medietype": file.media_type,
                "bytes": len(file.content),
                "sha256": hashlib.sha256(file.content).hexdigest(),
            }
            for file in files
        ],
    }


ONE_OF = {"sagsnumre": "sagsnummer", "dokumenter": "dokument"}
"""What one of a list is called in the XML."""


def _element(name: str, value: Any) -> etree._Element:
    element = etree.Element(name)
    if isinstance(value, dict):
        element.extend([_element(key, each) for key, each in value.items()])
    elif isinstance(value, list):
        element.extend([_element(ONE_OF[name], each) for each in value])
    else:
        element.text = str(value)
    return element
