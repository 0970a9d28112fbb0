"""indexes that hold what Overblik reads of each report and assessment"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        op.f("ix_report_round_id_project_id_state_colour"), "report", ["round_id", "project_id", "state", "colour"]
    )
    op.drop_index(op.f("ix_report_round_id"), "report")
    op.create_index(
        op.f("ix_assessment_report_id_dimension_colour_comment"),
        "assessment",
        ["report_id", "dimension", "colour", "comment"],
    )
    op.drop_index(op.f("ix_assessment_report_id"), "assessment")


def downgrade() -> None:
    op.create_index(op.f("ix_assessment_report_id"), "assessment", ["report_id"])
    op.drop_index(op.f("ix_assessment_report_id_dimension_colour_comment"), "assessment")
    op.create_index(op.f("ix_report_round_id"), "report", ["round_id"])
    op.drop_index(op.f("ix_report_round_id_project_id_state_colour"), "report")
