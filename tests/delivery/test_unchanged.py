"""What was delivered is not sent again while only the clock has moved on (D4.1)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine_plans import NAME, field_plan, mapping_plan, route_plan
from queast_compiler.plan.ir import Now


@pytest.mark.parametrize("timed", [False, True])
def test_the_same_content_is_not_sent_again_later_even_where_a_field_holds_the_time(
    scene: Callable[..., Any], timed: bool
) -> None:
    fields = (field_plan("name", NAME), *((field_plan("sent_at", Now()),) if timed else ()))
    one = scene(plans=(mapping_plan(route_plan("company", "upsert", fields=fields)),))
    one.submit(one.company("created"))
    one.drain()
    one.clock.at += timedelta(days=1)
    receipt = one.submit(one.company(sequence=4))
    assert receipt.reasons == {"unchanged": 1}
    assert one.submit(one.company(sequence=5, name="Acme ASA")).deliveries == 1
    one.drain()
    (record,) = one.memory.of("companies").values()
    assert record["name"] == "Acme ASA"
    assert ("sent_at" in record) is timed
