"""Queast's objects: closed schemas with labels, and the shapes read from them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import queast_schemas
from queast_dsl.entities import ENTITIES, entity, event_data, event_types
from queast_dsl.pii import LABELS
from queast_dsl.types import (
    DatetimeType,
    EnumType,
    IntType,
    ListType,
    NumType,
    ObjectType,
    StrType,
    assignable,
    describe,
    unify,
)

_NAMES = (*ENTITIES, "event", "highlight")


def _validator(name: str) -> Draft202012Validator:
    schemas = [(f"{each}.schema.json", Resource.from_contents(queast_schemas.load(each))) for each in _NAMES]
    registry = Registry().with_resources(schemas)
    return Draft202012Validator(queast_schemas.load(name), registry=registry)


def _objects(schema):
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from _objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _objects(value)


@pytest.mark.parametrize("name", _NAMES)
def test_a_schema_is_sound_and_its_examples_are_valid(name):
    schema = queast_schemas.load(name)
    Draft202012Validator.check_schema(schema)
    assert schema["examples"]
    for example in schema["examples"]:
        assert list(_validator(name).iter_errors(example)) == []


@pytest.mark.parametrize("name", ENTITIES)
def test_an_entity_is_closed_and_every_property_has_a_label_and_a_description(name):
    """D2.1"""
    for shape in _objects(queast_schemas.load(name)):
        assert shape["additionalProperties"] is False
        for prop in shape["properties"].values():
            assert prop["x-pii"] in LABELS
            assert prop["description"].endswith(".")


def test_what_every_entity_needs_is_required():
    """D2.1"""
    required = {name: set(queast_schemas.load(name)["required"]) for name in ENTITIES}
    assert required["company"] == {"id", "sequence", "name"}
    assert required["person"] == {"id", "sequence", "full_name", "company_id"}
    assert required["job_ad"] == {"id", "sequence", "title", "company_id", "url"}
    assert required["signal"] == {
        "id", "sequence", "type", "title", "strictness", "state", "occurred_at", "company"
    }  # fmt: skip


@pytest.mark.parametrize("name", ENTITIES)
def test_every_entity_can_be_barred_from_export(name):
    """D5.3"""
    assert entity(name).get("do_not_export") is not None


def test_missing_and_null_are_one_value():
    company = {"id": "c", "sequence": 1, "name": "A", "domain": None, "address": None}
    signal = {
        "id": "s", "sequence": 1, "type": "ipo", "title": "t", "strictness": "strict", "state": "active",
        "occurred_at": "2026-01-01T00:00:00Z", "company": company, "job_ad": None,
    }  # fmt: skip
    assert list(_validator("signal").iter_errors(signal)) == []
    assert list(_validator("signal").iter_errors({**signal, "company": None})) != []


@pytest.mark.parametrize(
    "change",
    [
        {"type": "queast.company.exploded"},
        {"tenant": "acme"},
        {"data": {"person": {}}},
        {"data": {"company": {"id": "c", "sequence": 1}}},
        {"data": {"company": {"id": "c", "sequence": 1, "name": "A", "nmae": "B"}}},
        {"specversion": "0.3"},
    ],
)
def test_an_event_that_says_something_else_is_refused(change):
    event = queast_schemas.load("event")["examples"][0]
    assert list(_validator("event").iter_errors({**event, **change})) != []


def test_the_types_of_events_are_those_of_the_page():
    assert set(event_types()) == {
        *(f"queast.{name}.{verb}" for name in ENTITIES for verb in ("created", "updated", "deleted")),
        "queast.signal.cooled_off",
        "queast.signal.suppressed",
        *(f"queast.{name}.{verb}" for name in ("company", "person") for verb in ("opted_out", "erased")),
        "queast.company.bookmarked",
        "queast.company.unbookmarked",
    }
    assert event_data("person") == (("person", False), ("company", True))
    assert event_data("signal") == (("signal", False),)


def test_a_shape_has_the_schema_s_types():
    signal = entity("signal")
    kinds = {prop.name: prop.type for prop in signal.properties}
    assert kinds["strictness"] == EnumType(("strict", "informational", "legacy"))
    assert kinds["occurred_at"] == DatetimeType()
    assert kinds["score"] == NumType()
    assert kinds["tags"] == ListType(StrType(None, 100))
    assert kinds["company"] == entity("company")
    address = entity("company").get("address")
    assert address is not None
    assert address.optional
    assert isinstance(address.type, ObjectType)
    assert address.type.name == "company.address"


def test_a_field_added_to_a_schema_is_a_field_of_the_language(tmp_path: Path):
    for name in queast_schemas.names():
        schema = queast_schemas.load(name)
        if name == "company":
            added = {"type": ["string", "null"], "x-pii": "public_business", "description": "Colour of the logo."}
            schema = {**schema, "properties": {**schema["properties"], "logo_colour": added}}
        (tmp_path / f"{name}.schema.json").write_text(json.dumps(schema))
    code = (
        "from queast_compiler.passes.expressions import *\n"
        "from queast_dsl.diagnostics.model import Diagnostics\n"
        "from queast_dsl.source import *\n"
        "d = Diagnostics(); t = 'company.logo_colour'\n"
        "text = SourceText(t, Span(SourceFile('m', t), 0, len(t)))\n"
        "print(compile_expression(text, environment('signal', {}, frozenset()), d).reads, len(d))"
    )
    env = {**os.environ, "QMAP_SCHEMAS": str(tmp_path)}
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert out.stdout.strip() == "frozenset({'signal.company.logo_colour'}) 0"


def test_a_whole_number_is_a_number_and_an_enum_is_text():
    assert assignable(IntType(), NumType())
    assert not assignable(NumType(), IntType())
    assert assignable(EnumType(("a",)), StrType())
    assert not assignable(StrType(), EnumType(("a",)))
    assert assignable(StrType(None, 5), StrType(None, 10))
    assert not assignable(StrType(None, 10), StrType(None, 5))
    assert unify(EnumType(("a",)), EnumType(("b",))) == EnumType(("a", "b"))
    assert unify(IntType(), StrType()) is None
    assert describe(ListType(IntType())) == "a list of a whole number"
