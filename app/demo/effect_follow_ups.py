"""What came of the effects of the projects that have left the demo list."""

from datetime import UTC, date, datetime, time

from sqlalchemy.orm import selectinload
from sqlmodel import Session, col, select

from app.demo.organisation import People, Projects, Units
from app.demo.source import Facts, chosen
from app.models import EffectFollowUp, EffectTarget, Project
from app.models.base import rel
from app.models.effect_follow_up import FollowUpState, conclude_when_done, waived


def load_effect_follow_ups(
    session: Session, projects: Projects, tables: list[Facts], people: People, units: Units
) -> None:
    """Adds every look at an effect, and concludes what nobody follows any more."""
    session.flush()
    for table in tables:
        if left_on := table["placements"][-1].get("to"):
            _of_project(session, projects[table["key"]], table, left_on, people, units)


def _of_project(session: Session, project: Project, table: Facts, left_on: date, people: People, units: Units) -> None:
    query = select(EffectTarget).where(EffectTarget.project_id == project.pk).order_by(col(EffectTarget.no))
    targets = list(session.exec(query))
    for target, facts in zip(targets, table.get("effect_targets", ()), strict=True):
        if "not_followed" in facts:
            session.add_all(waived(session, target, left_on, facts["not_followed"]))
    looks = table.get("effect_follow_ups", ())
    for no, look in enumerate(looks, start=1):
        session.add(_look(targets[look["target"] - 1], no, look, people, units))
    last = max((look["approved_on"] for look in looks if "approved_on" in look), default=left_on)
    query_ = select(Project).where(Project.id == project.pk).options(selectinload(rel(Project.placements)))
    conclude_when_done(session, session.exec(query_.execution_options(populate_existing=True)).one(), last)


def _look(target: EffectTarget, no: int, look: Facts, people: People, units: Units) -> EffectFollowUp:
    """One follow-up; who follows up is the person or the unit it names, and a text that nobody said is marked."""
    text = look.get("text", "")
    return EffectFollowUp(
        effect_target_id=target.pk,
        no=no,
        due_on=look["on"],
        owner_id=people[look["owner"]].pk if "owner" in look else None,
        owner_unit_id=units[look["unit"]].pk if "unit" in look else None,
        state=_state(look),
        conclusion=f"{text} (konstrueret)" if text and look.get("constructed") else text,
        reported_at=_at(look.get("reported_on")),
        reported_by_id=people[look["by"]].pk if "by" in look else None,
        approved_at=_at(look.get("approved_on")),
        approved_by_id=people[look["approved_by"]].pk if "approved_by" in look else None,
        **chosen(look, "result", "next_on"),
    )


def _state(look: Facts) -> FollowUpState:
    if "approved_on" in look:
        return FollowUpState.approved
    return FollowUpState.reported if "reported_on" in look else FollowUpState.planned


def _at(day: date | None) -> datetime | None:
    return datetime.combine(day, time(9), UTC) if day else None
