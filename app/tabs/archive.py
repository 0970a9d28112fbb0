"""What an archive holds: every row of every table as it is stored, and every frozen edition (domain.md L18).

Nothing is left out but what proves who somebody is. Closed projects are there: who gets the archive must be allowed to
know of them.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from app.models import Edition, Portfolio
from app.models.data_description import Description, Field, descriptions
from app.models.edition import editions_of
from app.tabs.burden import Burden
from app.tabs.edition import tabs_of
from app.tabs.effects import Effects
from app.tabs.filters import Filters
from app.tabs.overview import Overview


@dataclass(frozen=True)
class StoredTable:
    """A table with its rows: text, numbers, true, false and null; `files` what is stored as bytes, by its name."""

    of: Description
    columns: list[str]
    rows: list[list[Any]]
    files: dict[str, bytes]


@dataclass(frozen=True)
class StoredEdition:
    portfolio: str
    key: str
    edition: Edition
    tabs: tuple[Overview, Burden, Effects]


def stored_tables(session: Session) -> Iterator[StoredTable]:
    """Every table, one at a time, in the order of their names; read as it is stored, past what the application says."""
    for of in sorted(descriptions(), key=lambda each: each.name):
        wanted = [field for field in of.fields if f"{of.name}.{field.name}" != CONTENT and _kept(field)]
        files: dict[str, bytes] = {}
        query = sa.select(*(field.column for field in wanted)).order_by(*of.table.primary_key.columns)
        rows = []
        for found in session.connection().execute(query):
            rows.append([_plain(value, of, field.name, files) for field, value in zip(wanted, found, strict=True)])
        yield StoredTable(of, [field.name for field in wanted], rows, files)


CONTENT = "edition.content"
"""What an edition says is in a file of its own."""

SHOWN = {"sha256", "previous_sha256"}
"""Fingerprints of what is in the archive: they prove what was not changed, and nobody signs in with them."""


def _kept(field: Field) -> bool:
    return not field.secret or field.name in SHOWN


def stored_editions(session: Session) -> Iterator[StoredEdition]:
    for portfolio in session.exec(select(Portfolio).order_by(Portfolio.slug)):
        for edition in editions_of(session, portfolio.pk):
            key = edition.round.key
            yield StoredEdition(portfolio.slug, key, edition, tabs_of(session, portfolio, Filters(round=key)))


def _plain(value: Any, of: Description, column: str, files: dict[str, bytes]) -> Any:
    if isinstance(value, bytes):
        name = f"{of.name}-{column}-{len(files) + 1}.bin"
        files[name] = value
        return name
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, bool | int | float) or value is None:
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(getattr(value, "value", value))
