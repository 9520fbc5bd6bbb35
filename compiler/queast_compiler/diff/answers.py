"""What expressions answer to sample events: the ground on which two plans are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

from queast_compiler.codegen.analysis import children, compared_paths
from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.diff.sample_events import HIGHLIGHT, sample_events
from queast_compiler.plan.ir import CHANGED, Expr, Lit, Scalar, Switch

Tables = Sequence[tuple[str, Sequence[tuple[str, str]]]]

_NOW: Final = datetime(2026, 1, 31, 12, 30, 15, 123456, tzinfo=UTC)
_MOST_ROWS: Final = 200
# Floats hold halves up to here.
_LARGE: Final = 2**52


class Failed:
    """Nothing comes of the event."""


FAILED: Final = Failed()


def answers(
    exprs: Sequence[tuple[Expr, Tables]], entity: str, spoken_of: Sequence[Scalar] = ()
) -> Iterator[tuple[Any, ...]]:
    """Yield what each expression (with its tables) gives for each sample event about `entity`, FAILED where it fails.

    Constants of the expressions, numbers between them, keys of the tables and `spoken_of` occur in the events.
    """
    constants = [found for expr, _ in exprs for found in constants_of(expr)]
    rows = [key for _, tables in exprs for _, table in tables for key, _ in table][:_MOST_ROWS]
    evaluate = [Interpreter({name: dict(table) for name, table in tables}).expression(expr) for expr, tables in exprs]
    changes = compared_paths(expr for expr, _ in exprs)
    said = dict.fromkeys((*constants, *_between(constants), *spoken_of, *rows))
    for number, data in enumerate(sample_events(entity, said)):
        if "company" not in data and entity != HIGHLIGHT:
            # A condition of the scope asks the company of the signal or job ad.
            data = {**data, "company": (data.get(entity) or {}).get("company")}
        asked = {**data, CHANGED: {path: (number >> n) % 2 == 0 for n, path in enumerate(changes)}}
        yield tuple(_answer(each, asked) for each in evaluate)


def constants_of(expr: Expr) -> list[Scalar]:
    """Return the constants that an expression holds, bodies of loops left out."""
    match expr:
        case Lit(value):
            return [value]
        case Switch(arms=arms):
            own: list[Scalar] = [key.value for key, _ in arms]
        case _:
            own = []
    return own + [found for inner, _ in children(expr) for found in constants_of(inner)]


def _between(constants: list[Scalar]) -> list[float]:
    """`[39, 40]`  ->  `[39.5]`: what tells `>= 40` from `> 39`."""
    numbers = sorted({float(each) for each in constants if isinstance(each, int | float) and abs(each) < _LARGE})
    return [(low + high) / 2 for low, high in pairwise(numbers)]


def _answer(evaluate: Any, asked: Mapping[str, Any]) -> Any:
    try:
        return evaluate(asked, _NOW)
    except Exception:  # noqa: BLE001 - whatever the reason, no value comes of this event
        return FAILED
