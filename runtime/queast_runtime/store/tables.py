"""The tables. The tenant leads every primary and unique key, so no key of one tenant can meet another's.

A database gets them from the revisions in `migrations/`; a test holds the two equal.
"""

from __future__ import annotations

from sqlalchemy import Index, Table, UniqueConstraint, text

# Imported for its tables: the metadata is whole when this module is.
from queast_runtime.store import matching_tables as matching_tables
from queast_runtime.store.columns import key, number, number_or_null, sealed, sealed_or_null, text_, text_or_null, truth
from queast_runtime.store.columns import metadata as metadata

events = Table(
    "events",
    metadata,
    text_("tenant"),
    text_("source"),
    text_("event_id"),
    text_("type"),
    text_("entity"),
    text_("queast_id"),
    number_or_null("sequence"),
    text_("decision"),
    text_or_null("reason"),
    sealed("body"),
    number("received_at"),
    number("repeats"),
    key("source", "event_id"),
    Index("events_by_id", "tenant", "event_id"),
)

event_outcomes = Table(
    "event_outcomes",
    metadata,
    text_("tenant"),
    text_("source"),
    text_("event_id"),
    text_("mapping"),
    text_("route"),
    text_("decision"),
    text_or_null("reason"),
    key("source", "event_id", "mapping", "route"),
)

# `number` is the order of arrival among the events that wait for one company.
parked_events = Table(
    "parked_events",
    metadata,
    text_("tenant"),
    text_("company_id"),
    number("number"),
    text_("source"),
    text_("event_id"),
    text_("mapping"),
    key("company_id", "number", "mapping"),
)

entities = Table(
    "entities",
    metadata,
    text_("tenant"),
    text_("entity"),
    text_("queast_id"),
    number("sequence"),
    sealed_or_null("state"),
    number("updated_at"),
    key("entity", "queast_id"),
)

bookmarks = Table("bookmarks", metadata, text_("tenant"), text_("company_id"), key("company_id"))

suppressions = Table(
    "suppressions",
    metadata,
    text_("tenant"),
    text_("entity"),
    text_("queast_id"),
    text_("reason"),
    number("since"),
    key("entity", "queast_id"),
    number_or_null("sequence"),
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
    text_("tenant"),
    text_("id"),
    number("position"),
    text_("connection"),
    text_("mapping"),
    text_("route"),
    text_("plan_digest"),
    text_("dedupe_key"),
    text_("event_source"),
    text_("event_id"),
    text_("entity"),
    text_("queast_id"),
    text_("root"),
    text_("kind"),
    text_("object"),
    text_("state"),
    truth("head"),
    sealed("body"),
    text_or_null("projection_key"),
    text_or_null("projection_hash"),
    text_or_null("path_hashes"),
    text_("idempotency_key"),
    text_("reference"),
    number("attempts"),
    number("tries"),
    number_or_null("epoch"),
    number("next_due"),
    number_or_null("unanswered_since"),
    number_or_null("first_failed_at"),
    text_or_null("error_class"),
    text_or_null("error_message"),
    text_or_null("partner_id"),
    number("created_at"),
    number_or_null("ended_at"),
    key("id"),
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
    text_("tenant"),
    text_("delivery_id"),
    text_("connection"),
    text_("need"),
    key("delivery_id", "need"),
    Index("delivery_needs_by_need", "tenant", "connection", "need"),
)

attempts = Table(
    "attempts",
    metadata,
    text_("tenant"),
    text_("delivery_id"),
    number("number"),
    number("epoch"),
    truth("reconciling"),
    number("started_at"),
    number_or_null("ended_at"),
    text_or_null("phase"),
    text_or_null("error_class"),
    number_or_null("status"),
    text_or_null("message"),
    key("delivery_id", "number"),
)

projections = Table(
    "projections",
    metadata,
    text_("tenant"),
    text_("connection"),
    text_("mapping"),
    text_("route"),
    text_("projection_key"),
    text_("hash"),
    text_or_null("path_hashes"),
    text_or_null("partner_id"),
    number("delivered_at"),
    key("connection", "mapping", "route", "projection_key"),
)

connection_states = Table(
    "connection_states",
    metadata,
    text_("tenant"),
    text_("connection"),
    truth("paused"),
    number_or_null("paused_until"),
    text_or_null("paused_reason"),
    number_or_null("last_success"),
    key("connection"),
)

counters = Table(
    "counters",
    metadata,
    text_("tenant"),
    text_("connection"),
    text_("day"),
    text_("name"),
    number("total"),
    key("connection", "day", "name"),
)

facts = Table(
    "facts", metadata, text_("tenant"), text_("connection"), text_("name"), text_("value"), key("connection", "name")
)

releases = Table(
    "releases",
    metadata,
    text_("tenant"),
    number("sequence"),
    text_("digest"),
    number("accepted_at"),
    key(),
)

epochs = Table("epochs", metadata, text_("tenant"), number("epoch"), text_("owner"), key())
