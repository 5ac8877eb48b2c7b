"""Presence and skills of agents, promises and requests in cases, read marks"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("read_by_customer", "read_by_agent"):
        op.add_column(
            "conversation", sa.Column(name, sa.Integer(), nullable=False, server_default="0")
        )
    op.add_column(
        "support_case",
        sa.Column("at_head", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    for name in ("first_reply_at", "last_reply_at", "due_at"):
        op.add_column("support_case", sa.Column(name, sa.String(length=32), nullable=True))
    op.add_column("support_case", sa.Column("asked_agent_id", sa.String(length=64), nullable=True))
    op.add_column("support_case", sa.Column("asked_for", sa.String(length=8), nullable=True))
    for name in ("topics", "languages"):
        op.add_column("agent", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("agent", sa.Column("capacity", sa.Integer(), nullable=False, server_default="4"))
    op.create_table(
        "agent_presence",
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("why", sa.String(length=8), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("seen_at", sa.String(length=32), nullable=False),
        sa.Column("acted_at", sa.String(length=32), nullable=False),
        sa.Column("given_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_agent_presence_agent_id_agent")
        ),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_agent_presence")),
    )
