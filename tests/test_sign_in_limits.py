"""Guessing is slow, for everybody together: however many browsers, addresses and processes take part."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product

import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from app.__main__ import listening
from app.models import SignInAttempt, User, password
from app.models.sign_in_attempt import PER_ACCOUNT, PER_NETWORK, WINDOW, Tried, network_of
from app.settings import Settings, now
from tests.conftest import one_database

LEDER = {"email": "leder@demo.example", "password": "demo"}
CHECKED, NOT_CHECKED = 422, 429


def browser_at(app: FastAPI, address: str) -> TestClient:
    return TestClient(app, follow_redirects=False, client=(address, 50_000))


@pytest.mark.parametrize("email", ["leder@demo.example", "nobody@demo.example"])
def test_of_many_tries_at_the_same_time_ten_are_checked_wherever_they_come_from(
    email: str, app: FastAPI, leder: User
) -> None:
    """The same for an account that is there and for one that is not."""

    def guess(n: int) -> int:
        browser = browser_at(app, f"10.1.{n}.1")
        typed = {"email": email.upper() if n % 2 else email, "password": f"gæt {n}"}
        return browser.post("/login", data=typed, headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(guess, range(60)))
    assert answers == {CHECKED: PER_ACCOUNT, NOT_CHECKED: 50}


def tried(database: Engine, network: str, times: int, ago: timedelta = timedelta()) -> None:
    """Wrong tries from a network, each on an account of its own."""
    with Session(database) as session:
        for n in range(times):
            session.add(
                SignInAttempt(tried=Tried.password, account_sha256=f"{n:064x}", network=network, at=now() - ago)
            )
        session.commit()


@one_database
def test_many_accounts_from_one_network_are_stopped_and_others_are_not(app: FastAPI, database: Engine) -> None:
    tried(database, "2001:db8:1:2::/64", PER_NETWORK - 1)
    one, other, elsewhere = (
        browser_at(app, address) for address in ("2001:db8:1:2::5", "2001:db8:1:2:ffff::9", "2001:db8:1:3::5")
    )
    guess = {"email": "nobody@demo.example", "password": "gæt"}
    assert one.post("/login", data=guess).status_code == CHECKED
    assert one.post("/login", data=guess).status_code == NOT_CHECKED
    assert other.post("/login", data=LEDER).status_code == NOT_CHECKED, "the same 64 bits"
    assert elsewhere.post("/login", data=LEDER).status_code == 303


@one_database
def test_what_is_older_than_a_quarter_of_an_hour_is_forgotten(
    app: FastAPI, database: Engine, anonymous: TestClient
) -> None:
    tried(database, "testclient", PER_NETWORK, WINDOW + timedelta(seconds=1))
    assert anonymous.post("/login", data=LEDER).status_code == 303
    with Session(database) as session:
        assert session.exec(select(SignInAttempt)).all() == [], "neither the old ones nor the right one"


@one_database
def test_of_what_was_typed_nothing_is_kept(anonymous: TestClient, database: Engine) -> None:
    anonymous.post("/login", data={"email": "min hemmelige adgangskode", "password": "leder@demo.example"})
    with Session(database) as session:
        [kept] = session.exec(select(SignInAttempt)).all()
    assert "hemmelige" not in repr(kept)
    assert "leder" not in repr(kept)


@one_database
def test_an_account_that_is_there_takes_as_much_work_to_refuse_as_one_that_is_not(
    anonymous: TestClient, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow part is counted, one check of a hash of the same cost: seconds would depend on the machine."""
    with Session(database) as session:
        session.exec(select(User).where(User.email == "ejer@demo.example")).one().active = False
        session.exec(select(User).where(User.email == "chefforum@demo.example")).one().password_hash = ""
        session.commit()
    checked: list[str] = []
    made: list[str] = []
    verify, make = password._hasher.verify, password._hasher.hash

    def noted(typed: str, hashed: str) -> bool:
        checked.append(hashed)
        return verify(typed, hashed)

    def noted_too(typed: str) -> str:
        made.append(make(typed))
        return made[-1]

    monkeypatch.setattr(password._hasher, "verify", noted)
    monkeypatch.setattr(password._hasher, "hash", noted_too)
    for who, (way, status) in product(
        ("leder", "nobody", "ejer", "chefforum"), {"/login": 422, "/password": 303}.items()
    ):
        password._nobodys_hash.cache_clear()  # as in a process that has just been started
        answer = anonymous.post(way, data={"email": f"{who}@demo.example", "password": "forkert"})
        assert answer.status_code == status
        assert (len(checked), len(made)) == (1, 1), (who, way)
        assert cost(checked.pop()) == cost(made.pop()), (who, way)


def cost(hashed: str) -> str:
    """How slow a hash is to check: its kind, memory and rounds, without salt and sum."""
    return hashed.rsplit("$", 2)[0]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("x" * 99, "x" * 45),
    ],
)
def test_a_network_is_an_address_or_64_bits(address: str, network: str) -> None:
    assert network_of(address) == network


def test_nobody_is_believed_about_where_a_request_comes_from_but_the_proxies_that_are_named() -> None:
    alone = uvicorn.Config("app.main:create_app", **listening(Settings()))
    behind = uvicorn.Config("app.main:create_app", **listening(Settings(forwarded_allow_ips="10.0.0.1,10.0.0.2")))
    assert not alone.proxy_headers
    assert (behind.proxy_headers, behind.forwarded_allow_ips) == (True, "10.0.0.1,10.0.0.2")
