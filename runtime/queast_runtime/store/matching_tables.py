"""The tables of matching: links, mirror, reviews, what we wrote and what came in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Float, Index, Table, UniqueConstraint, text

from queast_runtime.store.columns import (
    key,
    metadata,
    number,
    number_or_null,
    sealed,
    sealed_or_null,
    text_,
    text_or_null,
    truth,
)


def _link_columns() -> tuple[Column[Any], ...]:
    return (
        text_("account"),
        text_("object"),
        text_("queast_id"),
        text_("partner_id"),
        text_("rule"),
        text_("evidence"),
        Column("score", Float),
        text_("plan_digest"),
        text_("actor"),
        number("created_at"),
        truth("created_record"),
    )


# What revision 0005 added stands last: the order of the columns is that of a database that went through all of them.
def _link_columns_since() -> tuple[Column[Any], ...]:
    return (text_("connection"), text_("standing"), text_or_null("confirmed_by"), number_or_null("confirmed_at"))


links = Table(
    "links",
    metadata,
    text_("tenant"),
    *_link_columns(),
    key("account", "object", "queast_id"),
    UniqueConstraint("tenant", "account", "object", "partner_id", name="links_one_to_one"),
    *_link_columns_since(),
    Index("links_by_connection", "tenant", "connection"),
)

link_history = Table(
    "link_history",
    metadata,
    text_("tenant"),
    number("number"),
    text_("action"),
    *_link_columns(),
    text_("changed_by"),
    text_("reason"),
    number("changed_at"),
    *_link_columns_since(),
    key("number"),
    Index("link_history_by_entity", "tenant", "account", "object", "queast_id", "number"),
    Index("link_history_by_connection", "tenant", "connection", "changed_at"),
)

# A trigger refuses a link whose pair is here, another a pair whose link stands.
rejections = Table(
    "rejections",
    metadata,
    text_("tenant"),
    text_("account"),
    text_("object"),
    text_("queast_id"),
    text_("partner_id"),
    text_("actor"),
    text_("reason"),
    number("rejected_at"),
    key("account", "object", "queast_id", "partner_id"),
)

mirrors = Table(
    "mirrors",
    metadata,
    text_("tenant"),
    text_("account"),
    text_("object"),
    truth("complete"),
    truth("filling"),
    text_or_null("page_cursor"),
    number("generation"),
    number("started_at"),
    number_or_null("synced_at"),
    key("account", "object"),
)

# `tokens` are joined by spaces; empty for a record that the index of names does not have.
mirror_records = Table(
    "mirror_records",
    metadata,
    text_("tenant"),
    text_("account"),
    text_("object"),
    text_("partner_id"),
    number("generation"),
    sealed_or_null("card"),
    text_("tokens"),
    key("account", "object", "partner_id"),
)

# Without row ids, so that SQLite keeps each row once and not again beside its key: here the key is the whole row. The
# index has all columns then, and answers by itself.
mirror_keys = Table(
    "mirror_keys",
    metadata,
    text_("tenant"),
    text_("account"),
    text_("object"),
    text_("kind"),
    text_("value"),
    text_("partner_id"),
    key("account", "object", "kind", "value", "partner_id"),
    Index("mirror_keys_by_record", "tenant", "account", "object", "partner_id"),
    sqlite_with_rowid=False,
)

mirror_tokens = Table(
    "mirror_tokens",
    metadata,
    text_("tenant"),
    text_("account"),
    text_("object"),
    text_("token"),
    text_("partner_id"),
    key("account", "object", "token", "partner_id"),
    sqlite_with_rowid=False,
)

# How many rows of `mirror_tokens` each token has: counting those of a frequent one would take longer than matching.
mirror_token_counts = Table(
    "mirror_token_counts",
    metadata,
    text_("tenant"),
    text_("account"),
    text_("object"),
    text_("token"),
    number("records"),
    key("account", "object", "token"),
    sqlite_with_rowid=False,
)

_OPEN = text("choice IS NULL")

# `queued_at` is the place in the queue: when it was made, or put off.
reviews = Table(
    "reviews",
    metadata,
    text_("tenant"),
    text_("id"),
    text_("account"),
    text_("object"),
    text_("queast_id"),
    text_("reason"),
    sealed("candidates"),
    text_("event_source"),
    text_("event_id"),
    number("created_at"),
    text_or_null("choice"),
    text_or_null("partner_id"),
    text_or_null("actor"),
    number_or_null("answered_at"),
    text_("connection"),
    text_("entity"),
    text_("kind"),
    text_or_null("rule"),
    Column("score", Float),
    sealed_or_null("subject"),
    text_("mapping"),
    text_("plan_digest"),
    number("version"),
    number("queued_at"),
    number_or_null("put_off_at"),
    text_or_null("unsure_by"),
    text_("role"),
    sealed_or_null("note"),
    key("id"),
    Index(
        "reviews_one_open",
        "tenant",
        "account",
        "object",
        "queast_id",
        "kind",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    Index("reviews_by_entity", "tenant", "account", "object", "queast_id", "answered_at"),
    Index("reviews_queue", "tenant", "queued_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("reviews_answered", "tenant", "answered_at", "id"),
)

review_history = Table(
    "review_history",
    metadata,
    text_("tenant"),
    number("number"),
    text_("review_id"),
    text_("action"),
    text_or_null("choice"),
    text_or_null("partner_id"),
    text_("role"),
    sealed_or_null("note"),
    text_("actor"),
    number("at"),
    key("number"),
    Index("review_history_by_review", "tenant", "review_id", "number"),
)

before_images = Table(
    "before_images",
    metadata,
    text_("tenant"),
    text_("delivery_id"),
    text_("connection"),
    text_("account"),
    text_("object"),
    text_("partner_id"),
    text_("queast_id"),
    text_("property"),
    sealed("before"),
    text_("written_hash"),
    number("taken_at"),
    number_or_null("undone_at"),
    key("delivery_id", "object", "partner_id", "property"),
    Index("before_images_by_record", "tenant", "account", "object", "partner_id", "taken_at"),
    Index("before_images_by_age", "tenant", "taken_at"),
)

last_written = Table(
    "last_written",
    metadata,
    text_("tenant"),
    text_("account"),
    text_("object"),
    text_("partner_id"),
    text_("property"),
    text_("hash"),
    number("written_at"),
    key("account", "object", "partner_id", "property"),
)

inbound_receipts = Table(
    "inbound_receipts",
    metadata,
    text_("tenant"),
    text_("connection"),
    text_("message_id"),
    text_("body_hash"),
    text_("outcome"),
    text_or_null("company_id"),
    text_or_null("review_id"),
    number("received_at"),
    key("connection", "message_id"),
    Index("inbound_receipts_by_age", "tenant", "received_at"),
    Index("inbound_receipts_by_review", "tenant", "review_id"),
)

ensured_bookmarks = Table(
    "ensured_bookmarks",
    metadata,
    text_("tenant"),
    text_("company_id"),
    text_("owner"),
    text_("connection"),
    text_("message_id"),
    sealed("note"),
    number("created_at"),
    key("company_id", "owner"),
)
