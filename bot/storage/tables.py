"""The tables. What a person said or is called stands apart from the log's skeleton.

``event`` holds type, time, sequence and references; ``event_content`` the words and ids of
people, so that masking or erasure replaces content and the skeleton still adds up.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Times are ISO 8601 text in UTC with microseconds: they sort, and mean the same on both databases.
_TIME = String(32)
_ID = String(64)

visitor = Table(
    "visitor",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("customer_id", _ID, nullable=True, index=True),  # the identity link
    Column("created_at", _TIME, nullable=False),
    Column("linked_at", _TIME, nullable=True),
)

customer = Table(
    "customer",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=True),
    Column("seen_at", _TIME, nullable=False),
)

conversation = Table(
    "conversation",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("visitor_id", _ID, nullable=False, index=True),
    Column("customer_id", _ID, nullable=True, index=True),
    Column("language", String(12), nullable=False),
    Column("owner", String(80), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    # A customer's message at `asked_seq` awaits the bot while `answered_seq` is below it.
    Column("asked_seq", Integer, nullable=False),
    Column("answered_seq", Integer, nullable=False),
    # Set when a person takes over: the assistant is told what was said from here on.
    Column("heard_since", Integer, nullable=True),
    # How far each side has read what the other side wrote.
    Column("read_by_customer", Integer, nullable=False, server_default="0"),
    Column("read_by_agent", Integer, nullable=False, server_default="0"),
    Column("state", LargeBinary, nullable=True),  # the dialogue's state, opaque to the app
    Column("previous_id", _ID, nullable=True),
    Column("opened_at", _TIME, nullable=False),
    Column("last_customer_at", _TIME, nullable=False),
    Column("closed_at", _TIME, nullable=True),
    Index(
        "ix_conversation_pending",
        "id",
        sqlite_where=text("asked_seq > answered_seq"),
        postgresql_where=text("asked_seq > answered_seq"),
    ),
    # One open conversation for each visitor: two tabs cannot open two.
    Index(
        "uq_conversation_open",
        "visitor_id",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

event = Table(
    "event",
    metadata,
    Column("conversation_id", _ID, ForeignKey("conversation.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("source", String(12), nullable=False),
    Column("actor", _ID, nullable=True),
    Column("at", _TIME, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("ref", Integer, nullable=True),
    Column("client_id", String(80), nullable=True),
    Column("data", JSON, nullable=False),
    UniqueConstraint("conversation_id", "client_id"),
)

event_content = Table(
    "event_content",
    metadata,
    Column("conversation_id", _ID, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("content", JSON, nullable=False),
)

case = Table(
    "support_case",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("conversation_id", _ID, ForeignKey("conversation.id"), nullable=False, index=True),
    Column("state", String(12), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("topic", String(32), nullable=True),
    Column("question_seq", Integer, nullable=True),
    Column("agent_id", _ID, ForeignKey("agent.id"), nullable=True),
    Column("opened_at", _TIME, nullable=False),
    Column("claimed_at", _TIME, nullable=True),
    Column("ended_at", _TIME, nullable=True),
    Column("disposition", String(20), nullable=True),
    Column("first_reply_at", _TIME, nullable=True),
    Column("last_reply_at", _TIME, nullable=True),
    # Cases that came back by no fault of the customer stand before all others.
    Column("at_head", Boolean, nullable=False, server_default=text("false")),
    # By when a person has promised to answer; such a case waits for no one in the window.
    Column("due_at", _TIME, nullable=True),
    # The colleague who is asked to look at the case or to take it.
    Column("asked_agent_id", _ID, nullable=True),
    Column("asked_for", String(8), nullable=True),
    # Who had it last and put it back, or lost it, and when.
    Column("left_agent_id", _ID, nullable=True),
    Column("left_at", _TIME, nullable=True),
    Index(
        "uq_case_open",
        "conversation_id",
        unique=True,
        sqlite_where=text("state IN ('waiting', 'claimed')"),
        postgresql_where=text("state IN ('waiting', 'claimed')"),
    ),
    Index("ix_case_state", "state", "opened_at"),
)

agent = Table(
    "agent",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", _TIME, nullable=False),
    # What an agent is good at; empty: everything. The number of cases to hold at once.
    Column("topics", JSON, nullable=False, server_default="[]"),
    Column("languages", JSON, nullable=False, server_default="[]"),
    Column("capacity", Integer, nullable=False, server_default="4"),
)

presence = Table(
    "agent_presence",
    metadata,
    Column("agent_id", _ID, ForeignKey("agent.id"), primary_key=True),
    Column("state", String(12), nullable=False),
    Column("why", String(8), nullable=False),
    Column("since", _TIME, nullable=False),
    Column("seen_at", _TIME, nullable=False),  # the desk's page is open
    Column("acted_at", _TIME, nullable=False),  # the agent did something in it
    Column("given_at", _TIME, nullable=True),  # the last case that was assigned
    Column("before", String(12), nullable=True),  # the state of who was sent away
)

agent_session = Table(
    "agent_session",
    metadata,
    # A hash: who reads the database cannot log in with what stands here.
    Column("token_hash", String(64), primary_key=True),
    Column("agent_id", _ID, ForeignKey("agent.id"), nullable=False),
    Column("expires_at", _TIME, nullable=False),
)
