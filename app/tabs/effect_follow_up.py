"""One look at an effect after its project: what was planned and said, and what the figures show."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from app.models import EffectFollowUp, Project, User
from app.models.effect_follow_up import TO_REPORT, FollowUpState
from app.tabs.effects import TargetRow, target_rows


@dataclass
class FollowUpPage:
    """`measured` is whether a figure stands for the time since the project left or the last approved follow-up."""

    project: Project
    row: EffectFollowUp
    target: TargetRow | None
    others: list[EffectFollowUp]
    measured: bool
    next_on: date | None
    may_report: bool
    may_approve: bool
    may_manage: bool

    @property
    def is_told(self) -> bool:
        """Whether what was reported stands on the page: once approved for everybody, before for who works on it."""
        reported = self.row.result is not None
        works = self.may_report or self.may_approve or self.may_manage
        return reported and (self.row.state is FollowUpState.approved or works)


def build_follow_up_page(
    session: Session, user: User, project: Project, row: EffectFollowUp, day: date
) -> FollowUpPage:
    query = select(EffectFollowUp).where(EffectFollowUp.effect_target_id == row.effect_target_id)
    others = list(session.exec(query.order_by(col(EffectFollowUp.due_on), col(EffectFollowUp.no))))
    targets = target_rows(session, col(Project.id) == project.pk, day).get(project.number, [])
    target = next((each for each in targets if each.no == row.effect_target.no), None)
    since = max(
        (each.due_on for each in others if each.state is FollowUpState.approved and each.due_on < row.due_on),
        default=_left_on(project),
    )
    latest = target.latest if target else None
    later = [each.due_on for each in others if each.state is FollowUpState.planned and each.due_on > row.due_on]
    reports, manages = row.state in TO_REPORT, user.can_run_the_list
    return FollowUpPage(
        project=project,
        row=row,
        target=target,
        others=others,
        measured=latest is not None and since is not None and latest.last_day > since,
        next_on=min((each for each in later if each > day), default=None),
        may_report=reports and user.can_follow_up(row, project),
        may_approve=row.state is FollowUpState.reported and user.can_approve_follow_up(row, project),
        may_manage=reports and manages,
    )


def _left_on(project: Project) -> date | None:
    """The day on which the project left the list for the last time; None while it has not been decided."""
    return max((place.to_on for place in project.placements if place.to_on), default=None)
