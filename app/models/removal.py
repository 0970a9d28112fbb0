"""The form that takes a project off the list: for each effect target who looks at it when, or why nobody does (I9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import create_model
from sqlmodel import Field, Session

from app.i18n import N_, _, parse_date, show_date
from app.models.base import Choice, long_text, one_of, texts
from app.models.effect_follow_up import FollowUpPlan, default_dates
from app.models.effect_target import EffectTarget, IndicatorType
from app.models.placement import RemovalForm, RemovalWithDecision, TargetPlan, targets_to_follow
from app.models.project import Project
from app.models.proposal import Proposal, ProposalKind

MOST = 12
"""The most follow-ups of one target that can be planned at once."""


class Followed(Choice):
    followed = "followed", N_("Followed up")
    not_followed = "not_followed", N_("Not followed up")


def plan_fields(no: int) -> tuple[str, str, str, str, str]:
    """The names of a target's fields: followed or not, the days, the person, the unit, why not."""
    return f"followed_{no}", f"days_{no}", f"owner_{no}", f"unit_{no}", f"reason_{no}"


def removal_kind(targets: Iterable[EffectTarget], *, with_decision: bool) -> type[RemovalForm]:
    """The form of one project: with five fields for each of its effect targets, and the decision unless there is one
    already."""
    base: type[RemovalForm] = RemovalWithDecision if with_decision else RemovalForm
    fields: dict[str, Any] = {}
    for target in targets:
        followed, days, owner, unit, reason = plan_fields(target.no)
        fields[followed] = (Followed, one_of(Followed, title=N_("After the project")))
        fields[days] = (list[str], texts(title=N_("Follow up on, one day a line")))
        fields[owner] = (int | None, Field(default=None, title=N_("Effect owner")))
        fields[unit] = (int | None, Field(default=None, title=N_("Unit that owns the effect")))
        fields[reason] = (str, long_text(default="", max_length=400, title=N_("Why it is not followed")))
    made: type[RemovalForm] = create_model("RemovalFormOfProject", __base__=base, **fields)
    return made


def suggested_plan(targets: Iterable[EffectTarget], left_on: date) -> dict[str, Any]:
    """What stands in the form from the start: followed by its owner after 6 and 12 months and on the target date.

    Context has nothing to reach, so nothing to follow.
    """
    typed: dict[str, Any] = {}
    for target in targets:
        context = target.indicator_type is IndicatorType.context
        followed, days, owner, unit, reason = plan_fields(target.no)
        typed |= {
            followed: Followed.not_followed if context else Followed.followed,
            days: [show_date(day) for day in default_dates(left_on, target.target_on)],
            owner: target.owner_id,
            unit: target.owner_unit_id,
            reason: _("The figure is context and no target.") if context else "",
        }
    return typed


@dataclass(frozen=True)
class Suggestion:
    """How an effect would be followed, were its project to leave: on no day when there is nothing to reach."""

    target: EffectTarget
    days: list[date]

    @property
    def who(self) -> str:
        """The person or the unit that owns the effect; empty when nobody does."""
        return str(self.target.owner or self.target.owner_unit or "")


def suggestions(session: Session, project: Project, left_on: date) -> list[Suggestion]:
    """What the form of a removal would suggest for each effect target (I9)."""
    return [
        Suggestion(
            target,
            [] if target.indicator_type is IndicatorType.context else default_dates(left_on, target.target_on),
        )
        for target in targets_to_follow(session, project)
    ]


def suggestions_for(session: Session, proposal: Proposal, day: date) -> list[Suggestion]:
    """The same for a proposal to remove a project, as long as nothing has been decided."""
    if proposal.kind is not ProposalKind.removal or proposal.project is None or not proposal.stands:
        return []
    return suggestions(session, proposal.project, day)


def read_plans(form: RemovalForm, targets: Iterable[EffectTarget]) -> tuple[list[TargetPlan], dict[str, str]]:
    """What is to come of each target, and a sentence at each field where something is missing."""
    plans, missing = [], {}
    for target in targets:
        followed, days, owner, unit, reason = plan_fields(target.no)
        said = {"target": target.name}
        if getattr(form, followed) is Followed.not_followed:
            plans.append(TargetPlan(target, waived_reason=getattr(form, reason).strip()))
            if len(plans[-1].waived_reason) < 3:
                missing[reason] = _("Write why »%(target)s« is not followed up") % said
            continue
        owners = getattr(form, owner), getattr(form, unit)
        if owners == (None, None):
            missing[owner] = _("Choose a person or a unit that follows up »%(target)s«") % said
        found = _days(getattr(form, days))
        if not found or len(found) > MOST:
            sentence = _("Write one to %(most)s days for »%(target)s« as dd-mm-yyyy, one a line")
            missing[days] = sentence % (said | {"most": MOST})
        elif found[0] <= form.to_on:
            missing[days] = _("Write days that come after the project has left the list")
        elif owners != (None, None):
            each = [FollowUpPlan(due_on=day, owner_id=owners[0], owner_unit_id=owners[1]) for day in found]
            plans.append(TargetPlan(target, each))
    return plans, missing


def _days(lines: list[str]) -> list[date]:
    """The days of a list, in their order; none where a line is no day."""
    try:
        return sorted({parse_date(line) for line in lines})
    except ValueError:
        return []
