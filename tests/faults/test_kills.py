"""SIGKILL at any moment and a restart give the doubles the same final state as an undisturbed run."""

from __future__ import annotations

from pathlib import Path

import pytest

from kill_harness import TENANTS, Engine, Outcome, compile_examples, differences, doubles, outcome
from queast_runtime.observability.faults import POINTS

WORKER = "queast_runtime.worker"
QMAP = "queast_runtime.cli"
KILLS = 20
# Requests a second, so slow that the work lasts for all the kills (HubSpot takes a hundred records in one).
SLOW = {"acme": 1.0, "nordlys": 20, "fjordbank": 20}
NONE = {"lost": 0, "duplicates": 0, "violations": 0}
# Each point, by tenant that passes it, with a visit that falls into the middle of the tenant's work. A webhook has no
# records: nothing is mirrored, linked or hung on anything.
WHERE = {
    "before-admit-commit": {"acme": 2, "nordlys": 2, "fjordbank": 2},
    "after-admit-commit": {"acme": 1, "nordlys": 1, "fjordbank": 1},
    "mid-mirror-page": {"acme": 2, "nordlys": 1},
    "between-read-and-write": {"acme": 1, "nordlys": 1},
    "before-send": {"acme": 3, "nordlys": 40, "fjordbank": 40},
    "bytes-sent-no-answer": {"acme": 2, "nordlys": 60, "fjordbank": 60},
    "answer-no-commit": {"acme": 2, "nordlys": 50, "fjordbank": 50},
    "before-finish": {"acme": 2, "nordlys": 4, "fjordbank": 4},
    "after-link-commit": {"acme": 1, "nordlys": 2},
    "between-create-and-associate": {"acme": 1, "nordlys": 3},
}
KILLED = [(point, tenant) for point, tenants in WHERE.items() for tenant in tenants]
# Kills by which a note has gone out and nobody knows.
FORGETTING = [
    ("answer-no-commit", "nordlys", 180),
    ("bytes-sent-no-answer", "nordlys", 180),
    ("before-send", "acme", 5),
]


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_examples(tmp_path_factory.mktemp("plans"))


@pytest.fixture(scope="module")
def undisturbed(plans: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("undisturbed")
    with doubles(folder / "doubles") as running:
        engine = Engine(WORKER, folder / "state", plans, running)
        engine.publish()
        assert [engine.finish(tenant) for tenant in TENANTS] == [0, 0, 0]
        state = running.state()
    found = {tenant: outcome(state, tenant) for tenant in TENANTS}
    assert found["acme"].notes
    assert found["nordlys"].notes
    assert found["fjordbank"].messages
    return found


def test_every_fault_point_has_its_place_in_the_table() -> None:
    assert set(WHERE) == set(POINTS)


@pytest.mark.parametrize(("point", "tenant"), KILLED)
def test_a_kill_at_this_point_loses_and_doubles_nothing(
    point: str, tenant: str, plans: Path, undisturbed: dict[str, Outcome], tmp_path: Path
) -> None:
    visit = WHERE[point][tenant]
    with doubles(tmp_path / "doubles") as running:
        engine = Engine(WORKER, tmp_path / "state", plans, running)
        engine.publish()
        assert engine.finish(tenant, f"{point}:{visit}") == -9, f"{point} was not reached {visit} times"
        assert engine.finish(tenant) == 0
        assert differences(undisturbed[tenant], outcome(running.state(), tenant)) == NONE


@pytest.mark.parametrize("tenant", TENANTS)
def test_kills_at_random_moments_lose_and_double_nothing(
    tenant: str, plans: Path, undisturbed: dict[str, Outcome], tmp_path: Path
) -> None:
    with doubles(tmp_path / "doubles", faults=tenant == "nordlys") as running:
        engine = Engine(QMAP, tmp_path / "state", plans, running, rate=SLOW[tenant])
        engine.publish()
        assert engine.killed_at_random(tenant, kills=KILLS, seed=7, longest_s=1.6) == KILLS
        assert engine.dead_letters(tenant) == []
        assert differences(undisturbed[tenant], outcome(running.state(), tenant)) == NONE


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_second_run_and_a_fresh_ledger_change_nothing(
    tenant: str, plans: Path, undisturbed: dict[str, Outcome], tmp_path: Path
) -> None:
    with doubles(tmp_path / "doubles") as running:
        for state in ("first", "first", "fresh"):
            engine = Engine(WORKER, tmp_path / state, plans, running)
            engine.publish()
            assert engine.finish(tenant) == 0
        assert differences(undisturbed[tenant], outcome(running.state(), tenant)) == NONE


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_naive_engine_that_nobody_disturbs_does_what_the_real_one_does(
    tenant: str, plans: Path, undisturbed: dict[str, Outcome], tmp_path: Path
) -> None:
    """So that what the next test finds is the kill's doing."""
    with doubles(tmp_path / "doubles") as running:
        engine = Engine("faults.naive", tmp_path / "state", plans, running)
        engine.publish()
        assert engine.finish(tenant) == 0
        assert differences(undisturbed[tenant], outcome(running.state(), tenant)) == NONE


@pytest.mark.parametrize(("point", "tenant", "visit"), FORGETTING)
@pytest.mark.parametrize("module", ["faults.naive", WORKER])
def test_a_naive_engine_doubles_under_kills_that_the_real_one_outlives(
    module: str, point: str, tenant: str, visit: int, plans: Path, undisturbed: dict[str, Outcome], tmp_path: Path
) -> None:
    with doubles(tmp_path / "doubles") as running:
        engine = Engine(module, tmp_path / "state", plans, running)
        engine.publish()
        assert engine.finish(tenant, f"{point}:{visit}") == -9, f"{point} was not reached {visit} times"
        assert engine.finish(tenant) == 0
        found = differences(undisturbed[tenant], outcome(running.state(), tenant))
    if module == WORKER:
        assert found == NONE
    else:
        assert found["duplicates"] > 0
