"""The worker over the real store that the delivery tests use, for decisions that only a whole run can prove."""

from __future__ import annotations

from delivery.conftest import scene

__all__ = ["scene"]
