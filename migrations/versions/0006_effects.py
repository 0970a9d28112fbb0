"""effekter in full: versions of targets, benchmarks, benefits, follow-up after the project, implementation, strategy"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OFTEN = {
    "monthly": ("hver måned", "månedligt"),
    "quarterly": ("hvert kvartal", "kvartalsvist"),
    "half_yearly": ("hvert halvår", "halvårligt"),
    "yearly": ("hvert år", "årligt"),
    "once": ("én gang", "engang"),
}
"""How often a figure is due, with the words that people wrote."""

TARGET = sa.table(
    "effect_target",
    sa.column("frequency", sa.String()),
    sa.column("attribution_note", sa.Text()),
    sa.column("path", sa.String()),
)


def upgrade() -> None:
    op.create_table(
        "strategy_theme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("promise", sa.Text(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("portfolio_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["portfolio.id"], name=op.f("fk_strategy_theme_portfolio_id_portfolio")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategy_theme")),
        sa.UniqueConstraint("portfolio_id", "year", "name", name=op.f("uq_strategy_theme_portfolio_id_year_name")),
    )
    with op.batch_alter_table("strategy_theme", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_strategy_theme_portfolio_id"), ["portfolio_id"], unique=False)

    op.create_table(
        "benefit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("area", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("potential_min", sa.Float(), nullable=True),
        sa.Column("potential_max", sa.Float(), nullable=True),
        sa.Column("not_analysed_min", sa.Float(), nullable=True),
        sa.Column("not_analysed_max", sa.Float(), nullable=True),
        sa.Column("expected_min", sa.Float(), nullable=True),
        sa.Column("expected_max", sa.Float(), nullable=True),
        sa.Column("identified", sa.Float(), nullable=True),
        sa.Column("realised", sa.Float(), nullable=True),
        sa.Column("budget", sa.Float(), nullable=True),
        sa.Column("full_year", sa.Boolean(), nullable=False),
        sa.Column(
            "certainty",
            sa.Enum("certain", "likely", "uncertain", name="certainty", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("treasury_percent", sa.Integer(), nullable=False),
        sa.Column("split_reason", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("measure", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_benefit_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit")),
        sa.UniqueConstraint("project_id", "no", name=op.f("uq_benefit_project_id_no")),
    )
    with op.batch_alter_table("benefit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_benefit_project_id"), ["project_id"], unique=False)

    op.create_table(
        "implementation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "not_begun", "planned", "under_way", "partly", "full", name="implemented", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("receiver", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("plan_on", sa.Date(), nullable=True),
        sa.Column("units_in_use", sa.Integer(), nullable=True),
        sa.Column("units_in_all", sa.Integer(), nullable=True),
        sa.Column("counted_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_implementation_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_implementation")),
        sa.UniqueConstraint("project_id", name=op.f("uq_implementation_project_id")),
    )
    op.create_table(
        "project_strategy",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("strategy_theme_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_strategy_project_id_project")),
        sa.ForeignKeyConstraint(
            ["strategy_theme_id"],
            ["strategy_theme.id"],
            name=op.f("fk_project_strategy_strategy_theme_id_strategy_theme"),
        ),
        sa.PrimaryKeyConstraint("project_id", "strategy_theme_id", name=op.f("pk_project_strategy")),
    )
    with op.batch_alter_table("project_strategy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_strategy_strategy_theme_id"), ["strategy_theme_id"], unique=False)

    op.create_table(
        "stated_total",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column(
            "column",
            sa.Enum(
                "potential",
                "not_analysed",
                "expected",
                "realised",
                "identified",
                "budget",
                "need",
                name="benefitcolumn",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Float(), nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_stated_total_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stated_total")),
        sa.UniqueConstraint("project_id", "no", name=op.f("uq_stated_total_project_id_no")),
    )
    with op.batch_alter_table("stated_total", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stated_total_project_id"), ["project_id"], unique=False)

    op.create_table(
        "benchmark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.Column(
            "precision",
            sa.Enum("day", "week", "month", "quarter", "half", "year", name="precision", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("effect_target_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["effect_target_id"], ["effect_target.id"], name=op.f("fk_benchmark_effect_target_id_effect_target")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benchmark")),
        sa.UniqueConstraint("effect_target_id", "no", name=op.f("uq_benchmark_effect_target_id_no")),
    )
    with op.batch_alter_table("benchmark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_benchmark_effect_target_id"), ["effect_target_id"], unique=False)

    op.create_table(
        "effect_follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "result",
            sa.Enum(
                "reached",
                "partly",
                "not_reached",
                "too_early",
                "not_measured",
                name="followupresult",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner_unit_id", sa.Integer(), nullable=True),
        sa.Column("effect_target_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "reported",
                "returned",
                "approved",
                "waived",
                name="followupstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("waived_reason", sa.Text(), nullable=False),
        sa.Column("reported_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("reported_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("returned_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["person.id"], name=op.f("fk_effect_follow_up_approved_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["effect_target_id"], ["effect_target.id"], name=op.f("fk_effect_follow_up_effect_target_id_effect_target")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_effect_follow_up_owner_id_person")),
        sa.ForeignKeyConstraint(["owner_unit_id"], ["unit.id"], name=op.f("fk_effect_follow_up_owner_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["reported_by_id"], ["person.id"], name=op.f("fk_effect_follow_up_reported_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_effect_follow_up")),
        sa.UniqueConstraint("effect_target_id", "no", name=op.f("uq_effect_follow_up_effect_target_id_no")),
    )
    with op.batch_alter_table("effect_follow_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_effect_follow_up_effect_target_id"), ["effect_target_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_effect_follow_up_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "target_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("effect_target_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("changed_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("baseline_value", sa.Float(), nullable=True),
        sa.Column("baseline_on", sa.Date(), nullable=True),
        sa.Column("target_value", sa.Float(), nullable=True),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column("target_wording", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("worded_on", sa.Date(), nullable=True),
        sa.Column(
            "path",
            sa.Enum("linear", "steps", "at_end", name="effectpath", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("waypoints", sa.JSON(), nullable=False, server_default="[]"),
        sa.ForeignKeyConstraint(
            ["effect_target_id"], ["effect_target.id"], name=op.f("fk_target_version_effect_target_id_effect_target")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_version")),
        sa.UniqueConstraint("effect_target_id", "no", name=op.f("uq_target_version_effect_target_id_no")),
    )
    with op.batch_alter_table("target_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_target_version_effect_target_id"), ["effect_target_id"], unique=False)

    with op.batch_alter_table("effect_target", schema=None) as batch_op:
        batch_op.add_column(sa.Column("worded_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("waypoints", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.alter_column("frequency", existing_type=sa.String(60), nullable=True)

    # How often a figure is due was free text; what was not one of the usual words is kept in the note beside it.
    for often, words in OFTEN.items():
        op.execute(TARGET.update().where(sa.func.lower(TARGET.c.frequency).in_(words)).values(frequency=often))
    unusual = TARGET.c.frequency.not_in(OFTEN)
    note = sa.func.trim(TARGET.c.attribution_note + " Måles: " + TARGET.c.frequency)
    op.execute(TARGET.update().where(unusual, TARGET.c.frequency != "").values(attribution_note=note))
    op.execute(TARGET.update().where(unusual).values(frequency=None))
    with op.batch_alter_table("effect_target", schema=None) as batch_op:
        batch_op.alter_column("frequency", existing_type=sa.String(60), type_=sa.String(32), nullable=True)

    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("concluded_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("concluded_unmeasured", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.drop_column("concluded_unmeasured")
        batch_op.drop_column("concluded_on")

    for often, words in OFTEN.items():
        op.execute(TARGET.update().where(TARGET.c.frequency == often).values(frequency=words[0]))
    op.execute(TARGET.update().where(TARGET.c.frequency.is_(None)).values(frequency=""))
    # A path in steps was not known before: it is taken as even.
    op.execute(TARGET.update().where(TARGET.c.path == "steps").values(path="linear"))
    with op.batch_alter_table("effect_target", schema=None) as batch_op:
        batch_op.alter_column("frequency", existing_type=sa.String(32), type_=sa.String(60), nullable=False)

    with op.batch_alter_table("effect_target", schema=None) as batch_op:
        batch_op.drop_column("waypoints")
        batch_op.drop_column("worded_on")

    with op.batch_alter_table("target_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_target_version_effect_target_id"))

    op.drop_table("target_version")
    with op.batch_alter_table("effect_follow_up", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_effect_follow_up_owner_id"))
        batch_op.drop_index(batch_op.f("ix_effect_follow_up_effect_target_id"))

    op.drop_table("effect_follow_up")
    with op.batch_alter_table("benchmark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_benchmark_effect_target_id"))

    op.drop_table("benchmark")
    with op.batch_alter_table("stated_total", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stated_total_project_id"))

    op.drop_table("stated_total")
    with op.batch_alter_table("project_strategy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_strategy_strategy_theme_id"))

    op.drop_table("project_strategy")
    op.drop_table("implementation")
    with op.batch_alter_table("benefit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_benefit_project_id"))

    op.drop_table("benefit")
    with op.batch_alter_table("strategy_theme", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_strategy_theme_portfolio_id"))

    op.drop_table("strategy_theme")
