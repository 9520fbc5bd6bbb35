"""Bookmarks at Queast: what a highlight makes, and nothing else does."""

from __future__ import annotations

from typing import Protocol

from queast_runtime.ports.matches import EnsuredBookmark
from queast_runtime.ports.store import Transaction


class Bookmarks(Protocol):
    """Where bookmarks are kept. There is one for each (tenant, company, owner), so repeats and races do no harm."""

    def ensure(self, tx: Transaction, tenant: str, bookmark: EnsuredBookmark) -> bool:
        """See to it that the company is bookmarked, within the caller's transaction.

        Return False where the owner had it bookmarked already: then its note stays as it is.
        """
        ...
