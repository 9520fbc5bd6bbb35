"""`python -m tests.benchmarks.many_tenants write|compile|load FOLDER COUNT`: many tenants with three mappings each.

A process for each step, so that seconds and memory are that step's own. `write` makes the sources: every tenant has
the connections and mappings of all three examples, changed a little, so that no two tenants share a plan.
"""

from __future__ import annotations

import gc
import json
import resource
import shutil
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from tests.benchmarks.example_release import MAPPINGS, SIGNED_AT

from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.directory import plan_set
from queast_compiler.plan.release import sign
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import load_connector, load_tenant
from queast_runtime.security.keys import development_key, trusted_keys
from queast_runtime.security.releases import load_release, write_release

EXAMPLES = {"acme": "acme-hubspot", "nordlys": "nordlys-pipedrive", "fjordbank": "warehouse"}
_TODAY = date(2026, 1, 31)
_KIB_A_MIB = 1024


def write(folder: Path, count: int) -> dict[str, float]:
    """Write the sources of `count` tenants."""
    head, *blocks = [(MAPPINGS / tenant / "connections.yaml").read_text(encoding="utf-8") for tenant in EXAMPLES]
    connections = head + "".join(block.partition("connections:\n")[2] for block in blocks)
    texts = {
        name: (MAPPINGS / tenant / f"{name}.yaml").read_text(encoding="utf-8") for tenant, name in EXAMPLES.items()
    }
    for n in range(count):
        tenant = folder / "mappings" / f"tenant-{n:04}"
        (tenant / "accounts").mkdir(parents=True)
        (tenant / "connections.yaml").write_text(connections, encoding="utf-8")
        for example in EXAMPLES:
            for account in (MAPPINGS / example).glob("accounts/*.json"):
                shutil.copy(account, tenant / "accounts")
        for name, text in texts.items():
            changed = text.replace("signals: informational", "signals: strict").replace(">= ", f">= {n} + ")
            changed = changed.replace("company.domain", f"if(company.name == 'n{n}', null, company.domain)", 1)
            (tenant / f"{name}.yaml").write_text(changed, encoding="utf-8")
    shutil.copy(MAPPINGS / "policy.yaml", folder / "mappings")
    return {"tenants": count}


def compile_all(folder: Path, count: int) -> dict[str, float]:
    """Read, check and compile every tenant, sign its release and write it."""
    key = development_key(folder)
    before_s, mappings = _cpu_s(), 0
    for n in range(count):
        name, diagnostics = f"tenant-{n:04}", Diagnostics()
        documents = load_tenant(folder / "mappings", name, diagnostics)
        compiled = compile_tenant(
            documents,
            diagnostics,
            today=_TODAY,
            connectors=lambda connector, found=diagnostics: load_connector(connector, found),
        )
        if diagnostics.has_errors:
            raise RuntimeError(f"{name} has errors: {[finding.message for finding in diagnostics.findings]}")
        content = plan_set(name, compiled.connections, compiled.mappings)
        write_release(folder, sign(content, sequence=1, created_at=SIGNED_AT, key=key), content)
        mappings += len(compiled.mappings)
    return {"mappings": mappings, "cpu_s": _cpu_s() - before_s}


def load_all(folder: Path, count: int) -> dict[str, float]:
    """Verify, decode and generate the code of every plan, and keep all of it."""
    trusted = trusted_keys(folder)
    gc.collect()
    before_s, before_mib = _cpu_s(), _resident_mib()
    kept = [load_release(folder, f"tenant-{n:04}", trusted=trusted, last_sequence=0) for n in range(count)]
    taken_s = _cpu_s() - before_s
    gc.collect()
    return {
        "mappings": sum(len(release.mappings) for release in kept),
        "cpu_s": taken_s,
        "mib": _resident_mib() - before_mib,
    }


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / _KIB_A_MIB / _KIB_A_MIB


_STEPS: dict[str, Callable[[Path, int], dict[str, float]]] = {
    "write": write,
    "compile": compile_all,
    "load": load_all,
}

if __name__ == "__main__":
    _, step, folder, count = sys.argv
    print(json.dumps(_STEPS[step](Path(folder), int(count))))
