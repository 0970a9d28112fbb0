from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import EffectTarget, Event, Project, TargetVersion, User
from app.models.effect_target import EffectPath
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import form_on, read_page

TARGET = "/projects/P-006/effect-targets/1"
VERSIONS, NEW = f"{TARGET}/versions", f"{TARGET}/versions/new"
WHY = "Byrådet har ændret måltallet til det halve."


def stored(database: Engine) -> tuple[EffectTarget, list[TargetVersion]]:
    with Session(database) as session:
        of_project = select(EffectTarget).join(Project).where(Project.number == "P-006", EffectTarget.no == 1)
        target = session.exec(of_project).one()
        kept = select(TargetVersion).where(TargetVersion.effect_target_id == target.pk).order_by(col(TargetVersion.no))
        return target, list(session.exec(kept))


def events(database: Engine) -> list[Event]:
    with Session(database) as session:
        return list(session.exec(select(Event).order_by(col(Event.id))))


def page(browser: TestClient) -> str:
    return read_page(browser.get(TARGET).text).all("main")[0].text


def test_a_new_target_figure_keeps_the_old_one_with_who_why_and_until_when(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser, before = sign_in(leder), len(events(database))
    answer = send(browser, NEW, VERSIONS, target_value="60", reason=WHY, decision="Byrådet 01-06-2022")
    assert (answer.status_code, answer.headers["location"]) == (303, TARGET)
    target, [kept] = stored(database)
    assert (target.target_value, kept.target_value, kept.no) == (60, 120, 1)
    assert (kept.baseline_value, kept.path, kept.until_on) == (0, EffectPath.linear, date(2022, 6, 13))
    assert (kept.reason, kept.decision, kept.changed_by) == (WHY, "Byrådet 01-06-2022", str(leder))
    [told] = events(database)[before:]
    assert (told.subject, told.action, told.project_id) == ("EffectTarget", "changed", target.project_id)
    assert (told.before, told.after["target_value"], told.after["reason"]) == ({"target_value": 120.0}, 60.0, WHY)


@one_database
def test_former_versions_stand_on_the_project_folded_and_on_the_targets_page_in_a_table(
    sign_in: SignIn, leder: User
) -> None:
    browser = sign_in(leder)
    send(browser, NEW, VERSIONS, target_value="60", reason=WHY)
    send(browser, NEW, VERSIONS, baseline_value="5", reason="Optællingen var forkert.")
    folded = [fold.text for fold in read_page(browser.get("/projects/P-006").text).all("details")]
    assert any("Tidligere versioner af »Solgte almene boliger i Charlottekvarteret« (2)" in text for text in folded)
    [table] = [each for each in read_page(browser.get(TARGET).text).all("table") if "Gjaldt til" in each.text]
    rows = [row.text for row in table.all("tr")[1:]]
    assert "0 boliger" in rows[0]
    assert "60 boliger" in rows[0]
    assert "Optællingen var forkert." in rows[0], "the newest first"
    assert "120 boliger" in rows[1]
    assert WHY in rows[1]


@one_database
def test_the_form_for_the_rest_of_the_target_does_not_touch_baseline_target_or_path(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser, edit = sign_in(leder), f"{TARGET}/edit"
    form = form_on(browser, edit, edit)
    assert not form.names & {"baseline_value", "baseline_on", "target_value", "target_on", "target_wording", "path"}
    browser.post(edit, data=form.values | {"target_value": "1", "baseline_on": "", "source": "Optælling"})
    target, kept = stored(database)
    assert (target.target_value, target.source, kept) == (120, "Optælling", [])


@one_database
def test_what_cannot_be_is_said_at_its_field(sign_in: SignIn, leder: User) -> None:
    said: dict[str, str | list[str]] = {"reason": WHY, "baseline_on": "31-12-2021", "baseline_value": "40"}
    steps: dict[str, str | list[str]] = {"path": "steps", "target_value": "", "target_on": ""}
    wrong = "Skriv hvert trin som en dato og et tal, fx 31-12-2022: 60"
    between = "Hvert trin skal ligge mellem det foregående og målet"
    assert_each_refused(
        sign_in(leder),
        NEW,
        VERSIONS,
        [
            ({"target_value": "60"}, {"reason": "Udfyld »Hvorfor baseline eller mål ændres«"}),
            ({"target_value": "60", "reason": "Nyt tal"}, {"reason": "Skriv mindst 10 tegn"}),
            (said | steps | {"waypoints": "ved årets udgang: 60"}, {"waypoints": wrong}),
            (said | steps | {"waypoints": "31-12-2022 60"}, {"waypoints": wrong}),
            (said | steps | {"waypoints": "31-12-2022: 1000000000000000"}, {"waypoints": wrong}),
            (said | steps, {"waypoints": "Skriv trinene; det sidste er målet"}),
            (
                said | {"waypoints": "31-12-2022: 60"},
                {"waypoints": "Vælg stien i trin, eller slet trinene"},
            ),
            (
                said | steps | {"waypoints": "31-12-2022: 60\n31.12.2022: 70"},
                {"waypoints": "Skriv kun ét trin for hver dato"},
            ),
            (
                said | steps | {"waypoints": "31-12-2022: 60", "target_value": "90"},
                {"waypoints": "Det sidste trin skal have målets dato og tal"},
            ),
            (
                said | steps | {"waypoints": "31-12-2021: 60\n31-12-2022: 90"},
                {"waypoints": "Det første trin skal ligge efter baseline"},
            ),
            (said | steps | {"waypoints": "31-12-2022: 60\n31-12-2023: 50"}, {"waypoints": between}),
        ],
    )


@one_database
def test_a_version_that_changes_nothing_is_refused(sign_in: SignIn, leder: User, database: Engine) -> None:
    before = len(events(database))
    answer = send(sign_in(leder), NEW, VERSIONS, reason=WHY)
    assert answer.status_code == 409
    assert "Baseline, mål og sti er, som de var." in answer.text
    assert stored(database)[1] == []
    assert len(events(database)) == before


@one_database
def test_of_two_who_change_it_the_second_sees_what_the_first_saved(
    sign_in: SignIn, leder: User, ejer: User, database: Engine
) -> None:
    form = form_on(sign_in(leder), NEW, VERSIONS)
    send(sign_in(ejer), NEW, VERSIONS, target_value="1.000,5", reason=WHY)
    answer = sign_in(leder).post(VERSIONS, data=form.values | {"baseline_value": "1", "reason": WHY})
    assert answer.status_code == 409
    assert "Måltal 1.000,5 120" in part(answer.text, "conflict")
    assert len(stored(database)[1]) == 1


@one_database
def test_steps_are_kept_in_order_and_shown(sign_in: SignIn, leder: User, database: Engine) -> None:
    browser = sign_in(leder)
    steps = {"path": "steps", "target_value": "", "target_on": "", "waypoints": "31-12-2023: 90\n31/12 2022: 60"}
    assert send(browser, NEW, VERSIONS, reason=WHY, **steps).status_code == 303
    target, [kept] = stored(database)
    assert target.waypoints == ["31-12-2022: 60", "31-12-2023: 90"]
    assert (target.target_value, target.target_on, kept.waypoints) == (90, date(2023, 12, 31), [])
    assert "31-12-2022: 60 boliger 31-12-2023: 90 boliger" in page(browser)
    assert "før 31-12-2022" in page(browser), "nothing is due before the first step"


@one_database
@pytest.mark.parametrize(
    ("wording", "said_on", "shown"),
    [
        ("Om 10 år", "01-01-2017", "»Om 10 år« (sagt 01-01-2017) = 01-01-2027"),
        ("Inden for et halvt til et helt år", "", "(sagt 13-06-2022) = 13-06-2023"),
        ("Ved udgangen af 2023", "01-05-2022", "(sagt 01-05-2022) = 31-12-2023"),
    ],
)
def test_a_relative_date_is_resolved_and_the_words_are_kept(
    sign_in: SignIn, leder: User, wording: str, said_on: str, shown: str
) -> None:
    browser = sign_in(leder)
    typed = {"target_wording": wording, "worded_on": said_on, "target_on": ""}
    assert send(browser, NEW, VERSIONS, reason=WHY, **typed).status_code == 303
    assert shown in page(browser)
    assert shown in part(browser.get("/projects/P-006").text, "effect-targets")
