"""All codes. Each topic file of `codes/` holds a tuple `CODES`; the compiler's rules of lint add theirs."""

from __future__ import annotations

from collections.abc import Iterable

from queast_dsl.diagnostics.codes import (
    bounds,
    composition,
    connections,
    connectors,
    destinations,
    expressions,
    ignores,
    loading,
    policy,
    releases,
    structure,
    templates,
)
from queast_dsl.diagnostics.model import Code

_TOPICS = (
    loading,
    structure,
    expressions,
    ignores,
    templates,
    destinations,
    composition,
    policy,
    bounds,
    connections,
    connectors,
    releases,
)

CODES: dict[str, Code] = {}


def register(codes: Iterable[Code]) -> None:
    """Add codes to the registry. ValueError for one that is there already."""
    for code in codes:
        if code.code in CODES:
            raise ValueError(f"code {code.code} is registered twice")
        CODES[code.code] = code


for _topic in _TOPICS:
    register(_topic.CODES)
