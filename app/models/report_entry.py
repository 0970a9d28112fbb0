"""Writing a half-yearly status: the form that its leader fills in, and how a draft of it is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import create_model
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Field, Session

from app.errors import DomainError
from app.i18n import N_, _
from app.models.assessment import Assessment, AssessmentForm, Colour, Dimension, suggested, worst
from app.models.base import Choice, long_text, one_of
from app.models.event import Facts, record, title_of
from app.models.health_guard import health_words
from app.models.report import Report, ReportForm, ReportState

if TYPE_CHECKING:
    from app.models.user import User

DRAFT_LIMIT = 4000
"""A draft keeps more than can be handed in: nothing that was typed is lost."""


class Judgement(Choice):
    """What is chosen for one dimension."""

    green = "green", N_("Green")
    yellow = "yellow", N_("Yellow")
    red = "red", N_("Red")
    not_relevant = "not_relevant", N_("Not relevant")

    @property
    def colour(self) -> Colour | None:
        return None if self is Judgement.not_relevant else Colour(self.value)


def judgement_of(colour: Colour | None) -> Judgement:
    return Judgement(colour.value) if colour else Judgement.not_relevant


def _judged(dimension: Dimension) -> Any:
    return one_of(Judgement, default=None, title=dimension.label)


def _why(title: str) -> Any:
    return Field(default="", max_length=200, title=title)


class ReportEntry(ReportForm):
    """A status as its leader writes it: nothing is required before it is handed in, so that a draft can be kept."""

    time: Judgement | None = _judged(Dimension.time)
    time_comment: str = _why(N_("Time: comment"))
    economy: Judgement | None = _judged(Dimension.economy)
    economy_comment: str = _why(N_("Economy: comment"))
    resources: Judgement | None = _judged(Dimension.resources)
    resources_comment: str = _why(N_("Resources: comment"))
    delivery: Judgement | None = _judged(Dimension.delivery)
    delivery_comment: str = _why(N_("Delivery and quality: comment"))
    implementation: Judgement | None = _judged(Dimension.implementation)
    implementation_comment: str = _why(N_("Implementation in operations: comment"))
    effect: Judgement | None = _judged(Dimension.effect)
    effect_comment: str = _why(N_("Effect: comment"))
    summary: str = long_text(default="", max_length=DRAFT_LIMIT, title=N_("Short status"))
    no_health_data: bool = Field(default=False, title=N_("The text does not tell of anybody's health"))

    def judgement(self, dimension: Dimension) -> Judgement | None:
        found: Judgement | None = getattr(self, dimension.value)
        return found

    def comment(self, dimension: Dimension) -> str:
        return str(getattr(self, f"{dimension.value}_comment"))

    @property
    def colours(self) -> dict[Dimension, Colour | None]:
        """The dimensions that have been judged; None is »not relevant«."""
        judged = {dimension: self.judgement(dimension) for dimension in Dimension}
        return {dimension: chosen.colour for dimension, chosen in judged.items() if chosen}

    @property
    def suggested(self) -> Colour | None:
        return suggested(self.colours)

    @property
    def worst(self) -> Dimension | None:
        return worst(self.colours)

    @property
    def overall(self) -> Colour | None:
        """The colour that is reported: the one that was chosen, otherwise the suggested one."""
        return self.colour or self.suggested

    @property
    def health_words(self) -> list[str]:
        """What in the texts looks like somebody's health."""
        comments = (self.comment(dimension) for dimension in Dimension)
        written = (self.deviation_reason, self.path_action, self.path_who, self.decision_wanted, *self.options)
        return health_words(*comments, *written, self.summary)


@dataclass(frozen=True)
class DueFigure:
    """An effect target whose figure the round asks for."""

    no: int
    name: str
    source: str


def entry_kind(due: Iterable[DueFigure]) -> type[ReportEntry]:
    """The form of one project's status: with three fields for each figure that is due."""
    fields: dict[str, Any] = {}
    for figure in due:
        value, on, source = figure_fields(figure.no)
        said = {"target": figure.name}
        fields[value] = (float | None, Field(default=None, title=_("New figure for »%(target)s«") % said))
        fields[on] = (date | None, Field(default=None, title=_("»%(target)s« measured on") % said))
        fields[source] = (
            str,
            Field(default=figure.source, max_length=120, title=_("Source of »%(target)s«") % said),
        )
    kind: type[ReportEntry] = create_model("ReportEntryWithFigures", __base__=ReportEntry, **fields)
    return kind


def figure_fields(no: int) -> tuple[str, str, str]:
    return f"figure_{no}", f"figure_{no}_on", f"figure_{no}_source"


def figures(entry: ReportEntry, due: Iterable[DueFigure]) -> dict[int, Facts]:
    """What was written of the figures that are due, by number of the target. Blank is »not measured«."""
    found: dict[int, Facts] = {}
    for figure in due:
        value, on, source = (getattr(entry, name) for name in figure_fields(figure.no))
        if value is not None or on is not None:
            found[figure.no] = {"value": value, "measured_on": on.isoformat() if on else None, "source": source}
    return found


def stored(report: Report, due: Iterable[DueFigure], kind: type[ReportEntry]) -> ReportEntry:
    """The report as its form holds it."""
    values: Facts = {name: getattr(report, name) for name in ReportForm.model_fields}
    for assessment in report.assessments:
        values[assessment.dimension.value] = judgement_of(assessment.colour)
        values[f"{assessment.dimension.value}_comment"] = assessment.comment
    for figure in due:
        if kept := report.measured.get(str(figure.no)):
            names = ("value", "measured_on", "source")
            values |= {field: kept[name] for field, name in zip(figure_fields(figure.no), names, strict=True)}
    return kind.model_validate(values)


def half_said(entry: ReportEntry) -> dict[str, str]:
    """Comments that a draft cannot keep: a comment belongs to a colour."""
    sentence = _("Choose a colour for %(dimension)s; the comment is saved together with it")
    return {
        f"{dimension.value}_comment": sentence % {"dimension": str(dimension).lower()}
        for dimension in Dimension
        if entry.comment(dimension) and not entry.judgement(dimension)
    }


def save_draft(session: Session, by: "User", report: Report, entry: ReportEntry, due: Iterable[DueFigure]) -> bool:
    """Keeps what was typed; False, and no event, when nothing differs. A returned status becomes a draft again.

    The log names the fields, not the words: a text that is still being written belongs to its writer.
    """
    require_writing(report)
    changed = write(session, report, entry)
    measured = {str(no): figure for no, figure in figures(entry, due).items()}
    if measured != report.measured:
        report.measured = measured
        changed.append(_("Measurements"))
    if not changed:
        return False
    moved = {"state": report.state} if report.state is not ReportState.draft else {}
    report.state = ReportState.draft
    after = {"fields": changed} | ({"state": report.state} if moved else {})
    record(session, by, "drafted", report, project_id=report.project_id, before=moved, after=after)
    session.flush()
    return True


def require_writing(report: Report) -> None:
    """That a report may be written in now."""
    if refusal := why_not_writable(report):
        raise DomainError(refusal)


def why_not_writable(report: Report) -> str:
    """A sentence that says why nothing can be written in a report now; empty when it can."""
    if report.can_be_written:
        return ""
    if not report.round.under_way:
        state = str(report.round.state).lower()
        return _("The round is %(state)s; its statuses can no longer be changed.") % {"state": state}
    if report.project.placement is None:
        return _("The project has left the list; the round asks for no status of it.")
    if report.state is ReportState.draft:
        return _("The round is closed for project leaders. Ask the secretariat to let you in again.")
    return _("The status is %(state)s and cannot be written in.") % {"state": str(report.state).lower()}


def write(session: Session, report: Report, entry: ReportEntry) -> list[str]:
    """Puts the entry into the report and its assessments; gives the labels of what changed.

    A change of an assessment alone counts as a change of the report: its version is what a later save is held against.
    """
    changed = [name for name in ReportForm.model_fields if getattr(report, name) != getattr(entry, name)]
    for name in changed:
        setattr(report, name, getattr(entry, name))
    labels = [_(title_of(ReportForm.model_fields, name)) for name in changed]
    rows = {row.dimension: row for row in report.assessments}
    for dimension in Dimension:
        chosen, row = entry.judgement(dimension), rows.get(dimension)
        wanted = (chosen.colour, entry.comment(dimension)) if chosen else None
        if wanted == ((row.colour, row.comment) if row else None):
            continue
        labels.append(str(dimension))
        if wanted is None and row:
            report.assessments.remove(row)
            session.delete(row)
        elif wanted and row:
            row.colour, row.comment = wanted
        elif wanted:
            form = AssessmentForm(dimension=dimension, colour=wanted[0], comment=wanted[1])
            report.assessments.append(Assessment(report_id=report.pk, **form.model_dump()))
    if labels:
        flag_modified(report, "state")
    return labels
