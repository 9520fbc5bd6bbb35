"""Put a case's files in a folder and compile them.

`connectors/NAME.yaml` is a manifest, `base/NAME.v1.yaml` a base mapping, all else is a tenant's or the policy. Texts
are written as `written_out` reads them; a part is merged into its file (`merged_part`); no text removes the file.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from golden.archive import Archive
from merged_part import merged_part
from queast_compiler.passes.check_pins import Pinned
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.codec import encode
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan
from queast_compiler.plan.needs import Capability
from queast_dsl.diagnostics.model import Diagnostics, Finding
from queast_dsl.diagnostics.render.text import render
from queast_dsl.document.connector import Connector
from queast_dsl.loading import load_connector, load_tenant, tenants
from written_out import written_out

FIXTURES = Path(__file__).parent / "fixtures"
TODAY = date(2026, 6, 1)
OUTPUTS = ("lint", "rules", "plan")


@dataclass(frozen=True)
class Outcome:
    findings: tuple[Finding, ...]
    plans: dict[str, MappingPlan]
    connections: dict[str, ConnectionPlan]


def is_output(section: str) -> bool:
    return section.split(" ")[0] in OUTPUTS


def lay_out(archive: Archive, root: Path) -> None:
    """Copy the fixture to `root` and put the case's files over it."""
    shutil.copytree(FIXTURES / archive.fixture, root)
    for name, text in archive.sections.items():
        if not is_output(name):
            put(root, name, text)


def put(root: Path, name: str, text: str) -> None:
    """Write one file under `root`, merge a part into it, or remove it."""
    path = root / name
    if not text.strip():
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.read_text(encoding="utf-8") if path.is_file() else None
    path.write_bytes(written_out(merged_part(name, text, whole)))


def compile_folder(root: Path, *, rules: bool = False, engine: Collection[Capability] = ()) -> Outcome:
    """Compile every tenant under `root`, as named from the current folder, for `engine`, by default one without extras.
    With `rules` lint is asked too.

    Manifests under `root` are read first and hide those that ship; a refused one hides none, so that its mistake is
    told once.
    """
    diagnostics = Diagnostics()
    plans: dict[str, MappingPlan] = {}
    connections: dict[str, ConnectionPlan] = {}
    own: dict[str, Connector] = {}
    manifests, bases = root / "connectors", root / "base"
    for manifest in sorted(manifests.glob("*.yaml")):
        connector = load_connector(manifest.stem, diagnostics, manifests)
        own |= {} if connector is None else {manifest.stem: connector}
    for tenant in tenants(root):
        documents = load_tenant(root, tenant, diagnostics, base_folder=bases if bases.is_dir() else None, tests=True)
        compiled = compile_tenant(
            documents,
            diagnostics,
            today=TODAY,
            connectors=lambda name: own.get(name) or load_connector(name, diagnostics),
            rules=rules,
            engine=engine,
            pinned=Pinned.ALL,
        )
        plans |= {f"{tenant}/{plan.mapping}": plan for plan in compiled.mappings}
        connections |= {f"{tenant}/{plan.connection}": plan for plan in compiled.connections}
    return Outcome(diagnostics.findings, plans, connections)


def output(section: str, outcome: Outcome) -> str:
    """Return the text of an output section: `lint`, `rules` (lint with its rules), or `plan TENANT/MAPPING`."""
    if section in ("lint", "rules"):
        return render(outcome.findings) or "no findings\n"
    name = section.removeprefix("plan ")
    if name not in outcome.plans:
        return "no plan\n" + render(outcome.findings)
    shown = encode(outcome.plans[name])
    # Digests change with every manifest and base; other tests hold them.
    shown["connection_digest"] = "sha256:…"
    shown["sources"] = [[path, "…"] for path, _ in shown["sources"]]
    return json.dumps(shown, ensure_ascii=False, indent=1) + "\n"
