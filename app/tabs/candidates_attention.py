"""What may be a point of attention about a project: rules on the facts of Overblik and Effekter, and on overdue tasks.

Each rule gives at most one reason for a project; a project becomes one point, under its worst reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import cast

from app.i18n import _, ngettext, show_date, show_number
from app.models.assessment import Colour
from app.models.candidate import Source
from app.models.effect_follow_up import TO_REPORT
from app.models.effect_target import EffectTargetForm, final_figure_missing, measured_on_time
from app.models.recommendation import Subject
from app.models.signal import SignalKind, stands_first
from app.models.task import Task
from app.tabs.after_project import AfterFacts
from app.tabs.candidate import About, Found, Reason, in_words, of_projects, open_ended, sentences
from app.tabs.changes import Kept, kept
from app.tabs.effects import TargetRow
from app.tabs.mark import ROUNDS_SHOWN, SEVERITY, Mark
from app.tabs.overview import OverviewFacts
from app.tabs.overview_row import DecisionWanted, OverviewRow

Rows = Mapping[int, OverviewRow]

A_ROUND = timedelta(days=183)
"""A figure that has been missing for longer than this speaks of itself (domain.md 4B: overdue by more than a round)."""


def attention(
    now: OverviewFacts,
    before: OverviewFacts | None,
    targets: Mapping[int, Sequence[TargetRow]],
    left: Mapping[int, AfterFacts],
    tasks: Sequence[Task],
    day: date,
) -> list[Found]:
    """The points about projects, and the overdue tasks that belong to none; those that stand on a day, worst first.

    `before` is the edition before, if any; `targets` are those of the projects on the list, and `left` are those that
    have left it, both by key. In the order of domain.md 1D R18 and J3: red first, by the day of the decision.
    """
    late = overdue(tasks, day)
    reasons = [
        *reds(now.rows),
        *long_reds(now.rows, now.heading.rounds),
        *(worsened(before, now.rows, now.heading.day) if before else ()),
        *doubted(now.rows),
        *unreported(now.rows, now.heading.rounds),
        *_of_projects(late, day),
        *behind(targets),
        *owed_after(left, now.heading.day),
    ]
    found = of_projects(Subject.attention, reasons, _named(late, left, now.rows))
    found += [_of_task(task, day) for task in late if task.project_id is None]
    return sorted(found, key=lambda each: _urgency(each, now.rows, late))


def tasks_alone(tasks: Sequence[Task], day: date) -> list[Found]:
    """The overdue tasks by themselves, for a meeting that has no list before it."""
    late = overdue(tasks, day)
    found = of_projects(Subject.attention, _of_projects(late, day), _named(late))
    found += [_of_task(task, day) for task in late if task.project_id is None]
    return sorted(found, key=lambda each: _urgency(each, {}, late))


def _of_projects(late: Iterable[Task], day: date) -> list[Reason]:
    return [Reason(task.project_id, Source.overdue_task, task_words(task, day)) for task in late if task.project_id]


def _urgency(found: Found, rows: Rows, late: Sequence[Task]) -> tuple[date, int]:
    """Within a source: reds by the day of the decision, ordered evaluations before other tasks, the latest first."""
    if found.source is Source.overdue_task:
        own = [
            task.key == found.ref if found.project_id is None else task.project_id == found.project_id for task in late
        ]
        return date.min, own.index(True)
    row = rows.get(found.project_id or 0)
    by_on = row.decision.by_on if row and row.decision else None
    return by_on or date.max, 0


def _named(
    late: Iterable[Task], left: Mapping[int, AfterFacts] = MappingProxyType({}), rows: Rows = MappingProxyType({})
) -> dict[int, About]:
    """Every project that may be named, as it stands on the list; one that does not stand there has no mark."""
    others = {task.project.pk: About(task.project.number, task.project.title, None) for task in late if task.project}
    gone = {key: About(each.project.number, each.project.title, None) for key, each in left.items()}
    listed = {key: About(row.number, row.title, row.mark) for key, row in rows.items()}
    return others | gone | listed


def reds(rows: Rows) -> list[Reason]:
    """Every red project: why, what is to be decided, by when, and the options in order of priority (R112, 4C 3)."""
    return [
        Reason(key, Source.red, sentences([_cause(row), *_decision(row.decision)]))
        for key, row in rows.items()
        if row.mark is Mark.red
    ]


def _cause(row: OverviewRow) -> str:
    if row.cause_dimension and row.cause:
        return _("%(dimension)s: %(cause)s") % {"dimension": row.cause_dimension, "cause": row.cause}
    return row.cause or row.summary


def _decision(wanted: DecisionWanted | None) -> list[str]:
    if wanted is None:
        return [_("The status does not say what the executive board is to decide")]
    said = [wanted.question]
    if wanted.by_on:
        said.append(_("Decision by %(day)s at the latest") % {"day": show_date(wanted.by_on)})
    if wanted.track:
        said.append(_("Track: %(track)s") % {"track": str(wanted.track).lower()})
    if wanted.options:
        ranked = "; ".join(f"{place}) {open_ended(option)}" for place, option in enumerate(wanted.options, start=1))
        said.append(_("Options in order of priority: %(options)s") % {"options": ranked})
    return said


def long_reds(rows: Rows, rounds: Sequence[str]) -> list[Reason]:
    """»Rød i n runder«: red in at least two rounds in a row (domain.md 4D). `rounds` are those shown, oldest first."""
    found = []
    for key, row in rows.items():
        count = row.rounds_in_colour
        if row.mark is not Mark.red or count < 2:
            continue
        said = {"n": count, "round": rounds[-count]}
        if count == ROUNDS_SHOWN:
            text = _("Red in at least %(n)s rounds in a row, since %(round)s or earlier") % said
        else:
            text = _("Red in %(n)s rounds in a row, since %(round)s") % said
        found.append(Reason(key, Source.long_red, text))
    return found


def worsened(before: OverviewFacts, rows: Rows, day: date) -> list[Reason]:
    """What has a worse colour than in the edition before, like for like, and what was promised then (5B Q2)."""
    found = []
    for key, row in rows.items():
        old = before.rows.get(key)
        if old is None or not (old.mark.is_colour and row.mark.is_colour):
            continue
        if SEVERITY[row.mark] <= SEVERITY[old.mark]:
            continue
        said = [
            _("Worse since %(round)s: from %(before)s to %(now)s")
            % {
                "round": before.heading.round_name,
                "before": str(old.mark).lower(),
                "now": str(row.mark).lower(),
            }
        ]
        if row.mark is not Mark.red:
            said.append(_cause(row))
        if old.path_to_green and kept(old.path_to_green, row.mark, day) is Kept.not_kept:
            promise = {"action": open_ended(old.path_to_green.action), "day": show_date(old.path_to_green.on)}
            said.append(_("Not kept: »%(action)s« by %(day)s") % promise)
        found.append(Reason(key, Source.worse, sentences(said)))
    return found


def doubted(rows: Rows) -> list[Reason]:
    """»Bør efterprøves«: what has three signals or more; with fewer they are told, but make no point (domain.md 4D).

    An effect that is behind its path is then told by itself, and not twice.
    """
    found = []
    for key, row in rows.items():
        weak = not stands_first(row.signals)
        told = [each for each in row.signals if not weak or each.kind is not SignalKind.behind_path]
        if told:
            said = {"n": len(row.signals), "signals": "; ".join(map(str, told))}
            text = _("Should be tested: %(signals)s") if weak else _("%(n)s signals, should be tested: %(signals)s")
            found.append(Reason(key, Source.signals, text % said, weak))
    return found


def silent_twice(rows: Rows, rounds: Sequence[str]) -> dict[int, str]:
    """The projects that were not reported two rounds in a row, with a sentence that says so (domain.md 4D)."""
    return {
        key: _("Not reported two rounds in a row: %(rounds)s") % {"rounds": in_words(rounds[-2:])}
        for key, row in rows.items()
        if len(row.history) > 1 and {*row.history[-2:]} == {Mark.not_reported}
    }


def unreported(rows: Rows, rounds: Sequence[str]) -> list[Reason]:
    """Two rounds without a status are by themselves a point of attention (domain.md 4D)."""
    found = []
    for key, text in silent_twice(rows, rounds).items():
        row, said = rows[key], [text, rows[key].why_missing]
        if row.last_mark:
            said.insert(1, _("Last %(colour)s in %(round)s") % _last(row.last_mark, row.last_round))
        found.append(Reason(key, Source.unreported, sentences(said)))
    return found


def _last(mark: Mark, round_name: str) -> dict[str, str]:
    return {"colour": str(mark).lower(), "round": round_name}


def overdue(tasks: Iterable[Task], day: date) -> list[Task]:
    """Open tasks past their deadline: ordered evaluations first, then the latest one (domain.md 2C D10, Q11)."""
    late = [task for task in tasks if task.days_late(day)]
    return sorted(late, key=lambda task: (not task.evaluation, -task.days_late(day)))


def task_words(task: Task, day: date) -> str:
    """What was to be done, by when and by whom, how long it is overdue, and which meeting decided it."""
    who = ", ".join([*([task.owner.name] if task.owner else ()), *([task.owner_unit.code] if task.owner_unit else ())])
    days = task.days_late(day)
    said = {"days": show_number(days, 0), "day": show_date(task.due_on), "task": open_ended(task.text)}
    late = ngettext(
        "»%(task)s« was due on %(day)s and is %(days)s day overdue",
        "»%(task)s« was due on %(day)s and is %(days)s days overdue",
        days,
    )
    return sentences([late % said, *_where_from(task), _("Responsible: %(who)s") % {"who": who} if who else ""])


def _where_from(task: Task) -> list[str]:
    if task.decision:
        return [_("Decided at the meeting %(meeting)s") % {"meeting": task.decision.meeting}]
    if task.topic:
        return [_("Agreed on the topic »%(topic)s« in the management forum") % {"topic": task.topic.title}]
    return [_("Agreed on %(day)s") % {"day": show_date(task.given_on)}]


def _of_task(task: Task, day: date) -> Found:
    return Found(Subject.attention, Source.overdue_task, task.key, task.text, task_words(task, day))


def behind(targets: Mapping[int, Sequence[TargetRow]]) -> list[Reason]:
    """Effects at less than 60 per cent of their path, or without a figure for more than a round (domain.md 4B)."""
    found = []
    for key, rows in targets.items():
        said = [sentence for row in rows if row.is_effect and (sentence := _behind(row))]
        if said:
            found.append(Reason(key, Source.effect, sentences(said)))
    return found


def _behind(row: TargetRow) -> str:
    latest = row.latest
    if row.colour is Colour.red:
        return _("»%(target)s« is at %(share)s per cent of its path") % {
            "target": row.name,
            "share": show_number(row.share_percent, 0),
        }
    target, earlier = cast(EffectTargetForm, row), row.day - A_ROUND
    until = latest.last_day if latest else None
    missing = measured_on_time(target, until, earlier) is False or final_figure_missing(target, until, earlier)
    if not missing:
        return ""
    if latest is None:
        return _("»%(target)s« has never been measured") % {"target": row.name}
    return _("»%(target)s« was last measured %(when)s") % {"target": row.name, "when": latest.when}


def owed_after(left: Mapping[int, AfterFacts], day: date) -> list[Reason]:
    """Follow-ups of effects after the project that nobody has reported in time (domain.md 4E)."""
    found = []
    for key, each in left.items():
        owed = [
            _("The follow-up of »%(target)s« after the project was due on %(day)s")
            % {"target": target.name, "day": show_date(look.due_on)}
            + (f" ({look.owner})" if look.owner else "")
            for target in each.project.targets
            if (look := target.next) and look.due_on < day and look.state in TO_REPORT
        ]
        if owed:
            found.append(Reason(key, Source.effect, sentences(owed)))
    return found
