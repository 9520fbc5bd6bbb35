"""Codes QM400-QM499: extends, policy, grants, scope."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code

CODES: tuple[Code, ...] = ()
