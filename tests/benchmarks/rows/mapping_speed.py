"""The callable that a worker loads from a signed release, against Python written by hand and mapping engines.

CPU time of one process over the same events, in rounds that take turns, so that a slow moment hits all alike;
medians of rounds. A turn takes about as long for each, and begins with a pass over the events that is not timed: what
ran before has filled the processor's caches. Output parity is asserted on every event before anything is timed.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from tests.benchmarks.by_hand import idiomatic, tuned
from tests.benchmarks.engines import engines
from tests.benchmarks.mapping_input import NOW, events, loaded_route
from tests.benchmarks.row import Row, at_least

from queast_compiler.codegen import Record

Mapper = Callable[[dict[str, Any], datetime], Record]

ROUNDS = 41
ENGINE_ROUNDS = 9
TURN_SECONDS = 0.02


def run() -> Iterator[Row]:
    """Yield the ratios that are goals, then what each took."""
    data = events()
    evaluate = loaded_route().evaluate
    size = statistics.mean(len(json.dumps(event)) for event in data)
    failing = check_parity(data)
    print(f"  {len(data)} events of {size:.0f} bytes, {failing} with failing fields; parity holds", file=sys.stderr)
    ours, by_hand, plain = _in_turns([evaluate, tuned, idiomatic], [data] * 3, ROUNDS)
    yield Row("mapping.compiled", round(ours, 3), "us/event")
    yield Row("mapping.hand_tuned", round(by_hand, 3), "us/event")
    yield Row("mapping.idiomatic", round(plain, 3), "us/event")
    tuned_ratio = by_hand / ours
    yield Row("mapping.speed_vs_hand_tuned", round(tuned_ratio, 3), "x", ">= 1 (gate 0.9)", tuned_ratio >= 0.9)
    yield at_least("mapping.speed_vs_idiomatic", plain / ours, "x", 1.8)
    yield from _bytes_to_bytes(evaluate, data)
    ratios: list[float] = []
    for name, engine in engines().items():
        ready = [engine.prepare(event)[0] for event in data]
        beside, took, alone = _in_turns([evaluate, engine, engine.by_itself], [data, data, ready], ENGINE_ROUNDS)
        ratios.append(took / beside)
        yield Row(f"mapping.{name}", round(took, 3), "us/event")
        yield Row(f"mapping.{name}.engine_alone", round(alone, 3), "us/event")
    yield at_least("mapping.speed_vs_fastest_engine", min(ratios), "x", 10)


def _bytes_to_bytes(evaluate: Mapper, data: list[dict[str, Any]]) -> Iterator[Row]:
    """An event as it arrives to a payload as it leaves: orjson on both sides of each."""
    arrived = [orjson.dumps(event) for event in data]

    def around(mapper: Mapper) -> Callable[[bytes, datetime], bytes]:
        return lambda event, now: orjson.dumps(mapper(orjson.loads(event), now).values)

    ours, by_hand, plain = (around(mapper) for mapper in (evaluate, tuned, idiomatic))
    for event in arrived:
        sent = orjson.loads(ours(event, NOW))
        assert sent == orjson.loads(by_hand(event, NOW)) == orjson.loads(plain(event, NOW)), event
    took, tuned_took, plain_took = _in_turns([ours, by_hand, plain], [arrived] * 3, ROUNDS)
    yield Row("mapping.bytes_to_bytes", round(took, 3), "us/event")
    yield at_least("mapping.bytes_to_bytes_vs_hand_tuned", tuned_took / took, "x", 0.95)
    yield at_least("mapping.bytes_to_bytes_vs_idiomatic", plain_took / took, "x", 1.2)


def check_parity(data: list[dict[str, Any]]) -> int:
    """Assert that all give the same values and failing properties; return how many events have any."""
    evaluate = loaded_route().evaluate
    compiled_engines = engines()
    failing = 0
    for event in data:
        record = evaluate(event, NOW)
        failed = [failure.property for failure in record.failures]
        for by_hand in (tuned, idiomatic):
            other = by_hand(event, NOW)
            assert other.values == record.values, (by_hand, event)
            assert [failure.property for failure in other.failures] == failed, (by_hand, event)
            assert (other.refused is None) == (record.refused is None), (by_hand, event)
        for name, engine in compiled_engines.items():
            other = engine(event, NOW)
            assert other.values == record.values, (name, event)
            assert {failure.property for failure in other.failures} == set(failed), (name, event)
        failing += bool(failed)
    return failing


def _in_turns(
    functions: Sequence[Callable[[Any, datetime], object]], inputs: Sequence[Sequence[Any]], rounds: int
) -> list[float]:
    """Return the median microseconds of CPU for one event of each function."""
    taken: list[list[float]] = [[] for _ in functions]
    gc.collect()
    gc.disable()
    try:
        passes = [
            max(1, round(TURN_SECONDS / _seconds(function, data, 1)))
            for function, data in zip(functions, inputs, strict=True)
        ]
        for _ in range(rounds):
            for function, data, count, times in zip(functions, inputs, passes, taken, strict=True):
                _seconds(function, data, 1)
                times.append(_seconds(function, data, count) / count / len(data) * 1e6)
    finally:
        gc.enable()
    return [statistics.median(times) for times in taken]


def _seconds(function: Callable[[Any, datetime], object], data: Sequence[Any], passes: int) -> float:
    start = time.process_time()
    for _ in range(passes):
        for event in data:
            function(event, NOW)
    return time.process_time() - start
