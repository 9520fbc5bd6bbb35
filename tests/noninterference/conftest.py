"""The worker over the real store that the delivery tests use."""

from __future__ import annotations

from delivery.conftest import scene

__all__ = ["scene"]
