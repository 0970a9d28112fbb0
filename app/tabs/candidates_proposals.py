"""What has been proposed to the board: projects to list or remove, and scenarios (domain.md R19, R20, R24, R126)."""

from collections.abc import Iterable, Mapping

from app.i18n import _, show_date, show_number
from app.models import Proposal
from app.models.candidate import Source
from app.models.recommendation import Subject
from app.models.scenario import ScenarioChangeKind
from app.settings import day_of
from app.tabs.candidate import Found, Reason, in_words, open_ended, sentences
from app.tabs.what_if import WhatIf


def listings(proposals: Iterable[Proposal], scenario_keys: Mapping[int, str]) -> list[Found]:
    """Proposed new projects: the criteria they meet and why, who raised them when, and from where (R01)."""
    return [
        _found(
            each,
            Subject.listing,
            each.title,
            sentences([each.reason, _criteria(each), _from_where(each), _raised(each)]),
            project_id=each.project_id,
            number=each.project.number if each.project else None,
            scenario=scenario_keys.get(each.pk),
        )
        for each in proposals
    ]


def _criteria(proposal: Proposal) -> str:
    met = [
        label
        for label, meets in (
            (_("large"), proposal.large),
            (_("cross-cutting"), proposal.cross_cutting),
            (_("strategic"), proposal.strategic),
        )
        if meets
    ]
    if not met:
        return _("None of the three criteria is said to be met")
    return sentences([_("Criteria: %(criteria)s") % {"criteria": in_words(met)}, proposal.admission_reason])


def _from_where(proposal: Proposal) -> str:
    said = [_("Origin: %(origin)s") % {"origin": open_ended(proposal.origin)}] if proposal.origin else []
    if proposal.unit:
        said.append(_("Responsible unit: %(unit)s") % {"unit": proposal.unit.code})
    return sentences(said)


def _raised(proposal: Proposal) -> str:
    said = {"person": proposal.raised_by or _("the secretariat"), "day": show_date(day_of(proposal.raised_at))}
    return _("Proposed by %(person)s on %(day)s") % said


def removals(proposals: Iterable[Proposal]) -> list[Reason]:
    """Why a project is proposed to leave, by whom and when."""
    return [
        Reason(each.project_id, Source.proposal, sentences([each.reason, _raised(each)]))
        for each in proposals
        if each.project_id is not None
    ]


def scenarios(proposals: Iterable[tuple[Proposal, WhatIf | None]], closed: dict[int, int]) -> list[Found]:
    """Proposed scenarios, with what each changes: points of attention, or new projects when one comes on the list.

    Of a scenario that touches a closed project (`closed`: by proposal) nothing is counted: the point is hidden with
    that project only, and a figure could tell of another.
    """
    return [
        _found(
            proposal,
            _subject(proposal),
            proposal.title,
            sentences([proposal.reason, *(_effects(effect) if effect else ()), _raised(proposal)]),
            project_id=closed.get(proposal.pk),
            scenario=proposal.scenario.key if proposal.scenario else None,
        )
        for proposal, effect in proposals
    ]


def _subject(proposal: Proposal) -> Subject:
    changes = proposal.scenario.changes if proposal.scenario else ()
    lists = any(change.kind is ScenarioChangeKind.add_project for change in changes)
    return Subject.listing if lists else Subject.attention


def _effects(effect: WhatIf) -> list[str]:
    """The figures of the whole list that the scenario changes."""
    said = []
    for label, figure in (
        (_("Seats"), effect.sums.seats),
        (_("Attendances a year"), effect.sums.attendances),
        (_("Bodies with the whole executive board"), effect.sums.whole_board),
        (_("People with a high load"), effect.sums.high),
    ):
        if figure.differs:
            numbers = {"before": show_number(figure.before, 0), "after": show_number(figure.after, 0)}
            said.append(f"{label}: " + _("%(before)s today, %(after)s afterwards") % numbers)
    return said


def _found(proposal: Proposal, subject: Subject, title: str, text: str, **more: object) -> Found:
    return Found(
        subject,
        Source.proposal,
        proposal.key,
        title,
        text,
        proposal_id=proposal.pk,
        proposal=proposal.key,
        **more,  # type: ignore[arg-type] # of a project its key and its number, of a scenario its key
    )
