"""The API survives nonsense: requests made up from its own description are answered as it says (trust row 26)."""

from collections import Counter
from typing import Any

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from sqlalchemy import Engine
from sqlmodel import Session

from app.models import User
from app.models.api_token import ApiTokenForm, Lifetime, Scope, make_token
from tests.conftest import one_database
from tests.hostile import soak
from tests.sizes import tried

REAL = {"slug": "direktionen", "key": "red", "meeting_id": 12}
"""What three of four requests name: otherwise nothing is ever found."""

POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


def can_be_violated(operation: Any) -> bool:
    """Whether anything in an address can be of the wrong kind: every text is a text."""
    kinds = {parameter["schema"].get("type") for parameter in operation.definition.raw.get("parameters", [])}
    return bool(kinds & {"integer", "number", "boolean"})


@one_database
def test_whatever_is_asked_of_the_api_is_answered_as_it_says(app: FastAPI, database: Engine, sekretariat: User) -> None:
    """Asked with an access key; without it, or with a wrong one, the same address answers 401."""
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app)
    with Session(database) as session:
        form = ApiTokenForm(name="Prøve", scope=Scope.read, lifetime=Lifetime.month)
        _row, text = make_token(session, sekretariat, form)
        session.commit()
    operations: list[Any] = [each.ok() for each in schema.get_all_operations()]  # type: ignore[union-attr] # or a fault
    kinds = [(each, POSITIVE) for each in operations]
    kinds += [(each, NEGATIVE) for each in operations if can_be_violated(each)]
    answers: Counter[int] = Counter()
    for operation, mode in kinds:
        asked_of(operation, mode, {"Authorization": f"Bearer {text}"}, answers, soak(600, 8_000) // len(kinds))
    assert answers.total() >= 500
    assert max(answers) < 500
    assert answers[200] >= 200
    tried("requests of the API, half of them not as it describes", answers.total())


def asked_of(operation: Any, mode: GenerationMode, key: dict[str, str], answers: Counter[int], times: int) -> None:
    """So many requests to one address, each answered with what its description says."""

    @settings(
        max_examples=times,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: Any) -> None:
        if mode is POSITIVE and answers.total() % 4:
            case.path_parameters |= {name: REAL[name] for name in case.path_parameters if name in REAL}
        answer = case.call(headers=key)
        answers[answer.status_code] += 1
        case.validate_response(answer)

    asked()
