"""The questions that the board asks, each answered on one page: first the answer, then what it rests on (domain.md 5B).

An answer is a pure function of pages that the list has anyway; what several answers need is read once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from pydantic import BaseModel
from sqlmodel import Session, col, select

from app.errors import NotFound
from app.i18n import N_, _
from app.models import Portfolio, Project, Proposal, ReportingRound
from app.models.base import Choice, columns
from app.models.decision import decisions_on
from app.models.placement import on_list
from app.models.project import Confidentiality
from app.models.proposal import ProposalKind, all_proposals
from app.models.reporting_round import round_under_way
from app.models.strategy_theme import strategy_themes
from app.models.task import tasks_of
from app.models.topic import topics_of
from app.models.topic_entry import candidates_for_forum
from app.settings import today
from app.tabs.answer import Answer, Line
from app.tabs.chain import ChainQuestion, ChainTab, build_chain
from app.tabs.changes import Changes, compare, edition_before
from app.tabs.coverage import Coverage, build_coverage
from app.tabs.edition import Moment
from app.tabs.questions_burden import seats, steering_groups, units
from app.tabs.questions_decisions import management_forum, unfollowed_decisions
from app.tabs.questions_effects import benefits, effects, goal_conflicts, strategy
from app.tabs.questions_list import as_it_was, external, proposals, removals
from app.tabs.questions_status import dependencies, doubtful_greens, missing_statuses, red, worsened
from app.tabs.strategy import Strategy, StrategyQuestion, assemble_strategy


class QuestionGroup(Choice):
    status = "status", N_("Status")
    the_list = "list", N_("The list")
    burden = "burden", N_("Burden")
    effects = "effects", N_("Effects")
    decisions = "decisions", N_("Decisions")


class Asked(Moment):
    """The list at a moment, with the pages that only some answers need."""

    @cached_property
    def under_way(self) -> ReportingRound | None:
        return round_under_way(self.session, self.portfolio.pk)

    @cached_property
    def now(self) -> Moment:
        return Moment(self.session, self.portfolio, "") if self.edition else self

    @property
    def edition_name(self) -> str:
        """What the edition is called; empty for the list as it stands now."""
        return self.edition.round.name if self.edition else ""

    @property
    def round_name(self) -> str:
        """The round of the edition, or the one under way; empty between two rounds."""
        return self.edition_name or (self.under_way.name if self.under_way else "")

    @cached_property
    def chain(self) -> ChainTab:
        """The relations of today: no edition keeps them."""
        return build_chain(self.session, self.portfolio, ChainQuestion(), today())

    @cached_property
    def changes(self) -> Changes | None:
        """Since the edition before; None when there is none."""
        before = edition_before(self.rounds, self.key)
        if not before:
            return None
        then = Moment(self.session, self.portfolio, before).overview_facts
        return compare(then, self.overview_facts, self.portfolio, (before, self.key), [])

    @cached_property
    def coverage(self) -> Coverage | None:
        """Of the round under way; None for an edition, and between two rounds."""
        if self.edition or self.under_way is None:
            return None
        return build_coverage(self.session, self.portfolio, self.under_way, self.day)

    @cached_property
    def strategy(self) -> Strategy:
        """The newest strategy letter that there was."""
        years = [theme.year for theme in strategy_themes(self.session, self.portfolio.pk)]
        year = max((each for each in years if each <= self.day.year), default=None)
        question = StrategyQuestion(year=str(year or ""), round=self.key)
        return assemble_strategy(self.session, self.portfolio, self.overview, self.effects, question)

    @cached_property
    def expiries(self) -> dict[str, date] | None:
        """When projects expire, by number; no edition keeps it."""
        if self.edition:
            return None
        expire = columns(Project.number, Project.expires_on).where(col(Project.expires_on).is_not(None))
        return dict(self.session.exec(expire.where(on_list(self.portfolio.pk, self.day))).all())

    @cached_property
    def proposals(self) -> list[Proposal]:
        """What is before the board, the first raised first; of an edition, what was put to the meeting on its round."""
        every = reversed(all_proposals(self.session, self.portfolio.pk))
        if self.edition is None:
            return [proposal for proposal in every if proposal.stands]
        round_id = self.edition.round_id
        return [proposal for proposal in every if proposal.round_id == round_id and not proposal.withdrawn]

    @cached_property
    def closed(self) -> set[str]:
        """The numbers of the projects that are closed today, of those that the reader may see."""
        wanted = (Project.portfolio_id == self.portfolio.pk, Project.confidentiality == Confidentiality.closed)
        return set(self.session.exec(select(Project.number).where(*wanted)))

    @cached_property
    def looked_back_at(self) -> Moment | None:
        """The edition that is asked for, or the oldest; None when there is none."""
        if self.edition or not self.rounds:
            return self if self.edition else None
        return Moment(self.session, self.portfolio, self.rounds[-1].key)


@dataclass(frozen=True)
class Question:
    """A question and how it is answered; `sources` are the pages under the list's address that it is taken from."""

    key: str
    number: int
    title: str
    group: QuestionGroup
    answer: Callable[[Asked], Answer]
    sources: tuple[tuple[str, str], ...] = ()


OVERVIEW, BURDEN, EFFECTS = ("overview", N_("Overview")), ("burden", N_("Burden")), ("effects", N_("Effects"))
CHANGES, ROUNDS, CHAIN = ("changes", N_("What has changed")), ("rounds", N_("Rounds")), ("chain", N_("Dependencies"))
BENEFITS, STRATEGY = ("benefits", N_("Benefits")), ("strategy", N_("Strategy letter"))
PROPOSALS, TASKS, FORUM = (
    ("proposals", N_("Proposals")),
    ("tasks", N_("Follow-up")),
    ("management-forum", N_("Management forum")),
)
COVERAGE = ("effects/coverage", N_("Coverage of the effects"))
FROZEN_TOO = ("overview", "burden", "effects", "benefits", "strategy")
"""The pages that an edition has."""


def _as_it_was(asked: Asked) -> Answer:
    then = asked.looked_back_at
    if then is None:
        return as_it_was(None, None, asked.now.overview_facts)
    return as_it_was(then.overview_facts, then.overview, asked.now.overview_facts)


def _removals(asked: Asked) -> Answer:
    leaving = {each.project_id: each for each in asked.proposals if each.kind is ProposalKind.removal}
    return removals(asked.overview_facts, asked.overview, asked.effects, asked.expiries, leaving)


def _unfollowed(asked: Asked) -> Answer:
    tasks = tasks_of(asked.session, asked.portfolio.pk)
    decisions = decisions_on(asked.session, asked.portfolio.pk)
    return unfollowed_decisions(tasks, decisions, asked.portfolio.slug, asked.day, frozen=bool(asked.edition))


def _forum(asked: Asked) -> Answer:
    topics = topics_of(asked.session, asked.portfolio.pk)
    sent = {topic.candidate_id for topic in topics}
    proposed = [] if asked.edition else candidates_for_forum(asked.session, asked.portfolio.pk)
    unsent = [each for each in proposed if each.pk not in sent]
    return management_forum(topics, unsent, asked.portfolio.slug, asked.day, frozen=bool(asked.edition))


QUESTIONS = (
    Question(
        "red",
        1,
        N_("Which projects are red, why, and what must we decide?"),
        QuestionGroup.status,
        lambda asked: red(asked.overview),
        (OVERVIEW,),
    ),
    Question(
        "worsened",
        2,
        N_("What is worse than last time, and what was promised then?"),
        QuestionGroup.status,
        lambda asked: worsened(asked.changes),
        (CHANGES,),
    ),
    Question(
        "doubtful-greens",
        3,
        N_("Which greens do we not believe?"),
        QuestionGroup.status,
        lambda asked: doubtful_greens(asked.overview),
        (OVERVIEW,),
    ),
    Question(
        "missing",
        4,
        N_("Who lacks a status, and whose responsibility is it?"),
        QuestionGroup.status,
        lambda asked: missing_statuses(asked.overview, asked.coverage),
        (ROUNDS,),
    ),
    Question(
        "proposals",
        5,
        N_("Which new projects should be on the list, and which criteria do they meet?"),
        QuestionGroup.the_list,
        lambda asked: proposals(asked.proposals, asked.portfolio.slug, asked.round_name),
        (PROPOSALS,),
    ),
    Question(
        "removals",
        6,
        N_("Which projects can be removed, and which effects must be followed afterwards?"),
        QuestionGroup.the_list,
        _removals,
        (OVERVIEW, EFFECTS, PROPOSALS),
    ),
    Question(
        "seats",
        7,
        N_("Who sits in most steering groups, and where does the whole executive board sit?"),
        QuestionGroup.burden,
        lambda asked: seats(asked.burden),
        (BURDEN,),
    ),
    Question(
        "units",
        8,
        N_("Which centre carries most, and on which projects?"),
        QuestionGroup.burden,
        lambda asked: units(asked.burden),
        (BURDEN,),
    ),
    Question(
        "effects",
        9,
        N_("Do we get the effects that we decided?"),
        QuestionGroup.effects,
        lambda asked: effects(asked.effects),
        (EFFECTS,),
    ),
    Question(
        "benefits",
        10,
        N_("How much of the benefits is realised, identified, in the air?"),
        QuestionGroup.effects,
        lambda asked: benefits(asked.benefits),
        (BENEFITS,),
    ),
    Question(
        "unfollowed-decisions",
        11,
        N_("Which decisions have we made that nobody has followed up?"),
        QuestionGroup.decisions,
        _unfollowed,
        (TASKS,),
    ),
    Question(
        "dependencies",
        12,
        N_("What depends on what, and where does a delay land?"),
        QuestionGroup.status,
        lambda asked: dependencies(asked.chain, asked.edition_name),
        (CHAIN,),
    ),
    Question(
        "goal-conflicts",
        13,
        N_("Where do two projects work against each other?"),
        QuestionGroup.effects,
        lambda asked: goal_conflicts(asked.chain, asked.effects, asked.edition_name),
        (COVERAGE, CHAIN),
    ),
    Question(
        "strategy",
        14,
        N_("What have we promised on each theme of the strategy letter, and how does it go?"),
        QuestionGroup.effects,
        lambda asked: strategy(asked.strategy),
        (STRATEGY,),
    ),
    Question(
        "management-forum",
        15,
        N_("What shall we discuss in the management forum, and what came of it last time?"),
        QuestionGroup.decisions,
        _forum,
        (FORUM,),
    ),
    Question(
        "as-it-was",
        16,
        N_("Show the list as it looked in an earlier edition"),
        QuestionGroup.the_list,
        _as_it_was,
        (OVERVIEW,),
    ),
    Question(
        "external",
        17,
        N_("What may we give to the housing organisations?"),
        QuestionGroup.the_list,
        lambda asked: external(asked.overview, asked.closed),
        (OVERVIEW,),
    ),
    Question(
        "steering-groups",
        18,
        N_("How many steering groups does each programme have?"),
        QuestionGroup.burden,
        lambda asked: steering_groups(asked.overview_facts.projects, asked.burden),
        (BURDEN,),
    ),
)
"""The fifteen of domain.md 5B by their numbers there, and the three that are asked besides (16 to 18)."""


class QuestionLine(BaseModel):
    """A question with the sentence that answers it."""

    key: str
    number: int
    title: str
    sentence: str


class Questions(BaseModel):
    """Every question, group by group. `round_key` is empty for the list as it stands now."""

    portfolio: str
    slug: str
    day: date
    round_key: str
    round_name: str
    groups: dict[QuestionGroup, list[QuestionLine]]


class QuestionPage(BaseModel):
    """One question, its answer, and where that comes from. `round_key` is empty for the list as it stands now."""

    portfolio: str
    slug: str
    key: str
    number: int
    title: str
    group: QuestionGroup
    day: date
    round_key: str
    round_name: str
    answer: Answer
    sources: list[Line]
    before: QuestionLine | None = None
    after: QuestionLine | None = None
    looked_back_at: str = ""


def build_questions(session: Session, portfolio: Portfolio, round_key: str) -> Questions:
    """All questions with their answers in a sentence. A fixed number of queries, however many projects there are.

    `round_key` names an edition; without one, or for the round under way, the list is as it stands now.
    """
    asked = Asked(session, portfolio, round_key)
    found: dict[QuestionGroup, list[QuestionLine]] = {group: [] for group in QuestionGroup}
    for question in QUESTIONS:
        answer = question.answer(asked)
        found[question.group].append(_line(question, answer))
    return Questions(
        portfolio=portfolio.name,
        slug=portfolio.slug,
        day=asked.day,
        round_key=asked.key,
        round_name=asked.round_name,
        groups={group: lines for group, lines in found.items() if lines},
    )


def _line(question: Question, answer: Answer) -> QuestionLine:
    title = answer.title or _(question.title)
    return QuestionLine(key=question.key, number=question.number, title=title, sentence=answer.sentence)


def build_question(session: Session, portfolio: Portfolio, key: str, round_key: str) -> QuestionPage:
    """One question as the session's reader may see its answer. NotFound when there is no such question or edition."""
    question = next((each for each in QUESTIONS if each.key == key), None)
    if question is None:
        raise NotFound(_("There is no such question."))
    asked = Asked(session, portfolio, round_key)
    answer = question.answer(asked)
    at = QUESTIONS.index(question)
    return QuestionPage(
        portfolio=portfolio.name,
        slug=portfolio.slug,
        key=key,
        number=question.number,
        title=answer.title or _(question.title),
        group=question.group,
        day=today() if answer.of_today else asked.day,
        round_key=asked.key,
        round_name=asked.round_name,
        answer=answer,
        sources=[_source(asked, *source) for source in question.sources],
        before=_named(QUESTIONS[at - 1]) if at else None,
        after=_named(QUESTIONS[at + 1]) if at + 1 < len(QUESTIONS) else None,
    )


def _named(question: Question) -> QuestionLine:
    return QuestionLine(key=question.key, number=question.number, title=_(question.title), sentence="")


def _source(asked: Asked, page: str, label: str) -> Line:
    """A page of the list, of the same edition where it has one."""
    address = f"/portfolios/{asked.portfolio.slug}/{page}"
    if asked.key and page in FROZEN_TOO:
        address += f"?round={asked.key}"
    if asked.key and page == "changes":
        address += f"?to={asked.key}"
    return Line(text=_(label), address=address)
