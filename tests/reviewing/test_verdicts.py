"""What people said of the engine's links is counted, and stops it from making more (D3.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from queast_runtime.delivery.reviewing.outcomes import BLIND_SAMPLE, LINKED
from queast_runtime.delivery.reviewing.stats import stats
from queast_runtime.delivery.reviewing.verdicts import auto_link_health
from queast_runtime.matching.health import Healthy, Tripped
from reviewing.desk import Desk
from reviewing.samples import NOON, candidate

LATER = NOON + timedelta(days=3)


def judge(desk: Desk, number: int, *, right: bool, kind: str = "sample") -> None:
    desk.put_link(f"c_{number}", f"h_{number}") if kind == "sample" else None
    reason = BLIND_SAMPLE if kind == "sample" else "it would have been linked, but linking by name is paused"
    mine = candidate(f"h_{number}", 0.97, **{LINKED: True})
    case = desk.put(mine, queast_id=f"c_{number}", kind=kind, reason=reason)
    desk.done(case, "link" if right else "reject")


def health(desk: Desk, connection: str = "crm") -> Healthy | Tripped:
    with desk.store.transaction() as tx:
        return auto_link_health(tx, "acme", connection, LATER)


def test_a_second_rejection_in_fifty_stops_linking_and_right_answers_bring_it_back(desk: Desk) -> None:
    """D3.4: more than 2 % of at least 50."""
    for number in range(48):
        judge(desk, number, right=number > 0)
    assert health(desk) == Healthy()
    judge(desk, 48, right=False)
    assert health(desk) == Healthy()
    judge(desk, 49, right=True)
    stopped = health(desk)
    assert stopped == Tripped("people rejected 2 of the last 50 links by name that they judged (at most 2%)")
    with desk.store.read() as view:
        fact = view.facts("acme", "crm")["auto_link"]
    assert fact == {"judged": 50, "rejected": 2, "tripped": stopped.reason, "since": LATER.isoformat()}
    assert health(desk, "other") == Healthy()
    for number in range(50, 100):
        judge(desk, number, right=True, kind="match")
    assert health(desk) == Healthy()
    with desk.store.read() as view:
        assert view.facts("acme", "crm")["auto_link"]["tripped"] is None


def test_taking_a_verdict_back_uncounts_it(desk: Desk) -> None:
    judge(desk, 1, right=False)
    with desk.store.read() as view:
        (case,) = view.answered_reviews("acme", limit=5)
        assert view.facts("acme", "crm")["auto_link"] == {"judged": 1, "rejected": 1}
    desk.undone(case)
    with desk.store.read() as view:
        assert view.facts("acme", "crm")["auto_link"] == {"judged": 0, "rejected": 0}


@pytest.mark.parametrize(("standing", "rule", "stops"), [("inferred", "name", True), ("established", "domain", False)])
def test_too_many_links_by_name_in_a_day_stop_it_and_sure_ones_do_not(
    standing: str, rule: str, stops: bool, desk: Desk
) -> None:
    for number in range(51):
        desk.put_link(f"c_{number}", f"h_{number}", standing=standing, rule=rule)
    with desk.store.transaction() as tx:
        found = auto_link_health(tx, "acme", "crm", NOON + timedelta(hours=1))
    assert isinstance(found, Tripped) == stops
    assert health(desk) == Healthy()


def test_the_figures_tell_what_is_open_answered_and_right(desk: Desk) -> None:
    for number, right in enumerate((True, True, False)):
        judge(desk, number, right=right)
    desk.put(candidate("h_7", 0.88), queast_id="c_7")
    desk.done(desk.put(candidate("h_8", 0.88), queast_id="c_8", connection="other"), "skip")
    with desk.store.read() as view:
        found = stats(view, "acme")
        other = stats(view, "acme", connection="other")
    assert [(each.connection, each.kind, each.open, each.put_off) for each in found.open] == [
        ("crm", "match", 1, 0),
        ("other", "match", 1, 1),
    ]
    assert found.answered == {"link": 2, "reject": 1}
    assert (found.blind.right, found.blind.total) == (2, 3)
    assert found.median_s == 120.0
    assert [(each.low, each.precision.right, each.precision.total) for each in found.bands] == [(0.95, 2, 3)]
    assert (len(other.open), other.answered, other.median_s) == (1, {}, None)
