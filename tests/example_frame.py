"""What `qmap explain` prints as an example, put into a whole folder of mappings and compiled there.

An example holds keys of a route, fields of a route for HubSpot companies, whole blocks of a mapping, or fields and
then blocks. After a line `-- path --` it holds another file: a part is merged into the frame's file of that path as a
JSON merge patch (a list replaces, null removes), a whole file replaces it, and no text removes it.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from golden.archive import split
from golden.running import FIXTURES, compile_folder
from queast_dsl.diagnostics.model import Finding
from written_out import written_out

MAPPING = "acme/main.yaml"
BLOCKS = (
    *("version", "description", "connection", "extends", "unset", "locked", "mode", "scope"),
    *("routes", "templates", "tables", "pii"),
)
HEAD = {
    "version": "version: 1\n",
    "description": "description: An example\n",
    "connection": "connection: hubspot-main\n",
    "mode": "mode: live\n",
}
# A route by where it goes: its keys, each of them replaced by the example's own.
ROUTES = {
    "companies": {
        "entity": "entity: company",
        "events": "events: [created, updated]",
        "to": "to: companies",
        "write": "write: always",
        "fields": "fields: {name: company.name}",
    },
    "notes": {
        "entity": "entity: signal",
        "events": "events: [created]",
        "to": "to: notes",
        "attach_to": "attach_to: [company]",
        "fields": "fields: {hs_timestamp: signal.occurred_at, hs_note_body: signal.title}",
    },
    "event": {"entity": "entity: company", "events": "events: [created]", "to": "to: event"},
}
FIELDS = """\
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    fields:
"""
POLICY = """\
version: 1
informational_export:
  - {tenant: acme, approver: a@queast.example, reason: an example that needs it, expires: "2099-01-01"}
"""


def mapping_of(example: str) -> str:
    """Return the whole mapping that an example is a part of."""
    lines = [line for line in example.splitlines() if line.strip()]
    given = _keys(lines)
    if "version" in given and ("routes" in given or "extends" in given):
        return example
    if any(key in ("entity", "events", "to", "when", "attach_to", "body", "headers", "fields") for key in given):
        return _with_route(lines)
    first = next((n for n, line in enumerate(lines) if line.partition(":")[0] in BLOCKS), len(lines))
    fields, blocks = lines[:first], lines[first:]
    head = "".join(text for name, text in HEAD.items() if name not in _keys(blocks))
    if not {"routes", "extends"} & set(_keys(blocks)):
        named = [] if "name" in _keys(fields) else ["name: company.name"]
        head += FIELDS + "".join(f"      {line}\n" for line in [*named, *fields])
    return head + "\n".join(blocks) + "\n"


def _with_route(lines: list[str]) -> str:
    """Keys of a route, then blocks."""
    first = next((n for n, line in enumerate(lines) if line.partition(":")[0] in BLOCKS), len(lines))
    own, blocks = lines[:first], lines[first:]
    given = _keys(own)
    target = next((line.removeprefix("to: ").split(" ")[0] for line in own if line.startswith("to: ")), None)
    keys = ROUTES.get(target or ("event" if {"body", "headers"} & set(given) else "companies"), ROUTES["companies"])
    head = HEAD | ({"connection": "connection: warehouse\n"} if keys is ROUTES["event"] else {})
    text = "".join(each for name, each in head.items() if name not in _keys(blocks))
    text += "routes:\n  example:\n"
    text += "".join(f"    {line}\n" for line in [*(t for k, t in keys.items() if k not in given), *own])
    return text + "".join(f"{line}\n" for line in blocks)


def _keys(lines: list[str]) -> list[str]:
    return [line.partition(":")[0] for line in lines if line[:1] not in ("", " ", "#", "-")]


def files_of(example: str) -> dict[str, str | None]:
    """Return what an example changes of the frame: texts by path, None for a file that is not there."""
    head, sections = split(example)
    is_mapping = re.compile(r"acme/(?!connections\.yaml$)[^/]+\.ya?ml").fullmatch
    found: dict[str, str | None] = {}
    if head.strip() or not any(is_mapping(path) for path in sections):
        found[MAPPING] = mapping_of(head)
    for path, text in sections.items():
        found[path] = None if not text.strip() else _merged(path, text)
    return found


def _merged(path: str, text: str) -> str:
    shown = _of_frame(path)
    if shown is None:
        return text
    try:
        part = json.loads(text) if path.endswith(".json") else yaml.safe_load(text)
        whole = json.loads(shown) if path.endswith(".json") else yaml.safe_load(shown)
    except (ValueError, yaml.YAMLError):
        return text
    if not isinstance(part, dict) or (len(part) > 1 and "version" in part):
        return text
    merged = _patched(whole, part)
    if path.endswith(".json"):
        return json.dumps(merged, indent=1) + "\n"
    return yaml.safe_dump(merged, sort_keys=False, allow_unicode=True, width=200)


def _of_frame(path: str) -> str | None:
    if path == "policy.yaml":
        return POLICY
    if path.startswith("connectors/"):
        shipped = files("queast_dsl") / path
        return shipped.read_text(encoding="utf-8") if shipped.is_file() else None
    own = FIXTURES / "hubspot" / path
    return own.read_text(encoding="utf-8") if own.is_file() else None


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


def findings_of(example: str) -> tuple[Finding, ...]:
    """Lint an example with every rule."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "mappings"
        shutil.copytree(FIXTURES / "hubspot", root)
        (root / "policy.yaml").write_text(POLICY, encoding="utf-8")
        for path, text in files_of(example).items():
            if text is None:
                (root / path).unlink()
                continue
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(written_out(text))
        return compile_folder(root, rules=True).findings
