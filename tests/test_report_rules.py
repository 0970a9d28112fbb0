"""The rules of the half-yearly status as pure functions: suggestions, what is missing, what is left, whose health."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from app.i18n import speak
from app.models.assessment import Colour, Dimension
from app.models.effect_target import EffectPath, NoShare, figure_due
from app.models.health_guard import health_words
from app.models.report import Track
from app.models.report_entry import DueFigure, Judgement, ReportEntry, entry_kind, figures, half_said
from app.models.submission import REASON, lacking, settled
from app.models.suggestion import LateMilestone, ProjectFacts, Suggestion, TargetFacts, suggest, suggest_all

DAY = date(2022, 6, 13)
JUDGED = {"g": Judgement.green, "y": Judgement.yellow, "r": Judgement.red, "n": Judgement.not_relevant, "-": None}
NOTHING = ProjectFacts(leader="Ada", owner="Bo")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    speak("en")
    yield
    speak("da")


def entry(judged: str = "gggggg", kind: type[ReportEntry] = ReportEntry, **more: Any) -> ReportEntry:
    """A status with these judgements in the order of the dimensions, and a short text."""
    colours = {dimension.value: JUDGED[letter] for dimension, letter in zip(Dimension, judged, strict=True)}
    return kind.model_validate({"summary": "Alt følger planen."} | colours | more)


def missing(written: ReportEntry, facts: ProjectFacts = NOTHING, due: tuple[DueFigure, ...] = ()) -> dict[str, str]:
    return lacking(written, suggest_all(facts), due, DAY)


YELLOW: dict[str, Any] = {"path_action": "Ny aftale", "path_who": "Projektleder", "path_on": date(2022, 9, 1)}
RED = YELLOW | {
    "decision_wanted": "Vælg mellem to planer",
    "decision_track": Track.new_plan,
    "decision_by_on": date(2022, 6, 27),
    "options": ["Udsæt", "Stop"],
}


# Suggestions


def late(*days: int) -> ProjectFacts:
    milestones = tuple(LateMilestone(f"Milepæl {each}", each) for each in days)
    return ProjectFacts(milestones=len(days) + 1, late=milestones, leader="Ada", owner="Bo")


@pytest.mark.parametrize(
    ("facts", "colour"),
    [
        (ProjectFacts(), None),
        (ProjectFacts(milestones=2), Colour.green),
        (late(1), Colour.yellow),
        (late(92), Colour.yellow),
        (late(93), Colour.red),
        (late(5, 200, 30), Colour.red),
        (late(5, 6), Colour.yellow),
    ],
)
def test_time_is_suggested_from_the_milestones(facts: ProjectFacts, colour: Colour | None) -> None:
    assert suggest(Dimension.time, facts).colour is colour


def test_a_suggestion_names_the_milestone_that_is_most_late_and_counts_the_others() -> None:
    assert suggest(Dimension.time, late(1)).why == "Milestone »Milepæl 1« is 1 day late."
    assert (
        suggest(Dimension.time, late(5, 20)).why == "Milestone »Milepæl 20« is 20 days late. 2 milestones are overdue."
    )


@pytest.mark.parametrize(
    ("leader", "owner", "colour"),
    [("Ada", "Bo", None), ("", "Bo", Colour.red), ("Ada", "", Colour.red), ("", "", Colour.red)],
)
def test_resources_are_red_without_a_leader_or_an_owner_and_never_green_unasked(
    leader: str, owner: str, colour: Colour | None
) -> None:
    assert suggest(Dimension.resources, ProjectFacts(leader=leader, owner=owner)).colour is colour


@pytest.mark.parametrize(
    ("targets", "colour"),
    [
        ((), None),
        ((TargetFacts("A", 0.9),), Colour.green),
        ((TargetFacts("A", 0.89),), Colour.yellow),
        ((TargetFacts("A", 0.59),), Colour.red),
        ((TargetFacts("A", -0.2),), Colour.red),
        ((TargetFacts("A", 1.0), TargetFacts("B", 0.7)), Colour.yellow),
        ((TargetFacts("A", NoShare.no_baseline),), Colour.yellow),
        ((TargetFacts("A", NoShare.not_measured),), None),
        ((TargetFacts("A", NoShare.not_due),), None),
        ((TargetFacts("A", 1.0, days_overdue=10),), Colour.yellow),
        ((TargetFacts("A", 1.0, days_overdue=183),), Colour.yellow),
        ((TargetFacts("A", 1.0, days_overdue=184),), Colour.red),
        ((TargetFacts("A", 0.1, days_overdue=10),), Colour.red),
        ((TargetFacts("A", NoShare.not_due), TargetFacts("B", 0.95)), Colour.green),
    ],
)
def test_effect_is_suggested_from_the_worst_effect_target(
    targets: tuple[TargetFacts, ...], colour: Colour | None
) -> None:
    assert suggest(Dimension.effect, ProjectFacts(targets=targets)).colour is colour


def test_effect_is_red_when_the_goal_was_withdrawn_and_none_is_left() -> None:
    assert suggest(Dimension.effect, ProjectFacts(withdrawn_targets=1)).colour is Colour.red
    left = ProjectFacts(withdrawn_targets=1, targets=(TargetFacts("A", 1.0),))
    assert suggest(Dimension.effect, left).colour is Colour.green


def test_the_digital_post_figures_of_2014_suggest_red() -> None:
    said = suggest(Dimension.effect, ProjectFacts(targets=(TargetFacts("Digital Post", 0.43),)))
    assert said == Suggestion(Colour.red, "»Digital Post« is at 43 per cent of its expected path.")


@pytest.mark.parametrize("dimension", [Dimension.economy, Dimension.delivery, Dimension.implementation])
def test_without_facts_nothing_is_suggested(dimension: Dimension) -> None:
    everything = ProjectFacts(milestones=1, leader="Ada", owner="Bo", targets=(TargetFacts("A", 1.0),))
    assert suggest(dimension, everything) == Suggestion(None, "The list has no facts about this.")


# The overall colour


@pytest.mark.parametrize(
    ("judged", "suggested"),
    [
        ("gggggg", Colour.green),
        ("gygggg", Colour.yellow),
        ("gyrggg", Colour.red),
        ("nnnnng", Colour.green),
        ("nnnnnn", None),
        ("------", None),
        ("--y---", Colour.yellow),
    ],
)
def test_the_overall_colour_follows_the_worst_area_until_another_is_chosen(
    judged: str, suggested: Colour | None
) -> None:
    assert entry(judged).suggested is suggested
    assert entry(judged).overall is suggested
    assert entry(judged, colour=Colour.red).overall is Colour.red


def test_an_unchanged_green_status_lacks_nothing() -> None:
    assert missing(entry()) == {}
    assert missing(entry("gggnnn")) == {}


def test_every_area_must_be_judged() -> None:
    assert missing(entry("ggg-gg")) == {
        "delivery": "Choose a colour for delivery and quality, or choose »Not relevant«"
    }
    assert missing(entry("------")).keys() == {dimension.value for dimension in Dimension}


def test_not_everything_can_be_beside_the_point() -> None:
    assert missing(entry("nnnnnn")).keys() == {"colour"}


def test_yellow_says_why_and_how_it_becomes_green() -> None:
    assert missing(entry("ggyggg")) == {
        "resources_comment": "Write why resources is yellow",
        "path_action": "Write what brings the project back to green",
        "path_who": "Write who does it",
        "path_on": "Write the date in »Path to green«",
    }
    assert missing(entry("ggyggg", resources_comment="En stilling er ledig.", **YELLOW)) == {}


def test_every_area_that_is_not_green_says_why() -> None:
    said = missing(entry("ygrggg", **RED))
    assert said == {"time_comment": "Write why time is yellow", "resources_comment": "Write why resources is red"}


def test_red_says_what_must_be_decided_between_what_and_by_when() -> None:
    said = missing(entry("rggggg", time_comment="Loven mangler.", **YELLOW))
    assert said.keys() == {"decision_wanted", "decision_track", "decision_by_on", "options"}
    assert missing(entry("rggggg", time_comment="Loven mangler.", **RED)) == {}


def test_a_choice_has_at_least_two_options() -> None:
    said = missing(entry("rggggg", time_comment="Loven mangler.", **RED | {"options": ["Udsæt"]}))
    assert said == {"options": "Write at least 2 options, the best first"}


@pytest.mark.parametrize("field", ["path_on", "decision_by_on"])
def test_what_is_promised_lies_ahead(field: str) -> None:
    red = entry("rggggg", time_comment="Loven mangler.", **RED | {field: date(2022, 6, 12)})
    assert missing(red).keys() == {field}
    assert missing(red.model_copy(update={field: DAY})) == {}


@pytest.mark.parametrize(
    ("judged", "colour", "asked"),
    [
        ("yggggg", Colour.green, "deviation_reason"),
        ("rggggg", Colour.yellow, "deviation_reason"),
        ("rggggg", Colour.green, "colour"),
        ("yggggg", Colour.yellow, ""),
        ("gggggg", Colour.yellow, ""),
        ("gggggg", Colour.red, ""),
        ("yggggg", Colour.red, ""),
    ],
)
def test_better_than_suggested_needs_a_reason_and_is_at_most_one_step(judged: str, colour: Colour, asked: str) -> None:
    said = missing(entry(judged, colour=colour, time_comment="Ministeriet har ikke svaret.", **RED))
    assert said.keys() == ({asked} if asked else set())


def test_a_reason_has_twenty_characters() -> None:
    better: dict[str, Any] = {"colour": Colour.green, "time_comment": "Et svar mangler."}
    assert missing(entry("yggggg", deviation_reason="x" * (REASON - 1), **better)).keys() == {"deviation_reason"}
    assert missing(entry("yggggg", deviation_reason="x" * REASON, **better)) == {}


def test_two_steps_better_is_refused_with_the_best_of_reasons() -> None:
    said = missing(entry("rggggg", colour=Colour.green, deviation_reason="x" * 100, time_comment="Loven mangler."))
    assert said.keys() == {"colour"}


@pytest.mark.parametrize(("comment", "asked"), [("", True), ("x" * (REASON - 1), True), ("x" * REASON, False)])
def test_an_area_that_is_better_than_the_facts_says_why(comment: str, asked: bool) -> None:
    said = missing(entry("gggggg", time_comment=comment), late(13))
    assert said.keys() == ({"time_comment"} if asked else set())


def test_an_area_as_the_facts_suggest_or_worse_needs_no_special_reason() -> None:
    assert missing(entry("yggggg", time_comment="Svar mangler.", **YELLOW), late(13)) == {}
    assert missing(entry("ngggg" + "g"), late(13)) == {}


@pytest.mark.parametrize(
    ("summary", "sentence"),
    [
        ("", "Write a short status"),
        ("x" * 401, "Shorten the short status to 400 characters (now 401)"),
        ("x" * 400, None),
    ],
)
def test_the_short_status_is_there_and_short(summary: str, sentence: str | None) -> None:
    assert missing(entry(summary=summary)).get("summary") == sentence


# Figures

DIGITAL_POST = DueFigure(1, "Tilmeldte", "Borger.dk")
KIND = entry_kind([DIGITAL_POST])


def test_a_figure_left_blank_is_not_measured_and_nothing_is_missing() -> None:
    blank = entry(kind=KIND)
    assert figures(blank, [DIGITAL_POST]) == {}
    assert missing(blank, due=(DIGITAL_POST,)) == {}


def test_a_figure_has_its_date_and_its_source() -> None:
    written = entry(kind=KIND, figure_1=54.0, figure_1_source="")
    assert missing(written, due=(DIGITAL_POST,)).keys() == {"figure_1_on", "figure_1_source"}
    whole = entry(kind=KIND, figure_1=0.0, figure_1_on=date(2022, 5, 31))
    assert missing(whole, due=(DIGITAL_POST,)) == {}
    assert figures(whole, [DIGITAL_POST]) == {1: {"value": 0.0, "measured_on": "2022-05-31", "source": "Borger.dk"}}


def test_a_date_alone_asks_for_its_figure() -> None:
    assert missing(entry(kind=KIND, figure_1_on=DAY), due=(DIGITAL_POST,)).keys() == {"figure_1"}


def test_nothing_is_measured_in_the_future() -> None:
    ahead = entry(kind=KIND, figure_1=54.0, figure_1_on=date(2022, 6, 14))
    assert missing(ahead, due=(DIGITAL_POST,)).keys() == {"figure_1_on"}


LAST_ROUND, THIS_ROUND = date(2022, 1, 24), date(2022, 6, 20)


@pytest.mark.parametrize(
    ("path", "target_on", "measured_until", "due"),
    [
        (EffectPath.linear, date(2023, 12, 31), None, True),
        (EffectPath.linear, date(2023, 12, 31), LAST_ROUND, True),
        (EffectPath.linear, date(2023, 12, 31), date(2022, 1, 25), False),
        (EffectPath.linear, None, date(2021, 12, 31), True),
        (EffectPath.linear, date(2021, 12, 31), date(2021, 12, 31), False),
        (EffectPath.linear, date(2021, 12, 31), date(2021, 6, 30), True),
        (EffectPath.at_end, date(2023, 12, 31), None, False),
        (EffectPath.at_end, date(2022, 6, 20), None, True),
        (EffectPath.at_end, None, None, True),
    ],
)
def test_a_round_asks_for_the_figures_that_are_due(
    path: EffectPath, target_on: date | None, measured_until: date | None, due: bool
) -> None:
    assert figure_due(path, target_on, measured_until, LAST_ROUND, THIS_ROUND) is due


# What is left of a draft when it is handed in


def test_a_green_status_hands_in_neither_path_nor_decision_nor_comments() -> None:
    written = entry("gggggg", time_comment="En gammel tekst", deviation_reason="x" * 30, **RED)
    left = settled(written, suggest_all(NOTHING))
    assert (left.colour, left.time_comment, left.deviation_reason) == (Colour.green, "", "")
    assert (left.path_action, left.path_who, left.path_on) == ("", "", None)
    assert (left.decision_wanted, left.decision_track, left.decision_by_on, left.options) == ("", None, None, [])


def test_yellow_keeps_its_path_and_red_its_decision_too() -> None:
    yellow = settled(entry("yggggg", time_comment="Svar mangler.", **RED), suggest_all(NOTHING))
    assert (yellow.path_action, yellow.decision_wanted, yellow.time_comment) == ("Ny aftale", "", "Svar mangler.")
    red = settled(entry("rggggg", time_comment="Svar mangler.", **RED), suggest_all(NOTHING))
    assert (red.colour, red.decision_wanted, red.options) == (Colour.red, "Vælg mellem to planer", ["Udsæt", "Stop"])


def test_a_reason_against_the_facts_is_handed_in_with_green() -> None:
    reason = "Aftalen er underskrevet i dag."
    assert settled(entry(time_comment=reason), suggest_all(late(13))).time_comment == reason


def test_a_draft_cannot_keep_a_comment_without_a_colour() -> None:
    assert half_said(entry("-ggggg", time_comment="Svar mangler.")).keys() == {"time_comment"}
    assert half_said(entry("nggggg", time_comment="Svar mangler.")) == {}


# Health


@pytest.mark.parametrize(
    "text",
    [
        "Projektlederen er syg.",
        "Projektlederen er SYGEMELDT",
        "Der har været en sygemelding i foråret",
        "To er langtidssygemeldte",
        "Hun er på barsel til marts",
        "på barselsorlov",
        "Teamlederen er på orlov.",
        "orloven slutter i maj",
        "En medarbejder er gravid",
        "på grund af graviditeten",
        "har fået en diagnose",
        "diagnosen kom i maj",
        "en depression",
        "er gået ned med stress",
        "er stresset",
        "har kræft",
        "blev indlagt i april",
        "Projektlederen går til behandling",
        "Hun er fortsat under behandling",
        "han er blevet opereret",
        "er i behandling hos en psykolog",
        "af helbredsmæssige grunde",
        "syg,",
        "(syg)",
    ],
)
def test_what_looks_like_somebodys_health_is_found(text: str) -> None:
    assert health_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sundhedshuset åbner i maj",
        "Sygehuset og kommunen har aftalt en model",
        "Sygefraværet er faldet til 4,8 pct.",
        "Sygeplejen er med",
        "sygedagpenge",
        "Sygdomsforebyggelse",
        "behandling af sagen i udvalget",
        "Sagen er under behandling i Økonomiudvalget",
        "Ansøgningen er i behandling",
        "Byrådet behandlede forslaget",
        "databehandling og sagsbehandlingstid",
        "færre forebyggelige indlæggelser",
        "32 færdigbehandlede borgere venter på en bolig",
        "stresstest af systemet",
        "kræfterne samles",
        "Barselsudligningen er med i budgettet",
        "forlov til at bygge",
        "Forløbet er psyko-socialt",
        "Helhedsplanen er godkendt",
    ],
)
def test_what_only_sounds_like_it_is_not(text: str) -> None:
    assert health_words(text) == []


def test_each_word_is_named_once_as_it_was_written_in_small_letters() -> None:
    assert health_words("Hun er Syg.", "Hun er syg og på barsel") == ["syg", "barsel"]


def test_a_phrase_is_found_across_a_line_break() -> None:
    assert health_words("Projektlederen går\ntil behandling") == ["projektlederen går til behandling"]


def test_the_question_about_health_is_asked_until_it_is_answered() -> None:
    written = entry(summary="Projektlederen er sygemeldt.")
    assert missing(written).keys() == {"no_health_data"}
    assert missing(written.model_copy(update={"no_health_data": True})) == {}


@pytest.mark.parametrize("field", ["summary", "economy_comment", "deviation_reason", "path_action", "path_who"])
def test_every_text_is_read_for_health(field: str) -> None:
    written: dict[str, Any] = {field: "på barsel"}
    assert entry(**written).health_words == ["barsel"]


def test_options_are_read_for_health_too() -> None:
    assert entry(options=["Vent", "Find en vikar for barsel"]).health_words == ["barsel"]
