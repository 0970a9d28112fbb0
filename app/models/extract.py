"""What is asked when somebody takes out an extract of the database (offentlighedsloven § 11; domain.md L10, L16)."""

from datetime import date
from typing import Any

from pydantic import ValidationInfo, field_validator
from sqlmodel import Field, SQLModel

from app.i18n import N_
from app.models.base import Choice, one_of, wrong
from app.models.data_description import Description, Sort, described, descriptions
from app.models.data_description import Field as Column
from app.models.export import ExportForm, Profile


class FileKind(Choice):
    workbook = "xlsx", N_("Excel workbook (xlsx), a sheet for each table")
    csv = "csv", N_("Text files (csv) in a zip file, one for each table")


class TablesForm(SQLModel):
    tables: list[str] = Field(default_factory=list, title=N_("What the extract is to be about"))

    @field_validator("tables")
    @classmethod
    def _is_about_something(cls, value: list[str]) -> list[str]:
        if not any(value):
            raise wrong("tables", N_("Choose at least one kind of information"))
        return value


class ExtractForm(ExportForm, TablesForm):
    columns: list[str] = Field(default_factory=list, title=N_("Fields"))
    from_on: date | None = Field(default=None, title=N_("From"))
    to_on: date | None = Field(default=None, title=N_("To"))
    names: bool = Field(default=False, title=N_("With names of people"))
    assessments: bool = Field(default=False, title=N_("With assessments"))
    file: FileKind = one_of(FileKind, default=FileKind.workbook, title=N_("File"))

    @field_validator("to_on")
    @classmethod
    def _ends_after_it_starts(cls, value: date | None, asked: ValidationInfo) -> date | None:
        start = asked.data.get("from_on")
        if value and start and value < start:
            raise wrong("to_on", N_("The end lies before the start"))
        return value

    @field_validator("names", "assessments")
    @classmethod
    def _stays_in_the_house(cls, value: bool, asked: ValidationInfo) -> bool:
        if value and asked.data.get("profile") is Profile.external:
            raise wrong(str(asked.field_name), N_("The external edition has neither names nor assessments"))
        return value

    def has(self, of: Description, field: Column) -> bool:
        """Whether a field is in the extract: it was chosen, and may be in one of this kind."""
        chosen = not self.columns or f"{of.name}.{field.name}" in self.columns
        return chosen and self.may_have(of, field)

    def may_have(self, of: Description, field: Column) -> bool:
        """Facts always; assessments and texts about people only when asked for. Who somebody is becomes a role, and
        what points to something that stays in the house does not leave it."""
        if field.sort is Sort.technical:
            return False
        if field.points_to in ("person", "user"):
            return of.name != "user"
        if field.points_to:
            to = described(field.points_to).said
            return to.leaves if self.profile is Profile.external else to.extracted
        wanted: dict[Sort, Any] = {Sort.assessment: self.assessments, Sort.person: self.names}
        return bool(wanted.get(field.sort, True))


def extractable(profile: Profile = Profile.internal) -> list[Description]:
    """The tables that may be in an extract, or in one that leaves the house."""
    external = profile is Profile.external
    return [each for each in descriptions() if each.said.extracted and (each.said.leaves or not external)]


def columns_to_choose(tables: list[str]) -> list[tuple[str, str]]:
    """The fields of these tables with what they are called: »Projekt: Titel«."""
    chosen = [each for each in extractable() if each.name in tables]
    return [
        (f"{of.name}.{field.name}", f"{of.noun}: {field.title}")
        for of in chosen
        for field in of.fields
        if field.sort is not Sort.technical
    ]
