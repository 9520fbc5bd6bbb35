"""What may be written to a record that is there, as a table: what it holds, what we want, what we wrote last."""

from __future__ import annotations

from typing import Any

import pytest

from queast_compiler.plan.mapping import Wire
from queast_compiler.plan.needs import Asking
from queast_runtime.engine.guarding import Allowed, LeftAlone, Terms, allowed, in_words
from queast_runtime.engine.payload import Payload, read_payload, to_json
from queast_runtime.engine.written import Held, held, held_hash

NEVER = object()
EDITED = "edited in the CRM"
BEFORE_US = "held a value before us"
FULL = "not empty"
INFERRED = "not empty, and the link is inferred"


def hash_of(name: str, value: Held) -> str:
    return held_hash(b"k" * 32, ("1", "companies", "900"), name, value)


def decide(
    there: Any,
    wanted: Any,
    guard: Asking | None = None,
    last: Any = NEVER,
    wire: Wire = "string",
    *,
    fill_only: bool = False,
) -> Any:
    """Return the value that may be written, the reason why none may, or None where it is there already."""
    written = {} if last is NEVER else {"p": hash_of("p", held(last, wire))}
    guards: dict[str, Asking] = {} if guard is None else {"p": guard}
    terms = Terms(guards, written, fill_only, lambda name: wire, hash_of)
    found = allowed({} if there is NEVER else {"p": there}, {"p": wanted}, terms)
    match found:
        case Allowed({"p": value}, (), ()):
            return [value]
        case Allowed(values, (LeftAlone("p", why),), ()) if not values:
            return why
        case Allowed(values, (), ("p",)) if not values:
            return None
    raise AssertionError(found)


@pytest.mark.parametrize(
    ("guard", "there", "last", "expected"),
    [
        # Nothing is there: whatever the guard, it is written.
        *((guard, there, NEVER, ["new"]) for guard in (None, "empty", "equals_last_written") for there in ("", None)),
        (None, NEVER, NEVER, ["new"]),
        ("equals_last_written", "", "old", ["new"]),
        ("equals_last_written", "  ", "old", ["new"]),
        # What is wanted is there: nothing to do, and nobody is told of a difference.
        *((guard, "new", NEVER, None) for guard in (None, "empty", "equals_last_written")),
        ("equals_last_written", " new ", "old", None),
        # Something else is there.
        (None, "old", NEVER, ["new"]),
        ("empty", "old", NEVER, FULL),
        ("empty", "old", "old", FULL),
        ("equals_last_written", "old", "old", ["new"]),
        ("equals_last_written", " old", "old", ["new"]),
        ("equals_last_written", "typed", "old", EDITED),
        ("equals_last_written", "Old", "old", EDITED),
        ("equals_last_written", "typed", NEVER, BEFORE_US),
        # What we wrote last was an empty value, and somebody filled it.
        ("equals_last_written", "typed", "", EDITED),
    ],
)
def test_a_guard_decides_by_what_is_there_and_what_we_wrote_last(
    guard: Asking | None, there: Any, last: Any, expected: Any
) -> None:
    assert decide(there, "new", guard, last) == expected


@pytest.mark.parametrize("guard", [None, "empty", "equals_last_written", "union"])
@pytest.mark.parametrize(("there", "last"), [("old", "old"), ("old", NEVER), ("typed", "old")])
def test_through_an_inferred_link_nothing_is_replaced_whatever_the_guard(
    guard: Asking | None, there: Any, last: Any
) -> None:
    wire: Wire = "list_semicolon" if guard == "union" else "string"
    assert decide(there, "new", guard, last, wire, fill_only=True) == INFERRED
    assert decide("", "new", guard, last, wire, fill_only=True) == ["new"]
    assert decide(there, "", None, last, wire, fill_only=True) == INFERRED


def test_our_own_value_may_be_emptied_and_an_edited_one_not() -> None:
    assert decide("old", "", "equals_last_written", "old") == [""]
    assert decide("typed", "", "equals_last_written", "old") == EDITED
    assert decide("", "", "equals_last_written", "old") is None


@pytest.mark.parametrize(
    ("wire", "there", "wanted", "expected"),
    [
        ("list_semicolon", "a;b", "c", ["a;b;c"]),
        ("list_semicolon", "b;a", "a;b", None),
        ("list_semicolon", "a", "b;a", ["a;b"]),
        ("list_semicolon", "", "a;b", ["a;b"]),
        ("list_semicolon", "a", "", None),
        ("list_comma", "a,b", "c", ["a,b,c"]),
        ("list_native", [51, 52], ["53"], [[51, 52, "53"]]),
        ("list_native", [51, 52], ["51"], None),
        ("list_native", None, ["51"], [["51"]]),
        ("list_native", [51], None, None),
    ],
)
def test_options_are_added_to_those_that_are_there(wire: Wire, there: Any, wanted: Any, expected: Any) -> None:
    assert decide(there, wanted, "union", wire=wire) == expected


@pytest.mark.parametrize(
    ("wire", "ours", "theirs"),
    [
        ("string", "1", 1),
        ("string", "1", "1.0"),
        ("string", "12.50", "12.5"),
        ("native", 1, "1"),
        ("native", 1.0, 1),
        ("native", 0.1, "0.1"),
        ("string", "-0", "0"),
        ("string", "true", True),
        ("bool_01", 1, True),
        ("bool_01", 0, "0"),
        ("string", "Oslo", " Oslo\n"),
        ("date_midnight_ms", "1767225600000", "2026-01-01"),
        ("date_midnight_ms", "1767225600000", 1767225600000),
        ("date_iso", "2026-01-01", "2026-01-01T00:00:00Z"),
        ("datetime_iso_ms", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00Z"),
        ("datetime_iso_ms", "2026-01-01T00:00:00.000Z", "1767225600000"),
        ("datetime_iso_ms", "2026-01-01T01:00:00.000+01:00", "2026-01-01T00:00:00Z"),
        ("datetime_epoch_ms", "1767225600000", "2026-01-01T00:00:00.000Z"),
        ("datetime_space_utc", "2026-01-01 00:00:00", "2026-01-01T00:00:00Z"),
        ("list_semicolon", "b;a", "a;b;"),
        ("list_native", [2, 1], ["1", "2"]),
        ("list_native", [], None),
        ("list_native", [7], 7),
        ("native", "", None),
    ],
)
def test_the_forms_in_which_a_destination_shows_a_value_say_the_same(wire: Wire, ours: Any, theirs: Any) -> None:
    assert held(ours, wire) == held(theirs, wire)


@pytest.mark.parametrize(
    ("wire", "ours", "theirs"),
    [
        ("string", "007", "7"),
        ("string", "+47", "47"),
        ("string", "1e3", "1000"),
        ("string", "Oslo", "oslo"),
        ("string", "2026-01-01", "1767225600000"),
        ("date_iso", "2026-01-01", "2026-01-02"),
        ("datetime_iso_ms", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.001Z"),
        ("list_semicolon", "a;b", "a"),
        ("string", "0", ""),
        ("bool_01", 0, None),
        ("native", False, None),
        ("native", 0, None),
    ],
)
def test_values_that_differ_stay_different(wire: Wire, ours: Any, theirs: Any) -> None:
    assert held(ours, wire) != held(theirs, wire)


def test_a_hash_tells_neither_the_value_nor_that_two_records_hold_the_same() -> None:
    one = held_hash(b"k" * 32, ("1", "companies", "900"), "city", "Oslo")
    others = [
        held_hash(b"x" * 32, ("1", "companies", "900"), "city", "Oslo"),
        held_hash(b"k" * 32, ("1", "companies", "901"), "city", "Oslo"),
        held_hash(b"k" * 32, ("2", "companies", "900"), "city", "Oslo"),
        held_hash(b"k" * 32, ("1", "companies", "900"), "state", "Oslo"),
    ]
    assert one not in others
    assert len(one) == 32


def test_what_was_left_alone_is_said_without_values() -> None:
    left = (LeftAlone("industry", "edited in the CRM"), LeftAlone("city", "not empty"))
    assert in_words(left) == "left alone: industry (edited in the CRM), city (not empty)"
    assert in_words(()) == ""


def test_a_payload_carries_guards_and_one_of_an_earlier_release_has_none() -> None:
    payload = Payload({"name": "A", "city": None}, {"owner": "7"}, None, (), (), (), (), None, {"city": "empty"})
    assert read_payload(payload.to_bytes()) == payload
    rest = {"body": None, "headers": [], "secret_headers": [], "subjects": [], "people": [], "strictness": None}
    first = to_json({"v": 1, "values": {"name": "A"}, "create": {}, **rest})
    assert read_payload(first) == Payload({"name": "A"}, {}, None, (), (), (), (), None)
    with pytest.raises(ValueError, match="version"):
        read_payload(to_json({"v": 3, "fields": [], "create": {}, **rest}))
