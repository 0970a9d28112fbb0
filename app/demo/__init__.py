"""The demo list, which is also the tests' world: `load_demo` puts it into an empty database.

The facts stand as text beside this file: `organisation.toml` (units, people, bodies), `themes/` (a file of projects for
each theme), `strategy.toml` (the strategy letters), `statuses.toml` (the rounds and every colour), `reports/` (what was
written), `scenarios.toml`, `meetings.toml` (what was decided, and what came of it) and `proposals.toml`. A name or a
figure that no public source knows is marked there as constructed; all colours are.
"""

from sqlmodel import Session

from app.demo.meetings import load_meetings
from app.demo.organisation import load_bodies, load_organisation
from app.demo.projects import load_projects
from app.demo.proposals import load_proposals
from app.demo.rounds import load_rounds
from app.demo.scenarios import load_scenarios
from app.demo.strategy import load_strategy
from app.models.event import record


def load_demo(session: Session) -> None:
    """Adds the whole demo list, in the order of its files; the caller commits."""
    portfolio, people, units = load_organisation(session)
    projects = load_projects(session, portfolio, people, units)
    load_strategy(session, portfolio, projects)
    load_bodies(session, portfolio, people, units, projects)
    load_rounds(session, portfolio, people, projects)
    load_scenarios(session, portfolio, people)
    load_meetings(session, portfolio, people, units, projects)
    load_proposals(session, portfolio, people, units, projects)
    record(session, None, "created", portfolio)
    session.flush()
