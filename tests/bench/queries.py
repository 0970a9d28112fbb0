"""How many queries each tab asks: as many for a thousand projects as for ten."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import event
from sqlmodel import Session

from app.models import Portfolio
from app.settings import today
from app.tabs.burden import build_burden
from app.tabs.effects import build_effects
from app.tabs.filters import Filters
from app.tabs.overview import build_overview
from tests.bench.lists import GeneratedList
from tests.bench.overview import signed_in

TABS: dict[str, Callable[[Session, Portfolio, Filters, date], Any]] = {
    "overview": build_overview,
    "burden": build_burden,
    "effects": build_effects,
}


def per_tab(few: GeneratedList, many: GeneratedList) -> dict[str, tuple[int, int]]:
    """By tab, the number of queries for a short list and for a long one."""
    return {name: (_count(few, build), _count(many, build)) for name, build in TABS.items()}


def _count(of: GeneratedList, build: Callable[[Session, Portfolio, Filters, date], Any]) -> int:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    with Session(of.engine) as session:
        _user, portfolio = signed_in(session)
        event.listen(of.engine, "before_cursor_execute", note)
        build(session, portfolio, Filters(), today())
        event.remove(of.engine, "before_cursor_execute", note)
    return len(asked)
