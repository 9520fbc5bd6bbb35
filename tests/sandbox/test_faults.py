"""The fault schedule is the same for the same seed, keeps to its rates and obeys requests by name."""

from __future__ import annotations

from collections import Counter

import pytest

from queast_runtime.sandbox.faults import FAULTS, MODERATE, FaultRates, FaultSchedule


def fates(seed: int, count: int, *, batch: bool = True, double: str = "hubspot") -> list[str | None]:
    schedule = FaultSchedule(double, seed, MODERATE)
    return [schedule.draw(batch=batch)[0] for _ in range(count)]


def test_the_same_seed_gives_the_same_schedule() -> None:
    assert fates(7, 500) == fates(7, 500)


def test_another_seed_or_another_double_gives_another_schedule() -> None:
    assert fates(7, 500) != fates(8, 500)
    assert fates(7, 500) != fates(7, 500, double="pipedrive")


def test_every_fault_comes_about_as_often_as_its_rate_says() -> None:
    counts = Counter(fates(1, 20_000))
    for fault in FAULTS:
        expected = getattr(MODERATE, fault) * 20_000
        assert abs(counts[fault] - expected) <= 6 + expected * 0.35, fault


def test_only_batches_get_partial_answers() -> None:
    assert not {"items", "unaccounted"} & set(fates(1, 5_000, batch=False))


def test_what_is_asked_for_comes_next_and_in_order() -> None:
    schedule = FaultSchedule("hubspot", 1)
    schedule.change(None, ["reset_after", "items", "late"], None)
    drawn = [schedule.draw(batch=batch)[0] for batch in (False, False, True, False, False)]
    assert drawn == ["reset_after", None, "items", "late", None]


def test_a_new_seed_starts_the_schedule_again() -> None:
    schedule = FaultSchedule("hubspot", 1, MODERATE)
    first = [schedule.draw(batch=True) for _ in range(100)]
    schedule.change(None, None, 1)
    assert [schedule.draw(batch=True) for _ in range(100)] == first


@pytest.mark.parametrize("rates", [{"late": -0.1}, {"late": 0.6, "server_error": 0.6}])
def test_rates_that_cannot_be_are_refused(rates: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="fault rates"):
        FaultRates(**rates)


def test_an_unknown_fault_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="no fault is called nap; there are rate_limited"):
        FaultSchedule("hubspot", 1).change(None, ["nap"], None)
