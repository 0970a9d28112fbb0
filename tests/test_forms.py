"""Form (app/web.py): what somebody typed, what it means, and what is said about it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import model_validator
from sqlmodel import Field, SQLModel
from starlette.datastructures import FormData

from app.i18n import speak
from app.models.assessment import Colour
from app.models.base import one_of, texts, wrong
from app.models.milestone import Precision
from app.web import Form, Widget


class Everything(SQLModel):
    """One field of every kind."""

    name: str = Field(min_length=3, max_length=20, title="Name")
    note: str = Field(default="", max_length=200, title="Note")
    words: list[str] = texts(title="Also known as")
    day: date | None = Field(default=None, title="Day")
    count: int | None = Field(default=None, ge=1, le=10, title="Value")
    value: float = Field(default=0, title="Value")
    precision: Precision = one_of(Precision, default=Precision.day, title="Type")
    colour: Colour | None = one_of(Colour, default=None, title="Colour")
    owner_id: int | None = Field(default=None, title="Owner")
    unit_ids: list[int] = Field(default_factory=list, title="Unit")
    done: bool = Field(default=False, title="Done")

    @model_validator(mode="after")
    def _a_count_needs_a_note(self) -> Self:
        if self.count and not self.note:
            raise wrong("note", "Note")
        return self


class Chosen(SQLModel):
    """Something must be chosen."""

    body_id: int = Field(title="Body")
    measured_on: date = Field(title="Measured on")


class Row(Everything):
    """A stored row that the form is of."""

    version: int = 1


CHOICES: Mapping[str, Sequence[tuple[str, str]]] = {
    "owner_id": [("1", "Ada"), ("2", "Bo")],
    "unit_ids": [("10", "BYC"), ("11", "ISC"), ("12", "ØDC")],
}
WHOLE: dict[str, str | list[str]] = {
    "name": "Et navn",
    "note": "Første linje\nanden linje",
    "words": "TTF\nTaskforcen",
    "day": "13-06-2022",
    "count": "4",
    "value": "1.250,5",
    "precision": "month",
    "colour": "red",
    "owner_id": "2",
    "unit_ids": ["10", "12"],
    "done": "on",
}


def form_data(typed: Mapping[str, Any]) -> FormData:
    pairs: list[tuple[str, Any]] = [
        (name, each) for name, value in typed.items() for each in ([value] if isinstance(value, str) else value)
    ]
    return FormData(pairs)


def posted(**typed: str | list[str]) -> Form[Everything]:
    """A form that is right in every field but those that a test writes in."""
    return Form.posted(Everything, form_data(WHOLE | typed), CHOICES)


def said(**typed: str | list[str]) -> dict[str, str]:
    return posted(**typed).errors


def test_every_field_gets_the_widget_of_its_type() -> None:
    form = Form.blank(Everything, CHOICES)
    assert {name: form.widget(name) for name in Everything.model_fields} == {
        "name": Widget.text,
        "note": Widget.area,
        "words": Widget.lines,
        "day": Widget.date,
        "count": Widget.number,
        "value": Widget.number,
        "precision": Widget.select,
        "colour": Widget.select,
        "owner_id": Widget.select,
        "unit_ids": Widget.checkboxes,
        "done": Widget.checkbox,
    }


def test_what_is_typed_becomes_what_it_means() -> None:
    assert posted().value == Everything(
        name="Et navn",
        note="Første linje\nanden linje",
        words=["TTF", "Taskforcen"],
        day=date(2022, 6, 13),
        count=4,
        value=1250.5,
        precision=Precision.month,
        colour=Colour.red,
        owner_id=2,
        unit_ids=[10, 12],
        done=True,
    )


def test_what_is_left_out_is_nothing_and_never_zero() -> None:
    form = Form.posted(Everything, form_data({"name": "Et navn"}), CHOICES)
    assert form.value == Everything(name="Et navn")
    assert form.value.count is None
    assert form.value.day is None
    assert form.value.words == []
    assert not form.value.done


def test_only_what_must_be_there_is_required_and_says_its_own_name() -> None:
    empty = Form.posted(Chosen, form_data({}), {"body_id": [("1", "Direktionen")]})
    assert empty.errors == {"body_id": "Udfyld »Organ«", "measured_on": "Udfyld »Målt den«"}
    assert [name for name in Everything.model_fields if posted().required(name)] == ["name"]
    assert said(name="") == {"name": "Udfyld »Navn«"}
    assert said(name="   ") == {"name": "Skriv mindst 3 tegn"}


def test_spaces_around_a_text_do_not_count() -> None:
    assert posted(name="  Et navn ").value.name == "Et navn"
    assert said(name=f"  {'n' * 20}  ") == {}


def test_a_text_that_is_too_long_says_by_how_much() -> None:
    assert said(name="n" * 23) == {"name": "Skriv højst 20 tegn (3 tegn for meget)"}
    assert said(note=f"{'n' * 201}  ") == {"note": "Skriv højst 200 tegn (1 tegn for meget)"}
    assert said(note="ø" * 200) == {}


def test_a_line_break_counts_as_one_character_whatever_the_browser_sends() -> None:
    assert posted(note="a\r\nb").value == posted(note="a\nb").value
    assert said(note="\r\n".join("n" * 100)) == {}
    assert said(note="\n".join("n" * 102)) == {"note": "Skriv højst 200 tegn (3 tegn for meget)"}
    assert posted(words="TTF\r\nTaskforcen").value.words == ["TTF", "Taskforcen"]


def test_a_list_is_written_on_lines_or_with_semicolons() -> None:
    assert posted(words=" TTF ;Taskforcen\n\n Sekretariatet\n").value.words == ["TTF", "Taskforcen", "Sekretariatet"]


@pytest.mark.parametrize("typed", ["i morgen", "31-02-2022", "13-06-22", "2022", "13-06-20222"])
def test_what_is_no_date_is_answered_with_how_to_write_one(typed: str) -> None:
    form = posted(day=typed)
    assert form.errors == {"day": "Skriv datoen som dd-mm-åååå, fx 13-06-2022"}
    assert form.typed["day"] == typed


@pytest.mark.parametrize(
    "typed", ["mange", "1,2,3", "12.34.5", "NaN", "inf", "1e3", "0x10", "9" * 400, "-1.000.000.000.000.000"]
)
def test_what_is_no_number_is_answered_with_how_to_write_one(typed: str) -> None:
    assert said(value=typed) == {"value": "Skriv et tal, fx 1.250,5"}


def test_a_number_has_its_limits_and_counts_are_whole() -> None:
    assert said(count="0") == {"count": "Skriv et tal, der er mindst 1"}
    assert said(count="11") == {"count": "Skriv et tal, der er højst 10"}
    assert said(count="2,5") == {"count": "Skriv et helt tal"}
    assert said(count="2,0") == {}


def test_only_what_is_offered_can_be_chosen() -> None:
    choose = "Vælg en af mulighederne"
    assert said(owner_id="3") == {"owner_id": choose}
    assert said(unit_ids=["10", "99"]) == {"unit_ids": choose}
    assert said(precision="century") == {"precision": choose}
    assert said(colour="amber") == {"colour": choose}
    assert said(owner_id="2; drop table person") == {"owner_id": choose}


def test_a_choice_may_be_taken_back_where_nothing_need_be_chosen() -> None:
    form = posted(owner_id="", colour="", unit_ids=[])
    assert (form.value.owner_id, form.value.colour, form.value.unit_ids) == (None, None, [])
    assert [form.options(name)[0] for name in ("owner_id", "colour")] == [("", "–")] * 2
    assert ("", "–") not in form.options("precision")


def test_nobody_has_chosen_for_you_where_something_must_be_chosen() -> None:
    offered = {"body_id": [("1", "Direktionen")]}
    assert Form.blank(Chosen, offered).options("body_id") == [("", "–"), ("1", "Direktionen")]
    assert Form.blank(Chosen, offered, body_id=1).options("body_id") == [("1", "Direktionen")]


def test_a_rule_about_the_whole_form_is_said_at_the_field_it_names() -> None:
    assert said(count="4", note="") == {"note": "Bemærkning"}
    assert said(count="", note="") == {}


def test_everything_that_is_wrong_is_said_at_once_and_everything_typed_is_kept() -> None:
    wrong_ones: dict[str, str | list[str]] = {
        "name": "x",
        "day": "snart",
        "count": "elleve",
        "owner_id": "7",
        "words": "a;b",
    }
    form = posted(**wrong_ones)
    assert form.errors.keys() == {"name", "day", "count", "owner_id"}
    assert form.typed == WHOLE | wrong_ones
    with pytest.raises(ValueError, match="not valid"):
        _ = form.value


def test_a_field_that_the_form_does_not_have_is_ignored() -> None:
    form = Form.posted(Everything, form_data(WHOLE | {"director": "on", "id": "7"}), CHOICES)
    assert form.typed.keys() == Everything.model_fields.keys()


def test_the_last_one_counts_when_a_field_is_sent_twice() -> None:
    assert Form.posted(Everything, form_data(WHOLE | {"name": ["Et navn", "Andet"]}), CHOICES).value.name == "Andet"


@pytest.mark.parametrize("version", ["", "x", "-1", "1.5", "9" * 30, "²"])
def test_a_version_that_is_none_is_an_old_one(version: str) -> None:
    form = Form.posted(Everything, form_data(WHOLE | {"version": version}), CHOICES)
    assert form.conflicts_with(Row(name="Noget andet"))


def row(**more: Any) -> Row:
    return Row(**(posted().value.model_dump() | more))


def test_whoever_has_the_newest_version_is_never_in_conflict() -> None:
    form = Form.posted(Everything, form_data(WHOLE | {"version": "7", "name": "Et andet"}), CHOICES)
    assert not form.conflicts_with(row(version=7, note="Gemt imens"))


def test_a_conflict_lists_only_the_fields_that_differ_as_a_reader_writes_them() -> None:
    typed = {"version": "6", "name": "Mit navn", "done": "", "unit_ids": ["12", "11"], "owner_id": "1"}
    form = Form.posted(Everything, form_data(WHOLE | typed), CHOICES)
    assert form.conflicts_with(row(version=7, day=None))
    assert form.conflicts == [
        ("Navn", "Et navn", "Mit navn"),
        ("Dag", "", "13-06-2022"),
        ("Ejer", "Bo", "Ada"),
        ("Center", "BYC, ØDC", "ISC, ØDC"),
        ("Udført", "Ja", "Nej"),
    ]
    assert form.version == 7  # saving again is on top of what is saved now
    assert form.typed["name"] == "Mit navn"


def test_the_same_said_in_another_way_is_no_conflict() -> None:
    same = {
        "version": "6",
        "day": "13/6 2022",
        "value": "1250,50",
        "words": "TTF; Taskforcen",
        "unit_ids": ["12", "10"],
    }
    assert not Form.posted(Everything, form_data(WHOLE | same), CHOICES).conflicts_with(row(version=7))


def test_a_form_that_is_wrong_as_well_still_shows_both_versions() -> None:
    form = Form.posted(Everything, form_data(WHOLE | {"version": "6", "day": "snart"}), CHOICES)
    assert form.conflicts_with(row(version=7))
    assert form.conflicts == [("Dag", "13-06-2022", "snart")]
    assert form.errors.keys() == {"day"}


@pytest.mark.parametrize("language", ["da", "en"])
@given(value=st.floats(-1e15, 1e15, exclude_min=True, exclude_max=True), count=st.integers(1, 10))
def test_a_form_that_is_opened_and_saved_changes_nothing_in_any_language(
    language: str, value: float, count: int
) -> None:
    speak(language)
    try:
        shown = Form.of(Everything, row(value=value, count=count), CHOICES)
        again = Form.posted(Everything, form_data(shown.typed), CHOICES)
    finally:
        speak("da")
    assert again.errors == {}
    assert again.value == posted(count=str(count)).value.model_copy(update={"value": value})
