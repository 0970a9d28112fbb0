"""Signing on with the municipality's account: the journey, and everything that gets nobody in (trust row 17)."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
import time_machine
from joserfc.jwk import RSAKey
from oidc_provider_mock import run_server_in_thread
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select
from starlette.testclient import TestClient

import app.single_sign_on
from app.models import Event, Identity, Person, SignOnAttempt, User, UserSession
from app.models.account import people_without_account
from app.models.api_token import ApiTokenForm, make_token
from app.models.identity import Claims, IdentityForm, approve, identity_of, sign_on
from app.models.sign_on_attempt import begin, use
from app.models.user import with_person
from app.settings import Settings, get_settings, now
from tests.conftest import SignIn, one_database
from tests.forged_provider import CLIENT, SECRET, Asked, ForgedProvider, asked_at, forged_provider
from tests.page import read_page
from tests.test_pages import english_words, faults

BACK = "/login/oidc/callback"
NAME = "kava@kommune.example"


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets single sign-on up with an issuer, for this test."""

    def configured(issuer: str) -> None:
        for name, value in (("ISSUER", issuer), ("CLIENT_ID", CLIENT), ("CLIENT_SECRET", SECRET)):
            monkeypatch.setenv(f"OIDC_{name}", value)
        get_settings.cache_clear()

    yield configured
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def provider(configure: Callable[[str], None]) -> Iterator[ForgedProvider]:
    with forged_provider() as provider:
        configure(provider.address)
        yield provider


def leave(browser: TestClient, wanted: str = "") -> Asked:
    """To the sign-on, and what one comes there with."""
    answer = browser.get("/login/oidc", params={"next": wanted} if wanted else {})
    assert answer.status_code == 303, answer.text
    return asked_at(answer.headers["location"])


def signed_on(browser: TestClient, provider: ForgedProvider, wanted: str = "", **claims: Any) -> Any:
    asked = leave(browser, wanted)
    return browser.get(BACK, params={"code": provider.grant(asked, **claims), "state": asked["state"]})


def sessions(database: Engine) -> int:
    with Session(database) as session:
        return session.exec(select(func.count(col(UserSession.id)))).one()


def account(database: Engine, email: str = NAME) -> User | None:
    with Session(database) as session:
        return session.exec(select(User).where(User.email == email)).first()


def employees(session: Session) -> list[Person]:
    """Those who have no account."""
    return [person for person in people_without_account(session) if not person.external]


def last_events(database: Engine, count: int) -> list[str]:
    with Session(database) as session:
        return [f"{event.subject} {event.action}" for event in session.exec(select(Event))][-count:]


# ---------------------------------------------------------------------------------------------------------- the journey


@pytest.mark.filterwarnings("ignore:get_jwt_config")  # the provider's own
def test_somebody_signs_on_at_a_real_provider_and_comes_to_where_they_were_going(
    sign_in: SignIn, database: Engine, configure: Callable[[str], None]
) -> None:
    """From the sign-in page to the page that was wanted, and out again; the second time the account is known."""
    with run_server_in_thread(require_nonce=True) as server:
        issuer = f"http://localhost:{server.server_port}"
        configure(issuer)
        person = {"email": NAME, "email_verified": True, "preferred_username": NAME, "roles": ["direktion", "ukendt"]}
        assert httpx2.put(f"{issuer}/users/subject-1", json=person).status_code == 204
        for _time in range(2):
            browser = sign_in(None)
            page = read_page(browser.get("/login?next=/portfolios/direktionen/burden").text)
            [link] = [each.get("href") for each in page.all("a") if each.get("href").startswith("/login/oidc")]
            there = browser.get(link).headers["location"]
            assert asked_at(there)["code_challenge_method"] == "S256"
            back = httpx2.post(there, data={"sub": "subject-1"}).headers["location"]
            assert back.startswith("http://localhost:8000/login/oidc/callback?")
            answer = browser.get(back.removeprefix("http://localhost:8000"))
            assert (answer.status_code, answer.headers["location"]) == (303, "/portfolios/direktionen/burden")
            assert browser.get("/portfolios/direktionen/burden").status_code == 200
            assert browser.post("/logout").status_code == 303
            assert browser.get("/portfolios/direktionen/burden").status_code == 303
    found = account(database)
    assert found
    assert found.roles == ["direktion"]


def test_somebody_new_gets_an_account_with_the_roles_of_the_sign_on_and_is_the_employee_with_that_address(
    anonymous: TestClient, database: Engine, provider: ForgedProvider
) -> None:
    with Session(database) as session:
        person = employees(session)[0]
        person.email, key = "Kava@Kommune.Example", person.pk
        session.commit()
    answer = signed_on(anonymous, provider, "/people", roles=["sekretariat", "Leder", "noget-andet"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/people")
    found = account(database)
    assert found
    assert (found.roles, found.person_id, found.active) == (["secretariat", "reader"], key, True)
    assert last_events(database, 2) == ["User created", "User signed_in"]
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("session="))
    assert "HttpOnly" in cookie
    assert anonymous.post("/login", data={"email": NAME, "password": ""}).status_code == 422


@one_database
def test_an_employee_is_found_by_address_only_when_there_is_exactly_one(
    sign_in: SignIn, database: Engine, provider: ForgedProvider, leder: User
) -> None:
    """Two with the same, an outsider, one who has left, one who has an account: then nobody is meant."""
    addresses = [f"{name}@kommune.example" for name in ("to", "to", "ude", "vaek")]
    with Session(database) as session:
        people = employees(session)
        for person, address in zip(people, addresses, strict=False):
            person.email = address
        people[2].external, people[3].active = True, False
        session.get_one(Person, leder.person_id).email = "har@kommune.example"
        session.commit()
    for name in ("to", "ude", "vaek", "har"):
        address = f"{name}@kommune.example"
        assert signed_on(sign_in(None), provider, sub=name, preferred_username=address).status_code == 303
        found = account(database, address)
        assert found
        assert found.person_id is None, name


def test_the_sign_on_says_at_each_sign_on_which_roles_somebody_has(
    sign_in: SignIn, database: Engine, provider: ForgedProvider
) -> None:
    """In another browser the next request knows; whoever has none left is out, and so are their programs."""
    here, there = sign_in(None), sign_in(None)
    signed_on(here, provider, roles=["sekretariat"])
    assert here.get("/settings").status_code == 200
    with Session(database) as session:
        owner = session.exec(select(User).where(User.email == NAME).options(with_person())).one()
        _row, text = make_token(session, owner, ApiTokenForm(name="Power BI"))
        session.commit()
    signed_on(there, provider, roles=["chefforum"])
    assert here.get("/settings").status_code == 403
    assert last_events(database, 2) == ["User changed", "User signed_in"]
    refused = signed_on(there, provider, roles=[])
    assert (refused.status_code, last_events(database, 1)) == (403, ["User changed"])
    assert here.get("/").status_code == there.get("/").status_code == 303
    program = {"Authorization": f"Bearer {text}"}
    assert sign_in(None).get("/api/v1/portfolios/direktionen/overview", headers=program).status_code == 401
    before = last_events(database, 5)
    assert signed_on(there, provider, roles=None).status_code == 403
    assert last_events(database, 5) == before


def test_an_account_that_is_here_already_is_connected_when_an_administrator_has_said_whose_it_is(
    sign_in: SignIn, database: Engine, provider: ForgedProvider, leder: User, admin: User
) -> None:
    """Once, within a fortnight, by the account name alone; afterwards by the subject, whatever the name is then."""
    with Session(database) as session:
        approve(session, admin, session.get_one(User, leder.id), IdentityForm(account_name=NAME))
        session.commit()
    browser = sign_in(None)
    assert signed_on(browser, provider, preferred_username="KAVA@kommune.example").status_code == 303
    assert "Camilla Vang" in browser.get("/").text
    left, copy = browser.cookies["session"], sign_in(None)
    signed_on(browser, provider)
    copy.cookies.set("session", left)
    assert copy.get("/").status_code == 303, "signing on again does not leave the old session behind"
    assert last_events(database, 3) == ["Identity connected", "User signed_in", "User signed_in"]
    assert signed_on(sign_in(None), provider, preferred_username="gift@kommune.example").status_code == 303
    assert account(database, "gift@kommune.example") is None
    assert signed_on(sign_in(None), provider, sub="subject-2").status_code == 303, "a namesake is somebody else"
    with Session(database) as session:
        connected = session.exec(select(Identity).where(Identity.user_id == leder.id)).one()
        assert (connected.issuer, connected.subject) == (provider.address, "subject-1")


@one_database
def test_the_last_administrator_stays_one_whatever_the_sign_on_says(
    sign_in: SignIn,
    database: Engine,
    provider: ForgedProvider,
    admin: User,
    laeser: User,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A claim that was set up wrongly must not lock everybody out; when there is another one it is believed."""
    connected(database, admin, provider.address)
    for claimed, kept in (["sekretariat"], ["admin", "secretariat"]), ([], ["admin"]):
        browser = sign_in(None)
        assert signed_on(browser, provider, sub=admin.email, roles=claimed).status_code == 303
        assert browser.get("/users").status_code == 200
        assert roles_of(database, admin) == kept
    warned = [line for line in capsys.readouterr().out.splitlines() if "last_administrator_kept" in line]
    assert len(warned) == 2
    with Session(database) as session:
        changed = list(session.exec(select(Event).where(Event.action == "changed", Event.subject_id == admin.id)))
        assert changed[0].differences == [("Roller", "Administrator", "Administrator, Sekretariat")]
        session.get_one(User, laeser.id).roles = ["admin"]
        session.commit()
    assert signed_on(sign_in(None), provider, sub=admin.email, roles=[]).status_code == 403
    assert roles_of(database, admin) == []


def test_two_administrators_who_sign_on_at_the_same_moment_without_the_role_leave_one(
    database: Engine, admin: User, laeser: User
) -> None:
    with Session(database) as session:
        session.get_one(User, laeser.id).roles = ["admin"]
        session.commit()
    start = threading.Barrier(2)
    for user in (admin, laeser):
        connected(database, user, "https://login.example")

    def signs_on(user: User) -> None:
        start.wait()
        with Session(database) as session:
            sign_on(session, Claims(issuer="https://login.example", subject=user.email, app_roles=["leder"]))
            session.commit()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(signs_on, (admin, laeser)))
    assert sorted(roles_of(database, user) for user in (admin, laeser)) == [["admin", "reader"], ["reader"]]


def connected(database: Engine, user: User, issuer: str) -> None:
    """Somebody's account belongs to the municipality's account whose subject is the same e-mail."""
    with Session(database) as session:
        theirs = session.get_one(User, user.id, options=[with_person()])
        approve(session, theirs, theirs, IdentityForm(account_name=user.email))
        session.flush()
        identity = identity_of(session, theirs)
        assert identity
        identity.connect(Claims(issuer=issuer, subject=user.email))
        session.commit()


def roles_of(database: Engine, user: User) -> list[str]:
    with Session(database) as session:
        return session.get_one(User, user.id).roles


@one_database
def test_an_approval_is_forgotten_after_a_fortnight_and_is_not_for_a_closed_account(
    sign_in: SignIn, database: Engine, provider: ForgedProvider, leder: User, admin: User
) -> None:
    with time_machine.travel(now(), tick=False) as clock, Session(database) as session:
        approve(session, admin, session.get_one(User, leder.id), IdentityForm(account_name=NAME))
        session.commit()
        session.get_one(User, leder.id).active = False
        session.commit()
        assert signed_on(sign_in(None), provider, roles=[]).status_code == 403
        session.get_one(User, leder.id).active = True
        session.commit()
        clock.shift(timedelta(days=14))
        assert signed_on(sign_in(None), provider, roles=[]).status_code == 403
        assert session.exec(select(Identity.subject)).all() == [None]


def test_a_closed_account_stays_closed_whatever_the_sign_on_says(
    sign_in: SignIn, database: Engine, provider: ForgedProvider
) -> None:
    signed_on(sign_in(None), provider)
    with Session(database) as session:
        session.exec(select(User).where(User.email == NAME)).one().active = False
        session.commit()
    answer = signed_on(sign_in(None), provider, roles=["admin"])
    assert answer.status_code == 403
    assert "session" not in answer.cookies


@one_database
def test_nobody_is_sent_to_another_site_after_signing_on(sign_in: SignIn, provider: ForgedProvider) -> None:
    for wanted in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert signed_on(sign_in(None), provider, wanted).headers["location"] == "/"


# ------------------------------------------------------------------------------------------------- twenty ways to forge


Forge = Callable[[TestClient, TestClient, ForgedProvider], Any]


def with_claims(**claims: Any) -> Forge:
    return lambda browser, _other, provider: signed_on(browser, provider, **claims)


def with_token(made: Callable[[ForgedProvider, dict[str, Any]], str]) -> Forge:
    def forged(browser: TestClient, _other: TestClient, provider: ForgedProvider) -> Any:
        asked = leave(browser)
        code = provider.grant(asked, made(provider, provider.claims(asked)))
        return browser.get(BACK, params={"code": code, "state": asked["state"]})

    return forged


def with_answer(**answer: str) -> Forge:
    """What comes back, with something put right or wrong; an empty value leaves it out."""

    def forged(browser: TestClient, _other: TestClient, provider: ForgedProvider) -> Any:
        asked = leave(browser)
        sent = {"code": provider.grant(asked), "state": asked["state"]} | answer
        return browser.get(BACK, params={name: value for name, value in sent.items() if value})

    return forged


def other_browsers_state(browser: TestClient, other: TestClient, provider: ForgedProvider) -> Any:
    """The attacker's own way to the sign-on, finished in somebody else's browser, which is on its way there, too."""
    leave(browser)
    asked = leave(other)
    return browser.get(BACK, params={"code": provider.grant(asked), "state": asked["state"]})


def without_cookie(browser: TestClient, other: TestClient, provider: ForgedProvider) -> Any:
    asked = leave(other)
    return browser.get(BACK, params={"code": provider.grant(asked), "state": asked["state"]})


def replayed_state(browser: TestClient, other: TestClient, provider: ForgedProvider) -> Any:
    """Comes back a second time, with a new code, and with the cookie of the first."""
    asked = leave(browser)
    cookie = browser.cookies["sign-on"]
    browser.get(BACK, params={"error": "access_denied", "state": asked["state"]})
    browser.cookies.set("sign-on", cookie, domain="testserver.local")
    return browser.get(BACK, params={"code": provider.grant(asked), "state": asked["state"]})


def replayed_code(browser: TestClient, other: TestClient, provider: ForgedProvider) -> Any:
    """The sign-on has taken it once already; it takes none twice."""
    asked = leave(browser)
    code = provider.grant(asked)
    del provider.granted[code]
    return browser.get(BACK, params={"code": code, "state": asked["state"]})


def another_attempts_code(browser: TestClient, other: TestClient, provider: ForgedProvider) -> Any:
    """A code that somebody else was given, put into one's own way back: its verifier is not ours (PKCE)."""
    stolen, asked = provider.grant(leave(other)), leave(browser)
    return browser.get(BACK, params={"code": stolen, "state": asked["state"]})


def email_of_another_account(browser: TestClient, _other: TestClient, provider: ForgedProvider) -> Any:
    return signed_on(
        browser, provider, sub="somebody-else", email="leder@demo.example", email_verified=True, roles=["admin"]
    )


def endpoint_fails(browser: TestClient, _other: TestClient, provider: ForgedProvider) -> Any:
    provider.token_status = 500
    return signed_on(browser, provider)


def another_issuer_is_discovered(browser: TestClient, _other: TestClient, provider: ForgedProvider) -> Any:
    """While somebody is on the way: then what comes back is not even asked for."""
    asked = leave(browser)
    provider.discovery["issuer"] = "https://evil.example"
    return browser.get(BACK, params={"code": provider.grant(asked), "state": asked["state"]})


def no_kid_among_several(browser: TestClient, other: TestClient, provider: ForgedProvider) -> Any:
    provider.other_keys = [RSAKey.generate_key(2048, {"kid": "2"})]
    return with_token(lambda there, claims: there.signed(claims, kid=None))(browser, other, provider)


def later(seconds: int) -> int:
    return int(now().timestamp()) + seconds


ANOTHER_KEY = RSAKey.generate_key(2048, {"kid": "1"})
FORGED: dict[str, tuple[int, Forge]] = {
    "wrong state": (400, with_answer(state="gaet")),
    "other browser's state": (400, other_browsers_state),
    "no cookie": (400, without_cookie),
    "replayed state": (400, replayed_state),
    "missing state": (400, with_answer(state="")),
    "replayed code": (400, replayed_code),
    "another attempt's code": (400, another_attempts_code),
    "missing code": (400, with_answer(code="")),
    "answer of another issuer": (400, with_answer(iss="https://evil.example")),
    "wrong iss": (400, with_claims(iss="https://evil.example")),
    "wrong aud": (400, with_claims(aud="en-anden")),
    "several aud without azp": (400, with_claims(aud=[CLIENT, "en-anden"])),
    "wrong azp": (400, with_claims(azp="en-anden")),
    "wrong nonce": (400, with_claims(nonce="gaet")),
    "missing nonce": (400, with_claims(nonce=None)),
    "expired": (400, lambda browser, _other, provider: signed_on(browser, provider, exp=later(-360))),
    "without end": (400, with_claims(exp=None)),
    "not valid yet": (400, lambda browser, _other, provider: signed_on(browser, provider, nbf=later(360))),
    "made in the future": (400, lambda browser, _other, provider: signed_on(browser, provider, iat=later(360))),
    "alg none": (400, with_token(lambda provider, claims: provider.unsigned(claims))),
    "HS256 with the public key": (
        400,
        with_token(lambda provider, claims: provider.signed_with(provider.key.as_pem(private=False), claims)),
    ),
    "HS256 with our secret": (400, with_token(lambda provider, claims: provider.signed_with(SECRET.encode(), claims))),
    "unknown kid": (400, with_token(lambda provider, claims: provider.signed(claims, kid="2"))),
    "no kid among several": (400, no_kid_among_several),
    "wrong signature": (400, with_token(lambda provider, claims: provider.signed(claims, ANOTHER_KEY))),
    "no token at all": (400, with_token(lambda _provider, _claims: "noget.helt.andet")),
    "missing sub": (400, with_claims(sub=None)),
    "empty sub": (400, with_claims(sub="")),
    "sub that is no text": (400, with_claims(sub=7)),
    "e-mail of another account": (403, email_of_another_account),
    "unverified e-mail": (403, with_claims(preferred_username=None, email=NAME, email_verified=False)),
    "e-mail that nobody vouches for": (403, with_claims(preferred_username=None, email=NAME)),
    "account name of another account": (403, with_claims(preferred_username="leder@demo.example")),
    "no role": (403, with_claims(roles=None)),
    "unknown role": (403, with_claims(roles=["root", 7])),
    "roles that are no list": (403, with_claims(roles="admin")),
    "provider says no": (400, with_answer(error="access_denied", code="")),
    "token endpoint fails": (503, endpoint_fails),
    "discovery with another issuer": (503, another_issuer_is_discovered),
}


@one_database
def test_nobody_gets_in_with_what_is_forged(
    sign_in: SignIn, database: Engine, provider: ForgedProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each gives a page that says what to do and its number in the log, and no word of why; nothing else happens."""
    assert len(FORGED) >= 20
    wrong: dict[str, Any] = {}
    for name, (status, forge) in FORGED.items():
        provider.token_status, provider.discovery, provider.other_keys = 200, {}, []
        browser, other = sign_in(None), sign_in(None)
        before = sessions(database)
        capsys.readouterr()
        answer = forge(browser, other, provider)
        said = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
        page = read_page(answer.text)
        number = re.search(r"<code>([0-9a-f]{12})</code>", answer.text)
        found = {
            "status": answer.status_code == status,
            "sessions": sessions(database) == before,
            "cookies": "session" not in browser.cookies and browser.get("/").status_code == 303,
            "account": account(database) is None,
            "page": [*faults(answer.text), *english_words(page)] == [],
            "heading": page.all("h1")[0].text == "Du er ikke logget på",
            "number": number is not None and (status == 403 or number[1] in {line.get("request_id") for line in said}),
            "silent": not re.search(r"JoseError|nonce|invalid_grant|stak\.spor|Traceback|issuer", answer.text),
        }
        if not all(found.values()):
            wrong[name] = (answer.status_code, [key for key, right in found.items() if not right])
    assert not wrong


@one_database
def test_what_is_forged_is_told_from_what_is_right_by_that_one_thing(
    sign_in: SignIn, database: Engine, provider: ForgedProvider
) -> None:
    """The same with everything in order, also where a claim may be one way or another, gets in."""
    right: list[dict[str, Any]] = [
        {},
        {"azp": CLIENT},
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "en-anden"], "azp": CLIENT},
        {"exp": later(-240)},
        {"nbf": later(240), "iat": later(240)},
        {"upn": NAME, "preferred_username": "et-andet-navn"},
    ]
    for claims in right:
        assert signed_on(sign_in(None), provider, **claims).status_code == 303, claims
    without_kid = with_token(lambda there, claims: there.signed(claims, kid=None))
    for forge in (with_answer(iss=provider.address), without_kid):
        assert forge(sign_in(None), sign_in(None), provider).status_code == 303


def test_an_attempt_is_good_for_ten_minutes_once_and_for_one_of_two_that_come_at_once(database: Engine) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        with Session(database) as session:
            made, late = begin(session, "/people"), begin(session, "")
            session.commit()
            first, second = use(session, made.state, made.browser), use(session, made.state, made.browser)
            session.commit()
            assert first
            assert (first.next, first.verifier_secret, second) == ("/people", made.code_verifier, None)
            clock.shift(timedelta(minutes=10))
            assert use(session, late.state, late.browser) is None
            told = repr([tuple(row) for row in session.execute(sa.select(SignOnAttempt.__table__))])  # type: ignore[attr-defined] # a table class has one
        for secret in (*made, late.state, late.browser, late.nonce):
            assert secret not in told, "what has been used is not kept, and what waits is kept as a hash"
        clock.shift(timedelta(days=2))
        with Session(database) as session:
            begin(session, "")
            session.commit()
            assert session.exec(select(func.count(col(SignOnAttempt.id)))).one() == 1


@one_database
def test_the_cookie_of_an_attempt_is_kept_from_scripts_and_goes_when_it_is_used(
    anonymous: TestClient, provider: ForgedProvider
) -> None:
    answer = anonymous.get("/login/oidc")
    [cookie] = answer.headers.get_list("set-cookie")
    for part in ("sign-on=", "HttpOnly", "SameSite=lax", "Max-Age=600"):
        assert part in cookie
    asked = asked_at(answer.headers["location"])
    anonymous.get(BACK, params={"code": provider.grant(asked), "state": asked["state"]})
    assert "sign-on" not in anonymous.cookies


# --------------------------------------------------------------------------------------------------- when it goes wrong


def unreachable(answer: Any) -> None:
    assert answer.status_code == 503
    page = read_page(answer.text)
    assert [*faults(answer.text), *english_words(page)] == []
    assert "svarer ikke" in page.text
    assert "it-support" in page.text


def test_while_the_sign_on_is_down_or_slow_the_page_says_so_and_everybody_else_goes_on(
    sign_in: SignIn, leder: User, provider: ForgedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is signed in is not affected, and a local account still gets in."""
    working, browser = sign_in(leder), sign_in(None)
    asked = leave(browser)
    monkeypatch.setenv("OIDC_ISSUER", "http://127.0.0.1:9")  # nobody listens there
    get_settings.cache_clear()
    unreachable(browser.get("/login/oidc"))
    unreachable(browser.get(BACK, params={"code": provider.grant(asked), "state": asked["state"]}))
    monkeypatch.setenv("OIDC_ISSUER", provider.address)
    get_settings.cache_clear()
    assert app.single_sign_on.PATIENCE == 5
    monkeypatch.setattr(app.single_sign_on, "PATIENCE", 0.2)
    released = threading.Event()
    provider.meanwhile = released.wait
    unreachable(signed_on(browser, provider))
    released.set()
    assert working.get("/").status_code == 200
    assert browser.post("/login", data={"email": "leder@demo.example", "password": "demo"}).status_code == 303
    assert browser.get("/").status_code == 200


@one_database
@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
    ],
    ids=str,
)
def test_nobody_is_sent_to_a_sign_on_that_does_not_say_what_it_is(
    anonymous: TestClient, provider: ForgedProvider, told: dict[str, Any]
) -> None:
    provider.discovery = told
    unreachable(anonymous.get("/login/oidc"))


def test_nobody_waits_for_the_database_while_the_sign_on_is_asked(
    sign_in: SignIn, leder: User, provider: ForgedProvider
) -> None:
    working = sign_in(leder)
    saved = []
    provider.meanwhile = lambda: saved.append(
        working.post("/language", data={"language": "en", "next": "/"}).status_code
    )
    assert signed_on(sign_in(None), provider).status_code == 303
    assert saved == [303]


@one_database
def test_a_new_key_of_the_sign_on_is_known_at_once(sign_in: SignIn, provider: ForgedProvider) -> None:
    assert signed_on(sign_in(None), provider).status_code == 303
    provider.key = RSAKey.generate_key(2048, {"kid": "2", "use": "sig", "alg": "RS256"})
    assert signed_on(sign_in(None), provider).status_code == 303
    provider.fetched.clear()
    assert (
        with_token(lambda there, claims: there.signed(claims, kid="3"))(
            sign_in(None), sign_in(None), provider
        ).status_code
        == 400
    )
    assert provider.fetched.count("/keys") == 2, "asked for once more, and no more than that"


@one_database
def test_neither_code_nor_token_nor_secret_is_logged_or_stored(
    sign_in: SignIn, database: Engine, provider: ForgedProvider, capfd: pytest.CaptureFixture[str]
) -> None:
    browser = sign_in(None)
    asked = leave(browser)
    code = provider.grant(asked)
    token = provider.granted[code][1]
    cookie = browser.cookies["sign-on"]
    assert browser.get(BACK, params={"code": code, "state": asked["state"]}).status_code == 303
    with_token(lambda there, claims: there.signed(claims, ANOTHER_KEY))(browser, browser, provider)
    with database.connect() as connection:
        rows = [repr(connection.execute(table.select()).all()) for table in User.metadata.sorted_tables]
    told = "".join([*capfd.readouterr(), *rows])
    for secret in (code, token, cookie, asked["state"], asked["nonce"], SECRET, browser.cookies["session"]):
        assert secret not in told


@one_database
def test_without_settings_there_is_no_sign_on(anonymous: TestClient) -> None:
    assert "/login/oidc" not in anonymous.get("/login").text
    for path in ("/login/oidc", f"{BACK}?code=1&state=2"):
        assert anonymous.get(path).status_code == 404


WHOLE = {
    "oidc_issuer": "https://login.example/tenant/v2.0",
    "oidc_client_id": CLIENT,
    "oidc_client_secret": SECRET,
    "base_url": "https://liste.example",
}


def test_half_a_sign_on_is_refused_at_the_start_and_so_is_one_without_tls_in_production() -> None:
    assert Settings(environment="production", **WHOLE).signs_on  # type: ignore[arg-type] # texts
    assert Settings(**WHOLE | {"oidc_issuer": "http://localhost:1"}).signs_on  # type: ignore[arg-type] # texts
    for name in ("oidc_issuer", "oidc_client_id", "oidc_client_secret"):
        with pytest.raises(ValidationError, match="together"):
            Settings(**WHOLE | {name: ""})  # type: ignore[arg-type] # texts
    for name, value in (
        ("oidc_issuer", "http://login.example"),
        ("oidc_issuer", "login.example"),
        ("oidc_issuer", "https://login.example/?a=b"),
        ("base_url", "http://liste.example"),
        ("base_url", ""),
    ):
        with pytest.raises(ValidationError) as refused:
            Settings(environment="production", **WHOLE | {name: value})  # type: ignore[arg-type] # texts
        assert SECRET not in str(refused.value)
