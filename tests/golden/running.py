"""Put a case's files in a folder and compile them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from golden.archive import Archive
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.codec import encode
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics.model import Diagnostics, Finding
from queast_dsl.diagnostics.render.text import render
from queast_dsl.loading import load_connector, load_tenant, tenants

FIXTURES = Path(__file__).parent / "fixtures"
TODAY = date(2026, 6, 1)
OUTPUTS = ("lint", "plan")


@dataclass(frozen=True)
class Outcome:
    findings: tuple[Finding, ...]
    plans: dict[str, MappingPlan]


def is_output(section: str) -> bool:
    return section.split(" ")[0] in OUTPUTS


def lay_out(archive: Archive, root: Path) -> None:
    """Copy the fixture to `root` and write the case's files over it; a section of no text removes the file."""
    shutil.copytree(FIXTURES / archive.fixture, root)
    for name, text in archive.sections.items():
        if is_output(name):
            continue
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text:
            path.write_text(text, encoding="utf-8")
        else:
            path.unlink()


def compile_folder(root: Path) -> Outcome:
    """Compile every tenant under `root`, as it is named from the current folder, for an engine without extras."""
    diagnostics = Diagnostics()
    plans: dict[str, MappingPlan] = {}
    for tenant in tenants(root):
        documents = load_tenant(root, tenant, diagnostics)
        compiled = compile_tenant(
            documents,
            diagnostics,
            today=TODAY,
            connectors=lambda name: load_connector(name, diagnostics),
            engine=(),
        )
        plans |= {f"{tenant}/{plan.mapping}": plan for plan in compiled.mappings}
    return Outcome(diagnostics.findings, plans)


def output(section: str, outcome: Outcome) -> str:
    """Return the text of an output section: `lint`, or `plan TENANT/MAPPING`."""
    if section == "lint":
        return render(outcome.findings) or "no findings\n"
    name = section.removeprefix("plan ")
    if name not in outcome.plans:
        return "no plan\n" + render(outcome.findings)
    shown = encode(outcome.plans[name])
    # Digests change with every manifest and base; other tests hold them.
    shown["connection_digest"] = "sha256:…"
    shown["sources"] = [[path, "…"] for path, _ in shown["sources"]]
    return json.dumps(shown, ensure_ascii=False, indent=1) + "\n"
