"""What rapidfuzz makes of the same questions: each scorer over all names, alone and with the same corroboration."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from queast_runtime.matching.companies import Company, IndexRow
from queast_runtime.matching.evaluation import Answer, Figures, Question, figures

_CHUNK: Final = 256
_TIMED: Final = 40
# Some minutes' worth of pairs.
_MOST_PAIRS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Baseline:
    """A scorer from a threshold on, the next name `margin` behind; if `corroborated`, of the same country or domain and
    of no other country, city or domain."""

    name: str
    scorer: str
    auto_link: float
    margin: float
    corroborated: bool


BASELINES: Final = (
    Baseline("token_sort >= .90", "token_sort_ratio", 0.90, 0.0, False),
    Baseline("token_sort >= .95, margin .05", "token_sort_ratio", 0.95, 0.05, False),
    Baseline("token_sort >= .95, margin .05, corroborated", "token_sort_ratio", 0.95, 0.05, True),
    Baseline("Jaro-Winkler >= .95", "jaro_winkler", 0.95, 0.0, False),
    Baseline("Jaro-Winkler >= .95, corroborated", "jaro_winkler", 0.95, 0.0, True),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """The baselines' figures, and questions a second of one thread: `cdist` scores all, `extract` finds two."""

    figures: tuple[tuple[str, Figures], ...]
    cdist_per_s: float
    extract_per_s: float


def compare(rows: Sequence[IndexRow], asked: Sequence[Question]) -> Compared | str:
    """Return the baselines' figures, or why there are none. They get the names as normalised, without legal forms."""
    try:
        # By name: they are an extra, and who checks types need not have them.
        numpy, process = import_module("numpy"), import_module("rapidfuzz.process")
        token_sort_ratio = import_module("rapidfuzz.fuzz").token_sort_ratio
        jaro_winkler = import_module("rapidfuzz.distance").JaroWinkler.normalized_similarity
    except ImportError:
        return "rapidfuzz and numpy are not installed (the extra `bench` has them)"
    if len(rows) * len(asked) > _MOST_PAIRS:
        return f"{len(rows):,} records times {len(asked):,} questions would take too long"
    scorers: dict[str, Callable[..., Any]] = {
        "token_sort_ratio": token_sort_ratio,
        "jaro_winkler": jaro_winkler,
    }
    choices = [each.company.name for each in rows]
    wanted = [each.company.name for each in asked]
    best = {
        name: _best_two(process.cdist, numpy, scorer, wanted, choices, 100.0 if scorer is token_sort_ratio else 1.0)
        for name, scorer in scorers.items()
    }
    found = tuple((each.name, _figures(each, best[each.scorer], rows, asked)) for each in BASELINES)
    few = wanted[:_TIMED]
    began = time.process_time()
    process.cdist(few, choices, scorer=token_sort_ratio, workers=1)
    cdist = time.process_time() - began
    began = time.process_time()
    for each in few:
        process.extract(each, choices, scorer=token_sort_ratio, limit=2)
    extract = time.process_time() - began
    return Compared(found, len(few) / max(cdist, 1e-9), len(few) / max(extract, 1e-9))


def _best_two(
    cdist: Callable[..., Any], numpy: Any, scorer: Callable[..., Any], wanted: list[str], choices: list[str], top: float
) -> list[tuple[int, float, float]]:
    """Return the place of the best choice, its score and the second's, from 0 to 1, for each name wanted."""
    out: list[tuple[int, float, float]] = []
    for start in range(0, len(wanted), _CHUNK):
        scores = cdist(wanted[start : start + _CHUNK], choices, scorer=scorer, workers=1, dtype=numpy.float32)
        places = scores.argmax(axis=1)
        for row, place in zip(scores, places, strict=True):
            first = float(row[place]) / top
            row[place] = -1.0
            out.append((int(place), first, float(row.max()) / top))
    return out


def _figures(
    baseline: Baseline,
    best: list[tuple[int, float, float]],
    rows: Sequence[IndexRow],
    asked: Sequence[Question],
) -> Figures:
    answered: list[tuple[Question, Answer]] = []
    for (place, first, second), question in zip(best, asked, strict=True):
        row = rows[place]
        links = first >= baseline.auto_link and first - second >= baseline.margin
        if links and baseline.corroborated:
            links = _corroborated(question.company, row.company)
        answered.append((question, Answer(row.id if links else None, first)))
    return figures(answered)


def _corroborated(ours: Company, theirs: Company) -> bool:
    pairs = ((ours.country, theirs.country), (ours.city, theirs.city), (ours.domain, theirs.domain))
    if any(mine and other and mine != other for mine, other in pairs):
        return False
    return any(mine and mine == other for mine, other in (pairs[0], pairs[2]))
