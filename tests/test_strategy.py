"""The strategy letters: their themes, which projects serve them, and what became of what was promised."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.models import Event, Portfolio, Project, ProjectStrategy, StrategyTheme, User
from app.models.effect_target import Direction
from app.models.milestone import Precision
from app.tabs.edition import effects_of
from app.tabs.effects import Figure, TargetRow
from app.tabs.filters import Filters
from app.tabs.strategy import StrategyQuestion, build_strategy, reached
from tests.conftest import Queries, SignIn, one_database
from tests.fields import assert_each_refused, part, send
from tests.page import form_on, read_page

PAGE, API = "/portfolios/direktionen/strategy", "/api/v1/portfolios/direktionen/strategy"
NEW, THEMES = f"{PAGE}/themes/new", f"{PAGE}/themes"
TAGS = "/projects/P-006/strategy"
BASELINE, LATER = date(2022, 1, 1), date(2022, 5, 31)


def target(direction: Direction, latest: tuple[date, float] | None, goal: float | None = 10, **more: Any) -> TargetRow:
    figures = [
        Figure.model_construct(no=1, value=value, on=on, precision=Precision.day, source="")
        for on, value in ([latest] if latest else [])
    ]
    given = {"direction": direction, "measurements": figures, "target_value": goal, "baseline_on": BASELINE}
    return TargetRow.model_construct(**given | more)


@pytest.mark.parametrize(
    ("direction", "latest", "goal", "is_reached"),
    [
        (Direction.up, (LATER, 10), 10, True),
        (Direction.up, (LATER, 9.9), 10, False),
        (Direction.down, (LATER, 10), 10, True),
        (Direction.down, (LATER, 10.1), 10, False),
        (Direction.up, (BASELINE, 12), 10, False),
        (Direction.up, None, 10, False),
        (Direction.up, (LATER, 12), None, False),
    ],
)
def test_a_target_is_reached_by_its_direction_and_never_by_its_baseline(
    direction: Direction, latest: tuple[date, float] | None, goal: float | None, is_reached: bool
) -> None:
    assert reached(target(direction, latest, goal)) is is_reached


def themes(answer: Any) -> dict[str, Any]:
    return {theme["name"]: theme for theme in answer.json()["themes"]}


@one_database
def test_the_letter_of_2017_has_its_four_themes_with_what_was_promised(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    found = themes(browser.get(f"{API}?year=2017"))
    assert list(found) == [
        "Bosætning i Høje-Taastrup Kommune",
        "Omdannelse af udsatte boligområder",
        "Udvikling af fremtidens kompetencer",
        "Social bæredygtighed",
    ]
    homes = found["Omdannelse af udsatte boligområder"]
    assert homes["promise"].startswith("»Om 10 år skal kommunen ikke have boligområder på regeringens liste")
    assert {"P-001", "P-006", "P-036"} <= {project["number"] for project in homes["projects"]}
    shown = read_page(browser.get(f"{PAGE}?year=2017").text).text
    assert "Strategibrev 2017: hvad blev lovet, og hvordan går det" in shown
    assert "Lukkede projekter indgår ikke" in shown
    assert "Lovet: »Om 10 år skal kommunen ikke have boligområder" in shown


@one_database
def test_the_newest_letter_opens_and_its_theme_without_a_project_stands_first(sign_in: SignIn, laeser: User) -> None:
    browser = sign_in(laeser)
    answer = browser.get(API)
    assert (answer.json()["year"], answer.json()["years"]) == (2022, [2022, 2017, 2016])
    assert next(iter(themes(answer))) == "Grøn omstilling"
    shown = read_page(browser.get(PAGE).text).text
    assert "Et tema har intet projekt Grøn omstilling" in shown
    assert shown.index("Intet projekt tjener temaet.") < shown.index("Boliger, alle har råd til")
    assert "Der er intet brev fra det år." in read_page(browser.get(f"{PAGE}?year=1999").text).text


@one_database
def test_colours_and_paths_are_those_of_overblik_and_effekter_also_in_an_edition(
    sign_in: SignIn, direktion: User
) -> None:
    browser = sign_in(direktion)
    for query in ("", "round=2022-01"):
        found = themes(browser.get(f"{API}?year=2017&{query}"))
        overview = browser.get(f"/api/v1/portfolios/direktionen/overview?{query}").json()
        effects = browser.get(f"/api/v1/portfolios/direktionen/effects?{query}").json()
        rows = {row["number"]: row for group in overview["groups"] for row in group["rows"]}
        targets = {project["number"]: project["targets"] for project in effects["projects"]}
        assert sum(len(theme["projects"]) for theme in found.values()) > 20
        for theme in found.values():
            for project in theme["projects"]:
                row = rows[project["number"]]
                assert [project[name] for name in ("mark", "trend", "phase")] == [
                    row[name] for name in ("mark", "trend", "phase")
                ]
                assert [each for each in targets[project["number"]] if each in project["effects"]] == project["effects"]
            assert sum(theme["mix"].values()) == len(theme["projects"])
            assert theme["targets"] == sum(len(project["effects"]) for project in theme["projects"])
            assert sum(theme["stands"].values()) == theme["targets"]
            assert theme["without_target"] == [p["number"] for p in theme["projects"] if not p["effects"]]
    frozen = read_page(browser.get(f"{PAGE}?year=2017&round=2022-01").text)
    assert "Temaerne, og hvilke projekter der tjener dem, er dagens." in frozen.text
    assert f"{PAGE}?year=2016&round=2022-01" in [link.get("href") for link in frozen.all("a")]
    assert f"{PAGE}?year=2017" in [link.get("href") for link in frozen.all("a")]


def test_the_leader_tags_the_project_and_it_is_one_event_that_names_the_themes(
    sign_in: SignIn, leder: User, database: Engine
) -> None:
    browser = sign_in(leder)
    assert "Omdannelse af udsatte boligområder 2017" in part(browser.get("/projects/P-006").text, "strategy")
    with Session(database) as session:
        keys = {str(theme): theme.pk for theme in session.exec(select(StrategyTheme))}
    wanted = [str(keys["Grøn omstilling (2022)"]), str(keys["Social bæredygtighed (2017)"])]
    answer = send(browser, TAGS, theme_ids=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/P-006#strategy")
    shown = part(browser.get("/projects/P-006").text, "strategy")
    assert shown.startswith("Strategibrev Grøn omstilling 2022 Social bæredygtighed 2017")
    assert send(browser, TAGS).status_code == 303  # the same again: nothing to tell
    with Session(database) as session:
        events = session.exec(select(Event).where(Event.subject == "Project", Event.user_id == leder.id)).all()
        tags = session.exec(select(ProjectStrategy).join(Project).where(Project.number == "P-006")).all()
    assert [(event.before, event.after) for event in events] == [
        (
            {"theme_ids": ["Omdannelse af udsatte boligområder (2017)"]},
            {"theme_ids": ["Grøn omstilling (2022)", "Social bæredygtighed (2017)"]},
        )
    ]
    assert {str(tag.strategy_theme_id) for tag in tags} == set(wanted)
    assert themes(browser.get(API))["Grøn omstilling"]["projects"][0]["number"] == "P-006"


@one_database
def test_of_two_who_tag_a_project_the_second_sees_what_the_first_saved(
    sign_in: SignIn, leder: User, ejer: User
) -> None:
    form = form_on(sign_in(leder), TAGS, TAGS)
    assert send(sign_in(ejer), TAGS, theme_ids=["1"]).status_code == 303
    answer = sign_in(leder).post(TAGS, data=form.values | {"theme_ids": ["2"]})
    assert answer.status_code == 409
    assert "Mødet med borgeren (2016) Bæredygtig udvikling (2016)" in part(answer.text, "conflict")


@one_database
def test_a_theme_that_does_not_exist_is_refused(sign_in: SignIn, leder: User) -> None:
    browser = sign_in(leder)
    form = form_on(browser, TAGS, TAGS)
    answer = browser.post(TAGS, data=form.values | {"theme_ids": ["9999"]})
    assert answer.status_code == 422
    assert "Vælg en af mulighederne" in read_page(answer.text).text


def test_the_secretariat_enters_a_theme_and_corrects_it(sign_in: SignIn, sekretariat: User, database: Engine) -> None:
    browser = sign_in(sekretariat)
    assert form_on(browser, NEW, THEMES).values["year"] == "2022"
    answer = send(browser, NEW, THEMES, name="Sunde børn", promise="Flere går eller cykler.", position="4")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    with Session(database) as session:
        theme = session.exec(select(StrategyTheme).where(StrategyTheme.name == "Sunde børn")).one()
    assert send(browser, f"{THEMES}/{theme.id}/edit", promise="Alle cykler.").status_code == 303
    assert "Lovet: Alle cykler." in part(browser.get(PAGE).text, f"theme-{theme.id}")
    with Session(database) as session:
        log = session.exec(select(Event).where(Event.subject == "StrategyTheme").order_by(col(Event.id))).all()
    assert [event.action for event in log] == ["created", "changed"]
    assert log[1].sentence == "Strategitema »Sunde børn (2022)« rettet"


@one_database
def test_a_letter_has_a_theme_once_and_its_limits_are_said(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    answer = send(browser, NEW, THEMES, name="Grøn omstilling")
    assert answer.status_code == 409
    assert "Brevet har allerede et tema med dette navn." in read_page(answer.text).text
    assert send(browser, NEW, THEMES, name="Grøn omstilling", year="2023").status_code == 303
    renamed = send(browser, f"{THEMES}/1/edit", name="Bæredygtig udvikling")
    assert renamed.status_code == 409
    assert send(browser, f"{THEMES}/1/edit", position="5").status_code == 303
    assert browser.get(f"{THEMES}/999/edit").status_code == 404
    assert_each_refused(
        browser,
        NEW,
        THEMES,
        [({"year": "1999"}, {"year": "Skriv et tal, der er mindst 2000", "name": "Udfyld »Brevets tema«"})],
    )


@one_database
def test_a_project_that_has_left_the_list_still_served_its_theme(sign_in: SignIn, sekretariat: User) -> None:
    browser = sign_in(sekretariat)
    [number, *_more] = [
        project["number"]
        for project in themes(browser.get(f"{API}?year=2016"))["Fortællingen om Høje-Taastrup Kommune"]["projects"]
    ]
    send(
        browser,
        f"/projects/{number}/removal",
        decided_on="13-06-2022",
        wording="Projektet fjernes.",
        reason_out="Gennemført",
    )
    theme = themes(browser.get(f"{API}?year=2016"))["Fortællingen om Høje-Taastrup Kommune"]
    assert (theme["projects"], [each["number"] for each in theme["beside"]]) == ([], [number])
    assert "Ingen projekter på listen tjener længere temaet." in part(
        browser.get(f"{PAGE}?year=2016").text, f"theme-{theme['id']}"
    )


@one_database
def test_the_page_asks_the_database_as_often_for_one_theme_as_for_many(queries: Queries, database: Engine) -> None:
    with Session(database) as session:
        portfolio = session.exec(select(Portfolio)).one()
        counts = []
        for year in ("2022", "2017"):
            with queries() as asked:
                build_strategy(session, portfolio, StrategyQuestion(year=year))
            counts.append(len(asked))
        with queries() as of_effekter:
            effects_of(session, portfolio, Filters())
    assert counts == [len(of_effekter) + 2] * 2
