"""Several windows at once, none exceeded in any stretch of its length."""

from hypothesis import given
from hypothesis import strategies as st

from queast_runtime.delivery.budget import Budget, Tariff, Window, read_tariff
from queast_runtime.ports import Tuning

MANIFEST = {
    "rate_limit": {
        "budgets": [
            {"id": "burst", "limit": 10, "window_s": 2, "ops": ["*"]},
            {"id": "search", "limit": 2, "window_s": 1, "ops": ["*.find"]},
            {"id": "daily", "limit": 100, "window_s": 86400, "ops": ["*"], "cost": True},
        ],
        "costs": [{"ops": ["*.find"], "cost": 20}],
    }
}


def test_a_window_limits_only_the_operations_it_names() -> None:
    budget = Budget(read_tariff(MANIFEST, "crm", Tuning()))
    for _ in range(2):
        assert budget.wait_s("companies.find", 0.0) == 0.0
        budget.spend("companies.find", 0.0)
    assert budget.wait_s("companies.find", 0.5) == 0.5
    assert budget.wait_s("companies.update", 0.5) == 0.0


def test_a_day_grants_four_fifths_and_remembers_what_was_spent_before_a_restart() -> None:
    budget = Budget(read_tariff(MANIFEST, "crm", Tuning()))
    budget.start(0.0, after_restart=False, history={"daily": [(0.0, 70.0)]})
    assert budget.wait_s("companies.find", 0.0) > 80_000
    assert budget.wait_s("companies.update", 0.0) == 0.0
    assert budget.spend("companies.update", 0.0) == {"daily": 1.0}
    assert budget.exhausted_s(0.0) == 0.0
    for _ in range(9):
        budget.spend("companies.update", 0.0)
    assert budget.exhausted_s(0.0) > 80_000


def test_a_restart_does_not_burst() -> None:
    budget = Budget(read_tariff(MANIFEST, "crm", Tuning()))
    budget.start(100.0, after_restart=True, history={})
    sent = 0
    now = 100.0
    while now < 102.0:
        if budget.wait_s("companies.update", now) == 0.0:
            budget.spend("companies.update", now)
            sent += 1
        now += 0.01
    assert 8 <= sent <= 10


def test_an_operators_rate_replaces_the_manifests_windows() -> None:
    tariff = read_tariff(MANIFEST, "crm", Tuning(rates={"crm": 500.0}))
    assert [(window.limit, window.seconds) for window in tariff.windows] == [(500.0, 1.0)]
    slow = read_tariff(MANIFEST, "crm", Tuning(rates={"crm": 0.5}))
    assert [(window.limit, window.seconds) for window in slow.windows] == [(1.0, 2.0)]


@given(st.lists(st.floats(0.0, 0.5), min_size=1, max_size=120), st.integers(1, 7))
def test_no_stretch_of_a_windows_length_holds_more_than_its_limit(pauses: list[float], limit: int) -> None:
    budget = Budget(Tariff((Window("w", limit, 1.0, ("*",), False),), ()))
    now, sent = 0.0, []
    for pause in pauses:
        now += pause
        now += budget.wait_s("a.b", now)
        if budget.wait_s("a.b", now) > 0:
            now += 1e-6
        budget.spend("a.b", now)
        sent.append(now)
    for start in sent:
        assert sum(start <= moment < start + 1.0 - 1e-6 for moment in sent) <= limit
