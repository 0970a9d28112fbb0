"""the meeting: agenda, recommendations, candidates, decisions, tasks, topics, and what was taken out as a file"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NEW_ON_PROPOSALS = ("large", "cross_cutting", "strategic", "admission_reason", "origin", "purpose", "kind")
"""Columns that the proposals of before must have a value in: each of them is of a scenario."""


def upgrade() -> None:
    op.create_table(
        "paper_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("portfolio_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("uploaded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["portfolio.id"], name=op.f("fk_paper_template_portfolio_id_portfolio")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_template")),
        sa.UniqueConstraint("portfolio_id", name=op.f("uq_paper_template_portfolio_id")),
    )
    op.create_table(
        "standing_recommendation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("portfolio_id", sa.Integer(), nullable=False),
        sa.Column(
            "subject",
            sa.Enum("attention", "listing", "removal", "forum", name="subject", native_enum=False, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["portfolio.id"], name=op.f("fk_standing_recommendation_portfolio_id_portfolio")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_recommendation")),
        sa.UniqueConstraint("portfolio_id", "subject", name=op.f("uq_standing_recommendation_portfolio_id_subject")),
    )
    op.create_table(
        "export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("portfolio_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("taken_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column(
            "profile", sa.Enum("internal", "external", name="profile", native_enum=False, length=32), nullable=False
        ),
        sa.Column(
            "recipient",
            sa.Enum(
                "own_use",
                "board",
                "committee",
                "housing",
                "authority",
                "public",
                name="recipient",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("round_key", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.ForeignKeyConstraint(["portfolio_id"], ["portfolio.id"], name=op.f("fk_export_portfolio_id_portfolio")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_export_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
        sa.UniqueConstraint("key", name=op.f("uq_export_key")),
    )
    with op.batch_alter_table("export", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_export_portfolio_id"), ["portfolio_id"], unique=False)
    _guard_exports()

    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("participants", sa.JSON(), nullable=False),
        sa.Column("apologies", sa.JSON(), nullable=False),
        sa.Column("case_number", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
        sa.Column("portfolio_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column(
            "body",
            sa.Enum("executive_board", "management_forum", name="meetingbody", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("planned", "held", "cancelled", name="meetingstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["portfolio_id"], ["portfolio.id"], name=op.f("fk_meeting_portfolio_id_portfolio")),
        sa.ForeignKeyConstraint(["round_id"], ["reporting_round.id"], name=op.f("fk_meeting_round_id_reporting_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("round_id", name=op.f("uq_meeting_round_id")),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_portfolio_id"), ["portfolio_id"], unique=False)

    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("case_number", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("background", sa.Text(), nullable=False),
        sa.Column("annexes", sa.JSON(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("treats_list", sa.Boolean(), nullable=False),
        sa.Column("continues_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_agenda_item_meeting_id_meeting")),
        sa.ForeignKeyConstraint(
            ["continues_id"], ["agenda_item.id"], name=op.f("fk_agenda_item_continues_id_agenda_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
    )
    with op.batch_alter_table("agenda_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agenda_item_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "recommendation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column(
            "subject",
            sa.Enum("attention", "listing", "removal", "forum", name="subject", native_enum=False, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_recommendation_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation")),
        sa.UniqueConstraint("meeting_id", "no", name=op.f("uq_recommendation_meeting_id_no")),
        sa.UniqueConstraint("meeting_id", "subject", name=op.f("uq_recommendation_meeting_id_subject")),
    )
    with op.batch_alter_table("recommendation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recommendation_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "screen",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("showing", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("shown_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("shown_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_screen_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["shown_by_id"], ["person.id"], name=op.f("fk_screen_shown_by_id_person")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_screen")),
    )
    op.create_table(
        "candidate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mark", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column(
            "subject",
            sa.Enum("attention", "listing", "removal", "forum", name="subject", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "red",
                "worse",
                "long_red",
                "signals",
                "unreported",
                "overdue_task",
                "load",
                "effect",
                "proposal",
                "finished",
                "expired",
                "silent",
                "dependency",
                "goal_conflict",
                "topic",
                "own",
                name="source",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column(
            "state", sa.Enum("accepted", "dropped", name="candidatestate", native_enum=False, length=32), nullable=False
        ),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_candidate_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_candidate_project_id_project")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_candidate_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("key", name=op.f("uq_candidate_key")),
        sa.UniqueConstraint("meeting_id", "source", "ref", name=op.f("uq_candidate_meeting_id_source_ref")),
    )
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_candidate_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_candidate_project_id"), ["project_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_candidate_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "verb",
            sa.Enum(
                "noted",
                "approved",
                "approved_with",
                "discussed",
                "decided",
                "deferred",
                "rejected",
                "not_treated",
                name="decisionverb",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("deferred_to", sa.Date(), nullable=True),
        sa.Column("no_follow_up", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=True),
        sa.Column("agenda_item_id", sa.Integer(), nullable=True),
        sa.Column("candidate_id", sa.Integer(), nullable=True),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("annulled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("annulled_reason", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.ForeignKeyConstraint(
            ["agenda_item_id"], ["agenda_item.id"], name=op.f("fk_decision_agenda_item_id_agenda_item")
        ),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_decision_candidate_id_candidate")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_decision_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_decision_project_id_project")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_decision_proposal_id_proposal")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendation.id"], name=op.f("fk_decision_recommendation_id_recommendation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("key", name=op.f("uq_decision_key")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_agenda_item_id"), ["agenda_item_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_candidate_id"), ["candidate_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_project_id"), ["project_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_proposal_id"), ["proposal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_recommendation_id"), ["recommendation_id"], unique=False)

    op.create_table(
        "topic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner_unit_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("portfolio_id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("candidate_id", sa.Integer(), nullable=True),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("agenda_no", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("sent", "planned", "treated", "lapsed", name="topicstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("no_follow_up", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("treated_on", sa.Date(), nullable=True),
        sa.Column("lapsed_on", sa.Date(), nullable=True),
        sa.Column("lapsed_reason", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_topic_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_topic_candidate_id_candidate")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_topic_decision_id_decision")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_topic_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_topic_owner_id_person")),
        sa.ForeignKeyConstraint(["owner_unit_id"], ["unit.id"], name=op.f("fk_topic_owner_unit_id_unit")),
        sa.ForeignKeyConstraint(["portfolio_id"], ["portfolio.id"], name=op.f("fk_topic_portfolio_id_portfolio")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_topic_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        sa.UniqueConstraint("key", name=op.f("uq_topic_key")),
    )
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topic_decision_id"), ["decision_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_topic_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_topic_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_topic_portfolio_id"), ["portfolio_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_topic_project_id"), ["project_id"], unique=False)

    op.create_table(
        "earlier_turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("agenda_no", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("no_follow_up", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("treated_on", sa.Date(), nullable=True),
        sa.Column("lapsed_on", sa.Date(), nullable=True),
        sa.Column("lapsed_reason", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("returned_reason", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_earlier_turn_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_earlier_turn_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_turn")),
    )
    with op.batch_alter_table("earlier_turn", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_earlier_turn_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_earlier_turn_topic_id"), ["topic_id"], unique=False)

    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner_unit_id", sa.Integer(), nullable=True),
        sa.Column("due_from", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("evaluation", sa.Boolean(), nullable=False),
        sa.Column("portfolio_id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column(
            "state", sa.Enum("open", "done", "lapsed", name="taskstate", native_enum=False, length=32), nullable=False
        ),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=True),
        sa.Column("wished_on", sa.Date(), nullable=True),
        sa.Column("wished_reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_task_decision_id_decision")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_task_owner_id_person")),
        sa.ForeignKeyConstraint(["owner_unit_id"], ["unit.id"], name=op.f("fk_task_owner_unit_id_unit")),
        sa.ForeignKeyConstraint(["portfolio_id"], ["portfolio.id"], name=op.f("fk_task_portfolio_id_portfolio")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_task_project_id_project")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_task_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("key", name=op.f("uq_task_key")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_decision_id"), ["decision_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_portfolio_id"), ["portfolio_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_project_id"), ["project_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_topic_id"), ["topic_id"], unique=False)

    op.add_column("event", sa.Column("subject_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_event_subject_id"), "event", ["subject_id"], unique=False)
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("decision_in_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("decision_out_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_placement_decision_out_id_decision"), "decision", ["decision_out_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_placement_decision_in_id_decision"), "decision", ["decision_in_id"], ["id"]
        )

    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("large", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("cross_cutting", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("strategic", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("admission_reason", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("origin", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("purpose", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("unit_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("case_number", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True))
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.Enum("scenario", "listing", "removal", name="proposalkind", native_enum=False, length=32),
                nullable=False,
                server_default="scenario",
            )
        )
        batch_op.add_column(sa.Column("project_id", sa.Integer(), nullable=True))
        batch_op.alter_column("scenario_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.alter_column("round_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_index(batch_op.f("ix_proposal_project_id"), ["project_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_proposal_unit_id_unit"), "unit", ["unit_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_proposal_project_id_project"), "project", ["project_id"], ["id"])

    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("agenda_item_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_event_agenda_item_id"), ["agenda_item_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_event_agenda_item_id_agenda_item"), "agenda_item", ["agenda_item_id"], ["id"]
        )

    with op.batch_alter_table("proposal", schema=None) as batch_op:
        for name in NEW_ON_PROPOSALS:
            batch_op.alter_column(name, server_default=None)


def _guard_exports() -> None:
    """What was taken out is written once: the database itself refuses to change it, as it does with editions."""
    says = "what was taken out never changes"
    if op.get_bind().dialect.name == "sqlite":
        for name, when in {
            "update": "before update on export",
            "delete": "before delete on export",
            "replace": "before insert on export "
            "when exists (select 1 from export where id = new.id or export.key = new.key)",
        }.items():
            op.execute(f"create trigger export_no_{name} {when} begin select raise(abort, '{says}'); end")
        return
    op.execute(
        "create function refuse_to_change_export() returns trigger language plpgsql as "
        f"$$ begin raise exception '{says}'; end $$"
    )
    for name, when in {
        "change": "before update or delete on export for each row",
        "truncate": "before truncate on export for each statement",
    }.items():
        op.execute(f"create trigger export_no_{name} {when} execute function refuse_to_change_export()")
    op.execute("revoke update, delete, truncate on export from current_user")


def downgrade() -> None:
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_event_agenda_item_id_agenda_item"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_event_agenda_item_id"))
        batch_op.drop_column("agenda_item_id")

    op.execute("update decision set proposal_id = null")
    op.execute("update candidate set proposal_id = null")
    op.execute("delete from proposal where scenario_id is null or round_id is null")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_proposal_project_id_project"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_proposal_unit_id_unit"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_proposal_project_id"))
        batch_op.alter_column("round_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.alter_column("scenario_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("project_id")
        batch_op.drop_column("kind")
        batch_op.drop_column("case_number")
        batch_op.drop_column("unit_id")
        batch_op.drop_column("purpose")
        batch_op.drop_column("origin")
        batch_op.drop_column("admission_reason")
        batch_op.drop_column("strategic")
        batch_op.drop_column("cross_cutting")
        batch_op.drop_column("large")

    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_placement_decision_in_id_decision"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_placement_decision_out_id_decision"), type_="foreignkey")
        batch_op.drop_column("decision_out_id")
        batch_op.drop_column("decision_in_id")

    op.drop_index(op.f("ix_event_subject_id"), table_name="event")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_column("subject_id")

    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_topic_id"))
        batch_op.drop_index(batch_op.f("ix_task_project_id"))
        batch_op.drop_index(batch_op.f("ix_task_portfolio_id"))
        batch_op.drop_index(batch_op.f("ix_task_owner_id"))
        batch_op.drop_index(batch_op.f("ix_task_decision_id"))

    op.drop_table("task")
    with op.batch_alter_table("earlier_turn", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_earlier_turn_topic_id"))
        batch_op.drop_index(batch_op.f("ix_earlier_turn_meeting_id"))

    op.drop_table("earlier_turn")
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_topic_project_id"))
        batch_op.drop_index(batch_op.f("ix_topic_portfolio_id"))
        batch_op.drop_index(batch_op.f("ix_topic_owner_id"))
        batch_op.drop_index(batch_op.f("ix_topic_meeting_id"))
        batch_op.drop_index(batch_op.f("ix_topic_decision_id"))

    op.drop_table("topic")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_recommendation_id"))
        batch_op.drop_index(batch_op.f("ix_decision_proposal_id"))
        batch_op.drop_index(batch_op.f("ix_decision_project_id"))
        batch_op.drop_index(batch_op.f("ix_decision_meeting_id"))
        batch_op.drop_index(batch_op.f("ix_decision_candidate_id"))
        batch_op.drop_index(batch_op.f("ix_decision_agenda_item_id"))

    op.drop_table("decision")
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_candidate_proposal_id"))
        batch_op.drop_index(batch_op.f("ix_candidate_project_id"))
        batch_op.drop_index(batch_op.f("ix_candidate_meeting_id"))

    op.drop_table("candidate")
    op.drop_table("screen")
    with op.batch_alter_table("recommendation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recommendation_meeting_id"))

    op.drop_table("recommendation")
    with op.batch_alter_table("agenda_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agenda_item_meeting_id"))

    op.drop_table("agenda_item")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_portfolio_id"))

    op.drop_table("meeting")
    with op.batch_alter_table("export", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_export_portfolio_id"))

    op.drop_table("export")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function refuse_to_change_export()")
    op.drop_table("standing_recommendation")
    op.drop_table("paper_template")
