"""Findings with stable codes: the model, the registry, the renderers."""

from queast_dsl.diagnostics.model import Code, Diagnostics, Finding, Note, Severity

__all__ = ["Code", "Diagnostics", "Finding", "Note", "Severity"]
