"""Signing on with the municipality's account: OpenID Connect, authorization code with PKCE (trust row 17, V17).

The provider is asked what it is and which keys it has at each sign-on: nothing is kept that could be outdated or
poisoned, and sign-ons are few. What is wrong is written to the log; the person is told what to do about it.
"""

import hmac
from typing import Any, NamedTuple, TypeVar

import httpx2
import structlog
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError
from pydantic import BaseModel, ValidationError
from sqlalchemy import Engine
from sqlmodel import Session

from app.errors import DomainError
from app.i18n import _
from app.models.event import record
from app.models.identity import Claims, may_enter, sign_on
from app.models.sign_on_attempt import SignOnAttempt, begin, use
from app.models.user import User
from app.models.user_session import digest, open_session, start_session
from app.settings import Settings, now

log = structlog.get_logger()
ToldT = TypeVar("ToldT", bound=BaseModel)

PATIENCE = 5.0
"""Seconds that the sign-on may take for one answer."""

LEEWAY = 300
"""Seconds by which its clock and ours may differ (trust F15)."""

ALGORITHMS = ["RS256", "PS256", "ES256"]
"""Signatures with the sign-on's own key: never `none`, and never one that our secret or its public key makes."""


class SignOnFailed(DomainError):
    """What came back is not what was asked for; somebody who tries again from the start may succeed."""

    status = 400


class SignOnUnreachable(DomainError):
    """The sign-on does not answer, or not sensibly."""

    status = 503


class Provider(BaseModel):
    """What the sign-on says of itself (OpenID Connect Discovery)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


class Keys(BaseModel):
    """The keys that it signs with (RFC 7517)."""

    keys: list[dict[str, Any]]


# ---------------------------------------------------------------------------------------------------------- there, back


def way_to_sign_on(engine: Engine, settings: Settings, wanted: str) -> tuple[str, str]:
    """The address at the sign-on, and what this browser is recognised by when it comes back."""
    provider = _provider(settings)
    with Session(engine) as session:
        made = begin(session, wanted)
        session.commit()
    with _client(settings, provider) as client:
        address, _state = client.create_authorization_url(
            provider.authorization_endpoint, state=made.state, code_verifier=made.code_verifier, nonce=made.nonce
        )
    return str(address), made.browser


class Returning(NamedTuple):
    """A browser that comes back: with what answer, what it is recognised by, which session it has, and what it is."""

    answer: dict[str, str]
    attempt: str
    session: str
    user_agent: str


def come_back(engine: Engine, settings: Settings, browser: Returning) -> tuple[User, str, str]:
    """Who has signed on, the token of their new session, and where they were going.

    The database waits for nobody: what the sign-on must be asked is asked between two transactions.
    """
    answer = browser.answer
    with Session(engine, expire_on_commit=False) as session:
        attempt = use(session, answer.get("state", ""), browser.attempt)
        session.commit()
    if attempt is None:
        raise _failed("unknown_attempt", error=answer.get("error"))
    if answer.get("error"):
        raise _failed("refused", error=answer["error"])
    claims = _claims(settings, attempt, answer)
    with Session(engine, expire_on_commit=False) as session:
        user = sign_on(session, claims)
        session.commit()
        user = may_enter(user)
        if before := open_session(session, browser.session):
            before.ended_at = now()
        token = start_session(session, user, browser.user_agent)
        record(session, user, "signed_in", user)
        session.commit()
    return user, token, attempt.next


def _failed(why: str, **facts: Any) -> SignOnFailed:
    log.warning("sign_on_failed", why=why, **facts)
    return SignOnFailed(_("The sign-on was not completed."))


def _unreachable(why: str, wrong: Exception | None = None) -> SignOnUnreachable:
    log.error("sign_on_unreachable", why=why, error=f"{type(wrong).__name__}: {wrong}"[:200] if wrong else None)
    return SignOnUnreachable(_("The municipality's sign-on does not answer just now."))


# -------------------------------------------------------------------------------------------------------- the provider


def _provider(settings: Settings) -> Provider:
    """What the configured sign-on says of itself; it must be that very one, or its keys could be anybody's."""
    provider = _fetch(Provider, f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration")
    if provider.issuer != settings.oidc_issuer:
        raise _unreachable("another_issuer")
    places = (provider.authorization_endpoint, provider.token_endpoint, provider.jwks_uri)
    scheme = settings.oidc_issuer.partition("://")[0]
    if not all(place.startswith((f"{scheme}://", "https://")) for place in places):
        raise _unreachable("endpoint_without_tls")
    return provider


def _fetch(kind: type[ToldT], address: str) -> ToldT:
    try:
        answer = httpx2.get(address, timeout=PATIENCE, follow_redirects=False)
        return kind.model_validate_json(answer.raise_for_status().content)
    except (httpx2.HTTPError, httpx2.InvalidURL, ValidationError) as wrong:
        raise _unreachable("fetch", wrong) from wrong


def _client(settings: Settings, provider: Provider) -> OAuth2Client:
    ways = provider.token_endpoint_auth_methods_supported
    return OAuth2Client(
        settings.oidc_client_id,
        settings.oidc_client_secret,
        token_endpoint_auth_method="client_secret_basic" if "client_secret_basic" in ways else "client_secret_post",
        scope="openid profile email",
        redirect_uri=f"{settings.address}/login/oidc/callback",
        code_challenge_method="S256",
        timeout=PATIENCE,
    )


def _claims(settings: Settings, attempt: SignOnAttempt, answer: dict[str, str]) -> Claims:
    """Whom the sign-on vouches for, in exchange for the code that came back."""
    if answer.get("iss", settings.oidc_issuer) != settings.oidc_issuer:  # RFC 9207
        raise _failed("answer_of_another_issuer")
    if not answer.get("code"):
        raise _failed("no_code")
    provider = _provider(settings)
    told = _verified(settings, provider, attempt, _id_token(settings, provider, attempt, answer["code"]))
    names = [told.get("upn"), told.get("preferred_username")]
    email, roles = told.get("email"), told.get("roles")
    return Claims(
        issuer=provider.issuer,
        subject=told["sub"],
        account_name=next((name.strip() for name in names if isinstance(name, str)), "")[:120],
        verified_email=email.strip() if isinstance(email, str) and told.get("email_verified") is True else "",
        app_roles=[role for role in roles if isinstance(role, str)] if isinstance(roles, list) else [],
    )


def _id_token(settings: Settings, provider: Provider, attempt: SignOnAttempt, code: str) -> str:
    try:
        with _client(settings, provider) as client:
            token = client.fetch_token(provider.token_endpoint, code=code, code_verifier=attempt.verifier_secret)
    except OAuthError as wrong:  # the sign-on refuses the code
        raise _failed("code_refused", error=wrong.error) from wrong
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as wrong:  # ValueError: what came is no JSON
        raise _unreachable("token_endpoint", wrong) from wrong
    found = token.get("id_token")
    if not isinstance(found, str):
        raise _failed("no_id_token")
    return found


# -------------------------------------------------------------------------------------------------------- the ID token


def _verified(settings: Settings, provider: Provider, attempt: SignOnAttempt, id_token: str) -> dict[str, Any]:
    """The claims of an ID token that this very sign-on made for us, for this very attempt (OIDC Core 3.1.3.7)."""
    rules = jwt.JWTClaimsRegistry(
        now=int(now().timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": settings.oidc_client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True},
    )
    try:
        token = jwt.decode(id_token, _key_of(provider, id_token), algorithms=ALGORITHMS)
        rules.validate(token.claims)
    except (JoseError, ValueError, TypeError) as wrong:
        raise _failed("id_token", error=f"{type(wrong).__name__}: {wrong}"[:200]) from wrong
    claims = token.claims
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else settings.oidc_client_id) != settings.oidc_client_id:
        raise _failed("id_token", error="azp")
    if not hmac.compare_digest(digest(str(claims["nonce"])), attempt.nonce_sha256):
        raise _failed("id_token", error="nonce")
    if not 0 < len(claims["sub"]) <= 255:
        raise _failed("id_token", error="sub")
    return claims


def _key_of(provider: Provider, id_token: str) -> jwk.Key:
    """The key that a token says it is signed with; it need not say so when there is one only (OIDC Core 10.1).

    One that is not known yet is asked for once more.
    """
    kid = jws.extract_compact(id_token.encode()).headers().get("kid")
    for _time in range(2):
        signing = [key for key in _fetch(Keys, provider.jwks_uri).keys if key.get("kty") in ("RSA", "EC")]
        named = [key for key in signing if key.get("use", "sig") == "sig" and kid in (None, key.get("kid"))]
        if len(named) == 1:
            return jwk.import_key(named[0])
    raise ValueError("no such key, or more than one")
