"""Every address that changes something: where its form stands, and what is typed into it."""

from dataclasses import dataclass, field

from starlette.testclient import TestClient

from tests.page import form_on

PLACES = {
    "slug": "direktionen",
    "number": "P-006",
    "no": "1",
    "measurement_no": "1",
    "body_no": "1",
    "seat_no": "1",
    "person_id": "1",
}
"""What stands in an address where its route has a name. P-006 is the project that `leder` leads and `ejer` owns."""


@dataclass(frozen=True)
class Write:
    form: str
    """The address of the page with the form; empty where a form stands on every page."""
    typed: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    """Where PLACES does not fit."""
    opener: str = "sekretariat"
    """Who fills in the form in the name of those who may not even open it."""
    required: bool = True
    """Whether something must be typed: then an empty form is invalid."""


WRITES = {
    "/login": Write("/login", {"email": "leder@demo.example", "password": "demo"}),
    "/logout": Write("", required=False),
    "/language": Write("", {"language": "en", "next": "/"}, required=False),
    "/projects": Write("/projects/new", {"title": "Et nyt projekt", "theme_id": "1"}),
    "/projects/{number}/edit": Write("/projects/{number}/edit", {"title": "En ny titel"}),
    "/projects/{number}/placement": Write(
        "/projects/{number}/placement", {"decision_in": "Direktionen 13-06-2022"}, {"number": "P-009"}
    ),
    "/projects/{number}/removal": Write(
        "/projects/{number}/removal", {"decision_out": "Direktionen 13-06-2022", "reason_out": "Det er gennemført."}
    ),
    "/projects/{number}/milestones": Write(
        "/projects/{number}/milestones/new", {"text": "En ny milepæl", "due_on": "01-09-2022"}
    ),
    "/projects/{number}/milestones/{no}/edit": Write(
        "/projects/{number}/milestones/{no}/edit", {"text": "En anden milepæl"}
    ),
    "/projects/{number}/success-criteria": Write(
        "/projects/{number}/success-criteria/new", {"text": "Et nyt kriterium"}
    ),
    "/projects/{number}/success-criteria/{no}/edit": Write(
        "/projects/{number}/success-criteria/{no}/edit", {"text": "Et andet kriterium"}
    ),
    "/projects/{number}/effect-targets": Write(
        "/projects/{number}/effect-targets/new", {"name": "Et nyt mål", "unit_of_measure": "procent"}
    ),
    "/projects/{number}/effect-targets/{no}/edit": Write(
        "/projects/{number}/effect-targets/{no}/edit", {"name": "Et andet mål"}
    ),
    "/projects/{number}/effect-targets/{no}/measurements": Write(
        "/projects/{number}/effect-targets/{no}/measurements/new",
        {"measured_on": "01-06-2022", "value": "12,5", "source": "Optælling"},
    ),
    "/projects/{number}/effect-targets/{no}/measurements/{measurement_no}/edit": Write(
        "/projects/{number}/effect-targets/{no}/measurements/{measurement_no}/edit", {"value": "13,5"}
    ),
    "/projects/{number}/key-persons": Write("/projects/{number}/key-persons", {"unit_1": "7"}, required=False),
    "/projects/{number}/bodies": Write("/projects/{number}/bodies/new", {"name": "En ny styregruppe"}),
    "/projects/{number}/bodies/choose": Write(
        "/projects/{number}/bodies/choose", {"body": "Styregruppen for Rådhuset"}
    ),
    "/projects/{number}/bodies/{body_no}/edit": Write(
        "/projects/{number}/bodies/{body_no}/edit", {"name": "En anden styregruppe"}
    ),
    "/projects/{number}/bodies/{body_no}/seats": Write(
        "/projects/{number}/bodies/{body_no}/seats/new", {"person_id": "1", "from_on": "13-06-2022"}
    ),
    "/projects/{number}/bodies/{body_no}/seats/{seat_no}/edit": Write(
        "/projects/{number}/bodies/{body_no}/seats/{seat_no}/edit", {"to_on": "13-06-2022"}
    ),
    "/people": Write("/people/new", {"name": "Ny Person"}),
    "/people/{person_id}/edit": Write("/people/{person_id}/edit", {"name": "Andet Navn"}),
}
"""By the route's path. Every POST in the table of test_access.py must have a line here."""


def address(path: str, write: Write | None = None) -> str:
    """A route's path with something that exists in its places."""
    return path.format(**(PLACES | (write.places if write else {})))


def filled_in(opener: TestClient, path: str) -> dict[str, str | list[str]]:
    """What a browser would send after somebody has filled in the form."""
    write = WRITES[path]
    if not write.form:
        return dict(write.typed)
    form = form_on(opener, address(write.form, write), address(path, write))
    missing = write.typed.keys() - form.names
    assert not missing, f"the form at {write.form} has no {missing}"
    return form.values | write.typed
