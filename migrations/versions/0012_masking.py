"""Masking: the one way past the triggers of editions and events, exact to the character."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

EDITION = ("id", "portfolio_id", "round_id", "frozen_at", "frozen_by", "content", "previous_sha256", "sha256")
EVENT = (
    "id",
    "at",
    "user_id",
    "actor",
    "action",
    "subject",
    "subject_id",
    "subject_name",
    "project_id",
    "person_id",
    "agenda_item_id",
    "before",
    "after",
    "previous_sha256",
    "sha256",
)
MASKABLE = {"edition": ("content",), "event": ("subject_name", "before", "after")}
SAYS = {
    "edition": "a frozen edition never changes",
    "event": "what happened never changes",
    "masking": "what was masked stays masked",
}


def upgrade() -> None:
    op.create_table(
        "masking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("sha256_before", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("sha256_after", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("masked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("masked_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_masking")),
        sa.UniqueConstraint("edition_id", "no", name=op.f("uq_masking_edition_id_no")),
        sa.UniqueConstraint("event_id", "no", name=op.f("uq_masking_event_id_no")),
    )
    op.create_index(op.f("ix_masking_key"), "masking", ["key"])
    for table in MASKABLE:  # as it stands, so that its triggers stay
        op.execute(f"alter table {table} add column masked integer not null default 0")
    sqlite = op.get_bind().dialect.name == "sqlite"
    (_guard_sqlite if sqlite else _guard_postgresql)()


def _lets_through(table: str, columns: tuple[str, ...], *, sqlite: bool) -> str:
    """That an update is the newest masking of the row: every column as it was, but for one span of one of them."""
    same = "is" if sqlite else "is not distinct from"

    def value(row: str, column: str) -> str:
        json = not sqlite and column in ("before", "after")
        return f'{row}."{column}"::text' if json else f'{row}."{column}"'

    ways = []
    for masked in MASKABLE[table]:
        others = " and ".join(f"{value('new', c)} {same} {value('old', c)}" for c in columns if c != masked)
        old = value("old", masked)
        text = f"substr({old}, 1, m.starts_at - 1) || '[maskeret]' || substr({old}, m.starts_at + m.length)"
        ways.append(
            f"({others} and exists (select 1 from masking m where m.{table}_id = old.id and m.no = new.masked "  # noqa: S608 # nosec - our own names
            f"and m.field = '{masked}' and {value('new', masked)} = {text}))"
        )
    return f"new.masked = old.masked + 1 and ({' or '.join(ways)})"


def _guard_sqlite() -> None:
    for table, columns in (("edition", EDITION), ("event", EVENT)):
        op.execute(f"drop trigger {table}_no_update")
        op.execute(
            f"create trigger {table}_no_update before update on {table} "
            f"when coalesce({_lets_through(table, columns, sqlite=True)}, 0) = 0 "
            f"begin select raise(abort, '{SAYS[table]}'); end"
        )
    for verb, when in {
        "update": "before update on masking",
        "delete": "before delete on masking",
        "replace": "before insert on masking when exists (select 1 from masking where id = new.id "
        "or (edition_id = new.edition_id and no = new.no) or (event_id = new.event_id and no = new.no))",
    }.items():
        op.execute(f"create trigger masking_no_{verb} {when} begin select raise(abort, '{SAYS['masking']}'); end")


def _guard_postgresql() -> None:
    for table, columns in (("edition", EDITION), ("event", EVENT)):
        op.execute(
            f"create function mask_{table}() returns trigger language plpgsql as $$ begin "
            f"if tg_op = 'UPDATE' then if coalesce({_lets_through(table, columns, sqlite=False)}, false) "
            f"then return new; end if; end if; raise exception '{SAYS[table]}'; end $$"
        )
        op.execute(f"drop trigger {table}_no_change on {table}")
        op.execute(
            f"create trigger {table}_no_change before update or delete on {table} "
            f"for each row execute function mask_{table}()"
        )
    op.execute('grant update (subject_name, "before", "after", masked) on event to current_user')
    op.execute(
        "create function refuse_to_change_masking() returns trigger language plpgsql as "
        f"$$ begin raise exception '{SAYS['masking']}'; end $$"
    )
    for name, when in {
        "change": "before update or delete on masking for each row",
        "truncate": "before truncate on masking for each statement",
    }.items():
        op.execute(f"create trigger masking_no_{name} {when} execute function refuse_to_change_masking()")
    op.execute("revoke update, delete, truncate on masking from current_user")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete", "replace"):
            op.execute(f"drop trigger masking_no_{verb}")
        for table in MASKABLE:
            op.execute(f"drop trigger {table}_no_update")
            op.execute(f"alter table {table} drop column masked")
            op.execute(
                f"create trigger {table}_no_update before update on {table} "
                f"begin select raise(abort, '{SAYS[table]}'); end"
            )
    else:
        op.execute('revoke update (subject_name, "before", "after", masked) on event from current_user')
        for table, refuse in {"edition": "refuse_change", "event": "refuse_to_change_event"}.items():
            op.execute(f"drop trigger {table}_no_change on {table}")
            op.execute(f"drop function mask_{table}()")
            op.execute(f"alter table {table} drop column masked")
            op.execute(
                f"create trigger {table}_no_change before update or delete on {table} "
                f"for each row execute function {refuse}()"
            )
        for name in ("change", "truncate"):
            op.execute(f"drop trigger masking_no_{name} on masking")
        op.execute("drop function refuse_to_change_masking()")
    op.drop_table("masking")
