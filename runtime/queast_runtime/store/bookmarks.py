"""Bookmarks in our own database, for an installation that has no other place for them."""

from __future__ import annotations

from queast_runtime.ports.matches import EnsuredBookmark
from queast_runtime.ports.store import Transaction


class StoreBookmarks:
    """`Bookmarks` of the store itself: one row for each company and owner, and the company counts as bookmarked."""

    def ensure(self, tx: Transaction, tenant: str, bookmark: EnsuredBookmark) -> bool:
        is_new = tx.ensure_bookmark(tenant, bookmark)
        # An owner's bookmark from before may have been taken away since: what is asked for is that there is one.
        tx.set_bookmarked(tenant, bookmark.company_id, True)
        return is_new
