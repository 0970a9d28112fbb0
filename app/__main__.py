"""The command line: `python -m app COMMAND`. Each command has --help; exit code 0, or a clear error and 1."""

import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from alembic import command
from alembic.config import Config
from sqlmodel import Session, select

from app.db import connect
from app.demo import load_demo
from app.demo.generate import generate as load_generated
from app.main import create_app
from app.models import Portfolio
from app.settings import get_settings

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="Porteføljelisten", pretty_exceptions_enable=False)


@cli.command()
def serve() -> None:
    """Serve the pages on HOST and PORT."""
    settings = get_settings()
    typer.echo(f"Porteføljelisten: http://{settings.host}:{settings.port}")
    if settings.in_demo:
        typer.echo("Demo accounts (password »demo«): sekretariat@demo.example, direktion@demo.example,")
        typer.echo("  chefforum@demo.example, ejer@demo.example, leder@demo.example, admin@demo.example")
    uvicorn.run(create_app(), host=settings.host, port=settings.port, access_log=False, server_header=False)


@cli.command()
def migrate() -> None:
    """Bring the database up to this version."""
    settings = get_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    command.upgrade(Config(Path(__file__).parent.parent / "alembic.ini"), "head")


@cli.command()
def demo(
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing when there is a list already.")] = False,
) -> None:
    """Load the demo list."""
    settings = get_settings()
    if not settings.in_demo:
        fail("The demo list is refused when ENVIRONMENT=production.")
    with Session(connect(settings.url)) as session:
        if session.exec(select(Portfolio)).first() is not None:
            if if_empty:
                return
            fail("The database already holds a list.")
        load_demo(session)
        session.commit()


@cli.command()
def generate(projects: Annotated[int, typer.Option(min=1, max=100_000, help="How many projects.")] = 1_000) -> None:
    """Fill an empty database with a synthetic list, to look for what is slow."""
    settings = get_settings()
    if not settings.in_demo:
        fail("A synthetic list is refused when ENVIRONMENT=production.")
    with Session(connect(settings.url)) as session:
        if session.exec(select(Portfolio)).first() is not None:
            fail("The database already holds a list.")
        load_generated(session, projects)
        session.commit()


def fail(sentence: str) -> None:
    typer.echo(sentence, err=True)
    sys.exit(1)


if __name__ == "__main__":
    cli()
