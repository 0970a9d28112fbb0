from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.models import Benchmark, EffectTarget, Event, Portfolio, Project, ReportingRound, User
from app.models.milestone import Precision
from app.models.reporting_round import RoundState
from app.settings import today
from app.tabs.edition import effects_of, freeze
from app.tabs.effects import TargetRow, target_rows
from app.tabs.filters import Filters
from app.tabs.target_chart import BOTTOM, LEFT, RIGHT, TOP, course_of, draw_large
from tests.conftest import SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import read_page
from tests.test_effects import PAGE, add_target, card, key_of
from tests.test_workbook import opened, rows

TARGET = "/projects/P-006/effect-targets/1"
BENCHMARKS, NEW = f"{TARGET}/benchmarks", f"{TARGET}/benchmarks/new"
NATION = {"name": "Landsgennemsnit", "measured_on": "31-12-2014", "value": "61", "source": "Statistikken"}


def stored(database: Engine) -> list[Benchmark]:
    with Session(database) as session:
        of_project = select(Benchmark).join(EffectTarget).join(Project).where(Project.number == "P-006")
        return list(session.exec(of_project.order_by(col(Benchmark.no))))


def page(browser: TestClient) -> str:
    return read_page(browser.get(TARGET).text).all("main")[0].text


def test_what_others_have_reached_stands_in_the_list_on_the_targets_page_and_in_the_log(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    answer = send(browser, NEW, BENCHMARKS, **NATION)
    assert (answer.status_code, answer.headers["location"]) == (303, TARGET)
    [made] = stored(database)
    assert (made.no, made.value, made.precision, made.measured_on) == (1, 61, Precision.year, date(2014, 12, 31))
    with Session(database) as session:
        told = session.exec(select(Event).order_by(col(Event.id).desc())).first()
        assert told is not None
        assert (told.subject, told.action, told.subject_name) == ("Benchmark", "created", "Landsgennemsnit: 61")
        assert told.project_id == key_of(session, "P-006")
    for shown in (part(browser.get("/projects/P-006").text, "effect-targets"), page(browser)):
        assert "Landsgennemsnit 2014: 61 boliger" in shown


@one_database
def test_a_benchmark_is_corrected_and_one_that_was_wrong_is_withdrawn(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    send(browser, NEW, BENCHMARKS, **NATION)
    send(browser, f"{BENCHMARKS}/1/edit", value="62,5")
    assert "Landsgennemsnit 2014: 62,5 boliger" in page(browser)
    send(browser, f"{BENCHMARKS}/1/edit", withdrawn="on")
    assert "Landsgennemsnit 2014: " not in page(browser)
    assert "trukket tilbage" in page(browser)
    assert [each.value for each in stored(database)] == [62.5]


@one_database
def test_what_cannot_be_is_said_at_its_field(sign_in: SignIn, leder: User) -> None:
    typed: dict[str, str | list[str]] = dict(NATION)
    assert_each_refused(
        sign_in(leder),
        NEW,
        BENCHMARKS,
        [
            (
                {},
                {
                    "name": "Udfyld »Hvem der sammenlignes med«",
                    "measured_on": "Udfyld »Målt den«",
                    "value": "Udfyld »Værdi«",
                    "source": "Udfyld »Kilde«",
                },
            ),
            (typed | {"measured_on": "14-06-2022"}, {"measured_on": "En måling kan ikke ligge i fremtiden"}),
            (typed | {"value": "lidt mere"}, {"value": "Skriv et tal, fx 1.250,5"}),
        ],
    )


@one_database
def test_a_benchmark_of_another_target_is_not_found(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    send(browser, NEW, BENCHMARKS, **NATION)
    assert browser.get(f"{BENCHMARKS}/1/edit").status_code == 200
    assert browser.get(f"{BENCHMARKS}/2/edit").status_code == 404
    assert browser.get("/projects/P-006/effect-targets/9").status_code == 404


# Digital Post: the same 43 per cent wherever it is read ---------------------------------------------------------------


def digital_post(session: Session) -> None:
    figures = [(date(2014, 1, 5), Precision.week, 28.0), (date(2014, 9, 14), Precision.week, 54.0)]
    target = add_target(session, "P-005", *figures, owner_unit_id=1, source="Digitaliseringsstyrelsen")
    nation = Benchmark(
        effect_target_id=target.pk,
        no=1,
        name="Landsgennemsnit",
        measured_on=date(2014, 9, 14),
        precision=Precision.week,
        value=57,
        source="Digitaliseringsstyrelsen",
    )
    session.add(nation)
    session.flush()


@one_database
def test_digital_post_is_at_43_per_cent_and_red_on_screen_in_the_workbook_and_in_an_edition(
    sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    with Session(database) as session:
        digital_post(session)
        round_ = session.exec(select(ReportingRound).order_by(col(ReportingRound.as_of).desc())).first()
        assert round_ is not None
        round_.state, key = RoundState.closed_for_leaders, round_.key
        freeze(session, None, round_, today())
        session.commit()
    browser = sign_in(sekretariat)
    for address in (PAGE, f"{PAGE}?round={key}"):
        shown = card(browser.get(address).text, "P-005").text
        assert "Rød 43 pct. af forventet" in shown, address
        assert "Landsgennemsnit uge 37, 2014: 57 procent" in shown, address
    for query in ({}, {"round": key}):
        book = opened(browser.get("/portfolios/direktionen/export.xlsx", params=query).content)
        [row] = [row for row in rows(book["Effekter"]) if row["Nr."] == "P-005"]
        assert row["Andel af forventet sti"] == 0.43, query
        assert row["Benchmark"] == "Landsgennemsnit uge 37, 2014: 57 procent"
    own = read_page(browser.get("/projects/P-005/effect-targets/1").text).all("main")[0].text
    assert "Rød 43 pct. af forventet" in own
    assert "uge 37, 2014 54 procent 88,5 procent Rød 43 % Status" in own


@one_database
def test_an_edition_from_before_benchmarks_and_versions_is_still_read(database: Engine) -> None:
    with Session(database) as session:
        digital_post(session)
        [row] = target_rows(session, col(Project.number) == "P-005", today())["P-005"]
        later = {"worded_on", "waypoints", "frequency", "first_due_on", "benchmarks", "versions"}
        before = TargetRow.model_validate_json(row.model_dump_json(exclude=later))
        assert (before.benchmarks, before.versions, before.share_percent) == ([], [], 43)
        assert effects_of(session, session.exec(select(Portfolio)).one(), Filters(round="2018-01")).projects


# The large chart ------------------------------------------------------------------------------------------------------


def target_row(session: Session, **fields: object) -> TargetRow:
    digital_post(session)
    [row] = target_rows(session, col(Project.number) == "P-005", today())["P-005"]
    return row.model_copy(update=fields)


@one_database
def test_the_large_chart_draws_path_corridor_figures_and_benchmark_inside_it(database: Engine) -> None:
    with Session(database) as session:
        drawn = draw_large(target_row(session))
    assert drawn is not None
    assert drawn.path.startswith("M")
    assert drawn.green.endswith("Z")
    assert drawn.yellow.endswith("Z")
    assert drawn.baseline is not None
    assert drawn.target is not None
    assert len(drawn.dots) == 2
    assert [level.label.text for level in drawn.levels] == ["Landsgennemsnit uge 37, 2014: 57"]
    assert drawn.today is None, "the path ended in 2014"
    for x, y in [*drawn.dots, drawn.baseline, drawn.target]:
        assert LEFT <= x <= RIGHT
        assert TOP <= y <= BOTTOM
    assert [tick.text for tick in drawn.rows] == ["20", "40", "60", "80", "100"]


@one_database
def test_a_target_that_lacks_its_figure_has_no_corridor_and_one_without_dates_no_chart(database: Engine) -> None:
    with Session(database) as session:
        row = target_row(session, target_value=None)
    drawn = draw_large(row)
    assert drawn is not None
    assert (drawn.path, drawn.green, drawn.yellow, course_of(row)) == ("", "", "", [])
    assert draw_large(row.model_copy(update={"measurements": [], "baseline_on": None})) is None


@one_database
def test_the_page_says_the_charts_figures_as_text_and_styles_nothing_inline(sign_in: SignIn, chefforum: User) -> None:
    html = read_page(sign_in(chefforum).get("/projects/P-045/effect-targets/1").text)
    [svg] = [element for element in html.all("svg") if element.get("role") == "img"]
    said = " ".join(element.text for element in svg if element.get("id") in svg.get("aria-labelledby").split())
    for words in ("Borgere tilmeldt Digital Post", "28 procent", "100 procent", "54 procent", "Landsgennemsnit"):
        assert words in said, words
    assert not [element for element in html if "style" in element.attributes or element.tag == "style"]
    assert "Ny måling" not in html.text, "the forum reads"
