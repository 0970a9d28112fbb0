"""the round"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GUARDED = {"edition": ("id", "round_id"), "addendum": ("id",)}
"""What is written once, with its unique columns: the database itself refuses to change it (product.md, decision 9)."""


def upgrade() -> None:
    op.create_table(
        "mail_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("portfolio_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "opening",
                "reminder",
                "deadline",
                "overdue",
                "approval",
                "returned",
                "digest",
                name="mailkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["portfolio_id"], ["portfolio.id"], name=op.f("fk_mail_text_portfolio_id_portfolio")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_text")),
        sa.UniqueConstraint("portfolio_id", "kind", name=op.f("uq_mail_text_portfolio_id_kind")),
    )
    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("portfolio_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("frozen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("frozen_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("previous_sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.ForeignKeyConstraint(["portfolio_id"], ["portfolio.id"], name=op.f("fk_edition_portfolio_id_portfolio")),
        sa.ForeignKeyConstraint(["round_id"], ["reporting_round.id"], name=op.f("fk_edition_round_id_reporting_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("round_id", name=op.f("uq_edition_round_id")),
    )
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_edition_portfolio_id"), ["portfolio_id"], unique=False)

    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("portfolio_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "opening",
                "reminder",
                "deadline",
                "overdue",
                "approval",
                "returned",
                "digest",
                name="mailkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("written_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_person_id_person")),
        sa.ForeignKeyConstraint(["portfolio_id"], ["portfolio.id"], name=op.f("fk_mail_portfolio_id_portfolio")),
        sa.ForeignKeyConstraint(["round_id"], ["reporting_round.id"], name=op.f("fk_mail_round_id_reporting_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_key")),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_portfolio_id"), ["portfolio_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_round_id"), ["round_id"], unique=False)

    op.create_table(
        "addendum",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("author", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_addendum_edition_id_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addendum")),
    )
    with op.batch_alter_table("addendum", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_addendum_edition_id"), ["edition_id"], unique=False)

    op.create_table(
        "deputy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column(
            "stands_for", sa.Enum("leader", "owner", name="deputyfor", native_enum=False, length=32), nullable=False
        ),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_deputy_person_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_deputy_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy")),
        sa.UniqueConstraint("project_id", "no", name=op.f("uq_deputy_project_id_no")),
    )
    with op.batch_alter_table("deputy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deputy_project_id"), ["project_id"], unique=False)

    op.create_table(
        "status_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column(
            "kind", sa.Enum("running", "quarterly", name="notekind", native_enum=False, length=32), nullable=False
        ),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_status_note_author_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_status_note_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_note")),
        sa.UniqueConstraint("project_id", "no", name=op.f("uq_status_note_project_id_no")),
    )
    with op.batch_alter_table("status_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_status_note_project_id"), ["project_id"], unique=False)

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False, server_default="")
        )

    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "approved_as",
                sa.Enum("owner", "deputy", "director", name="approvedas", native_enum=False, length=32),
                nullable=True,
            )
        )
        batch_op.add_column(
            sa.Column(
                "owner_colour",
                sa.Enum("red", "yellow", "green", name="colour", native_enum=False, length=32),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("owner_comment", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("exempt_reason", sa.Text(), nullable=False, server_default=""))

    _guard()


def downgrade() -> None:
    _unguard()
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_column("exempt_reason")
        batch_op.drop_column("owner_comment")
        batch_op.drop_column("owner_colour")
        batch_op.drop_column("approved_as")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("email")

    with op.batch_alter_table("status_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_status_note_project_id"))

    op.drop_table("status_note")
    with op.batch_alter_table("deputy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deputy_project_id"))

    op.drop_table("deputy")
    with op.batch_alter_table("addendum", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_addendum_edition_id"))

    op.drop_table("addendum")
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_round_id"))
        batch_op.drop_index(batch_op.f("ix_mail_portfolio_id"))
        batch_op.drop_index(batch_op.f("ix_mail_person_id"))

    op.drop_table("mail")
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_edition_portfolio_id"))

    op.drop_table("edition")
    op.drop_table("mail_text")


def _guard() -> None:
    """Editions and addenda cannot be changed or deleted, also not by REPLACE (SQLite) or TRUNCATE (PostgreSQL)."""
    if op.get_bind().dialect.name == "sqlite":
        for table, unique in GUARDED.items():
            for verb in ("update", "delete"):
                op.execute(
                    f"create trigger {table}_no_{verb} before {verb} on {table} "
                    f"begin select raise(abort, 'a frozen edition never changes'); end"
                )
            op.execute(
                f"create trigger {table}_no_replace before insert on {table} "  # noqa: S608 - our own two names
                f"when exists (select 1 from {table} where {' or '.join(f'{name} = new.{name}' for name in unique)}) "
                f"begin select raise(abort, 'a frozen edition never changes'); end"
            )
        return
    op.execute(
        "create function refuse_change() returns trigger language plpgsql as "
        "$$ begin raise exception 'a frozen edition never changes'; end $$"
    )
    for table in GUARDED:
        op.execute(
            f"create trigger {table}_no_change before update or delete on {table} "
            f"for each row execute function refuse_change()"
        )
        op.execute(
            f"create trigger {table}_no_truncate before truncate on {table} "
            f"for each statement execute function refuse_change()"
        )
    op.execute("revoke delete, truncate on edition from current_user")  # an addendum's key check locks its edition
    op.execute("revoke update, delete, truncate on addendum from current_user")


def _unguard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in GUARDED:
            for verb in ("update", "delete", "replace"):
                op.execute(f"drop trigger {table}_no_{verb}")
        return
    for table in GUARDED:
        op.execute(f"drop trigger {table}_no_change on {table}")
        op.execute(f"drop trigger {table}_no_truncate on {table}")
    op.execute("drop function refuse_change()")
