"""Nothing that opens something stands in the repository: no key, no password, no file that holds one (trust row 42)."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from app.models.api_token import MARK
from tests.databases import ROOT

PATTERNS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "an access key of ours": rf"\b{MARK}[\w-]{{43}}(?![\w-])",
    "a password in an address": r"\b[a-z][a-z+]+://[^\s/:@\"'{}]+:(?P<value>[^\s/@\"'{}<]{3,})@",
    "a signed token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "a key of a cloud": r"\bAKIA[0-9A-Z]{16}|\bxox[abprs]-[\w-]{10,}",
    "a key of a forge": r"\bgh[pousr]_[A-Za-z0-9]{36}|\bglpat-[\w-]{20}",
    "a secret that is written down": (
        r"(?i)(?:secret|password|api_?key)\w*[\"']?\s*[:=]\s*[\"'](?P<value>[\w+/-]{24,}=*)[\"']"
    ),
}
EXAMPLES = {"password", "secret", "hemmelig", "hemmeligt", "postgres", "changeme", "gwq8xkp2rt", 2 * "jbswy3dpehpk3pxp"}
"""What stands for a password where one is explained or tried."""

HOLDERS = (".pem", ".key", ".p12", ".pfx", ".env", ".sqlite", ".sqlite3", ".db", "id_rsa", "id_ed25519", ".netrc")


def secrets_in(text: str) -> Iterator[str]:
    for what, pattern in PATTERNS.items():
        for found in re.finditer(pattern, text):
            if (found.groupdict().get("value") or "").lower() not in EXAMPLES:
                yield f"{what}: {found[0][:12]}…"


def tracked() -> list[str]:
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is no repository: nothing says which files are part of it")
    return listed.stdout.decode().strip("\0").split("\0")


def test_no_file_of_the_repository_holds_a_secret() -> None:
    files, found = tracked(), []
    assert len(files) > 500
    for name in files:
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in content:
            found += [f"{name}: {each}" for each in secrets_in(content.decode(errors="replace"))]
    assert not found
    assert not [name for name in files if name.endswith(HOLDERS)]


@pytest.mark.parametrize(
    "planted",
    [
        "-----BEGIN EC " + "PRIVATE KEY-----",
        f'"{MARK}' + "aB3-" * 10 + 'xyz"',
        "postgresql://list:" + "uX7kPq2Rm9@db/list",
        "eyJhbGciOiJFUzI1NiJ9." + "eyJzdWIiOiJsZWRlciJ9." + "c2lnbmF0dXJlMTIz",
        "AKIA" + "Q7RT" * 4,
        "ghp_" + "a1B2c3" * 6,
        "OIDC_CLIENT_SECRET" + ' = "Zk8Q3vXw7Rt2Yp5Ln9Bd4Hs6Jm"',
    ],
)
def test_each_kind_of_secret_is_found_where_it_is_planted(planted: str) -> None:
    assert list(secrets_in(f"first line\n{planted}\nlast line"))
