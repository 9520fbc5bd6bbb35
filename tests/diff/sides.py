"""Two sides of one tenant from texts: a fixture or the examples, with files laid over it for each side."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from golden.running import FIXTURES, compile_folder, put
from queast_compiler.diff.compare import Comparison, Side, compare
from queast_compiler.diff.model import Change
from queast_compiler.plan.codec import decode_connection, decode_mapping, encode
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan

EXAMPLES = Path(__file__).parents[2] / "mappings"
PLANS = "plans"


def sides(fixture: str, sections: Mapping[str, str]) -> tuple[dict[str, Side], dict[str, Side]]:
    """Return the old and the new side by tenant. A section `old/…` or `new/…` lies over that side alone.

    `old/plans` and `new/plans` say what no mapping can say yet, a line each:
    `acme/acme-hubspot routes.companies.afterwards = [["deleted", "retract"]]`
    """
    found = []
    for side in ("old", "new"):
        own = {name.removeprefix(f"{side}/"): text for name, text in sections.items() if name.startswith(f"{side}/")}
        patch = own.pop(PLANS, "")
        found.append(_patched(_compiled(fixture, tuple(own.items())), patch))
    old, new = found
    return old, new


@cache
def _compiled(fixture: str, files: tuple[tuple[str, str], ...]) -> dict[str, Side]:
    with TemporaryDirectory() as folder:
        root = Path(folder) / "mappings"
        if fixture == "examples":
            copy_examples(root)
        else:
            shutil.copytree(FIXTURES / fixture, root)
        for name, text in files:
            put(root, name, text)
        return side_of(root)


def copy_examples(root: Path) -> None:
    """Without the tests of their mappings and what pins their bases: both are about the mappings as they are."""
    shutil.copytree(EXAMPLES, root, ignore=shutil.ignore_patterns("tests", "qmap.lock"))


def side_of(root: Path) -> dict[str, Side]:
    """Compile a folder of tenants, which has no mistakes."""
    outcome = compile_folder(root)
    wrong = [f"{each.code} {each.message}" for each in outcome.findings if each.severity.value == "error"]
    assert not wrong, wrong
    found: dict[str, Side] = {}
    for name in (*outcome.connections, *outcome.plans):
        tenant = name.partition("/")[0]
        found.setdefault(
            tenant,
            Side(
                {each.connection: each for each in outcome.connections.values() if each.tenant == tenant},
                {each.mapping: each for each in outcome.plans.values() if each.tenant == tenant},
            ),
        )
    return found


def _patched(found: dict[str, Side], patch: str) -> dict[str, Side]:
    lines = [line.partition(" = ") for line in filter(None, patch.splitlines())]
    for owner in dict.fromkeys(target.partition(" ")[0] for target, _, _ in lines):
        tenant, _, name = owner.partition("/")
        side = found[tenant]
        plan: MappingPlan | ConnectionPlan = side.mappings.get(name) or side.connections[name]
        data = encode(plan)
        for target, _, value in lines:
            if target.startswith(f"{owner} "):
                _set(data, target.partition(" ")[2].split("."), json.loads(value))
        if isinstance(plan, MappingPlan):
            found = found | {tenant: Side(side.connections, {**side.mappings, name: decode_mapping(data)})}
        else:
            found = found | {tenant: Side({**side.connections, name: decode_connection(data)}, side.mappings)}
    return found


def _set(data: Any, steps: list[str], value: Any) -> None:
    """Items of a list are named by what names them: a route by its name, a field by its property."""
    *way, last = steps
    for step in way:
        data = data[step] if isinstance(data, dict) else next(each for each in data if step in each.values())
    data[last] = value


def compared(fixture: str, sections: Mapping[str, str]) -> list[Comparison]:
    """Compare the two sides, one tenant after the other."""
    old, new = sides(fixture, sections)
    nothing = Side({}, {})
    return [compare(old.get(tenant, nothing), new.get(tenant, nothing)) for tenant in sorted(old.keys() | new.keys())]


def said(change: Change) -> str:
    """A change in one line."""
    where = change.connection if change.mapping is None else f"{change.connection}/{change.mapping}"
    parts = [f"{change.kind.gate} {change.kind.category} {change.kind.id}", f"{where} {change.path}".strip()]
    texts = ["(nothing)" if each is None else each.replace("\n", "⏎") for each in (change.old, change.new)]
    parts.append(" -> ".join(texts))
    return " · ".join(filter(None, (*parts, change.note)))
