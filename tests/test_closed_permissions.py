"""The table of permissions for a closed project: others find nothing, its own are as of an open one."""

from starlette.testclient import TestClient

from app.models import User
from tests.conftest import SignIn, one_database
from tests.test_access import READING, ROUTES, WRITING
from tests.writes import PLACES

CLOSED, NEVER_MADE = "L-01", "L-99"
AS_OF_AN_OPEN_ONE = {
    "lukket_leder": "leder",
    "lukket_ejer": "ejer",
    "lukket_medlem": "laeser",
    "sekretariat": "sekretariat",
    "direktion": "direktion",
}
"""Whoever may see it has the rights of this column of the table; a member of its steering group may read it."""
COLUMN = {"leder": "anden_leder", "ejer": "anden_leder", "anden_ejer": "anden_leder"}
"""Of a project that is not theirs, they are as the leader of another one."""
FIND_NOTHING = ("leder", "ejer", "anden_leder", "anden_ejer", "chefforum", "admin", "laeser")


def of_an_open_one(path: str) -> dict[str, str]:
    """The member leads an open project on the list, and whoever does may propose."""
    return AS_OF_AN_OPEN_ONE | ({"lukket_medlem": "leder"} if "/proposals/" in path else {})


def at(path: str, number: str = CLOSED) -> str:
    return path.format(**(PLACES | {"number": number}))


@one_database
def test_of_a_closed_project_everybody_reads_all_or_nothing(sign_in: SignIn, cast: dict[str, User]) -> None:
    browsers = {name: sign_in(cast[name]) for name in (*AS_OF_AN_OPEN_ONE, *FIND_NOTHING)}
    below = [path for path in READING if "{number}" in path]
    assert len(below) > 40
    there = 0
    for path in below:
        for name in FIND_NOTHING:  # where a role is asked first, 403 also for a project that was never made
            found, never = (browsers[name].get(at(path, number)).status_code for number in (CLOSED, NEVER_MADE))
            assert found == never, (path, name)
            assert found == 404 or ROUTES["GET", path][COLUMN.get(name, name)] == "403", (path, name)
        if browsers["sekretariat"].get(at(path)).status_code == 404:
            continue  # it has no such row
        there += 1
        for name, column in of_an_open_one(path).items():  # 303, 409 where a rule says no
            found, may = browsers[name].get(at(path)).status_code, ROUTES["GET", path][column] != "403"
            assert found in ((200, 303, 409) if may else (403,)), (path, name)
    assert there > 20


@one_database
def test_of_a_closed_project_nobody_writes_who_may_not_write_on_an_open_one(
    sign_in: SignIn, cast: dict[str, User]
) -> None:
    browsers = {name: sign_in(cast[name]) for name in (*AS_OF_AN_OPEN_ONE, *FIND_NOTHING)}
    refused = 0
    for path in [path for path in WRITING if "{number}" in path]:
        for name in FIND_NOTHING:
            found, never = (sent(browsers[name], path, number) for number in (CLOSED, NEVER_MADE))
            assert found == never, (path, name)
            assert found == 404 or ROUTES["POST", path][COLUMN.get(name, name)] == "403", (path, name)
        for name, column in of_an_open_one(path).items():
            if ROUTES["POST", path][column] == "403":
                refused += 1
                assert sent(browsers[name], path) in (403, 404), (path, name)
    assert refused > 100


def sent(browser: TestClient, path: str, number: str = CLOSED) -> int:
    return int(browser.post(at(path, number)).status_code)
