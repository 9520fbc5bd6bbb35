"""All codes. Each topic file of `codes/` holds a tuple `CODES`; a code stands in one of them only."""

from __future__ import annotations

from queast_dsl.diagnostics.codes import (
    composition,
    connections,
    connectors,
    destinations,
    expressions,
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
    templates,
    destinations,
    composition,
    policy,
    connections,
    connectors,
    releases,
)

CODES: dict[str, Code] = {}
for _topic in _TOPICS:
    for _code in _topic.CODES:
        if _code.code in CODES:
            raise ValueError(f"code {_code.code} is registered twice")
        CODES[_code.code] = _code
