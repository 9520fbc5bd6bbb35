"""The tables. The tenant leads every primary and unique key, so no key of one tenant can meet another's.

A database gets them from the revisions in `migrations/`; a test holds the two equal.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _text_or_null(name: str) -> Column[str]:
    return Column(name, Text)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _number_or_null(name: str) -> Column[int]:
    return Column(name, BigInteger)


def _truth(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _sealed(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def _key(*columns: str) -> PrimaryKeyConstraint:
    return PrimaryKeyConstraint("tenant", *columns)


events = Table(
    "events",
    metadata,
    _text("tenant"),
    _text("source"),
    _text("event_id"),
    _text("type"),
    _text("entity"),
    _text("queast_id"),
    _number_or_null("sequence"),
    _text("decision"),
    _text_or_null("reason"),
    _sealed("body"),
    _number("received_at"),
    _number("repeats"),
    _key("source", "event_id"),
    Index("events_by_id", "tenant", "event_id"),
)

event_outcomes = Table(
    "event_outcomes",
    metadata,
    _text("tenant"),
    _text("source"),
    _text("event_id"),
    _text("mapping"),
    _text("route"),
    _text("decision"),
    _text_or_null("reason"),
    _key("source", "event_id", "mapping", "route"),
)

# `number` is the order of arrival among the events that wait for one company.
parked_events = Table(
    "parked_events",
    metadata,
    _text("tenant"),
    _text("company_id"),
    _number("number"),
    _text("source"),
    _text("event_id"),
    _text("mapping"),
    _key("company_id", "number", "mapping"),
)

entities = Table(
    "entities",
    metadata,
    _text("tenant"),
    _text("entity"),
    _text("queast_id"),
    _number("sequence"),
    Column("state", LargeBinary),
    _number("updated_at"),
    _key("entity", "queast_id"),
)

bookmarks = Table("bookmarks", metadata, _text("tenant"), _text("company_id"), _key("company_id"))

suppressions = Table(
    "suppressions",
    metadata,
    _text("tenant"),
    _text("entity"),
    _text("queast_id"),
    _text("reason"),
    _number("since"),
    _key("entity", "queast_id"),
    _number_or_null("sequence"),
)


def _link_columns() -> tuple[Column[str] | Column[int] | Column[float], ...]:
    return (
        _text("account"),
        _text("object"),
        _text("queast_id"),
        _text("partner_id"),
        _text("rule"),
        _text("evidence"),
        Column("score", Float),
        _text("plan_digest"),
        _text("actor"),
        _number("created_at"),
        _truth("created_record"),
    )


links = Table(
    "links",
    metadata,
    _text("tenant"),
    *_link_columns(),
    _key("account", "object", "queast_id"),
    UniqueConstraint("tenant", "account", "object", "partner_id", name="links_one_to_one"),
)

link_history = Table(
    "link_history",
    metadata,
    _text("tenant"),
    _number("number"),
    _text("action"),
    *_link_columns(),
    _text("changed_by"),
    _text("reason"),
    _number("changed_at"),
    _key("number"),
    Index("link_history_by_entity", "tenant", "account", "object", "queast_id", "number"),
)

mirrors = Table(
    "mirrors",
    metadata,
    _text("tenant"),
    _text("account"),
    _text("object"),
    _truth("complete"),
    _truth("filling"),
    _text_or_null("page_cursor"),
    _number("generation"),
    _number("started_at"),
    _number_or_null("synced_at"),
    _key("account", "object"),
)

mirror_records = Table(
    "mirror_records",
    metadata,
    _text("tenant"),
    _text("account"),
    _text("object"),
    _text("partner_id"),
    _number("generation"),
    _key("account", "object", "partner_id"),
)

mirror_keys = Table(
    "mirror_keys",
    metadata,
    _text("tenant"),
    _text("account"),
    _text("object"),
    _text("kind"),
    _text("value"),
    _text("partner_id"),
    _key("account", "object", "kind", "value", "partner_id"),
    Index("mirror_keys_by_record", "tenant", "account", "object", "partner_id"),
)

reviews = Table(
    "reviews",
    metadata,
    _text("tenant"),
    _text("id"),
    _text("account"),
    _text("object"),
    _text("queast_id"),
    _text("reason"),
    _sealed("candidates"),
    _text("event_source"),
    _text("event_id"),
    _number("created_at"),
    _text_or_null("choice"),
    _text_or_null("partner_id"),
    _text_or_null("actor"),
    _number_or_null("answered_at"),
    _key("id"),
    Index(
        "reviews_one_open",
        "tenant",
        "account",
        "object",
        "queast_id",
        unique=True,
        sqlite_where=text("choice IS NULL"),
        postgresql_where=text("choice IS NULL"),
    ),
    Index("reviews_by_entity", "tenant", "account", "object", "queast_id", "answered_at"),
)

_OPEN = text("ended_at IS NULL")
_HEAD = text("head = 1")
_READY = text("head = 1 AND state IN ('pending', 'unknown')")
_SENDING = text("state = 'sending'")

# `head` marks the first open delivery of its root: taking is then a walk along one index, however long the queues
# behind the heads are. The unique index makes two heads of one root impossible.
deliveries = Table(
    "deliveries",
    metadata,
    _text("tenant"),
    _text("id"),
    _number("position"),
    _text("connection"),
    _text("mapping"),
    _text("route"),
    _text("plan_digest"),
    _text("dedupe_key"),
    _text("event_source"),
    _text("event_id"),
    _text("entity"),
    _text("queast_id"),
    _text("root"),
    _text("kind"),
    _text("object"),
    _text("state"),
    _truth("head"),
    _sealed("body"),
    _text_or_null("projection_key"),
    _text_or_null("projection_hash"),
    _text_or_null("path_hashes"),
    _text("idempotency_key"),
    _text("reference"),
    _number("attempts"),
    _number("tries"),
    _number_or_null("epoch"),
    _number("next_due"),
    _number_or_null("unanswered_since"),
    _number_or_null("first_failed_at"),
    _text_or_null("error_class"),
    _text_or_null("error_message"),
    _text_or_null("partner_id"),
    _number("created_at"),
    _number_or_null("ended_at"),
    _key("id"),
    UniqueConstraint("tenant", "connection", "dedupe_key", name="deliveries_once"),
    Index("deliveries_by_position", "tenant", "position"),
    Index("deliveries_by_event", "tenant", "event_id"),
    Index(
        "deliveries_open",
        "tenant",
        "connection",
        "root",
        "position",
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    Index("deliveries_open_of", "tenant", "queast_id", "connection", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index(
        "deliveries_one_head",
        "tenant",
        "connection",
        "root",
        unique=True,
        sqlite_where=_HEAD,
        postgresql_where=_HEAD,
    ),
    Index(
        "deliveries_ready",
        "tenant",
        "connection",
        "next_due",
        "position",
        sqlite_where=_READY,
        postgresql_where=_READY,
    ),
    Index("deliveries_sending", "tenant", "position", sqlite_where=_SENDING, postgresql_where=_SENDING),
)

delivery_needs = Table(
    "delivery_needs",
    metadata,
    _text("tenant"),
    _text("delivery_id"),
    _text("connection"),
    _text("need"),
    _key("delivery_id", "need"),
    Index("delivery_needs_by_need", "tenant", "connection", "need"),
)

attempts = Table(
    "attempts",
    metadata,
    _text("tenant"),
    _text("delivery_id"),
    _number("number"),
    _number("epoch"),
    _truth("reconciling"),
    _number("started_at"),
    _number_or_null("ended_at"),
    _text_or_null("phase"),
    _text_or_null("error_class"),
    _number_or_null("status"),
    _text_or_null("message"),
    _key("delivery_id", "number"),
)

projections = Table(
    "projections",
    metadata,
    _text("tenant"),
    _text("connection"),
    _text("mapping"),
    _text("route"),
    _text("projection_key"),
    _text("hash"),
    _text_or_null("path_hashes"),
    _text_or_null("partner_id"),
    _number("delivered_at"),
    _key("connection", "mapping", "route", "projection_key"),
)

connection_states = Table(
    "connection_states",
    metadata,
    _text("tenant"),
    _text("connection"),
    _truth("paused"),
    _number_or_null("paused_until"),
    _text_or_null("paused_reason"),
    _number_or_null("last_success"),
    _key("connection"),
)

counters = Table(
    "counters",
    metadata,
    _text("tenant"),
    _text("connection"),
    _text("day"),
    _text("name"),
    _number("total"),
    _key("connection", "day", "name"),
)

facts = Table(
    "facts", metadata, _text("tenant"), _text("connection"), _text("name"), _text("value"), _key("connection", "name")
)

releases = Table(
    "releases",
    metadata,
    _text("tenant"),
    _number("sequence"),
    _text("digest"),
    _number("accepted_at"),
    _key(),
)

epochs = Table("epochs", metadata, _text("tenant"), _number("epoch"), _text("owner"), _key())
