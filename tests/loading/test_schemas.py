"""The schemas are the truth: described, closed, never a bare oneOf, with examples that hold; dataclasses agree."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import queast_schemas
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.document.connections import (
    Account,
    AccountOption,
    AccountOwner,
    AccountProperty,
    Clearance,
    Connection,
    Inbound,
    MatchRules,
    NameRule,
)
from queast_dsl.document.lock import Pins
from queast_dsl.document.mapping import EnsureBookmark, Field, Mapping, PersonalData, Receive, Route, Scope
from queast_dsl.document.policy import (
    DestinationGrant,
    DestinationPolicy,
    MatchingGrant,
    MatchingPolicy,
    PersonalDataGrant,
    PersonalDataPolicy,
    Policy,
    RatePolicy,
    TenantGrant,
)
from queast_dsl.loading import read_source, read_tree
from queast_dsl.loading.structure import check_structure
from queast_dsl.loading.validate import _Validator, errors_of

NAMES = ("mapping", "mapping-merged", "connections", "account", "lock", "policy", "tests")
# Manifests have a reader and a set of rules of their own, and are written by people all the same.
WRITTEN = (*NAMES, "connector")


def _schemas_in(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every subschema with where it stands."""
    if not isinstance(schema, dict):
        return
    yield path, schema
    for key in ("if", "then", "else", "items", "additionalProperties", "propertyNames"):
        yield from _schemas_in(schema.get(key), f"{path}/{key}")
    for key in ("properties", "$defs"):
        for name, each in schema.get(key, {}).items():
            yield from _schemas_in(each, f"{path}/{key}/{name}")
    for index, each in enumerate(schema.get("anyOf", ())):
        yield from _schemas_in(each, f"{path}/anyOf/{index}")


def _properties_in(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every property that a person writes, with where it stands. What stands under `if` is a question."""
    for path, schema in _schemas_in(queast_schemas.load(name)):
        for key, each in schema.get("properties", {}).items():
            if isinstance(each, dict) and "/if" not in path:
                yield f"{name}{path}: {key}", each


@pytest.mark.parametrize("name", WRITTEN)
def test_every_property_is_described_in_a_sentence_and_shown(name: str) -> None:
    found = dict(_properties_in(name))
    assert found
    assert [place for place, each in found.items() if not re.fullmatch(r"\S.*\.", each.get("description", ""))] == []
    assert [place for place, each in found.items() if not each.get("examples")] == []


@pytest.mark.parametrize("name", NAMES)
def test_objects_are_closed_and_unions_have_a_key(name: str) -> None:
    for path, schema in _schemas_in(queast_schemas.load(name)):
        assert "oneOf" not in schema, path
        if (
            name != "mapping-merged"
            and not path.endswith("/if")
            and schema.get("type") == "object"
            and "x-later" not in schema
        ):
            assert "additionalProperties" in schema or "if" in schema, path


def test_no_bound_is_left_to_the_library_which_cannot_compare_text_without_quotes() -> None:
    bounds = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    used = {
        key for name in WRITTEN for _, part in _schemas_in(queast_schemas.load(name)) for key in bounds & part.keys()
    }
    assert {"minimum", "maximum", "exclusiveMinimum"} <= used
    ours, theirs = _Validator.VALIDATORS, Draft202012Validator.VALIDATORS
    assert [key for key in sorted(used) if ours[key] is theirs[key]] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_pattern_can_be_made_to_take_long(name: str) -> None:
    hostile = ["a" * 20_000, "a-" * 10_000, "a/" * 10_000, "a." * 10_000, "a@" * 10_000, "https://" + "a/" * 10_000]
    for path, schema in _schemas_in(queast_schemas.load(name)):
        pattern = schema.get("pattern")
        for text in hostile if pattern else ():
            start = time.process_time()
            re.search(pattern, text + "!\n!")
            assert time.process_time() - start < 0.05, f"{path}: {pattern}"


@pytest.mark.parametrize("name", NAMES)
def test_examples_hold(name: str) -> None:
    schema = queast_schemas.load(name)
    assert schema["examples"]
    for example in schema["examples"]:
        text = json.dumps(example)
        diagnostics = Diagnostics()
        source = read_source("example.yaml", text.encode(), diagnostics)
        assert source is not None
        tree = read_tree(source, diagnostics)
        assert tree is not None
        assert check_structure(tree, name, diagnostics), diagnostics.findings
        assert errors_of(example, name) == []


@pytest.mark.parametrize("name", [name for name in WRITTEN if name != "mapping-merged"])
def test_examples_of_properties_hold(name: str) -> None:
    import jsonschema
    from referencing import Registry

    root = queast_schemas.load(name)
    for place, each in _properties_in(name):
        inner = {**each, "$defs": root.get("$defs", {})}
        for example in each["examples"]:
            errors = list(jsonschema.Draft202012Validator(inner, registry=Registry()).iter_errors(example))
            assert errors == [], f"{place}: {example}"


@pytest.mark.parametrize(
    ("name", "path", "renamed", "types", "own"),
    [
        (
            "mapping",
            (),
            {"pii": "personal_data", "version": "", "unset": "", "locked": "", "limits": "creates_per_day"},
            (Mapping,),
            {"tenant", "name", "sources", "ignores", "locked"},
        ),
        ("mapping", ("properties", "scope"), {}, (Scope,), set()),
        ("mapping", ("$defs", "receive"), {}, (Receive,), {"name"}),
        (
            "mapping",
            ("$defs", "receive", "properties", "then", "properties", "ensure_bookmark"),
            {},
            (EnsureBookmark,),
            set(),
        ),
        ("mapping", ("$defs", "route"), {"write": ""}, (Route,), {"name"}),
        (
            "mapping",
            ("$defs", "field_form"),
            {"from": "value", "const": "value", "template": "value", "render": "value"},
            (Field,),
            {"name"},
        ),
        ("mapping", ("$defs", "pii"), {}, (PersonalData,), set()),
        ("connections", ("$defs", "connection"), {"pii": "personal_data"}, (Connection,), {"tenant", "name"}),
        ("connections", ("$defs", "connection", "properties", "pii"), {}, (Clearance,), set()),
        ("connections", ("$defs", "connection", "properties", "inbound"), {}, (Inbound,), set()),
        ("connections", ("$defs", "match"), {}, (MatchRules,), {"entity"}),
        ("connections", ("$defs", "match", "properties", "name"), {}, (NameRule,), set()),
        ("account", (), {"version": ""}, (Account,), set()),
        ("account", ("$defs", "property"), {}, (AccountProperty,), {"name"}),
        ("account", ("properties", "owners", "items"), {}, (AccountOwner,), set()),
        ("account", ("$defs", "property", "properties", "options", "items"), {}, (AccountOption,), set()),
        ("lock", (), {"version": ""}, (Pins,), set()),
        ("policy", (), {"version": ""}, (Policy,), set()),
        ("policy", ("properties", "informational_export", "items"), {}, (TenantGrant,), set()),
        ("policy", ("properties", "destinations"), {}, (DestinationPolicy,), set()),
        ("policy", ("properties", "destinations", "properties", "grants", "items"), {}, (DestinationGrant,), set()),
        ("policy", ("properties", "matching"), {}, (MatchingPolicy,), set()),
        ("policy", ("properties", "matching", "properties", "grants", "items"), {}, (MatchingGrant,), set()),
        ("policy", ("properties", "rates"), {}, (RatePolicy,), set()),
        ("policy", ("properties", "personal_data"), {}, (PersonalDataPolicy,), set()),
        ("policy", ("properties", "personal_data", "properties", "grants", "items"), {}, (PersonalDataGrant,), set()),
    ],
)
def test_a_dataclass_holds_what_its_schema_says(
    name: str, path: tuple[str, ...], renamed: dict[str, str], types: tuple[type, ...], own: set[str]
) -> None:
    schema: Any = queast_schemas.load(name)
    for step in path:
        schema = schema[step]
    available = {key for key, each in schema["properties"].items() if each.get("x-later") is not True}
    expected = {renamed.get(key, key) for key in available} - {""}
    assert expected == {field.name for each in types for field in fields(each)} - {"span", "source"} - own
