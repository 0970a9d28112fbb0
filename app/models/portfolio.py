from sqlmodel import Field

from app.models.base import Row


class Portfolio(Row, table=True):
    """The list that the executive board keeps (porteføljeliste)."""

    slug: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=120)
    case_number: str = Field(max_length=12)
    owner_body: str = Field(max_length=80)
    secretariat_unit_id: int | None = Field(default=None, foreign_key="unit.id")
    key_person_hours: int = Field(default=5)

    def __str__(self) -> str:
        return self.name
