"""`python -m tests.benchmarks.company_index COUNT`: one index over so many records in a process of its own.

Prints a JSON object: seconds of CPU and MiB (resident, beside the records themselves) to build it, MiB of the whole
process, questions a second of CPU (reading the name included) and the 99th of a hundred in milliseconds; and, where
rapidfuzz is installed and there are no more than MOST_FOR_RAPIDFUZZ records, its questions a second.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks.company_names import MadeUp, queries, records

from queast_runtime.matching.companies import Company, IndexRow, read_company
from queast_runtime.matching.fuzzy import SCORINGS, Thresholds, decide_fuzzy
from queast_runtime.matching.index import CompanyIndex

QUESTIONS = 3000
MOST_FOR_RAPIDFUZZ = 100_000
_FOR_CDIST = 100
_FOR_EXTRACT = 30


def main() -> None:
    known = list(records(int(sys.argv[1])))
    asked = queries(known, QUESTIONS)
    _company(known[0])
    read_company("Møller 株式会社", "Norge")
    gc.collect()
    before = _resident_mib()
    began = time.process_time()
    index = CompanyIndex(IndexRow(each.id, _company(each)) for each in known)
    figures = {"build_cpu_s": time.process_time() - began}
    gc.collect()
    figures["build_mib"] = _resident_mib() - before
    figures["process_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for scoring in SCORINGS:
        thresholds = Thresholds(scoring=scoring)
        taken = sorted(_seconds(index, each, thresholds) for each in asked)
        figures[f"{scoring}_per_s"] = len(taken) / sum(taken)
        figures[f"{scoring}_p99_ms"] = taken[int(len(taken) * 0.99)] * 1000
    if len(known) <= MOST_FOR_RAPIDFUZZ and find_spec("rapidfuzz") and find_spec("numpy"):
        figures |= _rapidfuzz([_company(each).name for each in known], [_company(each).name for each in asked])
    print(json.dumps(figures))


def _company(made_up: MadeUp) -> Company:
    return read_company(made_up.name, made_up.country, made_up.city, made_up.domain or None)


def _seconds(index: CompanyIndex, asked: MadeUp, thresholds: Thresholds) -> float:
    began = time.thread_time()
    company = _company(asked)
    decide_fuzzy(company, index.candidates(company, thresholds), index, thresholds)
    return time.thread_time() - began


def _rapidfuzz(choices: list[str], asked: list[str]) -> dict[str, float]:
    process, fuzz = import_module("rapidfuzz.process"), import_module("rapidfuzz.fuzz")
    began = time.process_time()
    process.cdist(asked[:_FOR_CDIST], choices, scorer=fuzz.token_sort_ratio, workers=1)
    cdist = time.process_time() - began
    began = time.process_time()
    for each in asked[:_FOR_EXTRACT]:
        process.extract(each, choices, scorer=fuzz.token_sort_ratio, limit=2)
    return {"cdist_per_s": _FOR_CDIST / cdist, "extract_per_s": _FOR_EXTRACT / (time.process_time() - began)}


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
