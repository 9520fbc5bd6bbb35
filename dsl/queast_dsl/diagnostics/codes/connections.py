"""Codes QM500-QM599: connections and account files."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code

CODES: tuple[Code, ...] = ()
