from datetime import date

from sqlmodel import Field, SQLModel

from app.i18n import N_
from app.models.base import BelongsToProject, Row, long_text


class PlacementForm(SQLModel):
    from_on: date = Field(title=N_("On the list since"))
    decision_in: str = Field(min_length=3, max_length=200, title=N_("Decided by"))


class RemovalForm(SQLModel):
    to_on: date = Field(title=N_("Leaves the list on"))
    decision_out: str = Field(min_length=3, max_length=200, title=N_("Decided by"))
    reason_out: str = long_text(min_length=3, max_length=400, title=N_("Why it leaves the list"))
    follow_up: bool = Field(default=False, title=N_("Its effects are still followed"))


class Placement(PlacementForm, BelongsToProject, Row, table=True):
    """A project's time on the list, with the decisions that opened and closed it (placering)."""

    to_on: date | None = None
    decision_out: str = Field(default="", max_length=200)
    reason_out: str = long_text(default="", max_length=400)
    follow_up: bool = False
