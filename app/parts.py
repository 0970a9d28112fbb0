"""The list of parts (SBOM): everything that the lock files name, as CycloneDX, made without a network."""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LOCKED = re.compile(r"^([\w.-]+)==([^\s;\\]+)((?:.*\\\n)*.*)", re.MULTILINE)
DIGEST = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def python_parts() -> Iterator[dict[str, Any]]:
    """The packages that serve the pages, each with the digests of which one is installed."""
    for name, version, rest in LOCKED.findall((ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")):
        plain = re.sub(r"[-_.]+", "-", name).lower()
        part = _part("pypi", plain, version)
        files = [{"alg": "SHA-256", "content": digest} for digest in DIGEST.findall(rest)]
        references = [{"type": "distribution", "url": part["purl"], "hashes": files}]
        yield part | ({"externalReferences": references} if files else {})


def browser_parts() -> Iterator[dict[str, Any]]:
    """What the browser gets of others."""
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for place, facts in packages.items():
        if place:
            part = _part("npm", place.rpartition("node_modules/")[2], facts["version"])
            expression = facts.get("license")
            yield part | ({"licenses": [{"license": {"name": expression}}]} if expression else {})


def _part(kind: str, name: str, version: str) -> dict[str, Any]:
    purl = f"pkg:{kind}/{name}@{version}"
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def list_of_parts() -> dict[str, Any]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    whole = {"type": "application", "bom-ref": project["name"], "name": project["name"], "version": project["version"]}
    parts = {part["bom-ref"]: part for part in (*python_parts(), *browser_parts())}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": whole},
        "components": [parts[key] for key in sorted(parts)],
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(list_of_parts(), indent=1) + "\n", encoding="utf-8")
