"""Backups: a copy of the whole database that has been checked, beside a manifest of what is in it.

A file with a backup's name is whole: it is written under another name, kept safe on the disk, checked as `verify`
checks, and only then given its name. Restoring never writes over a list that is there.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess  # runs PostgreSQL's own two programs, without a shell # nosec
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Engine
from sqlmodel import Session

from app.condition import content_of, damage, revision_of, revisions
from app.db import connect, reading_file, sqlite_module
from app.errors import DomainError
from app.models.event_chain import broken_events, last_fingerprint
from app.settings import now
from app.tabs.edition import broken

MANIFEST = ".json"
SUFFIX = {"sqlite": ".sqlite3", "postgresql": ".dump"}


class BackupError(DomainError):
    """Why there is no backup, or why it was not restored."""


def back_up(engine: Engine, folder: Path, keep: int = 0) -> Path:
    """Makes a backup in the folder, however many are writing meanwhile; of older ones `keep` stay, or all with 0."""
    kind = engine.dialect.name
    folder.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder):
        final = folder / f"portefolje-{now():%Y-%m-%dT%H%M%S.%fZ}{SUFFIX[kind]}"
        part = final.with_name(f"{final.name}.part")
        part.touch(mode=0o600)  # it holds everything: nobody else on the machine may read it
        manifest = (_copy_sqlite if kind == "sqlite" else _dump_postgresql)(engine, part)
        manifest |= {"made_at": now().isoformat(), "kind": kind, "size": part.stat().st_size, "sha256": _hash(part)}
        beside = final.with_name(final.name + MANIFEST)
        _write(beside, json.dumps(manifest, indent=1, ensure_ascii=False).encode())
        part.replace(final)
        _sync(folder)
        for old in sorted(folder.glob(f"portefolje-*{SUFFIX[kind]}"))[: -keep or None] if keep else ():
            old.unlink()
            old.with_name(old.name + MANIFEST).unlink(missing_ok=True)
    return final


def _copy_sqlite(engine: Engine, part: Path) -> dict[str, Any]:
    """The file as it stands at one moment; the check is made on the copy."""
    source = sqlite_module().connect(engine.url.database, timeout=30, isolation_level=None)
    try:
        source.execute("vacuum into ?", (str(part),))
    finally:
        source.close()
    _sync(part)
    copy = reading_file(part)
    try:
        with Session(copy) as session:
            return _checked(session)
    finally:
        copy.dispose()


def _dump_postgresql(engine: Engine, part: Path) -> dict[str, Any]:
    """A dump of the same moment as the check: both read one snapshot."""
    with Session(engine.execution_options(isolation_level="REPEATABLE READ")) as session:
        snapshot = session.connection().execute(sa.select(sa.func.pg_export_snapshot())).scalar_one()
        _run(engine, "pg_dump", "--format=custom", "--schema=public", f"--snapshot={snapshot}", f"--file={part}")
        _run(engine, "pg_restore", "--list", str(part))
        _sync(part)
        return _checked(session)


def _checked(session: Session) -> dict[str, Any]:
    """What is in a database in which everything is as it was written; BackupError says what is not."""
    connection = session.connection()
    revision = revision_of(connection)
    if revision != revisions()[0]:
        raise BackupError(f"The database is of another version ({revision or '–'}) than this program: migrate first.")
    if found := [*_unsound(connection), *broken(session), *broken_events(session)]:
        raise BackupError("\n".join(("No backup was made: the database is not as it was written.", *found)))
    return {"revision": revision, "last_event": last_fingerprint(session), "tables": content_of(connection)}


def _unsound(connection: sa.Connection) -> list[str]:
    """What SQLite itself finds wrong in a file."""
    if connection.dialect.name != "sqlite":
        return []
    found = [str(each) for each in connection.exec_driver_sql("pragma integrity_check").scalars() if each != "ok"]
    return found + [f"The key of a row points to nothing: {row}" for row in _orphans(connection)]


def _orphans(connection: sa.Connection) -> list[Any]:
    return list(connection.exec_driver_sql("pragma foreign_key_check"))


def restore(url: str, file: Path, *, replace: bool = False) -> str:
    """Puts a backup where there is no list, or in place of one, which stays beside it; the sentence says where.

    Everybody must sign in again.
    """
    manifest = _manifest_of(file)
    kind = sa.make_url(url).get_backend_name()
    if manifest["kind"] != kind:
        raise BackupError(f"The backup is of {manifest['kind']}, and the database here is {kind}.")
    if manifest["revision"] not in revisions():
        raise BackupError(f"The backup is of a newer version ({manifest['revision']}) than this program.")
    return (_restore_sqlite if kind == "sqlite" else _restore_postgresql)(url, file, manifest, replace)


def _manifest_of(file: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(file.with_name(file.name + MANIFEST).read_text())
        if (file.stat().st_size, _hash(file)) != (manifest["size"], manifest["sha256"]):
            raise BackupError(f"{file} is damaged: it is not what its manifest says. Use another backup.")
    except OSError as wrong:
        raise BackupError(f"{wrong.filename} cannot be read: {wrong.strerror}.") from wrong
    except (ValueError, KeyError) as wrong:
        raise BackupError(f"{file}{MANIFEST} is not a manifest.") from wrong
    return manifest


def _restore_sqlite(url: str, file: Path, manifest: dict[str, Any], replace: bool) -> str:
    place = Path(str(sa.make_url(url).database))
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        if not replace:
            raise BackupError(f"There is a list in {place}. With --replace it is kept beside the backup's.")
        _refuse_in_use(place)
    part = place.with_name(f"{place.name}.restoring")
    shutil.copyfile(file, part)
    engine = connect(f"sqlite:///{part}")
    try:
        _received(engine, manifest)
        with engine.connect() as connection:
            connection.connection.execute("pragma wal_checkpoint(truncate)")
    finally:
        engine.dispose()
    _sync(part)
    kept = _kept_beside(place)
    part.replace(place)
    _sync(place.parent)
    return f"What was there is kept in {kept}." if kept else ""


def _refuse_in_use(place: Path) -> None:
    """Whoever has the file open holds a lock on it, also when nothing is being asked."""
    connection = sqlite_module().connect(str(place), timeout=0, isolation_level=None)
    try:
        connection.execute("pragma locking_mode=exclusive")
        connection.execute("begin immediate")
        connection.execute("rollback")
        connection.execute("pragma wal_checkpoint(truncate)")  # from here on the one file is everything
    except sqlite_module().OperationalError as wrong:
        raise BackupError(f"The list in {place} is in use: stop the program first ({wrong}).") from wrong
    except sqlite_module().DatabaseError:
        return  # what is damaged is being replaced
    finally:
        connection.close()


def _kept_beside(place: Path) -> Path | None:
    """The old file, under another name, and what SQLite had beside it: it must not meet the new file."""
    kept = place.with_name(f"{place.name}.before-restore-{now():%Y-%m-%dT%H%M%SZ}")
    there = [beside for beside in ("", "-wal", "-shm") if place.with_name(place.name + beside).exists()]
    for beside in there:
        place.with_name(place.name + beside).replace(kept.with_name(kept.name + beside))
    return kept if there else None


def _restore_postgresql(url: str, file: Path, manifest: dict[str, Any], replace: bool) -> str:
    engine, kept = connect(url), f"before_restore_{now():%Y%m%d%H%M%S}"
    try:
        there = bool(sa.inspect(engine).get_table_names())
        if there and not replace:
            raise BackupError("There is a list in the database. With --replace it is kept in a schema of its own.")
        if there:
            with engine.begin() as connection:
                connection.execute(sa.text(f"alter schema public rename to {kept}"))
                connection.execute(sa.text("create schema public"))
        try:
            options = ("--schema=public", "--no-owner", "--single-transaction", "--exit-on-error")
            _run(engine, "pg_restore", *options, f"--dbname={_conninfo(engine)}", str(file))
            _received(engine, manifest)
        except BackupError:
            if there:
                with engine.begin() as connection:
                    connection.execute(sa.text("drop schema public cascade"))
                    connection.execute(sa.text(f"alter schema {kept} rename to public"))
            raise
    finally:
        engine.dispose()
    return f"What was there is kept in the schema {kept}." if there else ""


def _received(engine: Engine, manifest: dict[str, Any]) -> None:
    """Everything that the manifest says is there, and nothing else; then everybody is signed out."""
    with engine.begin() as connection:
        if damage(connection) or content_of(connection) != manifest["tables"]:
            raise BackupError("What was restored is not what the manifest says. Nothing was changed.")
        connection.execute(sa.text("update user_session set ended_at = :at where ended_at is null"), {"at": now()})


def _run(engine: Engine, program: str, *options: str) -> None:
    """One of PostgreSQL's programs; the password goes by the environment, where no list of processes shows it."""
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"The program {program} is missing: install PostgreSQL's client programs.")
    words = [found, *options]
    if program == "pg_dump":
        words.append(f"--dbname={_conninfo(engine)}")
    environment = os.environ | {"PGPASSWORD": engine.url.password or ""}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 # nosec
    if done.returncode:
        raise BackupError(f"{program}: {done.stderr.strip()}")


def _conninfo(engine: Engine) -> str:
    given = conninfo_to_dict(engine.url.set(drivername="postgresql").render_as_string(hide_password=False))
    return make_conninfo(**{name: str(value) for name, value in given.items() if name != "password"})


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """One backup at a time; what one that was stopped left behind is taken away."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            for unfinished in folder.glob("portefolje-*.part*"):
                unfinished.unlink()
            for manifest in folder.glob(f"portefolje-*{MANIFEST}"):
                if not manifest.with_suffix("").exists():
                    manifest.unlink()


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _write(file: Path, content: bytes) -> None:
    part = file.with_name(f"{file.name}.part")
    part.write_bytes(content)
    _sync(part)
    part.replace(file)


def _sync(path: Path) -> None:
    """Asks the disk to keep what was written, also of a folder: the names in it."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
