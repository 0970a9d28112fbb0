"""belastning in full: staffing, funding, relations, task forces, scenarios, empty chairs, thresholds"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scenario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("portfolio_id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_scenario_author_id_person")),
        sa.ForeignKeyConstraint(["portfolio_id"], ["portfolio.id"], name=op.f("fk_scenario_portfolio_id_portfolio")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
        sa.UniqueConstraint("key", name=op.f("uq_scenario_key")),
    )
    with op.batch_alter_table("scenario", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scenario_portfolio_id"), ["portfolio_id"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("portfolio_id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("raised_by_id", sa.Integer(), nullable=True),
        sa.Column("raised_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["portfolio_id"], ["portfolio.id"], name=op.f("fk_proposal_portfolio_id_portfolio")),
        sa.ForeignKeyConstraint(["raised_by_id"], ["person.id"], name=op.f("fk_proposal_raised_by_id_person")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["reporting_round.id"], name=op.f("fk_proposal_round_id_reporting_round")
        ),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_proposal_scenario_id_scenario")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("key", name=op.f("uq_proposal_key")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_portfolio_id"), ["portfolio_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_round_id"), ["round_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_scenario_id"), ["scenario_id"], unique=False)

    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("body", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_follow_up_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("project_id", "no", name=op.f("uq_follow_up_project_id_no")),
    )
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_up_project_id"), ["project_id"], unique=False)

    op.create_table(
        "funding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Float(), nullable=True),
        sa.Column(
            "approved", sa.Enum("yes", "proposed", "no", name="approved", native_enum=False, length=32), nullable=False
        ),
        sa.Column("decision", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_funding_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding")),
        sa.UniqueConstraint("project_id", "no", name=op.f("uq_funding_project_id_no")),
    )
    with op.batch_alter_table("funding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_funding_project_id"), ["project_id"], unique=False)

    op.create_table(
        "funding_need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_funding_need_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_need")),
        sa.UniqueConstraint("project_id", "no", name=op.f("uq_funding_need_project_id_no")),
    )
    with op.batch_alter_table("funding_need", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_funding_need_project_id"), ["project_id"], unique=False)

    op.create_table(
        "scenario_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "add_project",
                "remove_project",
                "add_seat",
                "change_seat",
                "remove_seat",
                "merge",
                name="scenariochangekind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("body_id", sa.Integer(), nullable=True),
        sa.Column("into_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column(
            "function",
            sa.Enum(
                "chair", "owner", "member", "secretary", "observer", name="seatfunction", native_enum=False, length=32
            ),
            nullable=True,
        ),
        sa.Column(
            "attendance",
            sa.Enum("fixed", "when_needed", name="attendance", native_enum=False, length=32),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_scenario_change_body_id_body")),
        sa.ForeignKeyConstraint(["into_id"], ["body.id"], name=op.f("fk_scenario_change_into_id_body")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_scenario_change_person_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_scenario_change_project_id_project")),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_scenario_change_scenario_id_scenario")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_change")),
        sa.UniqueConstraint("scenario_id", "no", name=op.f("uq_scenario_change_scenario_id_no")),
    )
    with op.batch_alter_table("scenario_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scenario_change_scenario_id"), ["scenario_id"], unique=False)

    op.create_table(
        "staffing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("function", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("fte", sa.Float(), nullable=True),
        sa.Column(
            "existing_funding",
            sa.Enum("yes", "no", "partly", name="existingfunding", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("planned", "vacant", "filled", name="staffingstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("keeps_home_unit", sa.Boolean(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_staffing_project_id_project")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_staffing_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staffing")),
        sa.UniqueConstraint("project_id", "no", name=op.f("uq_staffing_project_id_no")),
    )
    with op.batch_alter_table("staffing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staffing_project_id"), ["project_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staffing_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "task_force",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "delimited_task",
            sa.Enum("yes", "partly", "no", "unknown", name="fulfilled", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "clear_leadership",
            sa.Enum("yes", "partly", "no", "unknown", name="fulfilled", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "dedicated_resources",
            sa.Enum("yes", "partly", "no", "unknown", name="fulfilled", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "matrix_task",
            sa.Enum("yes", "partly", "no", "unknown", name="fulfilled", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "operational_task",
            sa.Enum("yes", "partly", "no", "unknown", name="fulfilled", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("terms_of_reference", sa.Text(), nullable=False),
        sa.Column("follow_up_body", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_task_force_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_force")),
        sa.UniqueConstraint("project_id", name=op.f("uq_task_force_project_id")),
    )
    op.create_table(
        "relation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "depends_on",
                "awaits",
                "shares_resource",
                "goal_conflict",
                "replaces",
                "springs_from",
                name="relationkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("outside", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=True),
        sa.Column("other_milestone_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "precision",
            sa.Enum("day", "week", "month", "quarter", "half", "year", name="precision", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestone.id"], name=op.f("fk_relation_milestone_id_milestone")),
        sa.ForeignKeyConstraint(["other_id"], ["project.id"], name=op.f("fk_relation_other_id_project")),
        sa.ForeignKeyConstraint(
            ["other_milestone_id"], ["milestone.id"], name=op.f("fk_relation_other_milestone_id_milestone")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_relation_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation")),
        sa.UniqueConstraint("project_id", "no", name=op.f("uq_relation_project_id_no")),
    )
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_relation_other_id"), ["other_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_relation_project_id"), ["project_id"], unique=False)

    op.create_table(
        "staffing_share",
        sa.Column("staffing_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["staffing_id"], ["staffing.id"], name=op.f("fk_staffing_share_staffing_id_staffing")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_staffing_share_unit_id_unit")),
        sa.PrimaryKeyConstraint("staffing_id", "year", "unit_id", name=op.f("pk_staffing_share")),
    )
    with op.batch_alter_table("staffing_share", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staffing_share_unit_id"), ["unit_id"], unique=False)

    with op.batch_alter_table("portfolio", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seats_watch", sa.Integer(), nullable=False, server_default="4"))
        batch_op.add_column(sa.Column("seats_high", sa.Integer(), nullable=False, server_default="6"))
        batch_op.add_column(sa.Column("chairs_watch", sa.Integer(), nullable=False, server_default="3"))
        batch_op.add_column(sa.Column("chairs_high", sa.Integer(), nullable=False, server_default="4"))
        batch_op.add_column(sa.Column("meetings_watch", sa.Integer(), nullable=False, server_default="40"))
        batch_op.add_column(sa.Column("large_body", sa.Integer(), nullable=False, server_default="5"))
        batch_op.add_column(sa.Column("very_large_body", sa.Integer(), nullable=False, server_default="12"))
        batch_op.add_column(sa.Column("many_in_trouble", sa.Integer(), nullable=False, server_default="3"))

    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("unit_id", sa.Integer(), nullable=True))
        batch_op.alter_column("person_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_foreign_key(batch_op.f("fk_seat_unit_id_unit"), "unit", ["unit_id"], ["id"])

    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_event_person_id"), ["person_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_event_person_id_person"), "person", ["person_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_event_person_id_person"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_event_person_id"))
        batch_op.drop_column("person_id")

    # Before, a seat always had a person: an empty chair has no place there.
    op.execute("delete from seat where person_id is null")
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_seat_unit_id_unit"), type_="foreignkey")
        batch_op.alter_column("person_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("unit_id")
        batch_op.drop_column("role")

    with op.batch_alter_table("portfolio", schema=None) as batch_op:
        batch_op.drop_column("many_in_trouble")
        batch_op.drop_column("very_large_body")
        batch_op.drop_column("large_body")
        batch_op.drop_column("meetings_watch")
        batch_op.drop_column("chairs_high")
        batch_op.drop_column("chairs_watch")
        batch_op.drop_column("seats_high")
        batch_op.drop_column("seats_watch")

    with op.batch_alter_table("staffing_share", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staffing_share_unit_id"))

    op.drop_table("staffing_share")
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_relation_project_id"))
        batch_op.drop_index(batch_op.f("ix_relation_other_id"))

    op.drop_table("relation")
    op.drop_table("task_force")
    with op.batch_alter_table("staffing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staffing_unit_id"))
        batch_op.drop_index(batch_op.f("ix_staffing_project_id"))

    op.drop_table("staffing")
    with op.batch_alter_table("scenario_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scenario_change_scenario_id"))

    op.drop_table("scenario_change")
    with op.batch_alter_table("funding_need", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_funding_need_project_id"))

    op.drop_table("funding_need")
    with op.batch_alter_table("funding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_funding_project_id"))

    op.drop_table("funding")
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_up_project_id"))

    op.drop_table("follow_up")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_scenario_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_round_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_portfolio_id"))

    op.drop_table("proposal")
    with op.batch_alter_table("scenario", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scenario_portfolio_id"))

    op.drop_table("scenario")
