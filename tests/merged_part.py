"""A part of a file, as an example or a golden case shows it, merged into the whole file of that path."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import yaml


def merged_part(path: str, part: str, whole: str | None) -> str:
    """Return `whole` with `part` applied as a JSON merge patch: a list replaces, null removes.

    A manifest's whole is the one that ships. The text stays as it is where there is no whole, where it is no part but
    a file of its own (`version` and more), and where it is neither YAML nor JSON.
    """
    if path.startswith("connectors/"):
        shipped = files("queast_dsl") / path
        whole = shipped.read_text(encoding="utf-8") if shipped.is_file() else None
    if whole is None:
        return part
    is_json = path.endswith(".json")
    read = json.loads if is_json else yaml.safe_load
    try:
        patch = read(part)
    except (ValueError, yaml.YAMLError):
        return part
    if not isinstance(patch, dict) or "version" in patch:
        return part
    found = _patched(read(whole), patch)
    if is_json:
        return json.dumps(found, indent=1) + "\n"
    return yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=200)


def _patched(whole: Any, part: Any) -> Any:
    """RFC 7396."""
    if not isinstance(part, dict):
        return part
    found = dict(whole) if isinstance(whole, dict) else {}
    for key, value in part.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = _patched(found.get(key), value)
    return found
