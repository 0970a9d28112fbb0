"""An archive as files that can be read without this program: tables and editions in, names and bytes out (L18)."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from app.models.data_description import Description
from app.papers.workbook import workbook
from app.tabs.archive import StoredEdition, StoredTable

File = tuple[str, bytes]
SUMS = "SHA256SUMS"

READ_ME = """Porteføljelisten – arkiv pr. {day}

Dette er alt, hvad Porteføljelisten indeholder, i filer, der kan læses uden programmet. Også LUKKEDE projekter er med.

tabeller/*.csv            Hver tabel som tekst: UTF-8, semikolon, første linje er kolonnernes navne. Tomt felt: ingen
                          værdi. Datoer som 2022-06-13, tidspunkter i UTC, decimaltal med punktum, lister som JSON.
tabeller/*.json           De samme rækker som JSON med typer (null, true, false, tal).
tabeller/filer/           Det, der er gemt som filer, under det navn, der står i tabellen.
tabelbeskrivelse.csv      Hver tabel og hver kolonne: hvad den indeholder, format, og hvad den henviser til.
tabelbeskrivelse.json     Det samme som JSON, også hvad hver tabel handler om og bygger på.
udgaver/LISTE/RUNDE.json  Den frosne udgave, tegn for tegn som Direktionen læste den. Indholdet står kun her, ikke i
                          tabeller/edition.
udgaver/LISTE/RUNDE.xlsx  Den samme udgave som regneark med Overblik, Belastning og Effekter.
udgaver/LISTE/kaede.csv   Udgavernes fingeraftryk. Et fingeraftryk er SHA-256 af seks linjer, adskilt af linjeskift: den
                          forrige udgaves fingeraftryk, listens nøgle, rundens nøgle, frosset (UTC, ISO 8601),
                          frosset af, og indholdet af RUNDE.json.
kontrol.txt               Hvad kontrollen af udgaverne fandt, da arkivet blev lavet.
SHA256SUMS                SHA-256 af hver fil; kontrolleres med: sha256sum -c SHA256SUMS

Adgangskoder og beviser for sessioner er ikke med. Intet andet er udeladt.
"""


def archive_files(
    tables: Iterable[StoredTable], editions: Iterable[StoredEdition], wrong: Sequence[str], day: date
) -> Iterator[File]:
    """Every file of the archive under its name, the list of their fingerprints last."""
    sums = []
    for name, content in _files(tables, editions, wrong, day):
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        yield name, content
    yield SUMS, "".join(sums).encode()


def _files(
    tables: Iterable[StoredTable], editions: Iterable[StoredEdition], wrong: Sequence[str], day: date
) -> Iterator[File]:
    yield "LAESMIG.txt", READ_ME.format(day=day.isoformat()).encode()
    yield "kontrol.txt", ("\n".join(wrong) or "Alle udgaver er, som de blev frosset.").encode() + b"\n"
    described = []
    for table in tables:
        yield f"tabeller/{table.of.name}.csv", _csv(table.columns, table.rows)
        as_objects = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        yield f"tabeller/{table.of.name}.json", _json(as_objects)
        yield from ((f"tabeller/filer/{name}", content) for name, content in table.files.items())
        described.append(_described(table.of, table.columns))
    yield "tabelbeskrivelse.json", _json(described)
    lines = [[table["tabel"], *column.values()] for table in described for column in table["kolonner"]]
    yield "tabelbeskrivelse.csv", _csv(["tabel", *described[0]["kolonner"][0]], lines)
    yield from _of_editions(editions)


def _of_editions(editions: Iterable[StoredEdition]) -> Iterator[File]:
    chains: dict[str, list[list[Any]]] = {}
    for each in editions:
        edition = each.edition
        yield f"udgaver/{each.portfolio}/{each.key}.json", edition.content.encode()
        yield f"udgaver/{each.portfolio}/{each.key}.xlsx", workbook(*each.tabs)
        chains.setdefault(each.portfolio, []).append(
            [
                each.key,
                edition.previous_sha256,
                edition.portfolio_id,
                edition.round_id,
                edition.frozen_at.isoformat(),
                edition.frozen_by,
                edition.sha256,
            ]
        )
    headings = ["runde", "forrige", "liste_noegle", "runde_noegle", "frosset", "frosset_af", "sha256"]
    yield from ((f"udgaver/{name}/kaede.csv", _csv(headings, lines)) for name, lines in chains.items())


def _described(of: Description, columns: Sequence[str]) -> dict[str, Any]:
    fields = [of.field(name) for name in columns]
    return {
        "tabel": of.name,
        "ord": of.noun,
        "om": of.about,
        "grundlag": str(of.basis),
        "kolonner": [
            {
                "kolonne": field.name,
                "ord": field.title,
                "slags": str(field.sort),
                "format": field.format,
                "henviser_til": f"{field.points_to}.id" if field.points_to else "",
                "kan_vaere_tom": bool(field.column.nullable),
            }
            for field in fields
        ],
    }


def _csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([["" if value is None else value for value in row] for row in rows])
    return text.getvalue().encode()


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
