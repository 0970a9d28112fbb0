"""The commands `export` and `add-user`, as somebody on the server runs them."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from typer.testing import CliRunner

from app.__main__ import cli
from app.models import Event, Export, Meeting, Person, ReportingRound, User
from app.models.password import authenticate
from app.settings import get_settings
from tests.conftest import SignIn, one_database

PASSWORD = "en lang adgangskode"


@pytest.fixture(autouse=True)
def on_the_server(database: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The command line finds the database in the environment."""
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def run(*words: str | Path, typed: str = "") -> Any:
    return CliRunner().invoke(cli, [str(word) for word in words], input=typed)


def export(out: Path, *more: str, portfolio: str = "direktionen") -> Any:
    return run("export", "--portfolio", portfolio, "--out", out, *more)


def add_user(email: str, *more: str, typed: str = f"{PASSWORD}\n") -> Any:
    return run("add-user", email, "--password-stdin", *more, typed=typed)


def numbers(file: Path) -> list[Any]:
    return [cell.value for cell in load_workbook(file)["Overblik"]["B"][3:] if cell.value]


def test_export_writes_the_workbook_with_everything_also_what_is_closed(tmp_path: Path) -> None:
    out = tmp_path / "liste.xlsx"
    assert export(out).exit_code == 0
    assert len(numbers(out)) == 38
    assert "L-01" in numbers(out)


@one_database
def test_export_writes_what_the_page_gives_to_who_may_see_everything(
    tmp_path: Path, sign_in: SignIn, sekretariat: User
) -> None:
    out = tmp_path / "liste.xlsx"
    export(out, "--colour", "red")
    page = sign_in(sekretariat).get("/portfolios/direktionen/export.xlsx?colour=red")
    assert out.read_bytes() == page.content


@one_database
@pytest.mark.parametrize(
    ("option", "value"),
    [("--q", "bolig"), ("--theme", "digitalisering"), ("--unit", "BURC"), ("--colour", "red"), ("--kind", "programme")],
)
def test_export_takes_the_filters_of_the_page(tmp_path: Path, option: str, value: str) -> None:
    out = tmp_path / "liste.xlsx"
    assert export(out, option, value).exit_code == 0
    assert 0 < len(numbers(out)) < 38


@one_database
def test_export_says_that_closed_projects_are_in_it() -> None:
    assert "CLOSED" in run("export", "--help").output


def test_export_writes_the_external_workbook_and_its_line_in_the_log(tmp_path: Path, database: Engine) -> None:
    out = tmp_path / "til-domea.xlsx"
    given = ("--profile", "external", "--recipient", "housing", "--note", "Domea", "--confirmed")
    ended = export(out, "--unit", "BURC", "--round", "2022-01", *given)
    assert (ended.exit_code, ended.output) == (0, "")
    assert "Ekstern – afgivet til boligorganisationer" in load_workbook(out)["Overblik"]["A2"].value
    assert [file.name for file in tmp_path.iterdir()] == [out.name]
    with Session(database) as session:
        [row] = session.exec(select(Export)).all()
    assert (row.actor, row.user_id, row.file_name, row.note) == ("python -m app", None, out.name, "Domea")
    assert (row.round_key, row.filters) == ("2022-01", "center »BURC«")
    assert row.sha256 == sha256(out.read_bytes()).hexdigest()


@one_database
def test_export_writes_nothing_for_outsiders_that_is_not_confirmed(tmp_path: Path, database: Engine) -> None:
    ended = export(tmp_path / "liste.xlsx", "--recipient", "housing", "--note", "Domea")
    assert ended.exit_code == 1
    assert "--reason: Write why outsiders must have the internal edition" in ended.stderr
    assert "--confirmed: Confirm that the file leaves the house" in ended.stderr
    assert not list(tmp_path.iterdir())
    with Session(database) as session:
        assert not session.exec(select(Export)).all()


@one_database
def test_export_says_that_a_list_is_unknown(tmp_path: Path) -> None:
    ended = export(tmp_path / "liste.xlsx", portfolio="findes-ikke")
    assert (ended.exit_code, ended.stderr) == (1, "There is no list called »findes-ikke«.\n")
    assert not list(tmp_path.iterdir())


@one_database
def test_export_says_that_a_file_cannot_be_written(tmp_path: Path, database: Engine) -> None:
    ended = export(tmp_path / "mappe" / "liste.xlsx")
    assert ended.exit_code == 1
    assert "liste.xlsx cannot be written: No such file or directory." in ended.stderr
    with Session(database) as session:
        assert not session.exec(select(Export)).all()


def paper(out: Path, *more: str, round_key: str = "2022-01") -> Any:
    return run("paper", "--portfolio", "direktionen", "--round", round_key, "--out", out, *more)


@one_database
def test_paper_writes_what_the_page_gives_and_its_line_in_the_log(
    tmp_path: Path, sign_in: SignIn, sekretariat: User, database: Engine
) -> None:
    browser = sign_in(sekretariat)
    with Session(database) as session:
        [meeting] = session.exec(select(Meeting).join(ReportingRound).where(ReportingRound.key == "2022-01")).all()
    for name, more in (("paper.docx", ()), ("paper.pdf", ()), ("minutes.pdf", ("--minutes",))):
        ended = paper(tmp_path / name, *more)
        assert (ended.exit_code, ended.output) == (0, "")
        assert (tmp_path / name).read_bytes() == browser.get(f"/meetings/{meeting.pk}/{name}").content
    with Session(database) as session:
        rows = session.exec(select(Export).where(Export.actor == "python -m app").order_by(col(Export.id))).all()
    assert [(row.file_name, row.round_key) for row in rows] == [
        ("paper.docx", "2022-01"),
        ("paper.pdf", "2022-01"),
        ("minutes.pdf", "2022-01"),
    ]


@one_database
def test_paper_says_what_is_missing(tmp_path: Path) -> None:
    for ended, sentence in (
        (paper(tmp_path / "sag.odt"), "must end with .docx or .pdf."),
        (paper(tmp_path / "sag.pdf", round_key="1999-01"), "There is no meeting on a round »1999-01«."),
        (paper(tmp_path / "mappe" / "sag.pdf"), "sag.pdf cannot be written: No such file or directory."),
    ):
        assert ended.exit_code == 1
        assert sentence in ended.stderr
    assert not list(tmp_path.iterdir())


@one_database
def test_a_command_says_that_there_is_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/findes/ikke.sqlite3")
    get_settings.cache_clear()
    ended = export(tmp_path / "liste.xlsx")
    assert ended.exit_code == 1
    assert "The database cannot be used" in ended.stderr


def test_add_user_adds_an_account_that_can_sign_in_and_records_it(database: Engine) -> None:
    ended = add_user("Anne.Holm@Kommune.Example", "--role", "secretariat", "--role", "reader", "--name", "Anne Holm")
    assert (ended.exit_code, ended.output) == (0, "")
    with Session(database, expire_on_commit=False) as session:
        user = authenticate(session, "anne.holm@kommune.example", PASSWORD)
        assert user is not None
        assert (user.email, user.roles, str(user)) == (
            "anne.holm@kommune.example",
            ["secretariat", "reader"],
            "Anne Holm",
        )
        person, account = session.exec(select(Event).order_by(col(Event.id).desc()).limit(2)).all()[::-1]
        assert (person.action, person.subject, person.subject_name) == ("created", "Person", "Anne Holm")
        assert (account.action, account.subject, account.actor) == ("created", "User", "python -m app")
        assert account.after == {"email": user.email, "roles": user.roles, "person_id": "Anne Holm"}
        assert PASSWORD not in str(account.after)


def test_add_user_gives_an_account_to_somebody_who_is_known(database: Engine) -> None:
    assert add_user("nanna@kommune.example", "--role", "reader", "--name", "Nanna Brix").exit_code == 0
    with Session(database, expire_on_commit=False) as session:
        assert len(session.exec(select(Person).where(Person.name == "Nanna Brix")).all()) == 1
        user = authenticate(session, "nanna@kommune.example", PASSWORD)
        assert str(user) == "Nanna Brix"


@one_database
def test_add_user_asks_twice_for_the_password_without_a_pipe(database: Engine) -> None:
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    assert run("add-user", "bo@kommune.example", "--role", "admin", typed=typed).exit_code == 0
    with Session(database) as session:
        assert authenticate(session, "bo@kommune.example", PASSWORD)


@one_database
@pytest.mark.parametrize(
    ("email", "more", "typed", "sentence"),
    [
        ("ikke en adresse", ["--role", "admin"], PASSWORD, "»ikke en adresse« is not an e-mail address."),
        ("a@b", ["--role", "admin"], PASSWORD, "»a@b« is not an e-mail address."),
        ("a" * 120 + "@kommune.example", ["--role", "admin"], PASSWORD, "is not an e-mail address."),
        ("bo@kommune.example", ["--role", "chef"], PASSWORD, "There is no role »chef«; the roles are admin, "),
        ("bo@kommune.example", ["--role", "admin"], "kort", "The password needs at least 12 characters."),
        ("bo@kommune.example", ["--role", "admin"], "", "The password needs at least 12 characters."),
        ("LEDER@demo.example", ["--role", "admin"], PASSWORD, "There is an account for leder@demo.example already."),
        ("bo@kommune.example", ["--role", "admin", "--name", "Å"], PASSWORD, "A name has between 2 and 80 characters."),
        ("bo@kommune.example", ["--role", "admin", "--name", "Lene Bruun"], PASSWORD, "Lene Bruun has an account"),
    ],
)
def test_add_user_refuses_with_a_sentence_and_writes_nothing(
    database: Engine, email: str, more: list[str], typed: str, sentence: str
) -> None:
    def written() -> tuple[int, int]:
        with Session(database) as session:
            return len(session.exec(select(User)).all()), len(session.exec(select(Event)).all())

    before = written()
    ended = add_user(email, *more, typed=typed)
    assert ended.exit_code == 1
    assert sentence in ended.stderr
    assert written() == before


@one_database
def test_add_user_cannot_tell_two_people_of_one_name_apart(database: Engine) -> None:
    with Session(database) as session:
        session.add_all([Person(name="Bo Lund", search_text="bo lund") for _ in range(2)])
        session.commit()
    ended = add_user("bo@kommune.example", "--role", "reader", "--name", "Bo Lund")
    assert (ended.exit_code, ended.stderr) == (1, "Several people are called »Bo Lund«.\n")


@one_database
def test_wrong_use_of_a_command_ends_with_2() -> None:
    assert run("export").exit_code == 2
    assert run("add-user", "bo@kommune.example").exit_code == 2
