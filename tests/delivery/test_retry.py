"""What follows a failure, as a table."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from queast_runtime.delivery.retry import (
    DELAYS_S,
    AskPerson,
    DropProperty,
    GiveUp,
    History,
    MatchAgain,
    PauseConnection,
    TryAgain,
    after_failure,
    jittered,
)
from queast_runtime.ports import ErrorClass, Phase, Refused, Tuning, Unanswered

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FIRST = History(1, None, False, "d_1")


def refused(error: ErrorClass, **changes: Any) -> Refused:
    values: dict[str, Any] = {"message": "no", "status": 500, "phase": Phase.BODY, **changes}
    return Refused(error, **values)


@pytest.mark.parametrize("attempt", range(1, 10))
def test_each_delay_is_the_tables_within_a_fifth(attempt: int) -> None:
    next_ = after_failure(refused(ErrorClass.TRANSIENT), History(attempt, NOW, False, "d_1"), NOW, Tuning())
    assert isinstance(next_, TryAgain)
    waited = (next_.at - NOW).total_seconds()
    assert DELAYS_S[attempt] * 0.8 <= waited <= DELAYS_S[attempt] * 1.2


def test_after_the_last_delay_it_is_a_dead_letter() -> None:
    next_ = after_failure(refused(ErrorClass.TRANSIENT), History(10, NOW, False, "d_1"), NOW, Tuning())
    assert next_ == GiveUp("10 attempts failed, the last: no")


def test_an_operators_delays_replace_the_table() -> None:
    tuning = Tuning(retry_delays_s=(0.0, 0.1))
    assert isinstance(after_failure(refused(ErrorClass.TRANSIENT), FIRST, NOW, tuning), TryAgain)
    second = History(2, NOW, False, "d_1")
    assert isinstance(after_failure(refused(ErrorClass.TRANSIENT), second, NOW, tuning), GiveUp)


def test_the_draw_is_the_same_after_a_restart_and_differs_between_deliveries() -> None:
    assert jittered(100.0, "d_1", 2) == jittered(100.0, "d_1", 2)
    assert len({jittered(100.0, f"d_{n}", 2) for n in range(20)}) == 20


@pytest.mark.parametrize(("asked", "waits"), [(30.0, 30.0), (90_000.0, 86_400.0), (0.0, 0.0)])
def test_retry_after_is_a_floor_of_at_most_a_day_for_the_whole_destination(asked: float, waits: float) -> None:
    next_ = after_failure(refused(ErrorClass.RATE_LIMITED, wait_s=asked), FIRST, NOW, Tuning())
    assert next_ == PauseConnection(NOW + timedelta(seconds=waits), "no")


def test_a_limit_without_a_wait_is_met_ever_more_patiently() -> None:
    waits = []
    for pauses in (1, 2, 3):
        next_ = after_failure(refused(ErrorClass.RATE_LIMITED), History(pauses, None, False, "d"), NOW, Tuning())
        assert isinstance(next_, PauseConnection)
        assert next_.until is not None
        waits.append((next_.until - NOW).total_seconds())
    assert waits == sorted(waits)
    assert waits[0] >= 4


@pytest.mark.parametrize("error", [ErrorClass.AUTH, ErrorClass.CONFIG, ErrorClass.BLOCKED])
def test_what_only_a_person_can_mend_pauses_without_end(error: ErrorClass) -> None:
    assert after_failure(refused(error), FIRST, NOW, Tuning()) == PauseConnection(None, "no")


def test_the_other_classes() -> None:
    field = refused(ErrorClass.CONFIG_FIELD, property="industry")
    assert after_failure(field, FIRST, NOW, Tuning()) == DropProperty("industry")
    assert isinstance(after_failure(refused(ErrorClass.CONFIG_FIELD), FIRST, NOW, Tuning()), GiveUp)
    assert isinstance(after_failure(refused(ErrorClass.CONFLICT), FIRST, NOW, Tuning()), MatchAgain)
    assert isinstance(after_failure(refused(ErrorClass.GONE), FIRST, NOW, Tuning()), AskPerson)
    assert after_failure(refused(ErrorClass.REJECT), FIRST, NOW, Tuning()) == GiveUp("no")
    whole = refused(ErrorClass.TRANSIENT, whole_connection=True)
    assert isinstance(after_failure(whole, FIRST, NOW, Tuning()), PauseConnection)
    assert isinstance(after_failure(Unanswered("lost", Phase.SOME_SENT), FIRST, NOW, Tuning()), TryAgain)


def test_trouble_of_ones_own_blocks_the_root_for_an_hour_at_most() -> None:
    since = NOW - timedelta(minutes=50)
    last = after_failure(refused(ErrorClass.TRANSIENT), History(4, since, True, "d"), NOW, Tuning())
    assert last == TryAgain(NOW + timedelta(minutes=10))
    over = after_failure(
        refused(ErrorClass.TRANSIENT), History(5, since, True, "d"), NOW + timedelta(minutes=10), Tuning()
    )
    assert isinstance(over, GiveUp)


def test_nothing_is_a_dead_letter_after_an_hour_for_being_first_at_a_closed_door() -> None:
    since = NOW - timedelta(hours=2)
    nobody = after_failure(refused(ErrorClass.TRANSIENT), History(4, since, False, "d"), NOW, Tuning())
    assert isinstance(nobody, TryAgain)
    unreached = refused(ErrorClass.TRANSIENT, status=None, phase=Phase.CONNECT)
    assert isinstance(after_failure(unreached, History(4, since, True, "d"), NOW, Tuning()), TryAgain)
