"""All codes. Each topic file of `codes/` holds a tuple `CODES`; the compiler's rules of lint add theirs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from queast_dsl.diagnostics.codes import (
    bounds,
    cases,
    composition,
    connections,
    connectors,
    destinations,
    expressions,
    ignores,
    inbound,
    loading,
    policy,
    releases,
    structure,
    templates,
    writers,
)
from queast_dsl.diagnostics.model import Code

TOPICS: Final[tuple[tuple[str, tuple[Code, ...]], ...]] = (
    ("YAML and files", loading.CODES),
    ("the shape of a document", structure.CODES),
    ("expressions and types", expressions.CODES),
    ("templates", templates.CODES),
    (
        "what the destination can hold",
        tuple(sorted((*destinations.CODES, *writers.CODES), key=lambda each: each.code)),
    ),
    ("base mappings", composition.CODES),
    ("the policy and personal data", policy.CODES),
    ("the bounds of the policy and grants beyond them", bounds.CODES),
    ("connections and account files", connections.CODES),
    ("what is received", inbound.CODES),
    ("tests of mappings", cases.CODES),
    ("connector manifests, and connections against them", connectors.CODES),
    ("comments that silence a warning", ignores.CODES),
    ("plans and releases", releases.CODES),
)

CODES: dict[str, Code] = {}


def register(codes: Iterable[Code]) -> None:
    """Add codes to the registry. ValueError for one that is there already."""
    for code in codes:
        if code.code in CODES:
            raise ValueError(f"code {code.code} is registered twice")
        CODES[code.code] = code


for _, _codes in TOPICS:
    register(_codes)
