"""Which projects may leave the list: rules on the facts of Overblik and Effekter (domain.md R20, R27, 4E; 5B Q6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from app.i18n import _, show_date
from app.models import Proposal
from app.models.candidate import Source
from app.models.effect_follow_up import default_dates
from app.models.effect_target import IndicatorType
from app.models.recommendation import Subject
from app.tabs.candidate import About, Found, Reason, in_words, of_projects, sentences
from app.tabs.candidates_attention import silent_twice
from app.tabs.candidates_proposals import removals
from app.tabs.effects import TargetRow
from app.tabs.overview_row import OverviewRow
from app.tabs.task_force import ENDED


def removal(
    rows: Mapping[int, OverviewRow],
    rounds: Sequence[str],
    proposals: Sequence[Proposal],
    expires: Mapping[int, date],
    targets: Mapping[int, Sequence[TargetRow]],
    meets_on: date,
) -> list[Found]:
    """The projects that may leave, each with what is to be followed afterwards if it leaves on the day of the meeting.

    `rows` are the projects that stand on the list, `expires` the days on which projects expire, `targets` the effect
    targets, all by key; `rounds` are those shown, oldest first. Proposals come with their project.
    """
    reasons = [
        *removals(proposals),
        *ended(rows),
        *expired(rows, expires, meets_on),
        *silent(rows, rounds),
    ]
    proposed = {each.project_id: each for each in reversed(proposals)}
    projects = {
        each.project.pk: About(each.project.number, each.project.title, None) for each in proposals if each.project
    }
    projects |= {key: About(row.number, row.title, row.mark) for key, row in rows.items()}
    return [
        _with_follow_up(found, proposed.get(found.project_id), targets.get(found.project_id or 0, ()), meets_on)
        for found in of_projects(Subject.removal, reasons, projects)
    ]


def _with_follow_up(found: Found, proposal: Proposal | None, targets: Iterable[TargetRow], meets_on: date) -> Found:
    told = replace(found, text=sentences([found.text, followed(targets, meets_on)]))
    if proposal is None:
        return told
    return replace(told, ref=proposal.key, proposal_id=proposal.pk, proposal=proposal.key)


def ended(rows: Mapping[int, OverviewRow]) -> list[Reason]:
    """Finished or stopped; these get no colour any more (domain.md 4A S4)."""
    return [
        Reason(key, Source.finished, _("Its phase is »%(phase)s«") % {"phase": str(row.phase).lower()})
        for key, row in rows.items()
        if row.phase in ENDED
    ]


def expired(rows: Mapping[int, OverviewRow], expires: Mapping[int, date], day: date) -> list[Reason]:
    """Set up for a limited time that is over on a day, and still running (domain.md R42)."""
    return [
        Reason(key, Source.expired, _("It expired on %(day)s") % {"day": show_date(expires[key])})
        for key, row in rows.items()
        if key in expires and expires[key] < day and row.phase not in ENDED
    ]


def silent(rows: Mapping[int, OverviewRow], rounds: Sequence[str]) -> list[Reason]:
    """Nothing reported two rounds in a row (issue: »nothing reported«; domain.md 4D)."""
    return [Reason(key, Source.silent, text) for key, text in silent_twice(rows, rounds).items()]


def followed(targets: Iterable[TargetRow], left_on: date) -> str:
    """What is to be followed after the project, when and by whom: 6 and 12 months, and the target date (4E, I9)."""
    said = [
        _("»%(target)s« by %(owner)s on %(days)s")
        % {
            "target": row.name,
            "owner": row.benefit_owner or row.owner_unit or _("nobody yet"),
            "days": in_words([show_date(day) for day in default_dates(left_on, row.target_on)]),
        }
        for row in targets
        if row.indicator_type is not IndicatorType.context
    ]
    if not said:
        return _("There is no effect target to follow afterwards")
    return _("To be followed afterwards: %(targets)s") % {"targets": "; ".join(said)}
