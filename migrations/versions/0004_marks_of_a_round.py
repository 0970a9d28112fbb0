"""an index that answers which marks were given in a round"""

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


def downgrade() -> None:
    op.create_index(op.f("ix_report_round_id"), "report", ["round_id"])
    op.drop_index(op.f("ix_report_round_id_project_id_state_colour"), "report")
