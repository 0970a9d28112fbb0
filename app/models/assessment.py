import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.i18n import N_
from app.models.base import Choice, Row, one_of


class Colour(Choice):
    """The three colours, and only from a report (product.md, decision 5): rød, gul, grøn."""

    red = "red", N_("Red")
    yellow = "yellow", N_("Yellow")
    green = "green", N_("Green")

    @property
    def severity(self) -> int:
        """0 for green, 1 for yellow, 2 for red."""
        return {"green": 0, "yellow": 1, "red": 2}[self.value]


class Dimension(Choice):
    """What a half-yearly status is judged on (domain.md 4B)."""

    time = "time", N_("Time")
    economy = "economy", N_("Economy")
    resources = "resources", N_("Resources")
    delivery = "delivery", N_("Delivery and quality")
    implementation = "implementation", N_("Implementation in operations")
    effect = "effect", N_("Effect")


class AssessmentForm(SQLModel):
    dimension: Dimension = one_of(Dimension, title=N_("Dimension"))
    colour: Colour | None = one_of(Colour, default=None, nullable=True, title=N_("Colour"))
    comment: str = Field(default="", max_length=200, title=N_("Comment"))


class Assessment(AssessmentForm, Row, table=True):
    """One dimension of a half-yearly status (delvurdering); no colour means »ikke relevant«."""

    __table_args__ = (
        sa.UniqueConstraint("report_id", "dimension"),
        sa.Index(None, "report_id", "dimension", "colour", "comment"),  # all that a tab reads
    )

    report_id: int = Field(foreign_key="report.id")


def worst(colours: dict[Dimension, Colour | None]) -> Dimension | None:
    """The dimension that decides: the worst colour, the first of equals in the order of the enumeration."""
    judged = [dimension for dimension in Dimension if colours.get(dimension)]
    return max(judged, key=lambda dimension: colours[dimension].severity, default=None)  # type: ignore[union-attr]


def suggested(colours: dict[Dimension, Colour | None]) -> Colour | None:
    """The suggested overall colour is the worst dimension (product.md, decision 6); None when none is judged."""
    dimension = worst(colours)
    return colours[dimension] if dimension else None
