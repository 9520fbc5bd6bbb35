"""What is accepted without asking the library is what the library accepts, whatever is done to a document."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import queast_dsl
import queast_schemas
from queast_dsl.loading.accept import acceptor
from queast_dsl.loading.plain import PlainText
from queast_dsl.loading.validate import asked, surely_sound

CONNECTORS = Path(queast_dsl.__file__).parent / "connectors"
NAMES = ("mapping", "mapping-merged", "connections", "account", "lock", "policy", "connector", "tests")
WORDS = ("", "~", "null", "true", "false", "0", "007", "-3", "12.50", "1e3", "strict", "upsert", "a b", "x" * 300)
ODD: tuple[Any, ...] = (
    *WORDS,
    *(PlainText(word) for word in WORDS),
    *(None, True, False, 0, 1, -1, 2.5, 10**30),
    *([], ["a"], ["a", "a"], [1, 1], ["a", PlainText("a")], [{}, {}], {}, {"a": 1}, {"const": "x"}, {"": None}),
)
# Only the library compares items that are not text.
UNSURE_AT_MOST = 0.05


def documents(name: str) -> Iterator[Any]:
    yield from queast_schemas.load(name).get("examples", ())
    if name == "connector":
        for file in sorted(CONNECTORS.glob("*.yaml")):
            yield yaml.safe_load(file.read_text(encoding="utf-8"))


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container of a document with each of its keys."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        keys = list(each) if isinstance(each, dict) else list(range(len(each))) if isinstance(each, list) else []
        found.extend((each, key) for key in keys)
        waiting.extend(each[key] for key in keys)
    return found


def changed(document: Any, chance: random.Random) -> Any:
    """A document with one or two things done to it."""
    value = copy.deepcopy(document)
    for _ in range(chance.choice((1, 1, 2))):
        all_places = places(value)
        if not all_places:
            break
        container, key = chance.choice(all_places)
        other, other_key = chance.choice(all_places)
        match chance.randrange(5):
            case 0:
                del container[key]
            case 1:
                container[key] = copy.deepcopy(other[other_key])
            case 2 if isinstance(container, dict):
                container[chance.choice(("if", "const", "extra", str(other_key), "x" * 200))] = chance.choice(ODD)
            case 3 if isinstance(container[key], str):
                container[key] = PlainText(container[key])
            case _:
                container[key] = copy.deepcopy(chance.choice(ODD))
    return value


@pytest.mark.parametrize("rounds", [150, pytest.param(20_000, marks=pytest.mark.soak)], ids=["some", "many"])
@pytest.mark.parametrize("name", NAMES)
def test_the_fast_way_and_the_library_agree(name: str, rounds: int) -> None:
    chance = random.Random(f"{name} {rounds}")
    originals = list(documents(name))
    sound = unsure = 0
    for n in range(rounds):
        value = changed(originals[n % len(originals)], chance)
        faults = asked(value, name)
        accepted = surely_sound(value, name)
        assert not (accepted and faults), value
        sound += not faults
        unsure += not faults and not accepted
    assert rounds * 0.02 < sound < rounds * 0.98
    assert unsure <= rounds * UNSURE_AT_MOST


@pytest.mark.parametrize("name", NAMES)
def test_what_holds_is_accepted_at_once(name: str) -> None:
    assert [value for value in documents(name) if not surely_sound(value, name)] == []


def test_a_schema_with_a_keyword_that_is_not_known_accepts_nothing() -> None:
    assert acceptor({"type": "string"}, {})("a")
    assert not acceptor({"type": "string", "format": "uuid"}, {})("a")
    assert not acceptor({"if": {"contains": {}}, "then": False}, {})([])


@pytest.mark.parametrize(
    ("word", "is_sound"), [("0", False), ("-3", False), ("0.0", False), ("0.25", True), ("10", True), ('"5"', False)]
)
def test_a_number_without_quotes_is_held_to_an_open_bound(word: str, is_sound: bool) -> None:
    value = copy.deepcopy(next(documents("connector")))
    (budget, *_) = value["rate_limit"]["budgets"]
    budget["window_s"] = word.strip('"') if word.startswith('"') else PlainText(word)
    assert (asked(value, "connector") == []) is is_sound
    assert surely_sound(value, "connector") is is_sound


@pytest.mark.parametrize("digits", [19, 309, 4_000])
def test_a_whole_number_that_is_past_any_float_is_held_to_its_bounds(digits: int) -> None:
    value = next(documents("account"))
    for number, is_sound in ((10**digits, True), (-(10**digits), False)):
        pulled = copy.deepcopy(value)
        pulled["objects"]["companies"]["properties"]["industry"]["max_length"] = number
        assert (asked(pulled, "account") == []) is is_sound
        assert surely_sound(pulled, "account") is is_sound


def test_a_condition_is_never_guessed() -> None:
    schema = {"if": {"uniqueItems": True}, "then": False}
    assert acceptor(schema, {})(["a", "a"])
    assert not acceptor(schema, {})(["a", "b"])
    assert not acceptor(schema, {})([1, 1])
