"""The audit log becomes a chain that the database refuses to change; what was sent once is done once."""

import hashlib
import json
from datetime import UTC
from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None

SAYS = "what happened never changes"


def upgrade() -> None:
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("previous_sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True))
        batch_op.add_column(sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True))
    _chain()
    with op.batch_alter_table("event", schema=None) as batch_op:
        for name in ("previous_sha256", "sha256"):
            batch_op.alter_column(name, existing_type=sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_event_previous_sha256"), ["previous_sha256"])
    _guard()
    op.create_table(
        "receipt",
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_receipt")),
    )
    op.create_index(op.f("ix_receipt_at"), "receipt", ["at"], unique=False)


def _chain() -> None:
    """What was recorded before this version is taken as it stands. The columns are those of the database, not ours."""
    connection = op.get_bind()
    events = sa.Table("event", sa.MetaData(), autoload_with=connection, resolve_fks=False)
    before = ""
    for row in connection.execute(events.select().order_by(events.c.id)).mappings().all():
        link = {"previous_sha256": before, "sha256": _fingerprint({**row, "previous_sha256": before})}
        connection.execute(events.update().where(events.c.id == row["id"]).values(link))
        before = link["sha256"]


def _fingerprint(said: dict[str, Any]) -> str:
    known = {name: value for name, value in said.items() if name not in ("id", "sha256") and value not in (None, "")}
    at = known["at"]
    known["at"] = (at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
    text = json.dumps(known, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, when in {
            "update": "before update on event",
            "delete": "before delete on event",
            "replace": "before insert on event "
            "when exists (select 1 from event where id = new.id or previous_sha256 = new.previous_sha256)",
        }.items():
            op.execute(f"create trigger event_no_{name} {when} begin select raise(abort, '{SAYS}'); end")
        return
    op.execute(
        "create function refuse_to_change_event() returns trigger language plpgsql as "
        f"$$ begin raise exception '{SAYS}'; end $$"
    )
    for name, when in {
        "change": "before update or delete on event for each row",
        "truncate": "before truncate on event for each statement",
    }.items():
        op.execute(f"create trigger event_no_{name} {when} execute function refuse_to_change_event()")
    op.execute("revoke update, delete, truncate on event from current_user")


def downgrade() -> None:
    op.drop_table("receipt")
    if op.get_bind().dialect.name == "sqlite":
        for name in ("update", "delete", "replace"):
            op.execute(f"drop trigger event_no_{name}")
    else:
        for name in ("change", "truncate"):
            op.execute(f"drop trigger event_no_{name} on event")
        op.execute("drop function refuse_to_change_event()")
        op.execute("grant update, delete, truncate on event to current_user")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_event_previous_sha256"), type_="unique")
        batch_op.drop_column("sha256")
        batch_op.drop_column("previous_sha256")
