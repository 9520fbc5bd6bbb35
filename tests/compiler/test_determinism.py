"""Compiling is deterministic to the byte (D6.5)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RICH = ROOT / "tests" / "mutations" / "rich.yaml"
SEEDS = 20
TENANTS = ("acme", "nordlys", "fjordbank", "rich")
# Compiles every tenant of the folder it runs in.
PROGRAM = """
import sys
from pathlib import Path
from datetime import date
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.directory import write_plans
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import load_connector, load_tenant

for tenant in sys.argv[2:]:
    found = Diagnostics()
    documents = load_tenant(Path("mappings"), tenant, found)
    compiled = compile_tenant(
        documents, found, today=date(2026, 1, 31), connectors=lambda name: load_connector(name, found)
    )
    assert len(compiled.mappings) == len(documents.mappings) >= 1, tenant
    write_plans(Path(sys.argv[1]), tenant, compiled.connections, compiled.mappings)
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """The example tenants, and one whose mapping has everything that the language has."""
    mappings = tmp_path / "sources" / "mappings"
    shutil.copytree(ROOT / "mappings", mappings, ignore=shutil.ignore_patterns("events"))
    shutil.copytree(mappings / "acme", mappings / "rich")
    (mappings / "rich" / "acme-hubspot.yaml").unlink()
    shutil.copy(RICH, mappings / "rich")
    return mappings.parent


def digest_of(folder: Path) -> str:
    """Return a digest over the names and bytes of every file in `folder`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) >= 3 * len(TENANTS), "a mapping, a connection and an index for each"
    return sha256(b"".join(str(path.relative_to(folder)).encode() + path.read_bytes() for path in files)).hexdigest()


def test_two_processes_for_each_of_twenty_hash_seeds_write_the_same_bytes(tmp_path: Path, sources: Path) -> None:
    """D6.5: compilation is deterministic to the byte."""
    digests = []
    for run in range(2 * SEEDS):
        folder = tmp_path / str(run)
        command = [sys.executable, "-c", PROGRAM, str(folder), *TENANTS]
        environment = {**os.environ, "PYTHONHASHSEED": str(run // 2)}
        subprocess.run(command, cwd=sources, check=True, env=environment, timeout=120)
        digests.append(digest_of(folder))
        shutil.rmtree(folder)
    assert len(digests) == 2 * SEEDS
    assert len(set(digests)) == 1
