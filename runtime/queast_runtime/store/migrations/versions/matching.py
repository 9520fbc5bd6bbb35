"""Links say how far they are to be trusted, rejections are remembered, reviews have versions and a history; the mirror
keeps cards and name tokens; before-images, hashes of what we wrote, receipts and ensured bookmarks get tables.

Triggers hold what no code of ours may break: a rejected pair is not linked, a linked pair is not rejected, and the
history of reviews is append-only.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_ESTABLISHED = "('link', 'external_id', 'domain', 'email', 'created', 'review')"
_STANDING = f"UPDATE {{table}} SET standing = 'established' WHERE rule IN {_ESTABLISHED}"  # noqa: S608 (constants only)

_SAME_PAIR = (
    "tenant = NEW.tenant AND account = NEW.account AND object = NEW.object"
    " AND queast_id = NEW.queast_id AND partner_id = NEW.partner_id"
)
# (trigger, table that it guards, table that must not hold the pair, what it says)
_PAIRS = (
    ("links_not_rejected", "links", "rejections", "the pair was rejected"),
    ("rejections_not_linked", "rejections", "links", "the pair is linked"),
)
_PAIR_SQLITE = """
CREATE TRIGGER {name}_{verb} BEFORE {verb} ON {table}
WHEN EXISTS (SELECT 1 FROM {other} WHERE {same})
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
_PAIR_FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
IF EXISTS (SELECT 1 FROM {other} WHERE {same}) THEN
RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NEW;
END $$
"""
_PAIR_POSTGRESQL = """
CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()
"""
_REFUSE_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the history of {what} is append-only'); END
"""
_REFUSE_FUNCTION = """
CREATE FUNCTION refuse_review_history_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the history of reviews is append-only'; END $$
"""
_REFUSE_POSTGRESQL = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_{function}_change()
"""


def upgrade() -> None:
    _links()
    _mirror()
    _reviews()
    _written()
    _inbound()
    _triggers()


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _text_or_null(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=True)


def _number(name: str, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default=default)


def _number_or_null(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=True)


def _key(*columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("tenant", *columns)


def _add(table: str, *columns: sa.Column[str] | sa.Column[int] | sa.Column[float] | sa.Column[bytes]) -> None:
    for column in columns:
        op.add_column(table, column)


def _links() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    # The history of earlier versions says nothing about standing: it is written in once, before the door is shut again.
    if sqlite:
        op.execute("DROP TRIGGER link_history_no_UPDATE")
    else:
        op.execute("DROP TRIGGER link_history_append_only ON link_history")
    for table in ("links", "link_history"):
        added = (_text("connection", ""), _text("standing", "inferred"))
        _add(table, *added, _text_or_null("confirmed_by"), _number_or_null("confirmed_at"))
        op.execute(_STANDING.format(table=table))
    if sqlite:
        op.execute(_REFUSE_SQLITE.format(verb="UPDATE", table="link_history", what="links"))
    else:
        op.execute(_REFUSE_POSTGRESQL.format(table="link_history", function="link_history"))
    op.create_index("links_by_connection", "links", ["tenant", "connection"], unique=False)
    op.create_index("link_history_by_connection", "link_history", ["tenant", "connection", "changed_at"], unique=False)
    op.create_table(
        "rejections",
        *map(_text, ("tenant", "account", "object", "queast_id", "partner_id", "actor", "reason")),
        _number("rejected_at"),
        _key("account", "object", "queast_id", "partner_id"),
    )


def _mirror() -> None:
    _add("mirror_records", sa.Column("card", sa.LargeBinary(), nullable=True), _text("tokens", ""))
    if op.get_bind().dialect.name == "sqlite":
        # SQLite turns no table into one without row ids: the rows move to a new one.
        op.drop_index("mirror_keys_by_record", "mirror_keys")
        op.rename_table("mirror_keys", "mirror_keys_before")
        key = ("tenant", "account", "object", "kind", "value", "partner_id")
        op.create_table("mirror_keys", *map(_text, key), _key(*key[1:]), sqlite_with_rowid=False)
        op.execute("INSERT INTO mirror_keys SELECT * FROM mirror_keys_before ORDER BY 1, 2, 3, 4, 5, 6")
        op.drop_table("mirror_keys_before")
        op.create_index(
            "mirror_keys_by_record", "mirror_keys", ["tenant", "account", "object", "partner_id"], unique=False
        )
    op.create_table(
        "mirror_tokens",
        *map(_text, ("tenant", "account", "object", "token", "partner_id")),
        _key("account", "object", "token", "partner_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mirror_token_counts",
        *map(_text, ("tenant", "account", "object", "token")),
        _number("records"),
        _key("account", "object", "token"),
        sqlite_with_rowid=False,
    )


def _reviews() -> None:
    _add(
        "reviews",
        _text("connection", ""),
        _text("entity", "company"),
        _text("kind", "match"),
        _text_or_null("rule"),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        _text("mapping", ""),
        _text("plan_digest", ""),
        _number("version", "1"),
        _number("queued_at", "0"),
        _number_or_null("put_off_at"),
        _text_or_null("unsure_by"),
        _text("role", ""),
        sa.Column("note", sa.LargeBinary(), nullable=True),
    )
    op.execute("UPDATE reviews SET queued_at = created_at")
    still_open: dict[str, Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), sa.text("choice IS NULL"))
    op.drop_index("reviews_one_open", "reviews")
    entity = ["tenant", "account", "object", "queast_id", "kind"]
    op.create_index("reviews_one_open", "reviews", entity, unique=True, **still_open)
    op.create_index("reviews_queue", "reviews", ["tenant", "queued_at", "id"], unique=False, **still_open)
    op.create_index("reviews_answered", "reviews", ["tenant", "answered_at", "id"], unique=False)
    op.create_table(
        "review_history",
        _text("tenant"),
        _number("number"),
        _text("review_id"),
        _text("action"),
        _text_or_null("choice"),
        _text_or_null("partner_id"),
        _text("role"),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        _text("actor"),
        _number("at"),
        _key("number"),
    )
    op.create_index("review_history_by_review", "review_history", ["tenant", "review_id", "number"], unique=False)


def _written() -> None:
    of_record = ("tenant", "account", "object", "partner_id")
    op.create_table(
        "before_images",
        *map(_text, ("tenant", "delivery_id", "connection", "account", "object", "partner_id", "queast_id")),
        _text("property"),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        _text("written_hash"),
        _number("taken_at"),
        _number_or_null("undone_at"),
        _key("delivery_id", "object", "partner_id", "property"),
    )
    op.create_index("before_images_by_record", "before_images", [*of_record, "taken_at"], unique=False)
    op.create_index("before_images_by_age", "before_images", ["tenant", "taken_at"], unique=False)
    op.create_table(
        "last_written",
        *map(_text, (*of_record, "property", "hash")),
        _number("written_at"),
        _key("account", "object", "partner_id", "property"),
    )


def _inbound() -> None:
    op.create_table(
        "inbound_receipts",
        *map(_text, ("tenant", "connection", "message_id", "body_hash", "outcome")),
        *map(_text_or_null, ("company_id", "review_id")),
        _number("received_at"),
        _key("connection", "message_id"),
    )
    op.create_index("inbound_receipts_by_age", "inbound_receipts", ["tenant", "received_at"], unique=False)
    op.create_index("inbound_receipts_by_review", "inbound_receipts", ["tenant", "review_id"], unique=False)
    op.create_table(
        "ensured_bookmarks",
        *map(_text, ("tenant", "company_id", "owner", "connection", "message_id")),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        _number("created_at"),
        _key("company_id", "owner"),
    )


def _triggers() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, other, message in _PAIRS:
        words = {"name": name, "table": table, "other": other, "message": message, "same": _SAME_PAIR}
        if sqlite:
            for verb in ("INSERT", "UPDATE"):
                op.execute(_PAIR_SQLITE.format(verb=verb, **words))
        else:
            op.execute(_PAIR_FUNCTION.format(**words))
            op.execute(_PAIR_POSTGRESQL.format(**words))
    if sqlite:
        for verb in ("UPDATE", "DELETE"):
            op.execute(_REFUSE_SQLITE.format(verb=verb, table="review_history", what="reviews"))
    else:
        op.execute(_REFUSE_FUNCTION)
        op.execute(_REFUSE_POSTGRESQL.format(table="review_history", function="review_history"))


def downgrade() -> None:
    raise RuntimeError("what people answered would be lost; restore a backup instead")
