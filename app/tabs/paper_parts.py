"""What the board paper is made of, part by part. Everything is said as it is printed: in Danish, and as text.

The Danish word of each field is the name under which a Word template asks for it.
"""

from pydantic import BaseModel, Field

from app.tabs.mark import Mark

SHADES = {
    Mark.red: ("■", "F6C6CC"),
    Mark.yellow: ("◆", "FFE59E"),
    Mark.green: ("●", "CDEBC7"),
}
"""The symbol of a colour as the pages draw it, and a shade of it behind black words (contrast above 12:1)."""


class Status(BaseModel):
    """A mark on paper: a symbol, a word and a shade (RGB in hex), so that it reads in black and white too."""

    word: str = Field(serialization_alias="ord")
    symbol: str = Field(serialization_alias="tegn")
    shade: str = Field(serialization_alias="farve")


def status(mark: Mark) -> Status:
    symbol, shade = SHADES.get(mark, ("–", "FFFFFF"))
    return Status(word=str(mark), symbol=symbol, shade=shade)


class MeetingFacts(BaseModel):
    """The head of the minutes (R109). Times as »kl. 09.30-10.00«."""

    body: str = Field(serialization_alias="organ")
    day: str = Field(serialization_alias="dato")
    time: str = Field(serialization_alias="tid")
    place: str = Field(serialization_alias="sted")
    participants: list[str] = Field(serialization_alias="deltagere")
    apologies: list[str] = Field(serialization_alias="afbud")


class PaperPoint(BaseModel):
    """A candidate under a recommendation."""

    number: str = Field(serialization_alias="nr")
    title: str = Field(serialization_alias="titel")
    text: str = Field(serialization_alias="tekst")
    status: Status | None


class PaperRecommendation(BaseModel):
    """One of the four recommendations with the candidates under it; `none` says that there are none."""

    no: int = Field(serialization_alias="nr")
    text: str = Field(serialization_alias="tekst")
    heading: str = Field(serialization_alias="overskrift")
    points: list[PaperPoint] = Field(serialization_alias="forslag")
    none: str = Field(serialization_alias="ingen")


class Moved(BaseModel):
    """A project with what it was the last time and what it is now, and why."""

    number: str = Field(serialization_alias="nr")
    title: str = Field(serialization_alias="titel")
    before: Status = Field(serialization_alias="sidst")
    now: Status = Field(serialization_alias="nu")
    cause: str = Field(serialization_alias="årsag")


class PaperChanges(BaseModel):
    """What has changed since the edition before, like for like; `lines` say it in sentences."""

    lines: list[str] = Field(serialization_alias="sætninger")
    moved: list[Moved] = Field(serialization_alias="flyttet")


class Count(BaseModel):
    """The account of one status: how many before, who came and went, how many now."""

    status: Status
    before: int = Field(serialization_alias="sidst")
    moved_in: int = Field(serialization_alias="flyttet_til")
    moved_out: int = Field(serialization_alias="flyttet_fra")
    joined: int = Field(serialization_alias="nye")
    left: int = Field(serialization_alias="udgået")
    now: int = Field(serialization_alias="nu")


class Red(BaseModel):
    """A red project: why, the way back, and what the board must decide, its options best first (R103, R112)."""

    number: str = Field(serialization_alias="nr")
    title: str = Field(serialization_alias="titel")
    status: Status
    facts: str = Field(serialization_alias="fakta")
    cause: str = Field(serialization_alias="årsag")
    path: str = Field(serialization_alias="vej_til_grøn")
    decision: str = Field(serialization_alias="beslutning")
    options: list[str] = Field(serialization_alias="muligheder")


class FollowedUp(BaseModel):
    """What the board decided before, and what came of it."""

    task: str = Field(serialization_alias="opgave")
    origin: str = Field(serialization_alias="beslutning")
    who: str = Field(serialization_alias="ansvarlig")
    due: str = Field(serialization_alias="frist")
    state: str = Field(serialization_alias="status")
    outcome: str = Field(serialization_alias="resultat")


class Money(BaseModel):
    """What is outstanding on one project, in million kroner as they are printed; »–« when nothing is."""

    number: str = Field(serialization_alias="nr")
    title: str = Field(serialization_alias="titel")
    benefits: str = Field(serialization_alias="gevinster")
    funding: str = Field(serialization_alias="finansiering")


class PaperEconomy(BaseModel):
    lines: list[str] = Field(serialization_alias="sætninger")
    projects: list[Money] = Field(serialization_alias="projekter")
