"""Compiling is deterministic to the byte (D6.5)."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEEDS = 20
# Compiles every example tenant and prints one digest over all files written.
PROGRAM = """
import sys
from pathlib import Path
from hashlib import sha256
from datetime import date
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.directory import write_plans
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import load_connector, load_tenant

for tenant in ("acme", "nordlys", "fjordbank"):
    found = Diagnostics()
    documents = load_tenant(Path("mappings"), tenant, found)
    compiled = compile_tenant(
        documents, found, today=date(2026, 1, 31), connectors=lambda name: load_connector(name, found)
    )
    assert compiled.mappings, tenant
    write_plans(Path(sys.argv[1]), tenant, compiled.connections, compiled.mappings)
"""


def digest_of(folder: Path) -> str:
    """Return a digest over the names and bytes of every file in `folder`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) >= 9
    return sha256(b"".join(str(path.relative_to(folder)).encode() + path.read_bytes() for path in files)).hexdigest()


def test_twenty_processes_with_other_hash_seeds_write_the_same_bytes(tmp_path: Path) -> None:
    """D6.5: compilation is deterministic to the byte."""
    digests = set()
    for seed in range(SEEDS):
        folder = tmp_path / str(seed)
        command = [sys.executable, "-c", PROGRAM, str(folder)]
        subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "PYTHONHASHSEED": str(seed)}, timeout=120)
        digests.add(digest_of(folder))
    assert len(digests) == 1
