"""The matching rules' expression for an entity's domain, ready to be asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from queast_compiler.codegen.interpret import Eval, Interpreter
from queast_compiler.codegen.record import Failed
from queast_compiler.plan.connection import ConnectionPlan
from queast_dsl.functions import REGISTRY
from queast_runtime.engine.loaded import DomainOf


def domains_of(connection: ConnectionPlan) -> dict[str, DomainOf]:
    """Return, by entity, what reads its domain; an entity whose rules name none is missing."""
    interpreter = Interpreter(REGISTRY, {})
    return {
        match.entity: partial(_read, interpreter.expression(match.domain_from))
        for match in connection.match
        if match.domain_from is not None
    }


def _read(evaluate: Eval, roots: Mapping[str, Any], now: datetime) -> object:
    try:
        return evaluate(roots, now)
    except Failed:
        # An unreadable domain is no evidence; the field that sends it reports the fault where the mapping has one.
        return None
