"""Who left a case and when, and what an agent's presence was before they were sent away"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("support_case", sa.Column("left_agent_id", sa.String(length=64), nullable=True))
    op.add_column("support_case", sa.Column("left_at", sa.String(length=32), nullable=True))
    op.add_column("agent_presence", sa.Column("before", sa.String(length=12), nullable=True))
