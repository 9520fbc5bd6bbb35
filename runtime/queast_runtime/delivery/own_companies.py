"""Keeps Queast's own companies in the mirror, beside those of CRMs: what comes in is matched with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from queast_runtime.matching.own import TokensOf, own_record, says_the_same
from queast_runtime.ports.matches import OWN_ACCOUNT, OWN_COMPANIES
from queast_runtime.ports.store import Transaction


def keep_own_companies(
    tx: Transaction,
    tenant: str,
    states: Iterable[tuple[str, str, int, Mapping[str, Any] | None]],
    before: Mapping[str, Any] | None,
    tokens_of: TokensOf,
) -> None:
    """Take down the company among (entity, our id, sequence, state), of which one event tells at most one.

    `before` is its state as it was stored, None where none is. One whose state is None is gone. Most events change
    nothing by which a company is found: then nothing is written.
    """
    for entity, identity, _, state in states:
        if entity != "company":
            continue
        if state is None:
            tx.remove_mirror_record(tenant, OWN_ACCOUNT, OWN_COMPANIES, identity)
            continue
        if before is None or not says_the_same(before, state):
            tx.put_mirror_record(tenant, OWN_ACCOUNT, OWN_COMPANIES, own_record(identity, state, tokens_of))
