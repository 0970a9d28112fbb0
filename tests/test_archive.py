"""The archive (domain.md L18): everything, in files that can be read without the program."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select
from typer.testing import CliRunner

from app.__main__ import cli
from app.models import Edition, Export
from app.settings import get_settings


@pytest.fixture(autouse=True)
def on_the_server(database: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def test_an_archive_holds_every_row_and_every_edition_and_proves_that_it_is_whole(
    database: Engine, tmp_path: Path
) -> None:
    out = tmp_path / "arkiv"
    done = CliRunner().invoke(cli, ["archive", "--out", str(out), "--note", "Rigsarkivet"])
    assert done.exit_code == 0, done.output
    lines_of_sums = (line.split("  ") for line in (out / "SHA256SUMS").read_text().splitlines())
    sums = {name: fingerprint for fingerprint, name in lines_of_sums}
    files = {str(file.relative_to(out)) for file in out.rglob("*") if file.is_file()}
    assert files == {*sums, "SHA256SUMS"}
    for name, fingerprint in sums.items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == fingerprint
    described = {table["tabel"]: table for table in json.loads((out / "tabelbeskrivelse.json").read_text())}
    assert described.keys() == SQLModel.metadata.tables.keys()
    with database.connect() as connection:
        for name, table in SQLModel.metadata.tables.items():
            rows = json.loads((out / f"tabeller/{name}.json").read_text())
            lines = list(csv.reader(io.StringIO((out / f"tabeller/{name}.csv").read_text()), delimiter=";"))
            logged = name in ("export", "event")  # the archive itself is logged after it was read
            count = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            assert len(rows) == len(lines) - 1 == count - logged, name
            assert lines[0] == [column["kolonne"] for column in described[name]["kolonner"]]
    with Session(database) as session:
        for edition in session.exec(select(Edition)):
            chain = (out / "udgaver/direktionen/kaede.csv").read_text()
            assert edition.sha256 in chain
        export = session.exec(select(Export).order_by(Export.id.desc())).first()  # type: ignore[union-attr] # a column
        assert export
        assert export.sha256 == hashlib.sha256((out / "SHA256SUMS").read_bytes()).hexdigest()
    assert "L-01" in (out / "tabeller/project.csv").read_text()
    everything = b"".join((out / name).read_bytes() for name in files)
    assert b"argon2" not in everything
    again = CliRunner().invoke(cli, ["archive", "--out", str(out)])
    assert (again.exit_code, "is there already" in again.output) == (1, True)


def test_the_chain_of_the_archive_can_be_reckoned_by_anybody(database: Engine, tmp_path: Path) -> None:
    out = tmp_path / "arkiv"
    assert CliRunner().invoke(cli, ["archive", "--out", str(out)]).exit_code == 0
    chain = list(csv.DictReader(io.StringIO((out / "udgaver/direktionen/kaede.csv").read_text()), delimiter=";"))
    assert len(chain) == 9
    before = ""
    for link in chain:
        content = (out / f"udgaver/direktionen/{link['runde']}.json").read_text()
        said = [before, link["liste_noegle"], link["runde_noegle"], link["frosset"], link["frosset_af"], content]
        before = hashlib.sha256("\n".join(said).encode()).hexdigest()
        assert (out / f"udgaver/direktionen/{link['runde']}.xlsx").stat().st_size > 5_000
        assert before == link["sha256"]
