"""What `qmap explain` prints as an example, put into a whole folder of mappings and compiled there.

An example holds keys of a route, fields of a route for HubSpot companies, whole blocks of a mapping, or fields and
then blocks. After a line `-- path --` it holds another file, or a part of one, as the sections of a golden case do.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from golden.archive import Archive, split
from golden.running import compile_folder, lay_out, put
from queast_compiler.plan.needs import Capability
from queast_dsl.diagnostics.model import Finding

MAPPING = "acme/main.yaml"
BLOCKS = (
    *("version", "description", "connection", "extends", "unset", "locked", "mode", "scope"),
    *("routes", "receive", "templates", "tables", "pii"),
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
        "fields": "fields: {hs_timestamp: signal.occurred_at, hs_note_body: signal.source_url ?? signal.title}",
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
# All but `if_empty`, with which QM700 shows what an engine that cannot do something is warned of.
ENGINE: tuple[Capability, ...] = ("guard.equals_last_written", "guard.union", "match.name")
POLICY = """\
version: 1
informational_export:
  - {tenant: acme, approver: a@queast.example, reason: an example that needs it, expires: "2099-01-01"}
personal_data: {without_grant: [business_contact, direct_identifier]}
"""


def mapping_of(example: str) -> str:
    """Return the whole mapping that an example is a part of."""
    lines = [line for line in example.splitlines() if line.strip()]
    given = _keys(lines)
    if "version" in given and {"routes", "receive", "extends"} & set(given):
        return example
    if any(key in ("entity", "events", "to", "when", "attach_to", "body", "headers", "fields") for key in given):
        return _with_route(lines)
    first = next((n for n, line in enumerate(lines) if line.partition(":")[0] in BLOCKS), len(lines))
    fields, blocks = lines[:first], lines[first:]
    head = "".join(text for name, text in HEAD.items() if name not in _keys(blocks))
    if not {"routes", "receive", "extends"} & set(_keys(blocks)):
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


def files_of(example: str) -> dict[str, str]:
    """Return what an example holds: texts by path, of which no text takes the file away."""
    head, sections = split(example)
    is_mapping = re.compile(r"acme/(?!connections\.yaml$)[^/]+\.ya?ml").fullmatch
    found: dict[str, str] = {}
    if head.strip() or not any(is_mapping(path) for path in sections):
        found[MAPPING] = mapping_of(head)
    return found | sections


def findings_of(example: str) -> tuple[Finding, ...]:
    """Lint an example with every rule, for an engine that carries out all but `if_empty`."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "mappings"
        lay_out(Archive("", "hubspot", {"policy.yaml": POLICY}), root)
        for path, text in files_of(example).items():
            put(root, path, text)
        return compile_folder(root, rules=True, engine=ENGINE).findings
