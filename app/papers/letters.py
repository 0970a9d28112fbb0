"""The letters of a round and those beside the rounds: what somebody must do, as plain text in their language.

A round's deadline goes with it for the calendar. A text holds {name}, {round}, {deadline}, {projects} and {link}. They
are replaced as they stand; all other braces are left alone. A closed project is its number alone: neither its title nor
anybody's words about it leave the list.
"""

import re
import textwrap
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from app.i18n import DEFAULT_LANGUAGE, N_, _, ngettext, show_date, speaking
from app.models.mail import LetterForm, MailKind, MailTextForm
from app.tabs.duty_reminders import DutyDigest, DutyMatter
from app.tabs.effect_duties import EffectAsk
from app.tabs.reminders import Ask, Digest, Matter
from app.tabs.task_duties import TaskAsk

PLACEHOLDERS = {
    "name": N_("the reader's name"),
    "round": N_("the round's name; the list's where the letter belongs to no round"),
    "deadline": N_("the reader's next deadline"),
    "projects": N_("each project with what is to be done about it, and the address of its page"),
    "link": N_("the address of the reader's own start page"),
}
"""What a text may hold in braces, and what is put in its place."""

WIDTH = 72
"""Columns of a letter's text; an address that is longer stands unbroken on a line of its own."""

LONGEST_LINE = 75
"""Octets in a line of a calendar entry, without its line break (RFC 5545, 3.1)."""


class _Text(NamedTuple):
    subject: str
    body: str


STANDARD = {
    MailKind.opening: _Text(
        N_("The round {round} is open: write your status by {deadline}"),
        N_(
            "Hello {name}\n\nThe round {round} is open. This is what you are asked for:\n\n{projects}\n\n"
            "Last time's text stands in the status already. If nothing has changed, it takes two minutes.\n\n"
            "All that waits for you: {link}\n\nKind regards\nThe secretariat"
        ),
    ),
    MailKind.reminder: _Text(
        N_("Reminder: your status for {round} is due on {deadline}"),
        N_(
            "Hello {name}\n\nThe deadline of the round {round} is {deadline}. This is still missing from you:\n\n"
            "{projects}\n\nAll that waits for you: {link}\n\nKind regards\nThe secretariat"
        ),
    ),
    MailKind.deadline: _Text(
        N_("Your status for {round} is due today"),
        N_(
            "Hello {name}\n\nToday, {deadline}, is the deadline of the round {round}. "
            "This is still missing from you:\n\n{projects}\n\n"
            "All that waits for you: {link}\n\nKind regards\nThe secretariat"
        ),
    ),
    MailKind.overdue: _Text(
        N_("A status for {round} is missing"),
        N_(
            "Hello {name}\n\nThe deadline of the round {round} was {deadline}. This is still missing:\n\n{projects}\n\n"
            "What is missing at the freeze stands as »not reported« before the board.\n\n"
            "All that waits for you: {link}\n\nKind regards\nThe secretariat"
        ),
    ),
    MailKind.approval: _Text(
        N_("A status for {round} waits for your approval"),
        N_(
            "Hello {name}\n\nThis waits for your approval by {deadline}:\n\n{projects}\n\n"
            "All that waits for you: {link}\n\nKind regards\nThe secretariat"
        ),
    ),
    MailKind.returned: _Text(
        N_("A status for {round} was returned to you"),
        N_(
            "Hello {name}\n\nA status was returned to you. Correct it and submit it again by {deadline}:\n\n"
            "{projects}\n\nAll that waits for you: {link}\n\nKind regards\nThe secretariat"
        ),
    ),
    MailKind.digest: _Text(
        N_("The round {round}: what waits for you"),
        N_(
            "Hello {name}\n\nThis waits for you in the round {round}; the next deadline is {deadline}:\n\n"
            "{projects}\n\nAll that waits for you: {link}\n\nKind regards\nThe secretariat"
        ),
    ),
    MailKind.effects: _Text(
        N_("Effects to be followed up: {projects}"),
        N_(
            "Hello {name}\n\nThese effects wait for you:\n\n{projects}\n\n"
            "A figure that cannot be had is an answer too: choose »Not measured« and write why.\n\n"
            "All that waits for you: {link}\n\nKind regards\nThe secretariat"
        ),
    ),
    MailKind.tasks: _Text(
        N_("Tasks from decisions: your next deadline is {deadline}"),
        N_(
            "Hello {name}\n\nThese tasks were given to you by a decision and wait for you:\n\n{projects}\n\n"
            "Say on the task's page what came of it. If the deadline cannot be kept, ask for another one there.\n\n"
            "All that waits for you: {link}\n\nKind regards\nThe secretariat"
        ),
    ),
    MailKind.task_forces: _Text(
        N_("Task force: {projects}"),
        N_(
            "Hello {name}\n\nThis task force waits for you:\n\n{projects}\n\n"
            "All that waits for you: {link}\n\nKind regards\nThe secretariat"
        ),
    ),
    MailKind.duties: _Text(
        N_("What waits for you: your next deadline is {deadline}"),
        N_(
            "Hello {name}\n\nThis waits for you:\n\n{projects}\n\n"
            "All that waits for you: {link}\n\nKind regards\nThe secretariat"
        ),
    ),
}


def standard_text(kind: MailKind) -> MailTextForm:
    """The text that is sent where the secretariat has written none, in the language of the moment."""
    return MailTextForm(subject=_(STANDARD[kind].subject), body=_(STANDARD[kind].body))


def standard_text_of_the_list(kind: MailKind) -> MailTextForm:
    """The standard text in the list's own language, whoever reads it: what the secretariat's own text starts from."""
    with speaking(DEFAULT_LANGUAGE):
        return standard_text(kind)


def letter(digest: Digest, own: Mapping[MailKind, MailTextForm], base: str, at: datetime) -> LetterForm:
    """One person's letter, in their language. `base` is where the pages are: https://liste.example."""
    with speaking(digest.reader.language):
        text = own.get(digest.kind) or standard_text(digest.kind)
        numbers = ", ".join(dict.fromkeys(matter.number for matter in digest.matters))
        said = {
            "name": digest.reader.name,
            "round": digest.round_name,
            "deadline": show_date(digest.due_on),
            "link": f"{base}/",
        }
        subject = filled_in(text.subject, said | {"projects": numbers})
        projects = "\n\n".join(_about(matter, digest, base) for matter in digest.matters)
        return LetterForm(
            kind=digest.kind,
            subject=" ".join(subject.split())[:200],
            body=wrapped(filled_in(text.body, said | {"projects": projects})),
            calendar=calendar_entry(digest, base, at) if digest.due_on >= digest.day else "",
        )


def duty_letter(digest: DutyDigest, own: Mapping[MailKind, MailTextForm], base: str) -> LetterForm:
    """One person's letter beside the rounds, in their language; without a calendar entry: a day is months away."""
    with speaking(digest.reader.language):
        text = own.get(digest.kind) or standard_text(digest.kind)
        numbers = ", ".join(dict.fromkeys(matter.number for matter in digest.matters if matter.number))
        said = {
            "name": digest.reader.name,
            "round": digest.portfolio,
            "deadline": show_date(digest.due_on),
            "link": f"{base}/",
        }
        subject = filled_in(text.subject, said | {"projects": numbers})
        projects = "\n\n".join(_about_duty(matter, digest.day, base) for matter in digest.matters)
        return LetterForm(
            kind=digest.kind,
            subject=" ".join(subject.split())[:200],
            body=wrapped(filled_in(text.body, said | {"projects": projects})),
        )


def _about_duty(matter: DutyMatter, day: date, base: str) -> str:
    """Project, what it is about, what is asked and where; what belongs to no project begins with what it is about."""
    what = matter.what if matter.what or matter.number else _("A task from a closed item")
    lines = [f"{matter.number} {matter.title}".strip(), what, _asked(matter, day)]
    if matter.reason:
        lines.append(_("Why: %(reason)s") % {"reason": " ".join(matter.reason.split())})
    first, *others = [line for line in [*lines, f"{base}{matter.address}"] if line]
    return "\n".join([f"- {first}", *(f"  {line}" for line in others)])


def _asked(matter: DutyMatter, day: date) -> str:
    said, late = {"day": show_date(matter.due_on)}, matter.due_on < day
    match matter.ask:
        case EffectAsk.approve:
            return _("Approve or return the follow-up by %(day)s.") % said
        case EffectAsk.correct:
            return _("Correct the follow-up and send it again.")
        case EffectAsk.measure:
            return _("A new figure has been due since %(day)s.") % said
        case EffectAsk.report if late:
            return _("Say what came of the effect; it was due on %(day)s.") % said
        case EffectAsk.report:
            return _("Measure the effect and say what came of it by %(day)s.") % said
        case TaskAsk.follow_up if late:
            return _("Follow up the task force; it was due on %(day)s.") % said
        case TaskAsk.follow_up:
            return _("Follow up the task force by %(day)s.") % said
        case TaskAsk.expiry if late:
            return _("It expired on %(day)s: have it decided what happens now.") % said
        case TaskAsk.expiry:
            return _("It expires on %(day)s: have it decided what happens then.") % said
        case _ if late:
            return _("Say what came of it; the deadline was %(day)s.") % said
        case _:
            return _("Do it and say what came of it by %(day)s.") % said


def filled_in(text: str, said: Mapping[str, str]) -> str:
    """The text with its placeholders replaced, once: what is put in is never read for placeholders again."""
    return re.sub(rf"\{{({'|'.join(PLACEHOLDERS)})\}}", lambda found: said[found[1]], text)


def wrapped(text: str) -> str:
    """The text with no line longer than WIDTH; what goes on stands below the words of its line, not below its dash."""
    lines = (_wrapped_line(line.rstrip()) for line in re.split("\r\n|\r|\n", text.rstrip().lstrip("\r\n")))
    return "\n".join(lines) + "\n"


def _wrapped_line(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    hanging = indent + "  " if line.startswith(f"{indent}- ") else indent
    return textwrap.fill(
        line.lstrip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _about(matter: Matter, digest: Digest, base: str) -> str:
    """What is to be done about one project, and where."""
    lines = [f"{matter.number} {matter.title}".strip(), _what(matter, digest.day)]
    if matter.ask is Ask.correct:
        reason = " ".join(matter.reason.split())
        lines.append(_("Why: %(reason)s") % {"reason": reason} if reason else _("Why: see the page"))
    page = {
        Ask.write: f"/projects/{matter.number}/reports/{digest.round_key}/edit",
        Ask.correct: f"/projects/{matter.number}/reports/{digest.round_key}/edit",
        Ask.approve: f"/projects/{matter.number}/reports/{digest.round_key}/approval",
        Ask.chase: f"/projects/{matter.number}",
    }[matter.ask]
    return "\n".join(["- " + lines[0], *(f"  {line}" for line in lines[1:]), f"  {base}{page}"])


def _what(matter: Matter, day: date) -> str:
    said = {"day": show_date(matter.due_on), "who": matter.who, "on": show_date(matter.submitted_on)}
    if matter.ask is Ask.approve:
        if matter.who:
            return _("Submitted %(on)s (leader: %(who)s). Approve or return it by %(day)s.") % said
        return _("Submitted %(on)s. Approve or return it by %(day)s.") % said
    if matter.ask is Ask.chase:
        if matter.who:
            return _("%(who)s has not submitted the status; the deadline was %(day)s.") % said
        return _("The status has not been submitted; the deadline was %(day)s.") % said
    if matter.ask is Ask.correct:
        return _("Correct the status and submit it again by %(day)s.") % said
    if day > matter.due_on:
        days = (day - matter.due_on).days
        sentence = ngettext(
            "Write and submit the status; the deadline was %(day)s, %(n)s day ago.",
            "Write and submit the status; the deadline was %(day)s, %(n)s days ago.",
            days,
        )
        return sentence % (said | {"n": days})
    return _("Write and submit the status by %(day)s.") % said


# ------------------------------------------------------------------------------------------------------------ calendar


def calendar_entry(digest: Digest, base: str, at: datetime) -> str:
    """The letter's deadline as a whole day (RFC 5545). One a round and person: a later one replaces it.

    `base` is where the pages are, `at` the instant at which the letter is written.
    """
    host = base.partition("://")[2].partition("/")[0].partition(":")[0]
    numbers = ", ".join(dict.fromkeys(matter.number for matter in digest.matters))
    summary = _("Deadline: status for %(round)s") % {"round": digest.round_name}
    return _lines(
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Portefoeljelisten//Portefoeljelisten//DA"),
        ("METHOD", "PUBLISH"),
        ("BEGIN", "VEVENT"),
        ("UID", f"round-{digest.round_id}-person-{digest.reader.person_id}@{host}"),
        ("DTSTAMP", f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"),
        ("DTSTART;VALUE=DATE", f"{digest.due_on:%Y%m%d}"),
        ("DTEND;VALUE=DATE", f"{digest.due_on + timedelta(days=1):%Y%m%d}"),
        ("SUMMARY", escaped(summary)),
        ("DESCRIPTION", escaped(f"{numbers}\n{base}/")),
        ("TRANSP", "TRANSPARENT"),
        ("END", "VEVENT"),
        ("END", "VCALENDAR"),
    )


def _lines(*properties: tuple[str, str]) -> str:
    return "".join(folded(f"{name}:{value}") + "\r\n" for name, value in properties)


def escaped(text: str) -> str:
    """Text as a calendar holds it (RFC 5545, 3.3.11)."""
    plain = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", re.sub("\r\n?", "\n", text))
    return re.sub(r"([\\;,])", r"\\\1", plain).replace("\n", "\\n")


def folded(line: str) -> str:
    """A line cut where it is longer than 75 octets, never inside a letter; what follows starts with a space."""
    pieces, size = [""], 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LONGEST_LINE:
            pieces.append(" ")
            size = 1
        pieces[-1] += letter
        size += width
    return "\r\n".join(pieces)
