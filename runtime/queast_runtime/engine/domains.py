"""The matching rules' expression for an entity's domain, ready to be asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from queast_compiler.codegen import EvaluationFailed, evaluate_expr
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.ir import Expr
from queast_runtime.engine.loaded import DomainOf


def domains_of(connection: ConnectionPlan) -> dict[str, DomainOf]:
    """Return, by entity, what reads its domain; an entity whose rules name none is missing."""
    return {
        match.entity: partial(_read, match.domain_from) for match in connection.match if match.domain_from is not None
    }


def _read(expr: Expr, roots: Mapping[str, Any], now: datetime) -> object:
    try:
        return evaluate_expr(expr, roots, now)
    except EvaluationFailed:
        # An unreadable domain is no evidence; the field that sends it reports the fault where the mapping has one.
        return None
