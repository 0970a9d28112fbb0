"""The board's case paper on the list (sag), and the same with what was decided (referat) (domain.md 3F, R99-R111).

It is made of the frozen edition of the meeting's round, so that what the board reads cannot change before the meeting.
Its texts are those of the paper, so they are in Danish, whoever makes it. The Danish word of each field is the name
under which a Word template asks for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from pydantic import BaseModel, Field
from sqlmodel import Session

from app.errors import DomainError
from app.i18n import DEFAULT_LANGUAGE, _, show_date, show_millions, show_moment, show_number, speaking
from app.models import Edition, Meeting, Portfolio, Recommendation, ReportingRound, Unit
from app.models.agenda_item import agenda
from app.models.meeting import MeetingState, meeting_by_id, meeting_on
from app.models.recommendation import Subject, recommendations_of
from app.models.report import ApprovedAs
from app.settings import get_settings
from app.tabs.benefits import benefits_of_several
from app.tabs.burden import Burden
from app.tabs.candidates import Point, build_candidates
from app.tabs.candidates_attention import reds
from app.tabs.changes import Changes, Kept, Named, build_changes
from app.tabs.edition import editions, rounds_with_edition, tabs_of
from app.tabs.effects import Effects
from app.tabs.filters import Filters
from app.tabs.last_time import LastTime, LastTimeLine, Outcome, build_last_time
from app.tabs.mark import Mark
from app.tabs.overview import Overview, Tile
from app.tabs.overview_row import OverviewRow, Path
from app.tabs.paper_minutes import PaperMinutes, build_minutes, clock
from app.tabs.paper_parts import (
    Count,
    FollowedUp,
    MeetingFacts,
    Money,
    Moved,
    PaperChanges,
    PaperEconomy,
    PaperPoint,
    PaperRecommendation,
    Red,
    status,
)

BACKGROUND = "er et overblik over større tværgående og strategiske projekter, der ajourføres hvert halve år."
"""What the list is, word for word as the minutes of 29 January 2018 have it (R01)."""

PURPOSES = (
    "Skabe gennemsigtighed og overblik over kommunens største tværgående projekter",
    "Sætte fokus på, at projekter følger planen, bliver implementeret i bund og skaber de ønskede effekter.",
    "Give et overblik over ressourceanvendelse i organisationens største projekter",
)
"""The three purposes of the list, word for word (R02-R04)."""

SUBJECTS = {
    Subject.attention: ("Forslag til opmærksomhedspunkter", "Der er ingen forslag til opmærksomhedspunkter."),
    Subject.listing: ("Forslag til nye projekter", "Der er ingen forslag til nye projekter."),
    Subject.removal: ("Forslag til fjernelse med effektopfølgning", "Ingen projekter er foreslået fjernet."),
    Subject.forum: ("Forslag til drøftelser i Chefforum", "Der er ingen forslag til drøftelser i Chefforum."),
}
"""What stands above the candidates of a recommendation, and what where there are none."""

PROMISES = {
    Kept.kept: "holdt",
    Kept.not_kept: "ikke holdt",
    Kept.not_due: "ikke forfaldne",
    Kept.unknown: "kan ikke vurderes",
}


class BoardPaper(BaseModel):
    """The whole paper. `minutes` is None before the meeting; `frozen_at` and `sha256` are the edition's."""

    heading: str = Field(serialization_alias="overskrift")
    title: str = Field(serialization_alias="titel")
    case_number: str = Field(serialization_alias="sagsnummer")
    classification: str = Field(serialization_alias="klassifikation")
    sender: str = Field(serialization_alias="afsender")
    facts: str = Field(serialization_alias="fakta")
    notices: list[str] = Field(serialization_alias="bemærkninger")
    meeting: MeetingFacts = Field(serialization_alias="møde")
    background: list[str] = Field(serialization_alias="baggrund")
    recommends: str = Field(serialization_alias="indstiller")
    recommendations: list[PaperRecommendation] = Field(serialization_alias="indstillinger")
    purpose: str = Field(serialization_alias="formål_indledning")
    purposes: list[str] = Field(serialization_alias="formål")
    process: list[str] = Field(serialization_alias="proces")
    missing: list[str] = Field(serialization_alias="ikke_indberettet")
    addenda: list[str] = Field(serialization_alias="tilføjelser")
    changes: PaperChanges = Field(serialization_alias="ændringer")
    summary: list[str] = Field(serialization_alias="overblik")
    last_time: str = Field(serialization_alias="sidste_runde")
    this_time: str = Field(serialization_alias="denne_runde")
    counts: list[Count] = Field(serialization_alias="antal")
    reds: list[Red] = Field(serialization_alias="røde")
    no_reds: str = Field(serialization_alias="ingen_røde")
    last_meeting: str = Field(serialization_alias="opfølgning_indledning")
    followed_up: list[FollowedUp] = Field(serialization_alias="opfølgning")
    economy: PaperEconomy | None = Field(serialization_alias="økonomi")
    annexes: list[str] = Field(serialization_alias="bilag")
    edition: str = Field(serialization_alias="udgave")
    minutes: PaperMinutes | None = Field(serialization_alias="referat")
    held_on: date = Field(exclude=True)
    frozen_at: datetime = Field(exclude=True)
    sha256: str = Field(exclude=True)
    round_key: str = Field(exclude=True)
    closed: int = Field(exclude=True)

    @property
    def role(self) -> str:
        """What the document is to a records system."""
        return "referat" if self.minutes else "sag"

    @property
    def name(self) -> str:
        """The document's own title."""
        return self.minutes.heading if self.minutes else self.heading


def treated_round(meeting: Meeting) -> ReportingRound:
    """The frozen round that a meeting treats; a sentence why there is no paper when there is none."""
    if meeting.round is None:
        raise DomainError(_("The meeting does not treat a round of the list, so there is no paper to make."))
    if not meeting.round.is_frozen:
        raise DomainError(
            _("The paper is made of the frozen edition: freeze the round %(name)s first.")
            % {"name": meeting.round.name}
        )
    return meeting.round


def build_board_paper(session: Session, meeting: Meeting, day: date, *, minutes: bool = False) -> BoardPaper:
    """The paper as the session's reader may see it on a day; with the decisions when `minutes` are asked for.

    The meeting's portfolio and round must be loaded. As many queries for ten projects as for a thousand.
    """
    round_ = treated_round(meeting)
    if minutes and meeting.state is not MeetingState.held:
        raise DomainError(_("There are no minutes yet: the meeting has not been held."))
    with speaking(DEFAULT_LANGUAGE):
        return _built(session, meeting, round_, day, minutes=minutes)


def papers_of_last_meeting(session: Session, portfolio: Portfolio, day: date) -> list[BoardPaper]:
    """What a template is tried out on: the papers of the newest meeting on a frozen round, if there is one."""
    for round_ in rounds_with_edition(session, portfolio.pk):
        if found := meeting_on(session, round_.pk):
            meeting = meeting_by_id(session, found.pk) or found
            held = meeting.state is MeetingState.held
            return [
                build_board_paper(session, meeting, day, minutes=minutes)
                for minutes in ((False, True) if held else (False,))
            ]
    return []


def _built(session: Session, meeting: Meeting, round_: ReportingRound, day: date, *, minutes: bool) -> BoardPaper:
    portfolio, items = meeting.portfolio, agenda(session, meeting)
    item = next((each for each in items if each.treats_list), None)
    recommendations = recommendations_of(session, meeting)
    overview, burden, effects = tabs_of(session, portfolio, Filters(round=round_.key))
    rows = [row for group in overview.groups for row in group.rows]
    found = editions(session, portfolio, round_.key)
    note = found.shown
    if note is None:
        raise ValueError("a frozen round has an edition")
    earlier = [each for each in found.rounds if each.as_of < round_.as_of]
    title = item.title if item else f"Status på {_lower(portfolio.name)} - {round_.name}"
    case_number = (item and item.case_number) or meeting.case_number or portfolio.case_number
    body, secretariat = portfolio.owner_body, secretariat_of(session, portfolio)
    candidates = build_candidates(session, portfolio, meeting, day)
    above = {row.number: reds({0: row})[0].text for row in overview.reds}
    last_time = build_last_time(session, portfolio, meeting, min(day, meeting.held_on))
    return BoardPaper(
        heading=f"Punkt {item.no}: {title}" if item else title,
        title=title,
        case_number=case_number,
        classification="Internt",
        sender=secretariat,
        facts=f"Sagsnr. {case_number} · {body} den {show_date(meeting.held_on)} · Internt",
        notices=_notices(overview, body, secretariat),
        meeting=meeting_facts(meeting, body),
        background=[f"{portfolio.name} {BACKGROUND}", *_paragraphs(item.background if item else "")],
        recommends=f"{secretariat} indstiller, at {body}:",
        recommendations=[_recommendation(each, candidates.get(each.subject, []), above) for each in recommendations],
        purpose="Formålet med porteføljelisten er at:",
        purposes=list(PURPOSES),
        process=_process(round_, rows),
        missing=[f"{row.number} {row.title}: {row.why_missing}" for row in rows if row.mark is Mark.not_reported],
        addenda=[f"{show_date(each.added_on)}, {each.author}: {each.text}" for each in note.addenda],
        changes=_changes(build_changes(session, portfolio, earlier[0].key, round_.key) if earlier else None),
        summary=[_how_many(overview)],
        last_time=overview.previous_round_name,
        this_time=overview.round_name,
        counts=[_count(tile) for tile in overview.tiles],
        reds=[_red(row) for row in overview.reds],
        no_reds="" if overview.reds else "Ingen projekter er røde.",
        last_meeting=_last_meeting(last_time),
        followed_up=[_followed_up(line) for line in last_time.lines if line.outcome is not Outcome.nothing_asked],
        economy=_economy(effects, burden),
        annexes=[f"{portfolio.name} pr. {round_.name}", *(item.annexes if item else [])],
        edition=_edition(note.edition, round_),
        minutes=build_minutes(session, meeting, items, recommendations) if minutes else None,
        held_on=meeting.held_on,
        frozen_at=note.edition.frozen_at,
        sha256=note.edition.sha256,
        round_key=round_.key,
        closed=overview.closed,
    )


def projects(count: int) -> str:
    return f"{count} {'projekt' if count == 1 else 'projekter'}"


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def secretariat_of(session: Session, portfolio: Portfolio) -> str:
    unit = session.get(Unit, portfolio.secretariat_unit_id) if portfolio.secretariat_unit_id else None
    return unit.name if unit else "Sekretariatet"


def _notices(overview: Overview, body: str, secretariat: str) -> list[str]:
    """What a reader must know of the paper itself. That closed projects are in it is said; else always the same."""
    said = ["Lukkede projekter indgår ikke."]
    if overview.closed:
        closed = f"{overview.closed} {'lukket projekt' if overview.closed == 1 else 'lukkede projekter'}"
        said = [f"Sagen omtaler {closed} og er kun til {body} og {secretariat}."]
    return said + (["Demodata – farver er konstruerede."] if get_settings().in_demo else [])


def meeting_facts(meeting: Meeting, body: str) -> MeetingFacts:
    return MeetingFacts(
        body=body,
        day=show_date(meeting.held_on),
        time=clock(meeting.starts_at, meeting.ends_at),
        place=meeting.place,
        participants=meeting.participants,
        apologies=meeting.apologies,
    )


def _edition(edition: Edition, round_: ReportingRound) -> str:
    frozen = show_moment(edition.frozen_at)
    return f"Udgaven for {round_.name} er frosset den {frozen}. Fingeraftryk {edition.sha256[:16]}."


# ------------------------------------------------------------------------------------------------- recommendations


def _recommendation(
    recommendation: Recommendation, points: list[Point], above: Mapping[str, str]
) -> PaperRecommendation:
    heading, none = SUBJECTS[recommendation.subject]
    shown = [_point(point, above) for point in points if not point.dropped]
    return PaperRecommendation(
        no=recommendation.no,
        text=recommendation.text,
        heading=f"Ad {recommendation.no}. {heading}",
        points=shown,
        none="" if shown else none,
    )


def _point(point: Point, above: Mapping[str, str]) -> PaperPoint:
    """A candidate. What the paper has said of a red project already is not said again, unless somebody reworded it."""
    number, title, text = point.number or "", point.title, point.text
    if number and not point.of_project:
        number, title = "", f"{title} ({number})"
    known = above.get(number)
    if known and text.startswith(known):
        text = f"Se ovenfor. {text.removeprefix(known).strip()}".strip()
    return PaperPoint(number=number, title=title, text=text, status=status(point.mark) if point.mark else None)


# --------------------------------------------------------------------------------------- what has been reported


def _process(round_: ReportingRound, rows: Sequence[OverviewRow]) -> list[str]:
    """Who wrote and who approved, and how many (R06, R07). Whoever owes a status counts, also without one."""
    owed = [row for row in rows if row.mark.is_colour or row.mark is Mark.not_reported]
    approved = [row for row in owed if row.mark.is_colour]
    opened, closed = show_date(round_.opens_on), show_date(round_.leader_deadline_on)
    said = [
        f"Projektlederne har fra {opened} til {closed} udarbejdet status på projekterne på listen (vedlagt som bilag)."
    ]
    if len(approved) == len(owed):
        said.append(f"Status er godkendt af projektejerne for {'alle ' if len(owed) > 1 else ''}{projects(len(owed))}.")
    else:
        said.append(
            f"{len(approved)} af {projects(len(owed))}, der skulle indberette, har en status, som er godkendt af "
            "projektejeren."
        )
    for capacity, who in ((ApprovedAs.deputy, "en stedfortræder"), (ApprovedAs.director, "en anden direktør")):
        if count := sum(row.approved_as is capacity for row in approved):
            said.append(f"Heraf er {count} godkendt af {who} for projektejeren.")
    if missing := len(owed) - len(approved):
        said.append(f"{projects(missing).capitalize()} er ikke indberettet.")
    lines = [" ".join(said)]
    for mark, what in ((Mark.exempt, "Undtaget fra runden"), (Mark.finished, "Afsluttet og indberettes ikke")):
        if others := [f"{row.number} {row.title}" for row in rows if row.mark is mark]:
            lines.append(f"{what}: {', '.join(others)}.")
    return lines


def _changes(changes: Changes | None) -> PaperChanges:
    if changes is None:
        return PaperChanges(
            lines=["Det er den første udgave af listen; der er ingen tidligere at sammenligne med."], moved=[]
        )
    return PaperChanges(
        lines=[
            f"{projects(changes.compared)} har en farve både i {changes.from_name} og i {changes.to_name}: "
            f"{changes.same} er uændrede, {len(changes.better)} er bedre, og {len(changes.worse)} er værre.",
            *_named("Nye på listen", changes.joined, now=True),
            *_named("Udgået af listen", changes.left, now=False),
            *_named("Har ikke længere en farve", changes.silent, now=True),
            *_named("Har fået en farve igen", changes.spoke, now=True),
            *_promises(changes),
        ],
        moved=[_moved(each) for each in (*changes.worse, *changes.better)],
    )


def _named(what: str, found: Iterable[Named], *, now: bool) -> list[str]:
    """The projects in one sentence, each with what it is now, or was before it left."""
    said = [f"{each.number} {each.title} ({str(each.now if now else each.before).lower()})" for each in found]
    return [f"{what}: {', '.join(said)}."] if said else []


def _promises(changes: Changes) -> list[str]:
    kept = [promise.kept for promise in changes.promises]
    said = [f"{kept.count(each)} {words}" for each, words in PROMISES.items() if each in kept]
    return [f"Løfter om vej til grøn fra {changes.from_name}: {', '.join(said)}."] if said else []


def _moved(named: Named) -> Moved:
    return Moved(
        number=named.number,
        title=named.title,
        before=status(named.before),
        now=status(named.now),
        cause=named.cause,
    )


def _how_many(overview: Overview) -> str:
    closed = f", heraf {overview.closed} {'lukket' if overview.closed == 1 else 'lukkede'}" if overview.closed else ""
    return f"Listen har {projects(overview.total)}{closed}."


def _count(tile: Tile) -> Count:
    return Count(
        status=status(tile.mark),
        before=tile.before,
        moved_in=tile.moved_in,
        moved_out=tile.moved_out,
        joined=tile.joined,
        left=tile.left,
        now=tile.count,
    )


def _red(row: OverviewRow) -> Red:
    facts = [f"Projektejer: {row.owner or 'Mangler'}", f"Projektleder: {row.leader or 'Mangler'}"]
    if row.rounds_in_colour > 1:
        facts.append(f"Rød i {row.rounds_in_colour} runder i træk")
    wanted = row.decision
    decision = []
    if wanted:
        decision = [_sentence(wanted.question)]
        decision += [f"Spor: {str(wanted.track).lower()}."] if wanted.track else []
        decision += [f"Senest {show_date(wanted.by_on)}."] if wanted.by_on else []
    return Red(
        number=row.number,
        title=row.title,
        status=status(row.mark),
        facts=" · ".join(facts),
        cause=f"{row.cause_dimension}: {row.cause}" if row.cause_dimension and row.cause else row.summary,
        path=_path(row.path_to_green),
        decision=" ".join(decision) or "Der er ikke bedt om en beslutning.",
        options=wanted.options if wanted else [],
    )


def _path(path: Path | None) -> str:
    """»Sælge to byggegrunde. Projektleder, BURC, senest 01-06-2022.«"""
    if path is None:
        return "Mangler."
    who_and_when = [path.who, f"senest {show_date(path.on)}" if path.on else ""]
    return " ".join(_sentence(part) for part in (path.action, ", ".join(filter(None, who_and_when))) if part)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", ")")) else f"{text}."


# ------------------------------------------------------------------------------------- what was decided last time


def _last_meeting(last_time: LastTime) -> str:
    """When the board last met on the list, and how many of its decisions asked for nothing more."""
    if last_time.previous_on is None:
        return "Der er ikke holdt et møde om listen før."
    said = [f"Det seneste møde om listen var den {show_date(last_time.previous_on)}."]
    if plain := len({line.decision for line in last_time.lines if line.outcome is Outcome.nothing_asked}):
        said.append(f"{plain} {'beslutning' if plain == 1 else 'beslutninger'} derfra krævede ingen opfølgning.")
    if plain == len(last_time.lines):
        said.append("Intet fra tidligere møder udestår.")
    return " ".join(said)


def _followed_up(line: LastTimeLine) -> FollowedUp:
    """A decision, the task that came of it, and what happened. An overdue one says for how long."""
    late = f" ({show_number(line.days)} {'dag' if line.days == 1 else 'dage'})" if line.outcome is Outcome.late else ""
    about = " ".join(part for part in (line.number, line.title) if part) or line.about or line.item
    return FollowedUp(
        origin=": ".join(part for part in (f"{show_date(line.held_on)} {about}".strip(), line.sentence) if part),
        task=line.what or "–",
        who=line.who or "–",
        due=show_date(line.due_on) or "–",
        state=f"{line.outcome}{late}",
        outcome=line.said,
    )


# ------------------------------------------------------------------------------------------------------------ money


def _economy(effects: Effects, burden: Burden) -> PaperEconomy | None:
    """What is outstanding of benefits and funding (R84, R92); None when nothing is."""
    benefits = benefits_of_several(project.benefits for project in effects.projects).total
    money = burden.funding.total
    lines = []
    if benefits.outstanding:
        most = "højst " if benefits.outstanding_is_most else ""
        known = [
            f"{amount.shown} mio. kr. {what}"
            for amount, what in ((benefits.realised, "realiseret"), (benefits.identified, "identificeret"))
            if amount.shown
        ]
        lines.append(
            f"Gevinster: Der er budgetteret med {benefits.budget.shown} mio. kr."
            + (f" Heraf er {' og '.join(known)}." if known else "")
            + f" Der udestår {most}{show_millions(benefits.outstanding)} mio. kr."
        )
    if money.gap and money.gap > 0 and money.needed:
        most = "højst " if money.gap_is_most else ""
        lines.append(
            f"Finansiering: Projekterne har opgjort et behov på {show_millions(money.needed)} mio. kr. "
            f"Der mangler {most}{show_millions(money.gap)} mio. kr."
        )
    return PaperEconomy(lines=lines, projects=_money(effects, burden)) if lines else None


def _money(effects: Effects, burden: Burden) -> list[Money]:
    """The projects with something outstanding, in the order of the list."""
    gaps = {each.number: each.funding.total.gap or 0 for each in burden.projects if each.funding}
    found = []
    for project in effects.projects:
        outstanding = benefits_of_several([project.benefits]).total.outstanding or 0
        gap = max(gaps.get(project.number, 0), 0)
        if outstanding or gap:
            found.append(
                Money(
                    number=project.number,
                    title=project.title,
                    benefits=show_millions(outstanding) if outstanding else "–",
                    funding=show_millions(gap) if gap else "–",
                )
            )
    return found
