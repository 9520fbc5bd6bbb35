"""Which row of a lookup table a value came from, so that a wrong one is shown where it is written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from queast_compiler.plan.ir import Lookup
from queast_dsl.document.mapping import Table
from queast_dsl.source import Located


def rows_giving(expr: Any, tables: Mapping[str, Table], values: Collection[str]) -> tuple[Located[str], ...]:
    """Return the results, as written, of all rows that the expression may look up and that give one of `values`."""
    used = dict.fromkeys(_tables(expr))
    return tuple(result for name in used if name in tables for _, result in tables[name].rows if result.value in values)


def _tables(node: Any) -> Iterator[str]:
    if isinstance(node, Lookup):
        yield node.table
    inner = node if isinstance(node, tuple) else [getattr(node, name) for name in getattr(node, "__slots__", ())]
    for each in inner:
        yield from _tables(each)
