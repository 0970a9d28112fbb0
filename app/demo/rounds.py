"""The rounds of the demo list and their reports: the letters of `statuses.toml` with the texts of `reports/`."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from sqlmodel import Session

from app.demo.organisation import People, Projects
from app.demo.source import Facts, chosen, read
from app.models import Assessment, Portfolio, Project, Report, ReportingRound
from app.models.assessment import AssessmentForm, Colour, Dimension
from app.models.report import ReportForm, ReportState
from app.models.reporting_round import RoundState
from app.settings import COPENHAGEN
from app.tabs.edition import freeze

COLOURS = {"R": Colour.red, "Y": Colour.yellow, "G": Colour.green, "-": None}
NOT_APPROVED = {"d": ReportState.draft, "s": ReportState.submitted, "b": ReportState.returned}


def load_rounds(session: Session, portfolio: Portfolio, people: People, projects: Projects) -> None:
    """Plays the rounds one after the other; each is frozen by the code that freezes a real one, on its own day."""
    statuses = read("statuses.toml")
    rounds = [_round(portfolio, table) for table in statuses["round"]]
    texts = _texts(rounds, statuses["letters"])
    for place, a_round in enumerate(rounds):
        session.add(a_round)
        session.flush()
        for key, letters in statuses["letters"].items():
            if letters[place] != "-":
                written = texts.get((a_round.key, key), {})
                _load_report(session, _report(projects[key], a_round, letters[place], written, people), written)
        session.flush()
        if a_round is not rounds[-1]:
            freeze(session, None, a_round, a_round.as_of, at=_at(a_round.as_of, 10))
            a_round.state = RoundState.finished
    rounds[-2].state = RoundState.presented  # the board has met, and not every question has an answer yet


def _load_report(session: Session, report: Report, written: Facts) -> None:
    session.add(report)
    session.flush()
    session.add_all(_assessments(report, written))


def _round(portfolio: Portfolio, table: Facts) -> ReportingRound:
    """A round as it stands before it is frozen; the last one is open."""
    state = RoundState(table["state"])
    return ReportingRound(
        **chosen(table, "key", "name", "as_of", "opens_on", "leader_deadline_on", "owner_deadline_on", "board_on"),
        portfolio_id=portfolio.pk,
        state=RoundState.closed_for_leaders if state is RoundState.frozen else state,
    )


def _texts(rounds: list[ReportingRound], letters: dict[str, str]) -> dict[tuple[str, str], Facts]:
    """What was written, by round and project: whole reports for the two last rounds, a line for each earlier one."""
    *earlier, before, now = rounds
    texts = {(a_round.key, key): written for a_round in (before, now) for key, written in _whole(a_round)}
    for key, facts in read("reports/earlier.toml").items():
        lines = iter(facts["lines"])
        for letter, (a_round, following) in zip(letters[key], pairwise([*earlier, before]), strict=False):
            if COLOURS.get(letter):
                texts[a_round.key, key] = _brief(facts, next(lines), letter, a_round, following)
    return texts


def _whole(a_round: ReportingRound) -> list[tuple[str, Facts]]:
    return list(read(f"reports/{a_round.key}.toml").items())


def _brief(facts: Facts, line: str, letter: str, a_round: ReportingRound, following: ReportingRound) -> Facts:
    """An earlier report as a whole one: its one line is the summary and, when not green, the reason."""
    cause = Dimension(facts["cause"]) if letter != "G" else None
    colours = "".join(
        letter if dimension is cause else "-" if dimension is Dimension.effect else "G" for dimension in Dimension
    )
    written: Facts = {"summary": line, "colours": colours}
    if cause:
        path = {"action": facts["action"], "who": facts["who"], "when": following.leader_deadline_on}
        written |= {"comments": {cause.value: line}, "path": path}
    if letter == "R":
        written |= chosen(facts, "decision", "track") | {"decision_by": a_round.board_on}
    return written


def _report(project: Project, a_round: ReportingRound, letter: str, written: Facts, people: People) -> Report:
    state = NOT_APPROVED.get(letter, ReportState.approved if written else ReportState.draft)
    path = written.get("path", {})
    form = ReportForm(
        **chosen(written, "summary", "deviation_reason", "options"),
        colour=_overall(written) if written and state is not ReportState.draft else None,
        path_action=path.get("action", ""),
        path_who=path.get("who", ""),
        path_on=path.get("when"),
        decision_wanted=written.get("decision", ""),
        decision_track=written.get("track"),
        decision_by_on=written.get("decision_by"),
    )
    report = Report(
        **form.model_dump(),
        project_id=project.pk,
        round_id=a_round.pk,
        state=state,
        author_id=project.leader_id if written else None,
        returned_reason=written.get("returned_reason", ""),
    )
    if state in (ReportState.submitted, ReportState.returned, ReportState.approved, ReportState.frozen):
        report.submitted_at, approved_at = _days(project, a_round)
        if report.counts:
            report.approved_at = approved_at
            report.approver_id = people[written["approved_by"]].pk if "approved_by" in written else project.owner_id
    return report


def _overall(written: Facts) -> Colour | None:
    """The reported colour: the worst dimension, unless the leader reported one step better with a reason."""
    letter = written.get("overall") or max(written["colours"], key="-?GYR".index)
    return COLOURS[letter]


def _assessments(report: Report, written: Facts) -> list[Assessment]:
    """One row a dimension; a dimension that a draft has not yet assessed has none."""
    comments = written.get("comments", {})
    return [
        Assessment(
            **AssessmentForm(
                dimension=dimension, colour=COLOURS[letter], comment=comments.get(dimension.value, "")
            ).model_dump(),
            report_id=report.pk,
        )
        for dimension, letter in zip(Dimension, written.get("colours", "??????"), strict=True)
        if letter != "?"
    ]


def _days(project: Project, a_round: ReportingRound) -> tuple[datetime, datetime]:
    """When a report was submitted and approved: spread over the window by the project's number, always the same."""
    early = project.sequence * 5 % 16
    submitted = _weekday(a_round.leader_deadline_on - timedelta(days=early))
    approved = _weekday(submitted + timedelta(days=1 + project.sequence % 3))
    if a_round.under_way:
        approved = min(approved, a_round.leader_deadline_on)
    return _at(submitted, 8 + project.sequence % 4), _at(approved, 13 + project.sequence % 3)


def _weekday(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.isoweekday() - 5))


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), COPENHAGEN).astimezone(UTC)
