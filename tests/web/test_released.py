"""How a case would be decided today is asked of the release that runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from plans.samples import connection_plan, mapping_plan
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.directory import plan_digest, plan_set
from queast_compiler.plan.release import sign
from queast_runtime.delivery.reviewing.today import Today
from queast_runtime.security.keys import development_key, trusted_keys
from queast_runtime.security.releases import LoadedRelease, load_release, write_release
from queast_runtime.security.sealing import open_sealer
from queast_runtime.web.released import RunningRules, decide, stored_release
from reviewing.samples import candidate, review
from schema_copy import open_copy
from web.memory_desk import START, MovedClock

ASKED = review(candidate("h1", 0.9), connection="hubspot-main", mapping="acme-hubspot", rule="linkedin")
EMPTY = review(connection="hubspot-main", mapping="acme-hubspot")
PLAN = connection_plan()
CAREFUL = replace(PLAN, match=(replace(PLAN.match[0], on_none="review"),))


def publish(state: Path, sequence: int, connection: ConnectionPlan = PLAN) -> LoadedRelease:
    mapping = replace(mapping_plan(), connection_digest=plan_digest(connection))
    plans = plan_set("acme", (connection,), (mapping,))
    write_release(state, sign(plans, sequence=sequence, created_at=START, key=development_key(state)), plans)
    return load_release(state, "acme", trusted=trusted_keys(state), last_sequence=0)


def test_the_release_that_runs_is_asked_and_a_newer_one_is_told_of(tmp_path: Path) -> None:
    first = publish(tmp_path, 1)
    rules = RunningRules({"acme": first}, tmp_path)
    assert rules("acme", ASKED) == Today(False, "nothing", "the connection does not match by linkedin")
    second = publish(tmp_path, 2, CAREFUL)
    found = rules("acme", EMPTY)
    assert found is not None
    assert found.would == "nothing"
    assert "the connection creates one then" in found.because
    assert found.because.endswith("; release 2 is stored and not taken up")
    anew = RunningRules({"acme": second}, tmp_path)("acme", EMPTY)
    assert anew is not None
    assert (anew.would, "not taken up" in anew.because) == ("review", False)


def test_nothing_is_said_of_another_tenant_or_a_connection_that_is_gone(tmp_path: Path) -> None:
    rules = RunningRules({"acme": publish(tmp_path, 1)}, tmp_path)
    assert rules("nordlys", ASKED) is None
    assert rules("acme", replace(ASKED, connection="other")) is None


def test_a_stored_release_that_is_older_than_one_that_ran_is_not_asked(tmp_path: Path) -> None:
    store = open_copy(tmp_path / "queast.db", open_sealer(tmp_path, MovedClock()))
    with store.read() as view:
        assert stored_release(tmp_path, view, "acme") is None
    newer = publish(tmp_path, 2, CAREFUL)
    with store.transaction() as tx:
        tx.accept_release("acme", 2, newer.digest, START)
        asked = stored_release(tmp_path, tx, "acme")
        assert asked is not None
        decided = decide(asked, EMPTY)
        assert decided is not None
        assert decided.would == "review"
    publish(tmp_path, 1)
    with store.read() as view:
        assert stored_release(tmp_path, view, "acme") is None
    store.close()
