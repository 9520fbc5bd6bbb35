"""Codes QM270-QM299: templates."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code

CODES: tuple[Code, ...] = ()
