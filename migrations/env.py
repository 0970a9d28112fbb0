"""Runs the migrations, each in a transaction of its own: on SQLite too, so that a killed one leaves nothing behind."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import app.models  # noqa: F401 - makes every noun known to the metadata
from app.db import connect
from app.settings import get_settings


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        transactional_ddl=True,
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with connect(get_settings().url).connect() as opened:
        migrate(opened)
