import pytest
import sqlalchemy as sa
from alembic import command
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from tests.databases import House, alembic_config, fingerprint


def tables(engine: Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}


def version(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_there_is_one_way_forward(sqlite: House) -> None:
    with sqlite.empty() as engine, alembic_config(engine) as config:
        assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_the_database_goes_up_to_the_models_and_down_to_nothing_and_up_again(house: House) -> None:
    with house.empty() as engine:
        for _time in range(2):
            with alembic_config(engine) as config:
                command.upgrade(config, "head")
            with alembic_config(engine) as config:
                command.check(config)
            assert tables(engine)
            with alembic_config(engine) as config:
                command.downgrade(config, "base")
            assert not tables(engine)


def test_going_up_again_changes_nothing_in_a_list_that_is_in_use(database: Engine) -> None:
    before = fingerprint(database)
    with alembic_config(database) as config:
        command.upgrade(config, "head")
    assert fingerprint(database) == before


def test_a_migration_that_fails_half_way_leaves_the_database_as_it_was(house: House) -> None:
    with house.empty() as engine:
        with engine.connect() as connection, connection.begin():
            connection.execute(sa.text("create table unit (id integer)"))
        with alembic_config(engine) as config, pytest.raises(sa.exc.DBAPIError, match="already exists"):
            command.upgrade(config, "head")
        assert tables(engine) == {"unit"}
        assert version(engine) is None
        with engine.connect() as connection, connection.begin():
            connection.execute(sa.text("drop table unit"))
        with alembic_config(engine) as config:
            command.upgrade(config, "head")
        assert "project" in tables(engine)
