"""A walk through a meeting: only what needs talk, one thing at a time, the red ones first (issue of the meeting, J3).

The walk is made of the meeting's page, so it says what the page says, to each reader what that reader may see.
"""

from pydantic import BaseModel, ConfigDict

from app.models.candidate import Source
from app.models.meeting import MeetingBody
from app.tabs.candidates import Point
from app.tabs.last_time import LastTimeLine, Outcome
from app.tabs.mark import Mark
from app.tabs.meeting import DeferredMatter, MeetingDecision, MeetingPage, MeetingRecommendation

OPENING, END = "opening", "end"
TALK = (Source.overdue_task, Source.proposal, Source.own)


class Step(BaseModel):
    """One thing to talk about.

    `key` is its name in addresses: `opening`, a subject (the whole recommendation), a subject with the source and the
    reference of a candidate, `deferral-…`, `end`. `on` is what a decision taken there is on; empty when none is.
    `rest` are the candidates of a recommendation that have no step of their own.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    key: str
    part: str
    title: str
    text: str = ""
    on: str = ""
    mark: Mark | None = None
    number: str | None = None
    source: str = ""
    decisions: list[MeetingDecision] = []
    rest: list[Point] = []
    project_id: int | None = None


class Walk(BaseModel):
    """The steps in their order, and the one that is shown."""

    page: MeetingPage
    steps: list[Step]
    place: int

    @property
    def step(self) -> Step:
        return self.steps[self.place]

    @property
    def before(self) -> Step | None:
        return self.steps[self.place - 1] if self.place else None

    @property
    def after(self) -> Step | None:
        return self.steps[self.place + 1] if self.place + 1 < len(self.steps) else None

    @property
    def open_ends(self) -> list[LastTimeLine]:
        """What is overdue, and what was asked for and nobody answered: what the meeting opens with."""
        return [line for line in self.page.last_time.lines if line.outcome is Outcome.late]


def build_walk(page: MeetingPage, showing: str) -> Walk:
    """The walk, at the step that is shown.

    A step that the reader may not know of is as if the recommendation above it were shown; an unknown one is the first.
    """
    steps = [Step(key=OPENING, part="", title="")]
    for recommendation in page.recommendations:
        steps += _of_points(recommendation)
        steps.append(_of_recommendation(recommendation))
    steps += [_of_deferred(each) for each in page.deferred]
    steps += [
        Step(key=f"topic-{each.topic.key}", part=str(MeetingBody.management_forum), title=each.topic.title)
        for each in page.topics
    ]
    steps.append(Step(key=END, part="", title=""))
    keys = [step.key for step in steps]
    wanted = showing if showing in keys else showing.partition(".")[0]
    return Walk(page=page, steps=steps, place=keys.index(wanted) if wanted in keys else 0)


def _of_points(recommendation: MeetingRecommendation) -> list[Step]:
    return [
        Step(
            key=step_key(point),
            part=recommendation.text,
            title=point.title,
            text=point.text,
            on=f"candidate-{point.key}" if point.key else "",
            mark=point.mark,
            number=point.number,
            source=str(point.source),
            decisions=[each for each in recommendation.others if point.key and each.candidate == point.key],
            project_id=point.project_id,
        )
        for point in recommendation.points
        if needs_talk(point)
    ]


def needs_talk(point: Point) -> bool:
    """Whether a candidate has a step of its own: what is red, overdue or proposed, and what the secretariat added."""
    return not point.dropped and (point.mark is Mark.red or point.source in TALK)


def step_key(point: Point) -> str:
    return f"{point.subject.value}.{point.source.value}.{point.ref}"


def _of_recommendation(recommendation: MeetingRecommendation) -> Step:
    return Step(
        key=recommendation.subject.value,
        part=str(recommendation.subject),
        title=f"{recommendation.no}. {recommendation.text}",
        on=recommendation.on,
        decisions=recommendation.decisions,
        rest=[point for point in recommendation.points if not point.dropped and not needs_talk(point)],
    )


def _of_deferred(deferred: DeferredMatter) -> Step:
    return Step(
        key=deferred.on,
        part=deferred.deferral.sentence,
        title=deferred.title,
        on=deferred.on,
        decisions=[deferred.deferral, *deferred.decisions],
    )
