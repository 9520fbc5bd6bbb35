"""DESTINATION: what is written where, and how the destination is spoken to."""

from __future__ import annotations

from typing import Final

from queast_compiler.diff.model import ChangeKind

OBJECT_SWITCHED: Final = ChangeKind(
    "object-switched",
    "DESTINATION",
    "block",
    "writes other records",
    "Checks that a route writes the same object of the destination.",
    "What the route wrote so far stays behind in the old object.",
    stays=True,
)
ENTITY_SWITCHED: Final = ChangeKind(
    "entity-switched",
    "DESTINATION",
    "block",
    "is about something else",
    "Checks that a route is about the same entity of Queast.",
    "The same name then stands for other records.",
)
ACTION_SWITCHED: Final = ChangeKind(
    "action-switched",
    "DESTINATION",
    "block",
    "writes in another way",
    "Checks that a route's object is kept in sync, created once or sent as before.",
    "A manifest that calls an object otherwise makes records twice or not at all.",
)
ATTACHMENT_CHANGED: Final = ChangeKind(
    "attachment-changed",
    "DESTINATION",
    "warn",
    "hangs on other records",
    "Checks that notes and tasks hang on the same records.",
    "Those that were written stay where they hang.",
    stays=True,
)
CONNECTION_SWITCHED: Final = ChangeKind(
    "connection-switched",
    "DESTINATION",
    "block",
    "goes to another connection",
    "Checks that a mapping writes through the same connection.",
    "Links, budgets and matching are the other connection's; what was written stays in the old account.",
    stays=True,
)
ADDRESS_CHANGED: Final = ChangeKind(
    "address-changed",
    "DESTINATION",
    "block",
    "goes to another address",
    "Checks that a connection has the same address.",
    "Every event from then on goes there; deliveries on their way end at the old address.",
)
ACCOUNT_CHANGED: Final = ChangeKind(
    "account-changed",
    "DESTINATION",
    "block",
    "goes to another account",
    "Checks that a connection is of the same account.",
    "Links are kept by account: every record is matched anew.",
    stays=True,
)
CONNECTOR_CHANGED: Final = ChangeKind(
    "connector-changed",
    "DESTINATION",
    "block",
    "another kind of destination",
    "Checks that a connection speaks to the same kind of destination.",
    "Objects, properties and types are all the other connector's.",
)
CONNECTOR_VERSION_CHANGED: Final = ChangeKind(
    "connector-version-changed",
    "DESTINATION",
    "warn",
    "another version of the connector",
    "Checks that the version of a connector's manifest does not change unseen.",
    "What differs in it is shown beside.",
)
TIME_ZONE_CHANGED: Final = ChangeKind(
    "time-zone-changed",
    "DESTINATION",
    "warn",
    "another time zone",
    "Checks that the time zone of an account does not change unseen.",
    "Quotas begin anew at another hour.",
)
CONNECTION_ADDED: Final = ChangeKind(
    "connection-added",
    "DESTINATION",
    "warn",
    "new connection",
    "Checks that no connection is added unseen.",
    "It does nothing before a mapping uses it.",
)
CONNECTION_REMOVED: Final = ChangeKind(
    "connection-removed",
    "DESTINATION",
    "warn",
    "connection gone",
    "Checks that no connection is taken out unseen.",
    "Records, links and values stay at the destination.",
    stays=True,
)
MAPPING_ADDED: Final = ChangeKind(
    "mapping-added",
    "DESTINATION",
    "warn",
    "new mapping",
    "Checks that no mapping is added unseen.",
    "Everything in it is new.",
)
ROUTE_ADDED: Final = ChangeKind(
    "route-added",
    "DESTINATION",
    "warn",
    "newly written",
    "Checks that no object begins to be written unseen.",
    "The route fires from the next event on; what lies behind needs a backfill.",
)
ROUTE_REMOVED: Final = ChangeKind(
    "route-removed",
    "DESTINATION",
    "warn",
    "no longer written",
    "Checks that no object stops to be written unseen.",
    "What the route wrote stays at the destination.",
    stays=True,
)
ROUTE_RENAMED: Final = ChangeKind(
    "route-renamed",
    "DESTINATION",
    "warn",
    "renamed",
    "Checks that a route keeps its name.",
    "What was delivered is remembered by the route's name, so it may be delivered once more.",
)
RECEIVE_ADDED: Final = ChangeKind(
    "receive-added",
    "DESTINATION",
    "warn",
    "newly received",
    "Checks that no message of a sender begins to have an effect at Queast unseen.",
    "From now on it makes bookmarks.",
)
RECEIVE_REMOVED: Final = ChangeKind(
    "receive-removed",
    "DESTINATION",
    "warn",
    "no longer received",
    "Checks that no message of a sender loses its effect at Queast unseen.",
    "Bookmarks that were made stay.",
    stays=True,
)
RECEIVE_RENAMED: Final = ChangeKind(
    "receive-renamed",
    "DESTINATION",
    "warn",
    "renamed",
    "Checks that a rule of what is received keeps its name.",
    "What else changes in the rule is shown beside; bookmarks that were made stay.",
)
BOOKMARK_OWNER_CHANGED: Final = ChangeKind(
    "bookmark-owner-changed",
    "DESTINATION",
    "warn",
    "bookmarks of somebody else",
    "Checks that bookmarks are made for the same team or user.",
    "Bookmarks that were made stay with the old owner.",
    stays=True,
)
INTERFACE_CHANGED: Final = ChangeKind(
    "interface-changed",
    "DESTINATION",
    "warn",
    "speaks another version",
    "Checks that the version and headers of a destination's interface do not change unseen.",
    "The destination may take and answer other things.",
)
OPERATION_CHANGED: Final = ChangeKind(
    "operation-changed",
    "DESTINATION",
    "warn",
    "other calls",
    "Checks that an object is written, read and looked up by the same calls.",
    "Every mapping that writes the object sends the new calls.",
)
ANSWERS_CHANGED: Final = ChangeKind(
    "answers-changed",
    "DESTINATION",
    "warn",
    "answers are read otherwise",
    "Checks that refusals of a destination are read in the same way.",
    "What was tried again may be given up, and the other way round.",
)
OBJECT_DESCRIBED_OTHERWISE: Final = ChangeKind(
    "object-described-otherwise",
    "DESTINATION",
    "info",
    "described otherwise",
    "Checks that it is told when a connector or account describes an object's properties otherwise.",
    "What a mapping's own fields do differently is shown there.",
)

ALL: Final = (
    *(OBJECT_SWITCHED, ENTITY_SWITCHED, ACTION_SWITCHED, ATTACHMENT_CHANGED, CONNECTION_SWITCHED, ADDRESS_CHANGED),
    *(ACCOUNT_CHANGED, CONNECTOR_CHANGED, CONNECTOR_VERSION_CHANGED, TIME_ZONE_CHANGED, CONNECTION_ADDED),
    *(CONNECTION_REMOVED, MAPPING_ADDED, ROUTE_ADDED, ROUTE_REMOVED, ROUTE_RENAMED, RECEIVE_ADDED, RECEIVE_REMOVED),
    *(
        RECEIVE_RENAMED,
        BOOKMARK_OWNER_CHANGED,
        INTERFACE_CHANGED,
        OPERATION_CHANGED,
        ANSWERS_CHANGED,
        OBJECT_DESCRIBED_OTHERWISE,
    ),
)
