"""A thousand tenants with three mappings each: compiled from their sources, then loaded from their plans."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.benchmarks.example_release import ROOT
from tests.benchmarks.row import Row, at_most

TENANTS = 1000
_KIB_A_MIB = 1024


def run() -> Iterator[Row]:
    """Yield seconds of CPU to compile all and to load all, and the KiB that one loaded mapping keeps."""
    with tempfile.TemporaryDirectory() as folder:
        _step("write", folder)
        compiled = _step("compile", folder)
        yield at_most(f"many_tenants.compile_{compiled['mappings']:g}", compiled["cpu_s"], "s CPU", 60)
        loaded = _step("load", folder)
        yield at_most(f"many_tenants.load_{loaded['mappings']:g}", loaded["cpu_s"], "s CPU", 10)
        kib = loaded["mib"] * _KIB_A_MIB / loaded["mappings"]
        yield Row("many_tenants.memory_a_mapping", round(kib, 1), "KiB")


def _step(name: str, folder: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.many_tenants", name, folder, str(TENANTS)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=600)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures
