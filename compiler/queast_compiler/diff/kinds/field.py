"""FIELD: what is written into which property, and over what."""

from __future__ import annotations

from typing import Final

from queast_compiler.diff.model import ChangeKind

WRITE_WIDENED: Final = ChangeKind(
    "write-widened",
    "FIELD",
    "block",
    "overwrites more",
    "Checks that a field does not overwrite what it left alone before.",
    "What people typed is lost where the before-image has run out.",
)
WRITE_NARROWED: Final = ChangeKind(
    "write-narrowed",
    "FIELD",
    "info",
    "overwrites less",
    "Checks that it is told when a field leaves more alone than before.",
    "Values that were written stay and grow old where the field is no longer written.",
    stays=True,
)
NULL_CLEARS: Final = ChangeKind(
    "null-clears",
    "FIELD",
    "block",
    "null empties the property",
    "Checks that a missing value does not begin to empty the property.",
    "One event without the value removes what is there.",
)
NULL_KEEPS: Final = ChangeKind(
    "null-keeps",
    "FIELD",
    "info",
    "null no longer empties the property",
    "Checks that it is told when a missing value does another thing than before, short of emptying.",
    "The property keeps what is there, or the record is not written.",
)
VALUE_TYPE_CHANGED: Final = ChangeKind(
    "value-type-changed",
    "FIELD",
    "block",
    "sent in another form",
    "Checks that a field goes over the wire in the same form.",
    "The destination may refuse it, or read another value.",
)
EMPTY_VALUE_CHANGED: Final = ChangeKind(
    "empty-value-changed",
    "FIELD",
    "warn",
    "emptied in another way",
    "Checks that what empties a property stays the same.",
    "Where null clears, the destination gets the new value.",
)
FIELD_REMOVED: Final = ChangeKind(
    "field-removed",
    "FIELD",
    "warn",
    "no longer written",
    "Checks that no property stops to be written unseen.",
    "Values that were written stay at the destination and grow old.",
    stays=True,
)
FIELD_MOVED: Final = ChangeKind(
    "field-moved",
    "FIELD",
    "warn",
    "written to another property",
    "Checks that a value goes into the same property.",
    "Values that were written stay in the old property and grow old.",
    stays=True,
)
FIELD_ADDED: Final = ChangeKind(
    "field-added",
    "FIELD",
    "info",
    "newly written",
    "Checks that it is told when a property begins to be written.",
    "Records get it with their next event; a backfill gives it to all.",
)
EXPRESSION_CHANGED: Final = ChangeKind(
    "expression-changed",
    "FIELD",
    "info",
    "another value",
    "Checks that it is told when a property's value is made otherwise.",
    "Records get the new value with their next event.",
)
REQUIRED_CHANGED: Final = ChangeKind(
    "required-changed",
    "FIELD",
    "info",
    "required or no longer",
    "Checks that it is told when a property becomes required or stops to be.",
    "A record without a required value is not created.",
)
LENGTH_CHANGED: Final = ChangeKind(
    "length-changed",
    "FIELD",
    "info",
    "another length",
    "Checks that it is told when a property takes longer or shorter text.",
    "Past the length a value is cut or the field is left out.",
)
OVERFLOW_CHANGED: Final = ChangeKind(
    "overflow-changed",
    "FIELD",
    "info",
    "too long is handled otherwise",
    "Checks that it is told when too long text begins to be cut or stops to be.",
    "Cut text arrives in part; uncut text does not arrive.",
)
TABLE_ADDED: Final = ChangeKind(
    "table-added",
    "FIELD",
    "info",
    "new table",
    "Checks that it is told when a table is added.",
    "It does nothing before an expression looks something up in it.",
)
TABLE_REMOVED: Final = ChangeKind(
    "table-removed",
    "FIELD",
    "info",
    "table gone",
    "Checks that it is told when a table is taken out.",
    "What was looked up in it is shown beside.",
)
ROW_ADDED: Final = ChangeKind(
    "row-added",
    "FIELD",
    "info",
    "new row",
    "Checks that it is told when a table gets a row.",
    "Values that had no row get one.",
)
ROW_REMOVED: Final = ChangeKind(
    "row-removed",
    "FIELD",
    "info",
    "row gone",
    "Checks that it is told when a table loses a row.",
    "Values of it fall back on `else`, or on nothing.",
)
ROW_CHANGED: Final = ChangeKind(
    "row-changed",
    "FIELD",
    "info",
    "row changed",
    "Checks that it is told when a row of a table gives another value.",
    "Fields that look it up change with it.",
)
BOOKMARK_NOTE_CHANGED: Final = ChangeKind(
    "bookmark-note-changed",
    "FIELD",
    "info",
    "another note",
    "Checks that it is told when the note of a new bookmark is made otherwise.",
    "Bookmarks that were made keep their note.",
    stays=True,
)

ALL: Final = (
    *(WRITE_WIDENED, WRITE_NARROWED, NULL_CLEARS, NULL_KEEPS, VALUE_TYPE_CHANGED, EMPTY_VALUE_CHANGED),
    *(FIELD_REMOVED, FIELD_MOVED, FIELD_ADDED, EXPRESSION_CHANGED, REQUIRED_CHANGED, LENGTH_CHANGED),
    *(OVERFLOW_CHANGED, TABLE_ADDED, TABLE_REMOVED, ROW_ADDED, ROW_REMOVED, ROW_CHANGED, BOOKMARK_NOTE_CHANGED),
)
