"""Under any run of failures and restarts: FIFO per root, nothing lost, nothing made twice. A clock that jumps, the real
store."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine_plans import COMPANY
from memory_destination import LOST, Memory
from queast_runtime.ports import ErrorClass, ItemResult, Phase, Refused, Tuning, Unanswered, WriteItem

BUSY = Refused(ErrorClass.TRANSIENT, "busy", 500, Phase.BODY)
LIMITED = Refused(ErrorClass.RATE_LIMITED, "slower", 429, Phase.BODY, wait_s=2.0)
VANISHED = Unanswered("reset", Phase.SOME_SENT)
# More tries than fates, so that only a loss can keep a delivery from its end.
PATIENT = Tuning(retry_delays_s=(0.0, *(0.1 for _ in range(40))), rates={"hubspot": 1e4})
FATES: list[ItemResult | None] = [None, None, BUSY, LIMITED, LOST, VANISHED]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(FATES), max_size=30),
    st.lists(st.integers(0, 3), min_size=1, max_size=20),
    st.booleans(),
)
def test_order_holds_within_a_root_and_nothing_is_lost_or_doubled(
    scene: Callable[..., Any], fates: list[ItemResult | None], companies: list[int], restart: bool
) -> None:
    left = list(fates)
    done: list[str] = []

    def fault(item: WriteItem) -> ItemResult | None:
        fate = left.pop(0) if left else None
        if fate is None or fate is LOST:
            done.append(item.values.get("body", item.reference))
        return fate

    one = scene(memory=Memory(fault=fault), tuning=PATIENT)
    for n, company in enumerate(companies):
        inner = {**COMPANY, "id": f"c_{company}", "domain": f"x{company}.no"}
        one.submit(one.signal(id=f"s_{n}", title=f"{company}/{n:02}", company=inner))
    if restart:
        one.drain(patience_s=1.0)
        one.restart()
    one.drain()
    assert set(one.states()) == {"delivered"}
    assert len(one.memory.of("companies")) == len(set(companies))
    assert len(one.memory.of("notes")) == len(companies) == len(set(done)) - len(set(companies))
    for company in set(companies):
        mine = [entry for entry in done if entry == f"c_{company}" or entry.startswith(f"{company}/")]
        assert mine == sorted(mine, key=lambda entry: (not entry.startswith("c_"), entry))
