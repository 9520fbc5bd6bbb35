"""The JSON Schemas of every document, plan, entity and event, as package data.

They are the truth: dataclasses and types elsewhere are held to them by tests.
"""

from __future__ import annotations

import json
import os
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

JsonObject = dict[str, Any]


def _folder() -> Any:
    # An operator (and the test that types come only from schema files) may point at another folder.
    override = os.environ.get("QMAP_SCHEMAS")
    return Path(override) if override else files(__name__)


@cache
def load(name: str) -> JsonObject:
    """Return the schema in `<name>.schema.json`, e.g. `load("company")`. Raises FileNotFoundError."""
    text = _folder().joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    schema: JsonObject = json.loads(text)
    return schema


def names() -> tuple[str, ...]:
    """Return the names of all schemas, sorted."""
    suffix = ".schema.json"
    found = (entry.name for entry in _folder().iterdir() if entry.name.endswith(suffix))
    return tuple(sorted(name.removesuffix(suffix) for name in found))
