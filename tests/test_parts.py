"""What the product consists of: the list of parts names everything that is locked, in a form that others can read."""

import json
import re

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from app.parts import list_of_parts
from tests.databases import ROOT


def test_the_list_of_parts_names_everything_that_is_installed() -> None:
    found = {part["purl"] for part in list_of_parts()["components"]}
    locked = re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / "requirements/run.txt").read_text("utf-8"), re.MULTILINE)
    assert len(locked) > 40
    assert {f"pkg:pypi/{name.lower()}@{version}" for name, version in locked} <= found
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    brought = {(place.rpartition("node_modules/")[2], facts["version"]) for place, facts in packages.items() if place}
    assert {f"pkg:npm/{name}@{version}" for name, version in brought} <= found


def test_the_list_of_parts_is_what_the_standard_says() -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(list_of_parts())) is None


def test_every_locked_part_has_its_digest() -> None:
    """What is installed is what was locked: a package that was changed afterwards is refused."""
    for name in ("run", "dev", "uv"):
        lines = (ROOT / f"requirements/{name}.txt").read_text("utf-8").replace("\\\n", " ").splitlines()
        assert all("--hash=sha256:" in line for line in lines if "==" in line), name
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert all(facts["integrity"].startswith("sha512-") for place, facts in packages.items() if place)
    assert not any("resolved" in facts for facts in packages.values()), "a lock names no registry"
