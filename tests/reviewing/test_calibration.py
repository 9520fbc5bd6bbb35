"""The threshold that answers call for: raised where people reject, lowered where the new links hold by themselves."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queast_runtime.matching.calibration import (
    LOWER_TARGET,
    TARGET,
    Calibration,
    Judged,
    Kept,
    NoneHolds,
    Proposed,
    TooFew,
    bands,
    calibrate,
    isotonic,
)
from queast_runtime.matching.confidence import missing, share

ANSWERS = st.lists(
    st.builds(Judged, st.integers(50, 100).map(lambda n: n / 100), st.booleans()), min_size=1, max_size=60
)


def answers(right: dict[float, int], wrong: dict[float, int] | None = None) -> list[Judged]:
    return [Judged(score, True) for score, n in right.items() for _ in range(n)] + [
        Judged(score, False) for score, n in (wrong or {}).items() for _ in range(n)
    ]


@pytest.mark.parametrize(
    ("judged", "floor", "expected"),
    [
        (answers({0.97: 10}), 0.85, TooFew(share(10, 10), 179)),
        (answers({}), 0.85, TooFew(share(0, 0), 189)),
        (answers({0.97: 189}), 0.85, Kept(share(189, 189))),
        (answers({0.955: 189}, {0.80: 5}), 0.85, Kept(share(189, 189))),
        (answers({0.97: 200, 0.955: 10}, {0.955: 15}), 0.85, Proposed(0.96, share(200, 200), False)),
        (answers({0.97: 189, 0.90: 1_300}), 0.85, Proposed(0.90, share(1_489, 1_489), True)),
        (answers({0.97: 189, 0.90: 189}), 0.85, Kept(share(189, 189))),
        (answers({0.97: 5_000, 0.90: 1_200}), 0.85, Kept(share(5_000, 5_000))),
        (answers({0.97: 189, 0.80: 1_300}), 0.85, Kept(share(189, 189))),
        (answers({0.97: 500, 0.90: 60}), 0.85, Kept(share(500, 500))),
        (answers({0.97: 20}, {0.97: 20}), 0.85, NoneHolds(share(20, 40), missing(20, 40, TARGET))),
    ],
    ids=[
        "too few answers say how many more are needed",
        "no answers",
        "enough right answers keep it",
        "wrong ones below it say nothing against it",
        "wrong ones at it raise it",
        "what would be linked newly holds by itself",
        "what keeps a threshold is too little to lower it",
        "too few below, however many above",
        "the policy's bound is kept",
        "many above do not vouch for few below",
        "no threshold holds",
    ],
)
def test_the_threshold_follows_the_answers(judged: list[Judged], floor: float, expected: Calibration) -> None:
    assert calibrate(judged, 0.95, floor) == expected


@given(ANSWERS, st.sampled_from([0.0, 0.6, 0.85]))
def test_whatever_is_proposed_holds_and_keeps_the_bound(judged: list[Judged], floor: float) -> None:
    found = calibrate(judged * 40, 0.9, floor)
    if isinstance(found, Proposed):
        above = [each for each in judged * 40 if each.score >= found.threshold - 1e-9]
        right = sum(each.is_right for each in above)
        assert found.threshold >= floor
        assert share(right, len(above)).lower >= (LOWER_TARGET if found.is_lower else TARGET)
        assert found.is_lower == (found.threshold < 0.9)


@given(ANSWERS)
def test_the_fit_never_falls_and_counts_every_answer(judged: list[Judged]) -> None:
    fit = isotonic(judged)
    assert all(low[1] <= high[1] for low, high in pairwise(fit))
    assert [score for score, _ in fit] == sorted({each.score for each in judged})
    weighed = sum(value * sum(each.score == score for each in judged) for score, value in fit)
    assert weighed == pytest.approx(sum(each.is_right for each in judged))


def test_answers_that_contradict_the_scores_are_pooled() -> None:
    judged = answers({0.8: 1, 0.9: 1}, {0.8: 1, 0.95: 1})
    assert isotonic(judged) == ((0.8, 0.5), (0.9, 0.5), (0.95, 0.5))


def test_precision_is_told_by_band_with_its_bounds() -> None:
    found = bands(answers({0.97: 9, 1.0: 1}, {0.91: 2}))
    assert [(each.low, each.high, each.precision.right, each.precision.total) for each in found] == [
        (0.95, 1.0, 10, 10),
        (0.9, 0.95, 0, 2),
    ]
    assert found[0].precision.lower == pytest.approx(0.7225, abs=1e-4)


@pytest.mark.parametrize(
    ("right", "total", "lower", "upper"),
    [
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (189, 189, 0.98008, 1.0),
        (2739, 2743, 0.99626, 0.99943),
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_interval_is_wilsons(right: int, total: int, lower: float, upper: float) -> None:
    found = share(right, total)
    assert (found.lower, found.upper) == (pytest.approx(lower, abs=1e-4), pytest.approx(upper, abs=1e-4))


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_lies_around_the_share(right: int, total: int) -> None:
    found = share(min(right, total), total)
    assert found.value is not None
    assert 0 <= found.lower <= found.value <= found.upper <= 1


@given(st.integers(0, 80), st.integers(0, 80), st.sampled_from([0.5, 0.9, 0.98]))
def test_the_number_of_missing_answers_is_the_least_that_suffices(right: int, wrong: int, target: float) -> None:
    more = missing(right, right + wrong, target)
    assert share(right + more, right + wrong + more).lower >= target
    assert more == 0 or share(right + more - 1, right + wrong + more - 1).lower < target
