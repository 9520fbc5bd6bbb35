"""The words in which the engine says what became of an event, a mapping or a route."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from queast_runtime.ports.rows import Decision


class Reason(StrEnum):
    """Why something did not leave, or was only taken down. Shown as it is, so each is a short phrase in one word."""

    BROKEN = "broken"
    UNKNOWN_TYPE = "unknown_type"
    DUPLICATE = "duplicate"
    STALE_SEQUENCE = "stale_sequence"
    OPTED_OUT = "opted_out"
    DO_NOT_EXPORT = "do_not_export"
    ERASED = "erased"
    NOT_STRICT = "not_strict"
    COOLED_OFF = "cooled_off"
    SUPPRESSED = "suppressed"
    DELETED = "deleted"
    BOOKMARK = "bookmark"
    MODE_OFF = "mode_off"
    NO_ROUTE = "no_route"
    NOT_BOOKMARKED = "not_bookmarked"
    OUT_OF_SCOPE = "out_of_scope"
    COMPANY_UNKNOWN = "company_unknown"
    GRANT_ENDED = "grant_ended"
    WHEN_FALSE = "when_false"
    REQUIRED_FIELD = "required_field"
    CONDITION_FAILED = "condition_failed"
    BODY_FAILED = "body_failed"
    UNCHANGED = "unchanged"
    NOTED_ALREADY = "noted_already"
    IN_LEDGER_ALREADY = "in_ledger_already"


@dataclass(frozen=True, slots=True)
class Admitted:
    """The mappings are asked."""


@dataclass(frozen=True, slots=True)
class Refused:
    """No mapping is asked. `decision` tells a refusal from what is taken down without a send, and from a repeat."""

    decision: Decision
    reason: Reason


Verdict = Admitted | Refused
