"""What is proposed for the demo list, and to leave it."""

from datetime import UTC, date, datetime, time

from sqlmodel import Session, select

from app.demo.organisation import People, Projects, Units
from app.demo.source import Facts, chosen, read
from app.models import Decision, Portfolio, Project, Proposal, ReportingRound
from app.models.listing import IdeaForm, ListingForm, UnlistingForm
from app.models.proposal import ProposalKind
from app.settings import COPENHAGEN


def load_proposals(session: Session, portfolio: Portfolio, people: People, units: Units, projects: Projects) -> None:
    """Adds them; the rounds are there already, and the decisions that answered some of them."""
    rounds = {round_.key: round_.pk for round_ in session.exec(select(ReportingRound))}
    for table in read("proposals.toml")["proposal"]:
        project = projects.get(table.get("project", ""))
        proposal = Proposal(
            **_said(table, units, project),
            portfolio_id=portfolio.pk,
            key=table["key"],
            kind=ProposalKind(table["kind"]),
            project_id=project.pk if project else None,
            round_id=rounds[table["round"]],
            raised_by_id=people[table["raised_by"]].pk,
            raised_at=_at(table["raised_on"]),
        )
        if "decision" in table:
            proposal.decisions = [session.exec(select(Decision).where(Decision.key == table["decision"])).one()]
        session.add(proposal)
    session.flush()


def _said(table: Facts, units: Units, project: Project | None) -> Facts:
    """What somebody filled in, checked as the page checks it."""
    if project is None:
        said = chosen(table, *IdeaForm.model_fields) | {"unit_id": units[table["unit"]].pk}
        return IdeaForm(**said).model_dump()
    form = ListingForm if table["kind"] == ProposalKind.listing else UnlistingForm
    return form(**chosen(table, *form.model_fields)).model_dump() | {"title": project.title}


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10), COPENHAGEN).astimezone(UTC)
