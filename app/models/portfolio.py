from typing import Self

from pydantic import model_validator
from sqlmodel import Field, SQLModel

from app.i18n import N_
from app.models.base import Row, wrong


class Thresholds(SQLModel):
    """From when load deserves attention (domain.md 4F). There is no Danish norm: each list sets its own.

    Counts of seats, chair and owner seats, meetings a year, members of a body and projects; hours a week.
    """

    key_person_hours: int = Field(default=5, ge=1, le=37, title=N_("Key persons spend more than … hours a week"))
    seats_watch: int = Field(default=4, ge=1, le=50, title=N_("Seats: watch from"))
    seats_high: int = Field(default=6, ge=1, le=50, title=N_("Seats: high from"))
    chairs_watch: int = Field(default=3, ge=1, le=50, title=N_("Chair and owner seats: watch from"))
    chairs_high: int = Field(default=4, ge=1, le=50, title=N_("Chair and owner seats: high from"))
    meetings_watch: int = Field(default=40, ge=1, le=366, title=N_("Meetings a year: watch above"))
    large_body: int = Field(default=5, ge=1, le=100, title=N_("A body is large above … members"))
    very_large_body: int = Field(default=12, ge=1, le=200, title=N_("A body is very large above … members"))
    many_in_trouble: int = Field(
        default=3, ge=1, le=50, title=N_("Red and yellow projects of one owner or leader: attention from")
    )

    @model_validator(mode="after")
    def _each_step_is_higher(self) -> Self:
        for lower, higher in (
            ("seats_watch", "seats_high"),
            ("chairs_watch", "chairs_high"),
            ("large_body", "very_large_body"),
        ):
            if getattr(self, higher) <= getattr(self, lower):
                raise wrong(higher, N_("The higher step must lie above the lower one"))
        return self


class Portfolio(Thresholds, Row, table=True):
    """The list that the executive board keeps (porteføljeliste)."""

    slug: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=120)
    case_number: str = Field(max_length=12)
    owner_body: str = Field(max_length=80)
    secretariat_unit_id: int | None = Field(default=None, foreign_key="unit.id")

    def __str__(self) -> str:
        return self.name

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds.model_validate(self, from_attributes=True)
