"""Plans as code: generated at load from a verified plan, or interpreted. Python source is never shipped."""

from queast_compiler.codegen.interpret import FieldTrace, Interpreter
from queast_compiler.codegen.load import (
    LoadedMapping,
    LoadedRoute,
    PlanUnloadable,
    evaluate_expr,
    load_expression,
    load_mapping,
    uncollected,
)
from queast_compiler.codegen.record import EvaluationFailed, FieldFailure, Record

__all__ = [
    "EvaluationFailed",
    "FieldFailure",
    "FieldTrace",
    "Interpreter",
    "LoadedMapping",
    "LoadedRoute",
    "PlanUnloadable",
    "Record",
    "evaluate_expr",
    "load_expression",
    "load_mapping",
    "uncollected",
]
