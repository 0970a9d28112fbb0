"""The frozen editions in which a name stands."""

from json import dumps

from pydantic import BaseModel
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from app.i18n import _
from app.models import Edition, Portfolio, Project
from app.models.base import rel
from app.tabs.edition import Content


class InEdition(BaseModel):
    """A frozen edition in which a name stands, and on which of its tabs."""

    round: str
    key: str
    slug: str
    tabs: list[str]


def editions_that_name(session: Session, name: str) -> list[InEdition]:
    """Oldest first, and only by what the reader may know of today; each edition that has the name is read whole."""
    quoted = dumps(name, ensure_ascii=False)[1:-1]
    known = set(session.exec(select(col(Project.id))))
    query = (
        select(Edition, Portfolio.slug)
        .join(Portfolio, col(Portfolio.id) == Edition.portfolio_id)
        .where(col(Edition.content).contains(quoted, autoescape=True))
        .options(joinedload(rel(Edition.round)))
        .order_by(col(Edition.id))
    )
    found = []
    for edition, slug in session.exec(query):
        tabs = _tabs(edition, quoted, known)
        if tabs:
            found.append(InEdition(round=edition.round.name, key=edition.round.key, slug=slug, tabs=tabs))
    return found


def _tabs(edition: Edition, quoted: str, known: set[int | None]) -> list[str]:
    content, visible = Content.model_validate_json(edition.content), {key for key in known if key is not None}
    overview = content.overview.visible_to(visible)
    effects = content.effects.visible_to({project.number for project in overview.projects}, visible)
    parts = {_("Overview"): overview, _("Burden"): content.burden.visible_to(visible), _("Effects"): effects}
    return [tab for tab, facts in parts.items() if quoted in facts.model_dump_json()]
