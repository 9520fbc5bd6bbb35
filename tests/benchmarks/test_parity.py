"""What the benchmark compares does the same work."""

from __future__ import annotations

from tests.benchmarks.mapping_input import events
from tests.benchmarks.rows.mapping_speed import check_parity


def test_generated_code_hand_written_code_and_engines_agree_on_events_with_and_without_failing_fields() -> None:
    assert check_parity(events(seed=7)[:120]) >= 2
