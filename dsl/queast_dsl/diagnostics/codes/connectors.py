"""Codes QM600-QM699: connector manifests."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code

CODES: tuple[Code, ...] = ()
