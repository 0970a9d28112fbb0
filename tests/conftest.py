"""The house of the tests. The world is the demo list on 13 June 2022; every test works on a copy of its own.

The cast: `leder` leads P-005 and `ejer` owns it; `anden_leder` leads P-012 and `anden_ejer` owns it; `lukket_leder`,
`lukket_ejer` and `lukket_medlem` (of its steering group) belong to the closed L-01; `sekretariat`, `direktion`,
`chefforum`, `admin` and `laeser` have those roles and no project; `anonymous` has not signed in.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import pytest
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, event
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.access import session_cookie
from app.main import create_app
from app.models import User, password
from app.models.user import with_person
from app.models.user_session import start_session
from app.settings import Settings, get_settings
from tests import sizes
from tests.databases import ACCOUNTS, CAST, House, PostgresqlHouse, SqliteHouse, postgresql_server
from tests.small_list import SmallList, a_small_list

SignIn = Callable[[User | None], TestClient]
Queries = Callable[[], AbstractContextManager[list[str]]]

one_database = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
"""For a test whose answer cannot depend on the kind of database."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures of `make soak`."""
    if sizes.SOAK:
        terminalreporter.write_line("\n".join(["", *sizes.table()]))


@pytest.fixture(scope="session", autouse=True)
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Development with the demo date, whatever the environment of whoever runs the tests says.

    Passwords are hashed quickly: how slowly they should be stands in test_passwords.py.
    """
    with pytest.MonkeyPatch.context() as environment:
        for name in Settings.model_fields:
            environment.delenv(name.upper(), raising=False)
        environment.setenv("DATA_DIR", str(tmp_path_factory.mktemp("data")))
        environment.setattr(
            password, "_hasher", PasswordHash([Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)])
        )
        get_settings.cache_clear()
        yield
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def sqlite(settings: None) -> Iterator[House]:
    with SqliteHouse() as house:
        yield house


@pytest.fixture(scope="session")
def postgresql(settings: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    lock = tmp_path_factory.getbasetemp().parent / "postgresql.lock"
    with postgresql_server(lock) as url, PostgresqlHouse(url) as house:
        yield house


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest) -> House:
    """Where databases come from; a test that asks for it runs on both kinds."""
    found: House = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def database(house: House) -> Iterator[Engine]:
    """The world, for this test alone."""
    with house.copy(house.world) as engine:
        yield engine


@pytest.fixture
def small(house: House) -> Iterator[SmallList]:
    """A list made by hand, for this test alone."""
    with a_small_list(house) as made:
        yield made


@pytest.fixture(scope="session")
def application(settings: None) -> FastAPI:
    """One application a process: making one is slow. Its database is the one of the test that runs."""
    return create_app()


@pytest.fixture
def app(application: FastAPI, database: Engine) -> FastAPI:
    application.state.engine = database
    return application


@pytest.fixture
def sign_in(app: FastAPI, database: Engine) -> Iterator[SignIn]:
    """A browser in which somebody has signed in. What the sign-in page does stands in test_sessions.py."""
    with ExitStack() as browsers:

        def browser(user: User | None) -> TestClient:
            client = browsers.enter_context(TestClient(app, follow_redirects=False))
            if user:
                sign_in_again(client, database, user)
            return client

        yield browser


def sign_in_again(browser: TestClient, database: Engine, user: User) -> None:
    """A new session in a browser that is there, whatever became of the one before."""
    with Session(database) as session:
        browser.cookies.set(session_cookie(), start_session(session, user), domain="testserver.local")
        session.commit()


@pytest.fixture
def cast(database: Engine) -> dict[str, User]:
    """Everybody with an account, by name."""
    with Session(database) as session:
        users = {user.email: user for user in session.exec(select(User).options(with_person()))}
    return {name: users[ACCOUNTS.get(name, f"{name}@demo.example")] for name in CAST}


def _one_of_the_cast(name: str) -> Callable[[dict[str, User]], User]:
    @pytest.fixture(name=name)
    def found(cast: dict[str, User]) -> User:
        return cast[name]

    return found


leder = _one_of_the_cast("leder")
ejer = _one_of_the_cast("ejer")
anden_leder = _one_of_the_cast("anden_leder")
anden_ejer = _one_of_the_cast("anden_ejer")
lukket_leder = _one_of_the_cast("lukket_leder")
lukket_ejer = _one_of_the_cast("lukket_ejer")
lukket_medlem = _one_of_the_cast("lukket_medlem")
sekretariat = _one_of_the_cast("sekretariat")
direktion = _one_of_the_cast("direktion")
chefforum = _one_of_the_cast("chefforum")
admin = _one_of_the_cast("admin")
laeser = _one_of_the_cast("laeser")


@pytest.fixture
def anonymous(sign_in: SignIn) -> TestClient:
    return sign_in(None)


@pytest.fixture
def queries(database: Engine) -> Queries:
    """Counts what is asked of the database: `with queries() as asked: …; assert len(asked) < 20`."""

    @contextmanager
    def counted() -> Iterator[list[str]]:
        asked: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            if not statement.startswith("BEGIN"):
                asked.append(statement)

        event.listen(database, "before_cursor_execute", note)
        yield asked
        event.remove(database, "before_cursor_execute", note)

    return counted
