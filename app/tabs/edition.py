"""The frozen edition: the whole list as the board reads it (product.md, decision 9).

An edition keeps the facts that the three tabs are made of, whoever reads them; the functions that make today's tabs out
of today's facts make an old edition's tabs out of its own. Its values are those of the freeze, its rows those that the
reader may see today.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from json import loads
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from app.errors import NotFound
from app.i18n import _
from app.models import Addendum, Edition, Event, Person, Portfolio, Project, Report, ReportingRound, User
from app.models.base import columns, rel
from app.models.edition import AddendumForm, editions_of, unguarded
from app.models.event import add
from app.models.masking import Explained, Masking, maskings_of_edition
from app.models.placement import keys_on_list, on_list
from app.models.project import Confidentiality
from app.models.report import ReportState, open_reports
from app.models.reporting_round import RoundState, round_by_key
from app.models.visibility import read_as
from app.settings import now, today
from app.tabs.benefit_rollup import BenefitFilters, Benefits, assemble_benefits
from app.tabs.benefits import benefit_lines
from app.tabs.burden import Burden, assemble_burden
from app.tabs.burden_facts import BurdenFacts, read_burden
from app.tabs.effects import Effects, EffectsFacts, assemble_effects, read_effects
from app.tabs.filters import Filters, matching, matching_frozen, searchable
from app.tabs.load_over_time import LoadOverTime, PersonLoad, load_of_person, load_over_time
from app.tabs.mark import Mark
from app.tabs.overview import Overview, OverviewFacts, assemble_overview, build_overview, read_overview

AFTER = {
    ReportState.approved: ReportState.frozen,
    ReportState.exempt: ReportState.exempt,
    ReportState.submitted: ReportState.not_approved,
}
"""What becomes of a report at the freeze; everything else was not reported. Silence approves nothing (decision 8)."""


KEPT_EDITIONS = 16
"""How many editions' facts are kept at hand: eight years of rounds."""


class Content(BaseModel):
    """What an edition holds, as JSON."""

    overview: OverviewFacts
    burden: BurdenFacts
    effects: EffectsFacts

    @property
    def closed(self) -> set[int]:
        """The projects that were closed then, by key; some of them may be open today."""
        listed = {each.id for each in self.overview.projects if each.confidentiality is Confidentiality.closed}
        return listed | {key for key, each in self.effects.after.items() if each.project.closed}


def freeze(
    session: Session, by: User | None, round_: ReportingRound, day: date, *, at: datetime | None = None
) -> Edition:
    """Closes the round for good and keeps the list as it stands; exactly once (invariants I5, I6).

    Whatever is not approved by now has no colour in the edition; none is carried over. `at` is for the demo list,
    whose rounds were frozen long ago.
    """
    round_.move(session, by, "frozen", RoundState.frozen, RoundState.closed_for_leaders)
    round_.frozen_at = at or now()
    on_list = keys_on_list(session, round_.portfolio_id, day)
    open_reports(session, on_list, round_, {})
    theirs = select(Report).where(Report.round_id == round_.pk, col(Report.project_id).in_(on_list))
    for report in session.exec(theirs.with_for_update()):
        report.state = AFTER.get(report.state, ReportState.not_reported)
    session.flush()
    portfolio = session.exec(select(Portfolio).where(Portfolio.id == round_.portfolio_id)).one()
    content = _content(session, portfolio, day).model_dump_json()
    previous = editions_of(session, portfolio.pk)
    edition = Edition(
        portfolio_id=portfolio.pk,
        round_id=round_.pk,
        frozen_at=round_.frozen_at,
        frozen_by=str(by) if by else "",
        content=content,
        previous_sha256=previous[-1].sha256 if previous else "",
    )
    edition.sha256 = edition.fingerprint
    session.add(edition)
    session.flush()
    return edition


def _content(session: Session, portfolio: Portfolio, day: date) -> Content:
    """Today's facts, of everything: also of what only a few may see."""
    narrowed = session.info.pop("narrowed", None)
    overview, burden = read_overview(session, portfolio, day), read_burden(session, portfolio, day)
    words = searchable(session, overview.projects)
    projects = [replace(project, search=words[project.id]) for project in overview.projects]
    content = Content.model_construct(
        overview=overview.model_copy(update={"projects": projects}),
        burden=burden.model_copy(update={"projects": projects}),
        effects=read_effects(session, portfolio, day),
    )
    if narrowed:
        session.info["narrowed"] = narrowed
    return content


def tabs_of(
    session: Session, portfolio: Portfolio, filters: Filters, *, closed_then: bool = True
) -> tuple[Overview, Burden, Effects]:
    """All three tabs, as the workbook needs them; what they have in common is made once.

    `closed_then` says whether an edition shows what was closed at its freeze to whoever may see it today.
    """
    edition = _edition(session, portfolio, filters.round)
    if edition is None:
        overview, day = build_overview(session, portfolio, filters, today()), today()
        burden = burden_of(session, portfolio, filters)
        return overview, burden, assemble_effects(overview, read_effects(session, portfolio, day), day)
    content, known = _read(edition), _known(session)
    if not closed_then:
        known -= content.closed
    facts = content.overview.visible_to(known)
    found = matching_frozen(facts.projects, filters.q)
    overview = assemble_overview(facts, filters, found)
    effects = content.effects.visible_to({project.number for project in facts.projects}, known)
    return (
        overview,
        _assembled(session, content.burden, known, filters, _before(session, portfolio, edition)),
        assemble_effects(overview, effects, facts.heading.day),
    )


def overview_of(session: Session, portfolio: Portfolio, filters: Filters) -> Overview:
    """Overblik as it stands now, or as the edition that the filters name has it."""
    edition = _edition(session, portfolio, filters.round)
    if edition is None:
        return build_overview(session, portfolio, filters, today())
    facts = _read(edition).overview.visible_to(_known(session))
    return assemble_overview(facts, filters, matching_frozen(facts.projects, filters.q))


def burden_of(session: Session, portfolio: Portfolio, filters: Filters) -> Burden:
    """Belastning as it stands now, or as the edition that the filters name has it; compared with the edition before."""
    edition = _edition(session, portfolio, filters.round)
    before, known = _before(session, portfolio, edition), _known(session)
    if edition is None:
        facts, earlier = read_burden(session, portfolio, today()), before.visible_to(known) if before else None
        return assemble_burden(facts, filters, matching(session, filters.q), earlier)
    return _assembled(session, _burden_in(edition.content), known, filters, before)


def _assembled(
    session: Session, facts: BurdenFacts, known: set[int], filters: Filters, before: BurdenFacts | None
) -> Burden:
    """Belastning of an edition, of what the reader may know of today."""
    facts = facts.visible_to(known)
    earlier = before.visible_to(known) if before else None
    return assemble_burden(facts, filters, matching_frozen(facts.projects, filters.q), earlier)


def load_of(session: Session, portfolio: Portfolio) -> LoadOverTime:
    """The load of every edition, and of today, as far as the reader may know of its projects today. Sixteen queries."""
    return load_over_time(_burdens(session, portfolio), read_burden(session, portfolio, today()))


def load_of_somebody(session: Session, portfolio: Portfolio, person: Person) -> PersonLoad:
    """The same of one person. As many queries."""
    return load_of_person(_burdens(session, portfolio), read_burden(session, portfolio, today()), person.pk)


def _burdens(session: Session, portfolio: Portfolio) -> list[BurdenFacts]:
    """Belastning's facts of every edition, oldest first, as far as the reader may know of them today."""
    query = select(Edition.content).where(Edition.portfolio_id == portfolio.pk).order_by(col(Edition.id))
    known = _known(session)
    return [_burden_in(content).visible_to(known) for content in session.exec(query)]


def _before(session: Session, portfolio: Portfolio, edition: Edition | None) -> BurdenFacts | None:
    """Belastning's facts in the edition before one, or before today; None when there is none."""
    query = select(Edition.content).where(Edition.portfolio_id == portfolio.pk).order_by(col(Edition.id).desc())
    if edition is not None:
        query = query.where(col(Edition.id) < edition.id)
    content = session.exec(query.limit(1)).first()
    return None if content is None else _burden_in(content)


class _OnlyBurden(BaseModel):
    burden: BurdenFacts


@lru_cache(maxsize=KEPT_EDITIONS)
def _burden_in(content: str) -> BurdenFacts:
    """Belastning's facts of an edition; the same text is the same facts, and nobody changes them."""
    return _OnlyBurden.model_validate_json(content).burden


def effects_of(session: Session, portfolio: Portfolio, filters: Filters) -> Effects:
    """Effekter as it stands now, or as the edition that the filters name has it."""
    return overview_and_effects_of(session, portfolio, filters)[1]


def overview_and_effects_of(session: Session, portfolio: Portfolio, filters: Filters) -> tuple[Overview, Effects]:
    """The two tabs of one moment; Effekter is built on Overblik's rows, which are made once."""
    edition = _edition(session, portfolio, filters.round)
    if edition is None:
        overview = build_overview(session, portfolio, filters, today())
        return overview, assemble_effects(overview, read_effects(session, portfolio, today()), today())
    content, known = _read(edition), _known(session)
    facts = content.overview.visible_to(known)
    overview = assemble_overview(facts, filters, matching_frozen(facts.projects, filters.q))
    effects = content.effects.visible_to({project.number for project in facts.projects}, known)
    return overview, assemble_effects(overview, effects, facts.heading.day)


def benefits_of(session: Session, portfolio: Portfolio, filters: BenefitFilters) -> Benefits:
    """The benefits as they stand now, or as the edition that the filters name has them."""
    edition = _edition(session, portfolio, filters.round)
    if edition is None:
        facts, found = read_overview(session, portfolio, today()), matching(session, filters.q)
        lines = benefit_lines(session, on_list(portfolio.pk, today()))
    else:
        content = _read(edition)
        facts = content.overview.visible_to(_known(session))
        found = matching_frozen(facts.projects, filters.q)
        lines = content.effects.visible_to({project.number for project in facts.projects}).benefits
    return assemble_benefits(facts, assemble_overview(facts, filters, found), lines, filters)


def overview_facts(session: Session, portfolio: Portfolio, key: str) -> OverviewFacts:
    """Overblik's facts of an edition, or of today when `key` is empty or names the round under way."""
    edition = _edition(session, portfolio, key)
    if edition is None:
        return read_overview(session, portfolio, today())
    return _read(edition).overview.visible_to(_known(session))


class Moment:
    """The list as it stands now, or as an edition has it: every part is read when it is first asked for, and once.

    What several pages of one answer have in common is made once. `edition` is None for the list as it stands now.
    """

    def __init__(self, session: Session, portfolio: Portfolio, key: str) -> None:
        self.session, self.portfolio = session, portfolio
        self.edition = _edition(session, portfolio, key)
        self.key = self.edition.round.key if self.edition else ""
        self.filters = Filters(round=self.key)

    @cached_property
    def _known(self) -> set[int]:
        return _known(self.session)

    @cached_property
    def _content(self) -> Content | None:
        return _read(self.edition) if self.edition else None

    @cached_property
    def overview_facts(self) -> OverviewFacts:
        if self._content:
            return self._content.overview.visible_to(self._known)
        return read_overview(self.session, self.portfolio, today())

    @cached_property
    def day(self) -> date:
        """The day of the facts: today, or that of the freeze."""
        return self.overview_facts.heading.day if self.edition else today()

    @cached_property
    def overview(self) -> Overview:
        return assemble_overview(self.overview_facts, self.filters, None)

    @cached_property
    def burden_facts(self) -> BurdenFacts:
        if self._content:
            return self._content.burden.visible_to(self._known)
        return read_burden(self.session, self.portfolio, today())

    @cached_property
    def burden(self) -> Burden:
        if self._content:
            before = _before(self.session, self.portfolio, self.edition)
            return _assembled(self.session, self._content.burden, self._known, self.filters, before)
        return burden_of(self.session, self.portfolio, self.filters)

    @cached_property
    def effects_facts(self) -> EffectsFacts:
        if self._content:
            numbers = {project.number for project in self.overview_facts.projects}
            return self._content.effects.visible_to(numbers, self._known)
        return read_effects(self.session, self.portfolio, today())

    @cached_property
    def effects(self) -> Effects:
        return assemble_effects(self.overview, self.effects_facts, self.day)

    @cached_property
    def benefits(self) -> Benefits:
        filters = BenefitFilters(round=self.key)
        return assemble_benefits(self.overview_facts, self.overview, self.effects_facts.benefits, filters)

    @cached_property
    def rounds(self) -> list[ReportingRound]:
        """The rounds that have an edition, newest first."""
        return rounds_with_edition(self.session, self.portfolio.pk)


def _read(edition: Edition) -> Content:
    return Content.model_validate_json(edition.content)


def _known(session: Session) -> set[int]:
    """The projects that the reader may know of today."""
    return set(session.exec(select(col(Project.id))))  # type: ignore[arg-type] # stored projects have a key


def _edition(session: Session, portfolio: Portfolio, key: str) -> Edition | None:
    """The edition of a round; None stands for the list as it is now, also while a round is under way.

    NotFound when there is no such round, or no edition of it.
    """
    if not key:
        return None
    round_ = round_by_key(session, portfolio.pk, key)
    if round_ is None or not round_.was_opened:
        raise NotFound(_("There is no such round."))
    return None if round_.under_way else edition_of(session, round_)


def edition_key(session: Session, portfolio: Portfolio, key: str) -> str:
    """The round whose edition is shown when this round is asked for; empty when it is the list as it is now."""
    return key if _edition(session, portfolio, key) else ""


@dataclass
class EditionNote:
    """What stands above a frozen edition: when, by whom, its fingerprint, and what was added since."""

    edition: Edition
    addenda: list[Addendum]
    maskings: list[Masking]


@dataclass
class Editions:
    """Which editions there are, newest first, and the one that is shown."""

    rounds: list[ReportingRound]
    shown: EditionNote | None


def rounds_with_edition(session: Session, portfolio_id: int) -> list[ReportingRound]:
    """The rounds whose list has been frozen, newest first."""
    query = select(ReportingRound).join(Edition, col(Edition.round_id) == ReportingRound.id)
    return list(
        session.exec(
            query.where(ReportingRound.portfolio_id == portfolio_id).order_by(col(ReportingRound.as_of).desc())
        )
    )


def editions(session: Session, portfolio: Portfolio, key: str) -> Editions:
    edition = _edition(session, portfolio, key)
    note = None
    if edition:
        addenda = select(Addendum).where(Addendum.edition_id == edition.id).order_by(col(Addendum.id))
        note = EditionNote(edition, list(session.exec(addenda)), maskings_of_edition(session, edition.id))
    return Editions(rounds_with_edition(session, portfolio.pk), note)


def add_to(session: Session, by: User, edition: Edition, form: AddendumForm) -> Addendum:
    """A later correction: dated and shown beside the edition, which stays as it is."""
    if edition.id is None:
        raise ValueError("the edition is not stored")
    addendum = Addendum(edition_id=edition.id, added_on=today(), author=str(by), text=form.text)
    add(session, by, addendum, form)
    return addendum


def edition_of(session: Session, round_: ReportingRound) -> Edition:
    query = select(Edition).where(Edition.round_id == round_.pk).options(joinedload(rel(Edition.round)))
    found = session.exec(query).first()
    if found is None:
        raise NotFound(_("The round has not been frozen."))
    return found


def broken(session: Session) -> list[str]:
    """Everything that is not as it was frozen, as sentences that name the round; an empty list when all is whole."""
    read_as(session, None)
    sentences = [f"The database no longer refuses to change the table »{name}«." for name in unguarded(session)]
    explained = Explained(session)
    sentences += explained.unlogged()
    for portfolio in session.exec(select(Portfolio)):
        before = ""
        for edition in editions_of(session, portfolio.pk):
            where = f"{portfolio.slug}, round {edition.round.key}"
            sentences += [f"{where}: {what}" for what in _wrong_with(session, edition, before, explained)]
            before = edition.sha256
    kept = set(session.exec(select(Edition.round_id)))
    sentences += [
        f"Round {each.key}: frozen, but its edition is gone."
        for each in session.exec(select(ReportingRound).order_by(col(ReportingRound.as_of)))
        if (each.is_frozen or each.frozen_at) and each.pk not in kept
    ]
    return sentences + _changed_addenda(session)


def _changed_addenda(session: Session) -> list[str]:
    """The addenda that are not what the log says was written."""
    log = select(Event).where(Event.action == "created", Event.subject == "Addendum")
    written = Counter(event.after["text"] for event in session.exec(log))
    kept = Counter(session.exec(select(Addendum.text)))
    return [
        *(f"The addendum »{text[:80]}« is no longer there as it was written." for text in written - kept),
        *(f"The addendum »{text[:80]}« was never written." for text in kept - written),
    ]


def _wrong_with(session: Session, edition: Edition, before: str, explained: Explained) -> list[str]:
    """What is not as it was frozen about one edition; `before` is the fingerprint of the one it must follow."""
    wrong = []
    if edition.previous_sha256 != before:
        wrong.append("the edition does not follow the one before it.")
    if not explained.untouched(edition.sha256, edition.fingerprint, edition.masked, edition_id=edition.id):
        return [*wrong, "the edition is not what was frozen."]
    overview = loads(edition.content)["overview"]
    if overview["heading"]["round_key"] != edition.round.key:
        wrong.append(f"the edition is of the round {overview['heading']['round_key']}.")
    if not edition.round.is_frozen:
        wrong.append("the edition is frozen, but the round is not.")
    return [*wrong, *_changed_reports(session, edition.round_id, overview["rows"])]


def _changed_reports(session: Session, round_id: int, rows: dict[str, Any]) -> list[str]:
    """The statuses of a frozen round whose colour or text is no longer what its edition says."""
    query = columns(Report.project_id, Report.colour, Report.summary).where(Report.round_id == round_id)
    counts = query.where(Report.state == ReportState.frozen, col(Report.colour).is_not(None))
    now = {str(key): (colour.value, summary) for key, colour, summary in session.exec(counts)}
    then = {key: (row["mark"], row["summary"]) for key, row in rows.items() if Mark(row["mark"]).is_colour}
    changed = sorted(key for key in now.keys() | then.keys() if now.get(key) != then.get(key))
    return [f"the status of {rows[key]['number'] if key in rows else key} is not what was frozen." for key in changed]
