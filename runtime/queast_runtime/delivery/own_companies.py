"""Keeps Queast's own companies in the mirror, beside those of CRMs: what comes in is matched with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from queast_runtime.matching.own import TokensOf, own_record
from queast_runtime.ports.matches import OWN_ACCOUNT, OWN_COMPANIES
from queast_runtime.ports.store import Transaction


def keep_own_companies(
    tx: Transaction,
    tenant: str,
    states: Iterable[tuple[str, str, int, Mapping[str, Any] | None]],
    tokens_of: TokensOf,
) -> None:
    """Take down the companies among (entity, our id, sequence, state); one whose state is None is gone."""
    for entity, identity, _, state in states:
        if entity != "company":
            continue
        if state is None:
            tx.remove_mirror_record(tenant, OWN_ACCOUNT, OWN_COMPANIES, identity)
        else:
            tx.put_mirror_record(tenant, OWN_ACCOUNT, OWN_COMPANIES, own_record(identity, state, tokens_of))
