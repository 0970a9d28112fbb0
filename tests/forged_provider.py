"""A sign-on on this machine that says whatever a test wants it to say, and remembers what it was asked."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from app.settings import now

CLIENT, SECRET = "portefoeljelisten", "en-hemmelighed"
Asked = dict[str, str]


def nothing() -> None:
    """What most tests do while the sign-on is asked."""


@dataclass
class ForgedProvider:
    """It keeps the rules of OpenID Connect until a test changes what it says."""

    address: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"}))
    discovery: dict[str, Any] = field(default_factory=dict)
    token_status: int = 200
    meanwhile: Callable[[], object] = nothing
    """What happens while it is asked for a token."""
    other_keys: list[RSAKey] = field(default_factory=list)
    granted: dict[str, tuple[Asked, str]] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def metadata(self) -> dict[str, Any]:
        places = {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "jwks_uri": "/keys",
        }
        return {"issuer": self.address} | {name: self.address + path for name, path in places.items()} | self.discovery

    def claims(self, asked: Asked, **more: Any) -> dict[str, Any]:
        """What is true of somebody who has just signed on; None leaves a claim out."""
        moment = int(now().timestamp())
        said = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "subject-1",
            "nonce": asked["nonce"],
            "iat": moment,
            "exp": moment + 300,
            "preferred_username": "kava@kommune.example",
            "roles": ["leder"],
        }
        return {name: value for name, value in (said | more).items() if value is not None}

    def grant(self, asked: Asked, id_token: str | None = None, **more: Any) -> str:
        """A code for somebody, as if they had signed on."""
        code = secrets.token_urlsafe(8)
        self.granted[code] = asked, id_token or self.signed(self.claims(asked, **more))
        return code

    def signed(self, claims: dict[str, Any], key: RSAKey | None = None, **header: Any) -> str:
        said = {"alg": "RS256", "kid": self.key.kid} | header
        return jwt.encode({k: v for k, v in said.items() if v is not None}, claims, key or self.key)

    def unsigned(self, claims: dict[str, Any]) -> str:
        return f"{_part({'alg': 'none', 'kid': self.key.kid})}.{_part(claims)}."

    def signed_with(self, secret: bytes, claims: dict[str, Any]) -> str:
        """HS256, with something that others know as well."""
        text = f"{_part({'alg': 'HS256', 'kid': self.key.kid})}.{_part(claims)}"
        return f"{text}.{_encoded(hmac.digest(secret, text.encode(), 'sha256'))}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """A token for a code: once, for whoever began and for nobody else (RFC 6749, RFC 7636)."""
        self.meanwhile()
        if self.token_status != 200:
            return self.token_status, {"error": "server_error", "error_description": "stak.spor i databasen"}
        asked, id_token = self.granted.pop(form["code"], ({}, ""))
        challenge = _encoded(hashlib.sha256(form["code_verifier"].encode()).digest())
        told = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        right = asked.get("code_challenge") == challenge and asked["code_challenge_method"] == "S256"
        if not right or told != f"{CLIENT}:{SECRET}" or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "stak.spor i databasen"}
        return 200, {"access_token": "adgang", "token_type": "Bearer", "expires_in": 300, "id_token": id_token}


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _part(facts: dict[str, Any]) -> str:
    return _encoded(json.dumps(facts).encode())


@contextmanager
def forged_provider() -> Iterator[ForgedProvider]:
    """One that answers on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.fetched.append(self.path)
            known = {
                "/.well-known/openid-configuration": provider.metadata(),
                "/keys": {"keys": [key.as_dict(private=False) for key in (provider.key, *provider.other_keys)]},
            }
            self.answer(200 if self.path in known else 404, known.get(self.path, {}))

        def do_POST(self) -> None:
            sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            form = {name: values[0] for name, values in sent.items()}
            self.answer(*provider.exchange(form, self.headers.get("Authorization", "")))

        def answer(self, status: int, told: dict[str, Any]) -> None:
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_said: object) -> None:
            """Keeps the tests' output quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = ForgedProvider(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()


def asked_at(location: str) -> Asked:
    """What a browser is sent to the sign-on with."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
