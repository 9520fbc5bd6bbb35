"""The rule by name: an index of 100,000 companies in memory and its speed against rapidfuzz, a million with
QMAP_BENCH_LONG set; and the same rule over the store, as deliveries ask it (`matching.store_…`).

Each index is built in a process of its own. CPU time throughout, of one thread. Splink is fitted to the records that
QMAP_MATCHING_DATA names, where both are there. What cannot be measured here is a row of value 0 that says why.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.benchmarks.example_release import ROOT
from tests.benchmarks.row import Row, at_least, at_most

RECORDS = 100_000
MANY_RECORDS = 1_000_000
_SUITES = ("listed", "orgs")


def run() -> Iterator[Row]:
    """Yield the cost of an index, its speed as such and against rapidfuzz, then what a Splink model finds."""
    figures = _module("tests.benchmarks.company_index", str(RECORDS))
    yield at_most("matching.build_100000", figures["build_cpu_s"], "s CPU", 2.5)
    yield at_most("matching.memory_100000", figures["build_mib"], "MiB", 50)
    for scoring in ("supported", "plain"):
        yield Row(f"matching.{scoring}", round(figures[f"{scoring}_per_s"]), "queries/s")
        yield Row(f"matching.{scoring}.p99", round(figures[f"{scoring}_p99_ms"], 3), "ms CPU")
    if "cdist_per_s" in figures:
        ours = figures["supported_per_s"]
        yield at_least("matching.speed_vs_cdist", ours / figures["cdist_per_s"], "x", 10)
        yield at_least("matching.speed_vs_extract", ours / figures["extract_per_s"], "x", 70)
    else:
        yield _skipped("matching.speed_vs_cdist", "x", "rapidfuzz or numpy is not installed")
        yield _skipped("matching.speed_vs_extract", "x", "rapidfuzz or numpy is not installed")
    stored = _module("tests.benchmarks.company_store", str(RECORDS))
    yield Row("matching.store_build_100000", round(stored["build_cpu_s"], 1), "s CPU")
    yield at_least("matching.store_100000", stored["per_s"], "decisions/s", 300)
    yield at_most("matching.store_100000.p99", stored["p99_ms"], "ms CPU", 30)
    if os.environ.get("QMAP_BENCH_LONG"):
        many = _module("tests.benchmarks.company_index", str(MANY_RECORDS))
        yield at_most("matching.memory_1000000", many["process_mib"], "MiB", 2048)
        yield Row("matching.build_1000000", round(many["build_cpu_s"], 1), "s CPU")
        yield Row("matching.supported_1000000.p99", round(many["supported_p99_ms"], 3), "ms CPU")
    else:
        yield _skipped("matching.memory_1000000", "MiB", "QMAP_BENCH_LONG is not set")
    yield from _splink()


def _splink() -> Iterator[Row]:
    folder = os.environ.get("QMAP_MATCHING_DATA")
    for suite in _SUITES:
        name = f"matching.splink_recall_{suite}"
        if not folder or find_spec("splink") is None or find_spec("pyarrow") is None:
            why = "splink is not installed" if folder else "QMAP_MATCHING_DATA is not set"
            yield _skipped(name, "share", why)
            continue
        files = [str(Path(folder) / "dev" / f"{suite}_{what}.jsonl.gz") for what in ("crm", "queries")]
        chosen = _module("tests.benchmarks.splink_model", *files)["chosen"]["all"]
        yield Row(name, chosen["recall"], "share", f"shown, at a precision of {chosen['precision']:g}")


def _module(name: str, *arguments: str) -> dict[str, Any]:
    """Return what a module of the benchmarks prints."""
    command = [sys.executable, "-m", name, *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=1200)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _skipped(name: str, unit: str, why: str) -> Row:
    return Row(name, 0.0, unit, f"not measured: {why}")
