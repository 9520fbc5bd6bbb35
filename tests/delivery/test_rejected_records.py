"""A record that a person found wrong is not written again, though it still carries our id (D3.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from delivery.test_reverting import KINDS, Kind, doubled, link_of, tell
from queast_runtime.delivery.reviewing.linking import Down, unlinking_in
from queast_runtime.delivery.reviewing.outcomes import Done, Reviewer

Make = Callable[..., Any]
__all__ = ["doubled"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_record_of_a_link_that_was_taken_down_is_left_as_it_is(doubled: Make, kind: Kind) -> None:
    one = doubled(kind)
    record = one.add(name="Xylo theirs", website="https://x0.no")
    tell(one, 0, 1, city="Oslo")
    link = link_of(one)
    assert link.partner_id == record
    down = Down(link.account, link.object, link.queast_id, link.partner_id)
    done = unlinking_in(one.store, "acme", down, Reviewer("cli:anna", "tenant_admin"), one.clock.now())
    assert isinstance(done, Done)
    held = one.holds(record)
    tell(one, 0, 2, city="Bergen", employee_count=9)
    assert one.holds(record) == held
    with one.store.read() as view:
        assert all(each.partner_id != record for each in view.links("acme"))
