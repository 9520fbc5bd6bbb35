"""Codes QM300-QM399: what the destination can hold."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code

CODES: tuple[Code, ...] = ()
