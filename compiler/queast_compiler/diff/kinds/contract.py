"""CONTRACT: what a receiver of events can rely on."""

from __future__ import annotations

from typing import Final

from queast_compiler.diff.model import ChangeKind

BODY_KEY_REMOVED: Final = ChangeKind(
    "body-key-removed",
    "CONTRACT",
    "block",
    "key gone",
    "Checks that no key is left out of what a receiver gets.",
    "A receiver that reads it fails or goes on without.",
)
BODY_KEY_RENAMED: Final = ChangeKind(
    "body-key-renamed",
    "CONTRACT",
    "block",
    "key renamed",
    "Checks that the keys of what a receiver gets keep their names.",
    "A receiver that reads the old name finds nothing.",
)
BODY_KEY_RETYPED: Final = ChangeKind(
    "body-key-retyped",
    "CONTRACT",
    "block",
    "another type",
    "Checks that the values of what a receiver gets keep their types, null among them.",
    "A receiver that reads the old type fails or stores something else.",
)
BODY_KEY_ADDED: Final = ChangeKind(
    "body-key-added",
    "CONTRACT",
    "info",
    "new key",
    "Checks that it is told when a receiver gets a further key.",
    "Receivers that refuse unknown keys have to know first.",
)
BODY_VALUE_CHANGED: Final = ChangeKind(
    "body-value-changed",
    "CONTRACT",
    "info",
    "another value",
    "Checks that it is told when a value of the same type is made otherwise.",
    "The receiver cannot tell the two apart.",
)
BODY_REPLACED: Final = ChangeKind(
    "body-replaced",
    "CONTRACT",
    "block",
    "another form",
    "Checks that a receiver gets the event itself, or a body of the mapping's own, as before.",
    "Every key may be another.",
)
HEADER_REMOVED: Final = ChangeKind(
    "header-removed",
    "CONTRACT",
    "block",
    "header gone",
    "Checks that no header is left out of what a receiver gets.",
    "A receiver that sorts by it fails or goes on without.",
)
HEADER_ADDED: Final = ChangeKind(
    "header-added",
    "CONTRACT",
    "info",
    "new header",
    "Checks that it is told when a receiver gets a further header.",
    "Receivers mostly look past what they do not know.",
)
HEADER_CHANGED: Final = ChangeKind(
    "header-changed",
    "CONTRACT",
    "info",
    "another header value",
    "Checks that it is told when the value of a header is made otherwise.",
    "The receiver cannot tell the two apart.",
)

ALL: Final = (
    *(BODY_KEY_REMOVED, BODY_KEY_RENAMED, BODY_KEY_RETYPED, BODY_KEY_ADDED, BODY_VALUE_CHANGED, BODY_REPLACED),
    *(HEADER_REMOVED, HEADER_ADDED, HEADER_CHANGED),
)
