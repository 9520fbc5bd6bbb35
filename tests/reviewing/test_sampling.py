"""Which automatic links are judged blindly, and when a connection stops linking by itself (D3.4)."""

from __future__ import annotations

import pytest

from queast_runtime.matching.health import Healthy, health
from queast_runtime.matching.sampling import is_sampled

KEY = b"k" * 32


def test_two_links_in_a_hundred_are_sampled() -> None:
    drawn = sum(is_sampled("acme", f"c_{n}", f"h_{n}", KEY) for n in range(20_000))
    assert 340 < drawn < 460


def test_the_sample_is_the_same_after_every_restart() -> None:
    """D3.4: chosen by ids and the installation's key alone."""
    drawn = [n for n in range(400) if is_sampled("acme", f"c_{n}", f"h_{n}", KEY)]
    assert drawn == [16, 35, 94, 99, 128, 202, 341, 351]


@pytest.mark.parametrize(
    "other", [("nordlys", "c", "h", KEY), ("acme", "ch", "", KEY), ("acme", "c", "h", b"j" * 32)], ids=str
)
def test_tenant_pair_and_key_all_count(other: tuple[str, str, str, bytes]) -> None:
    tenant, ours, theirs, key = other
    mine = [is_sampled("acme", f"{n}c", "h", KEY, 0.5) for n in range(64)]
    theirs_ = [is_sampled(tenant, f"{n}{ours}", theirs, key, 0.5) for n in range(64)]
    assert mine != theirs_


@pytest.mark.parametrize(
    ("judged", "rejected", "changed", "links", "reason"),
    [
        (49, 10, 0, 10, None),
        (50, 2, 0, 10, "people rejected 2 of the last 50 links by name"),
        (50, 1, 0, 10, None),
        (200, 4, 0, 10, None),
        (200, 5, 0, 10, "people rejected 5 of the last 200 links by name"),
        (0, 0, 50, 10, None),
        (0, 0, 51, 10, "51 links changed within 24 hours (at most 50 of 10)"),
        (0, 0, 100, 10_000, None),
        (0, 0, 101, 10_000, "101 links changed within 24 hours (at most 100 of 10000)"),
    ],
)
def test_linking_by_name_stops_at_too_many_rejections_or_changes(
    judged: int, rejected: int, changed: int, links: int, reason: str | None
) -> None:
    """D3.4: the breaker's two figures and their least counts."""
    found = health(judged, rejected, changed, links)
    if reason is None:
        assert found == Healthy()
    else:
        assert reason in getattr(found, "reason", "")
