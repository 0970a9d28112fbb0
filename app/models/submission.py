"""Handing a half-yearly status in: what it must say first (invariants I7, I8), and what is left of a draft then."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from app.errors import DomainError
from app.i18n import _, show_date, show_number
from app.models.assessment import Colour, Dimension
from app.models.effect_target import EffectTarget
from app.models.event import Facts
from app.models.measurement import MeasurementForm, add_figure
from app.models.report import Report, ReportForm
from app.models.report_entry import DueFigure, Judgement, ReportEntry, figure_fields, figures, require_writing, write
from app.models.reporting_round import RoundState
from app.models.suggestion import Suggestion, better, disputed

if TYPE_CHECKING:
    from app.models.user import User

SUMMARY_LIMIT = 400

REASON = 20
"""The fewest characters of a reason for reporting better than suggested (invariant I8)."""

OPTIONS = 2
"""The fewest options of a red status: a decision is a choice (domain.md R103)."""


def lacking(
    entry: ReportEntry, suggestions: Mapping[Dimension, Suggestion], due: Iterable[DueFigure], day: date
) -> dict[str, str]:
    """What stands between this entry and handing it in: a sentence that says what to do, by field, in their order."""
    return (
        _lacking_in_dimensions(entry, suggestions)
        | _lacking_overall(entry)
        | (_lacking_path(entry, day) if entry.overall in (Colour.yellow, Colour.red) else {})
        | (_lacking_decision(entry, day) if entry.overall is Colour.red else {})
        | _lacking_summary(entry)
        | _lacking_confirmation(entry)
        | _lacking_figures(entry, due, day)
    )


def _lacking_in_dimensions(entry: ReportEntry, suggestions: Mapping[Dimension, Suggestion]) -> dict[str, str]:
    missing = {}
    doubted = disputed(entry.colours, suggestions)
    for dimension in Dimension:
        chosen, comment = entry.judgement(dimension), entry.comment(dimension)
        said = {"dimension": str(dimension).lower(), "colour": str(chosen).lower(), "least": REASON}
        if chosen is None:
            sentence = _("Choose a colour for %(dimension)s, or choose »Not relevant«")
            missing[dimension.value] = sentence % said
        elif dimension in doubted and len(comment) < REASON:
            sentence = _("Write why %(dimension)s is better than suggested (at least %(least)s characters)")
            missing[f"{dimension.value}_comment"] = sentence % said
        elif chosen in (Judgement.yellow, Judgement.red) and not comment:
            missing[f"{dimension.value}_comment"] = _("Write why %(dimension)s is %(colour)s") % said
    return missing


def _lacking_overall(entry: ReportEntry) -> dict[str, str]:
    """At most one step better than the worst dimension, and then with a reason (invariant I8)."""
    if len(entry.colours) == len(Dimension) and entry.suggested is None:
        return {"colour": _("Judge at least one area: not all six can be »Not relevant«")}
    if not better(entry.colour, entry.suggested):
        return {}
    if entry.colour is Colour.green and entry.suggested is Colour.red:
        return {"colour": _("Choose yellow or red: the overall colour can be at most one step better than the worst")}
    if len(entry.deviation_reason) < REASON:
        sentence = _("Write why you report better than suggested (at least %(least)s characters)")
        return {"deviation_reason": sentence % {"least": REASON}}
    return {}


def _lacking_path(entry: ReportEntry, day: date) -> dict[str, str]:
    missing = {}
    if not entry.path_action:
        missing["path_action"] = _("Write what brings the project back to green")
    if not entry.path_who:
        missing["path_who"] = _("Write who does it")
    if not entry.path_on:
        missing["path_on"] = _("Write the date in »Path to green«")
    elif entry.path_on < day:
        missing["path_on"] = _("Write a date in »Path to green« that has not passed")
    return missing


def _lacking_decision(entry: ReportEntry, day: date) -> dict[str, str]:
    missing = {}
    if not entry.decision_wanted:
        missing["decision_wanted"] = _("Write what the executive board must decide")
    if not entry.decision_track:
        missing["decision_track"] = _("Choose back to plan, new plan or stop")
    if len(entry.options) < OPTIONS:
        sentence = _("Write at least %(least)s options, the best first")
        missing["options"] = sentence % {"least": OPTIONS}
    if not entry.decision_by_on:
        missing["decision_by_on"] = _("Write by when the executive board must decide")
    elif entry.decision_by_on < day:
        missing["decision_by_on"] = _("Write a day for the decision that has not passed")
    return missing


def _lacking_summary(entry: ReportEntry) -> dict[str, str]:
    if not entry.summary:
        return {"summary": _("Write a short status")}
    if len(entry.summary) > SUMMARY_LIMIT:
        sentence = _("Shorten the short status to %(most)s characters (now %(count)s)")
        return {"summary": sentence % {"most": SUMMARY_LIMIT, "count": len(entry.summary)}}
    return {}


def _lacking_confirmation(entry: ReportEntry) -> dict[str, str]:
    """A text that looks like somebody's health is asked about, and not refused after the answer (domain.md L7)."""
    if entry.no_health_data or not entry.health_words:
        return {}
    return {"no_health_data": _("Confirm that the text does not tell of anybody's health, or change it")}


def _lacking_figures(entry: ReportEntry, due: Iterable[DueFigure], day: date) -> dict[str, str]:
    missing = {}
    for figure in due:
        value, on, source = figure_fields(figure.no)
        said = {"target": figure.name}
        written, measured_on = getattr(entry, value), getattr(entry, on)
        if written is None and measured_on is None:
            continue
        if written is None:
            missing[value] = _("Write the figure for »%(target)s«, or clear its date") % said
        if measured_on is None:
            missing[on] = _("Write when »%(target)s« was measured") % said
        elif measured_on > day:
            missing[on] = _("»%(target)s« cannot have been measured in the future") % said
        if len(getattr(entry, source)) < 2:
            missing[source] = _("Write where the figure for »%(target)s« comes from") % said
    return missing


def settled(entry: ReportEntry, suggestions: Mapping[Dimension, Suggestion]) -> ReportEntry:
    """What is handed in: the overall colour, and of the rest only what belongs to the colours that were chosen."""
    doubted = disputed(entry.colours, suggestions)
    unsaid: Facts = {
        f"{dimension.value}_comment": ""
        for dimension in Dimension
        if entry.judgement(dimension) not in (Judgement.yellow, Judgement.red) and dimension not in doubted
    }
    if not better(entry.colour, entry.suggested):
        unsaid["deviation_reason"] = ""
    if entry.overall is Colour.green:
        unsaid |= {"path_action": "", "path_who": "", "path_on": None}
    if entry.overall is not Colour.red:
        unsaid |= {"decision_wanted": "", "decision_track": None, "decision_by_on": None, "options": []}
    return entry.model_copy(update=unsaid | {"colour": entry.overall})


def hand_in(session: Session, by: "User", report: Report, entry: ReportEntry, due: Iterable[DueFigure]) -> None:
    """Submits the entry, which lacks nothing and is settled. Its figures become measurements."""
    require_writing(report)
    write(session, report, entry)
    written = _measure(session, report, figures(entry, due))
    report.measured = {}
    content: Facts = {
        name: getattr(entry, name) for name in ReportForm.model_fields if getattr(entry, name) not in (None, "", [])
    }
    content["assessments"] = [
        " – ".join(filter(None, (f"{dimension}: {entry.judgement(dimension)}", entry.comment(dimension))))
        for dimension in Dimension
    ]
    if written:
        content["measurements"] = written
    report.submit(session, by, content)


def take_back(session: Session, by: "User", report: Report) -> None:
    """Withdraws a submitted status while it can still be written: otherwise it would stand as a draft for good."""
    if report.round.state is not RoundState.open:
        raise DomainError(
            _("The round is closed for project leaders. Ask the project owner to return the status instead.")
        )
    report.withdraw(session, by)


def _measure(session: Session, report: Report, written: Mapping[int, Facts]) -> list[str]:
    """Adds the figures to their effect targets; gives each as a line for the log."""
    query = select(EffectTarget).where(EffectTarget.project_id == report.project_id, col(EffectTarget.no).in_(written))
    lines = []
    for target in session.exec(query.order_by(col(EffectTarget.no))):
        form = MeasurementForm.model_validate(written[target.no])
        add_figure(session, target, form)
        lines.append(f"{target.name}: {show_number(form.value)} ({show_date(form.measured_on)})")
    return lines
