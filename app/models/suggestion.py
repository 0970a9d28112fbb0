"""The colour that the facts suggest for each dimension of a status, and why (domain.md 4B, as far as the list knows).

A suggestion never decides. Where the list has no facts there is none: missing is never green (product.md, decision 12).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.i18n import _, ngettext, show_number
from app.models.assessment import Colour, Dimension
from app.models.effect_target import NoShare, path_colour, whole_percent

THREE_MONTHS = 92
"""Days late from which time is red (domain.md 4B)."""

ONE_ROUND = 183
"""Days that a figure may be overdue before effect is red (domain.md 4B)."""


@dataclass(frozen=True)
class LateMilestone:
    text: str
    days: int


@dataclass(frozen=True)
class TargetFacts:
    """One effect target: its share of the expected path, or why it has none; days since a final figure was due."""

    name: str
    share: float | NoShare
    days_overdue: int = 0


@dataclass(frozen=True)
class ProjectFacts:
    """What the list knows about a project on a day, beside what its leader writes."""

    milestones: int = 0
    late: tuple[LateMilestone, ...] = ()
    leader: str = ""
    owner: str = ""
    targets: tuple[TargetFacts, ...] = ()
    withdrawn_targets: int = 0


@dataclass(frozen=True)
class Suggestion:
    """A colour, or None where the facts suggest none, with one sentence in the reader's language."""

    colour: Colour | None
    why: str


def suggest(dimension: Dimension, facts: ProjectFacts) -> Suggestion:
    """What the facts suggest for one dimension. Economy, delivery and implementation have no facts yet."""
    if dimension is Dimension.time:
        return _time(facts)
    if dimension is Dimension.resources:
        return _resources(facts)
    if dimension is Dimension.effect:
        return _effect(facts)
    return Suggestion(None, _("The list has no facts about this."))


def suggest_all(facts: ProjectFacts) -> dict[Dimension, Suggestion]:
    return {dimension: suggest(dimension, facts) for dimension in Dimension}


def _time(facts: ProjectFacts) -> Suggestion:
    """One overdue milestone is yellow, more than three months is red. Every milestone of the list has a date."""
    if not facts.milestones:
        return Suggestion(None, _("The project has no milestones."))
    if not facts.late:
        return Suggestion(Colour.green, _("No milestone is overdue."))
    worst = max(facts.late, key=lambda milestone: milestone.days)
    late = ngettext(
        "Milestone »%(milestone)s« is %(days)s day late.",
        "Milestone »%(milestone)s« is %(days)s days late.",
        worst.days,
    )
    why = late % {"milestone": worst.text, "days": worst.days}
    if (count := len(facts.late)) > 1:
        overdue = ngettext("%(n)s milestone is overdue.", "%(n)s milestones are overdue.", count)
        why = f"{why} {overdue % {'n': count}}"
    return Suggestion(Colour.red if worst.days > THREE_MONTHS else Colour.yellow, why)


def _resources(facts: ProjectFacts) -> Suggestion:
    if not facts.leader:
        return Suggestion(Colour.red, _("No project leader has been named."))
    if not facts.owner:
        return Suggestion(Colour.red, _("No project owner has been named."))
    return Suggestion(None, _("Leader and owner are named; staffing is not registered."))


def _effect(facts: ProjectFacts) -> Suggestion:
    """The worst of the effect targets."""
    if not facts.targets:
        if facts.withdrawn_targets:
            return Suggestion(Colour.red, _("The project's effect target no longer applies."))
        return Suggestion(None, _("The project has no effect target."))
    found = [_target(target) for target in facts.targets]
    judged = [suggestion for suggestion in found if suggestion.colour]
    return max(judged, key=lambda each: each.colour.severity if each.colour else 0, default=found[0])


def _target(target: TargetFacts) -> Suggestion:
    """Green from 90 % of the path, yellow from 60 %; a final figure overdue more than one round is red."""
    overdue = _("The final figure of »%(target)s« is %(days)s days overdue.")
    said = {"target": target.name, "days": target.days_overdue}
    if target.days_overdue > ONE_ROUND:
        return Suggestion(Colour.red, overdue % said)
    colour = path_colour(target.share)
    if target.days_overdue and colour is not Colour.red:
        return Suggestion(Colour.yellow, overdue % said)
    if isinstance(target.share, NoShare):
        lacks = target.share is NoShare.no_baseline
        return Suggestion(Colour.yellow if lacks else None, f"»{target.name}«: {str(target.share).lower()}.")
    why = _("»%(target)s« is at %(share)s per cent of its expected path.")
    return Suggestion(colour, why % {"target": target.name, "share": show_number(whole_percent(target.share), 0)})


def better(reported: Colour | None, suggested: Colour | None) -> bool:
    """Whether a reported colour is better than a suggested one."""
    return reported is not None and suggested is not None and reported.severity < suggested.severity


def disputed(colours: Mapping[Dimension, Colour | None], suggestions: Mapping[Dimension, Suggestion]) -> set[Dimension]:
    """The dimensions that are reported better than the facts suggest."""
    return {dimension for dimension, colour in colours.items() if better(colour, suggestions[dimension].colour)}
