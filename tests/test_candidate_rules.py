"""What is found about a list, rule by rule, on facts made by hand; and what a stored row does to it."""

from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.i18n import speaking
from app.models import Candidate, Person, Project, Proposal, Task, Topic, Unit
from app.models.assessment import Colour, Dimension
from app.models.candidate import LONGEST, CandidateState, Source
from app.models.effect_target import Direction, EffectPath, IndicatorType, Quality
from app.models.project import Kind, Phase
from app.models.recommendation import Subject
from app.models.relation import RelationKind
from app.models.report import ReportState, Track
from app.models.signal import Signal, SignalKind
from app.models.topic import TopicState
from app.settings import now
from app.tabs.candidate import About, Found, Reason, in_words, of_projects, open_ended, sentences
from app.tabs.candidates import PointState, merged
from app.tabs.candidates_attention import (
    behind,
    doubted,
    long_reds,
    overdue,
    reds,
    task_words,
    tasks_alone,
    unreported,
    worsened,
)
from app.tabs.candidates_forum import conflicts, dependencies, without_baseline, without_outcome
from app.tabs.candidates_proposals import listings
from app.tabs.candidates_removal import removal
from app.tabs.chain import OtherRelation
from app.tabs.effects import TargetRow
from app.tabs.filters import Heading
from app.tabs.link import Aim, Link, Point
from app.tabs.link import PointState as Stands
from app.tabs.mark import Mark
from app.tabs.overview import OverviewFacts
from app.tabs.overview_row import DecisionWanted, OverviewRow, Path

DAY = date(2022, 6, 13)
ROUNDS = ("juni 2021", "januar 2022", "juni 2022")


@pytest.fixture(autouse=True)
def danish() -> Any:
    with speaking("da"):
        yield


def row(mark: Mark = Mark.green, **more: Any) -> OverviewRow:
    """A project of which nothing is to be said but what the test says."""
    blank: dict[str, Any] = dict.fromkeys((field.name for field in fields(OverviewRow)), None)
    blank |= {
        "number": "P-001",
        "title": "Et projekt",
        "kind": Kind.project,
        "phase": Phase.execution,
        "leader": "Tina",
        "mark": mark,
        "history": [Mark.green, Mark.green, mark],
        "rounds_in_colour": 1,
        "cause": "",
        "summary": "",
        "report_state": ReportState.approved,
        "signals": [],
    }
    return OverviewRow(**blank | more)


def said(reasons: list[Reason]) -> list[tuple[Source, str]]:
    return [(reason.source, reason.text) for reason in reasons]


def test_a_red_says_why_what_to_decide_by_when_and_the_options_in_their_order() -> None:
    wanted = DecisionWanted(
        question="Skal vi genudbyde?",
        track=Track.new_plan,
        by_on=date(2022, 6, 27),
        options=["Genudbyd", "Spar 4 mio. kr."],
    )
    red = row(Mark.red, cause_dimension=Dimension.economy, cause="Udbuddet blev dyrere", decision=wanted)
    assert said(reds({1: red, 2: row(Mark.yellow)})) == [
        (
            Source.red,
            "Økonomi: Udbuddet blev dyrere. Skal vi genudbyde? Beslutning senest 27-06-2022. Spor: ny plan. "
            "Muligheder i prioriteret rækkefølge: 1) Genudbyd; 2) Spar 4 mio. kr.",
        )
    ]


def test_a_red_without_a_question_says_that_it_lacks_one() -> None:
    [(_source, text)] = said(reds({1: row(Mark.red)}))
    assert text == "Status siger ikke, hvad Direktionen skal beslutte."


@pytest.mark.parametrize(
    ("rounds", "text"),
    [
        (1, None),
        (2, "Rød i 2 runder i træk, siden januar 2022"),
        (6, "Rød i mindst 6 runder i træk, siden januar 2020 eller tidligere"),
    ],
)
def test_red_counts_from_the_second_round_in_a_row(rounds: int, text: str | None) -> None:
    names = ("januar 2020", "juni 2020", "januar 2021", *ROUNDS)
    found = long_reds({1: row(Mark.red, rounds_in_colour=rounds)}, names)
    assert [reason.text for reason in found] == ([text] if text else [])


def edition(**rows: OverviewRow) -> OverviewFacts:
    known: dict[str, Any] = {"round_name": "januar 2022", "day": date(2022, 1, 24)}
    heading = Heading.model_construct(**known)
    return OverviewFacts.model_construct(
        heading=heading, projects=[], rows={int(key[1:]): each for key, each in rows.items()}, before={}, gone={}
    )


def test_worse_is_counted_like_for_like_and_tells_what_was_promised() -> None:
    promise = Path(action="Flyt licitationen", who="Lederen", on=date(2022, 3, 1))
    before = edition(
        p1=row(Mark.yellow, path_to_green=promise), p2=row(Mark.green), p3=row(Mark.not_reported), p5=row(Mark.red)
    )
    now_ = {1: row(Mark.red), 2: row(Mark.green), 3: row(Mark.red), 4: row(Mark.red), 5: row(Mark.yellow)}
    assert said(worsened(before, now_, DAY)) == [
        (
            Source.worse,
            "Forværret siden januar 2022: fra gul til rød. Ikke holdt: »Flyt licitationen« senest 01-03-2022.",
        )
    ]


SIGNALS = [
    Signal(SignalKind.better_than_suggested),
    Signal(SignalKind.same_text),
    Signal(SignalKind.no_measurable_target),
]


def test_three_signals_make_a_point_and_two_are_told_only_where_there_is_another_reason() -> None:
    rows = {1: row(signals=SIGNALS), 2: row(signals=SIGNALS[:2]), 3: row(signals=SIGNALS[:2])}
    behind_ = Reason(3, Source.effect, "Bag stien")
    about = {key: About(f"P-{key:03}", "Et projekt", Mark.green) for key in rows}
    found = of_projects(Subject.attention, [*doubted(rows), behind_], about)
    assert [(each.source, each.ref) for each in found] == [(Source.signals, "P-001"), (Source.effect, "P-003")]
    assert found[0].text.startswith("3 signaler, bør efterprøves: Meldt ét trin bedre end foreslået; ")
    assert found[1].text.startswith("Bag stien. Bør efterprøves: ")


def test_a_project_is_one_point_under_its_worst_reason_with_the_others_told_after_it() -> None:
    reasons = [Reason(1, Source.effect, "tredje"), Reason(1, Source.red, "første"), Reason(1, Source.worse, "anden.")]
    [found] = of_projects(Subject.attention, reasons, {1: About("P-001", "Et projekt", Mark.red)})
    assert (found.source, found.ref, found.number, found.project_id) == (Source.red, "P-001", "P-001", 1)
    assert found.text == "Første. Anden. Tredje."


def test_two_rounds_without_a_status_are_a_point_and_one_is_not() -> None:
    twice = row(
        Mark.not_reported,
        history=[Mark.yellow, Mark.not_reported, Mark.not_reported],
        last_mark=Mark.yellow,
        last_round="juni 2021",
        report_state=ReportState.not_reported,
    )
    once = row(Mark.not_reported, history=[Mark.green, Mark.green, Mark.not_reported])
    assert said(unreported({1: twice, 2: once}, ROUNDS)) == [
        (
            Source.unreported,
            "Ikke indberettet to runder i træk: januar 2022 og juni 2022. Sidst gul i juni 2021. "
            "Status mangler fra projektleder.",
        )
    ]


def listed(key: int, title: str = "Et projekt") -> Project:
    given_: dict[str, Any] = {"id": key, "number": f"P-{key:03}", "title": title}
    return Project(**given_)


def task(text: str, due_on: date, **more: Any) -> Task:
    return Task(portfolio_id=1, key=text, text=text, due_on=due_on, given_on=date(2017, 1, 9), **more)


def test_ordered_evaluations_come_first_and_then_what_is_latest() -> None:
    tasks = [
        task("Ny", date(2022, 6, 12)),
        task("Gammel", date(2021, 1, 1)),
        task("I tide", date(2022, 6, 13)),
        task("Evaluering", date(2022, 6, 1), evaluation=True),
        task("Udført", date(2020, 1, 1), state="done"),
    ]
    assert [each.text for each in overdue(tasks, DAY)] == ["Evaluering", "Gammel", "Ny"]
    assert [each.ref for each in tasks_alone(tasks, DAY)] == ["Evaluering", "Gammel", "Ny"]


def test_an_overdue_task_says_how_late_it_is_and_whose() -> None:
    late = task(
        "Evaluering af taskforcen",
        date(2018, 1, 9),
        owner=Person(name="Anna Berg"),
        owner_unit=Unit(code="FKC", name="F"),
    )
    assert task_words(late, DAY) == (
        "»Evaluering af taskforcen« skulle foreligge 09-01-2018 og er 1.616 dage over fristen. Aftalt den 09-01-2017. "
        "Ansvarlig: Anna Berg, FKC."
    )


def test_several_tasks_of_a_project_are_one_point() -> None:
    project = listed(7, "Task force")
    tasks = [task(text, date(2022, 5, 1), project_id=7, project=project) for text in ("Første", "Anden")]
    [found] = tasks_alone(tasks, DAY)
    assert (found.ref, found.title, found.project_id) == ("P-007", "Task force", 7)
    assert "»Første«" in found.text and "»Anden«" in found.text  # noqa: PT018 - one sentence


def target(**more: Any) -> TargetRow:
    blank: dict[str, Any] = {
        "name": "Færre venter",
        "indicator_type": IndicatorType.effect,
        "direction": Direction.down,
        "path": EffectPath.linear,
        "waypoints": [],
        "measurements": [],
        "baseline_on": None,
        "target_on": None,
        "share": None,
        "colour": None,
        "quality": {Quality.baseline: True},
        "benefit_owner": "",
        "owner_unit": "",
        "frequency": None,
        "day": DAY,
    }
    return TargetRow.model_construct(**blank | more)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"share": 0.43, "colour": Colour.red}, "»Færre venter« er på 43 pct. af forventet sti."),
        ({"share": 0.61, "colour": Colour.yellow}, ""),
        ({"target_on": date(2021, 6, 1)}, "»Færre venter« er aldrig målt."),
        ({"target_on": date(2022, 5, 1)}, ""),
        ({"indicator_type": IndicatorType.output, "target_on": date(2021, 6, 1)}, ""),
    ],
)
def test_an_effect_is_a_point_below_60_per_cent_or_more_than_a_round_without_its_figure(
    facts: dict[str, Any], text: str
) -> None:
    assert [reason.text for reason in behind({1: [target(**facts)]})] == ([text] if text else [])


def proposal(**more: Any) -> Proposal:
    given_: dict[str, Any] = {"key": "nyt", "title": "Fælles hus", "reason": "Behovet er stort", "raised_at": now()}
    return Proposal(id=1, portfolio_id=1, raised_by=Person(name="Anna Berg"), **given_ | more)


def test_a_proposal_to_list_says_which_criteria_it_meets_who_raised_it_and_from_where() -> None:
    [found] = listings(
        [
            proposal(
                large=True,
                cross_cutting=True,
                admission_reason="tre centre er med",
                origin="Temadrøftelse 13-12-2021",
                unit=Unit(code="BYC", name="Byrådscentret"),
            )
        ],
        {1: "et-scenarie"},
    )
    assert found.text.startswith(
        "Behovet er stort. Kriterier: stort og tværgående. Tre centre er med. Oprindelse: Temadrøftelse 13-12-2021. "
        "Ansvarligt center: BYC. Foreslået af Anna Berg den "
    )
    assert (found.subject, found.source, found.ref, found.proposal) == (Subject.listing, Source.proposal, "nyt", "nyt")
    assert found.scenario == "et-scenarie"


def test_what_may_leave_is_told_with_what_is_followed_afterwards() -> None:
    rows = {
        1: row(Mark.finished, number="P-001", phase=Phase.finished),
        2: row(number="P-002"),
        3: row(Mark.not_reported, number="P-003", history=[Mark.not_reported] * 3),
        4: row(number="P-004"),
        5: row(number="P-005", phase=Phase.stopped),
    }
    project = listed(4)
    asked = proposal(key="fjern", project_id=4, project=project, reason="Målet er nået")
    expires = {2: date(2022, 6, 26), 4: date(2022, 6, 28), 5: date(2022, 1, 1)}
    targets = {1: [target(benefit_owner="Anna Berg", target_on=date(2024, 1, 1))], 2: [target(owner_unit="FKC")]}
    found = {each.number: each for each in removal(rows, ROUNDS, [asked], expires, targets, date(2022, 6, 27))}
    assert {number: each.source for number, each in found.items()} == {
        "P-001": Source.finished,
        "P-002": Source.expired,
        "P-003": Source.silent,
        "P-004": Source.proposal,
        "P-005": Source.finished,
    }
    assert found["P-001"].text.endswith(
        "Skal følges bagefter: »Færre venter« af Anna Berg den 27-12-2022, 27-06-2023 og 01-01-2024."
    )
    assert (
        found["P-002"].text
        == "Udløb den 26-06-2022. Skal følges bagefter: »Færre venter« af FKC den 27-12-2022 og 27-06-2023."
    )
    assert found["P-003"].text.endswith("Der er intet effektmål at følge bagefter.")
    assert (found["P-004"].ref, found["P-004"].proposal_id) == ("fjern", 1)


def stop(number: str, label: str, on: date | None, *, external: bool = False) -> Point:
    return Point(
        key=f"{number}.{label}",
        number=number,
        title="Ministeriet" if external else "Et projekt",
        label=label,
        on=on,
        on_text="",
        first_promised_on=on,
        days_late=0,
        state=Stands.open,
        external=external,
    )


def test_a_dependency_is_a_topic_when_it_collides_or_waits_outside_without_a_date() -> None:
    def link(number: str, first: Point, slack: int | None, *, settled: bool = False) -> Link:
        waits = stop(number, "Licitation", DAY)
        return Link(
            number=number,
            no=1,
            kind=RelationKind.depends_on,
            text="",
            first=first,
            waits=waits,
            slack=slack,
            settled=settled,
        )

    links = [
        link("P-001", stop("P-009", "Lokalplan", DAY), -45),
        link("P-002", stop("", "Godkendelse", None, external=True), None),
        link("P-003", stop("P-009", "Lokalplan", DAY), 0),
        link("P-004", stop("P-009", "Lokalplan", DAY), -3, settled=True),
    ]
    projects = {f"P-{key:03}": (key, About(f"P-{key:03}", "Et projekt", None)) for key in range(1, 5)}
    found = dependencies(links, projects)
    assert [(each.ref, each.text) for each in found] == [
        ("P-001", "»Licitation« venter på P-009 Et projekt (»Lokalplan«), som kommer 45 dage for sent."),
        ("P-002", "Afventer Ministeriet (»Godkendelse«), uden en dato."),
    ]


def test_a_goal_conflict_names_what_both_want() -> None:
    relation = OtherRelation(
        kind=RelationKind.goal_conflict,
        number="P-001",
        title="Nyt Fokus",
        other_number="P-002",
        other_title="Boligmangel",
        text="",
        aims=[Aim(name="Anvisninger", direction=Direction.down)],
        other_aims=[],
    )
    shared = relation.model_copy(update={"kind": RelationKind.shares_resource})
    [found] = conflicts([relation, shared])
    assert (found.ref, found.title) == ("P-001-P-002", "P-001 og P-002 modarbejder hinanden")
    assert found.text == "Nyt Fokus – Boligmangel. P-001 har målet »Anvisninger« (ned)."


@pytest.mark.parametrize(("lacking", "found"), [(0, 0), (1, 0), (2, 1), (4, 1)])
def test_baselines_are_a_topic_from_half_of_the_effect_targets(lacking: int, found: int) -> None:
    rows = [target(quality={Quality.baseline: n >= lacking}) for n in range(4)]
    output = target(indicator_type=IndicatorType.output, quality={Quality.baseline: False})
    assert len(without_baseline([rows, [output, output]])) == found


def test_a_topic_comes_back_until_an_outcome_is_written_down() -> None:
    def topic(key: str, **more: Any) -> Topic:
        return Topic(portfolio_id=1, key=key, title=key, sent_on=date(2018, 1, 29), **more)

    topics = [
        topic("sendt", questions=["Kan de gøres mindre?"]),
        topic("behandlet", state=TopicState.treated, outcome="Ja"),
        topic("uden udbytte", state=TopicState.treated),
        topic("bortfaldet", state=TopicState.lapsed),
    ]
    found = without_outcome(topics, DAY)
    assert [each.ref for each in found] == ["sendt", "uden udbytte"]
    assert found[0].text == (
        "Sendt til Chefforum den 29-01-2018, og der er ikke noteret et udbytte. Der blev spurgt: Kan de gøres mindre?"
    )
    assert not without_outcome(topics, date(2018, 1, 29))


def found_about(source: Source, ref: str = "P-001", text: str = "fundet") -> Found:
    return Found(Subject.attention, source, ref, "Et projekt", text, 1, number="P-001", mark=Mark.red)


def kept(source: Source, state: CandidateState, **more: Any) -> Candidate:
    facts: dict[str, Any] = {"ref": "P-001", "title": "Rettet", "text": "rettet", "project_id": 1} | more
    return Candidate(id=1, version=1, meeting_id=1, subject=Subject.attention, source=source, state=state, **facts)


def test_a_stored_row_stands_in_place_of_what_is_found() -> None:
    [point] = merged([found_about(Source.red)], [kept(Source.red, CandidateState.accepted)])[Subject.attention]
    assert (point.state, point.text, point.mark) == (PointState.accepted, "rettet", Mark.red)


def test_a_row_stands_in_place_of_another_reason_only_when_that_is_no_worse() -> None:
    dropped = kept(Source.worse, CandidateState.dropped)
    [still] = merged([found_about(Source.effect)], [dropped])[Subject.attention]
    assert still.dropped
    red, left_out = merged([found_about(Source.red)], [dropped])[Subject.attention]
    assert (red.source, red.state, left_out.dropped) == (Source.red, PointState.found, True)


def test_what_was_added_comes_last() -> None:
    own = kept(Source.own, CandidateState.accepted, ref="x", project_id=None)
    points = merged([found_about(Source.effect)], [own])[Subject.attention]
    assert [point.source for point in points] == [Source.effect, Source.own]


@given(st.lists(st.text(max_size=400), max_size=12))
def test_sentences_always_fit_and_never_break_one_that_has_room(parts: list[str]) -> None:
    text = sentences(parts)
    assert len(text) <= LONGEST
    if text and not text.endswith("…"):
        assert sentences([text]) == text


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ("æble", "Æble."),
        ("Hvorfor?", "Hvorfor?"),
        ("4 mio. kr.", "4 mio. kr."),
        ("Det er så. (Konstrueret.)", "Det er så. (Konstrueret.)"),
    ],
)
def test_a_sentence_has_a_capital_and_one_mark(part: str, sentence: str) -> None:
    assert sentences([part]) == sentence


def test_words_are_joined_as_danish_does() -> None:
    assert [in_words([]), in_words(["A"]), in_words(["A", "B"]), in_words(["A", "B", "C"])] == [
        "",
        "A",
        "A og B",
        "A, B og C",
    ]
    assert [open_ended("Genudbyd."), open_ended("4 mio. kr.")] == ["Genudbyd", "4 mio. kr."]
