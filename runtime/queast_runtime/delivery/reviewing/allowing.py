"""What matching must know of people's answers: whether a new record may be made."""

from __future__ import annotations

from queast_runtime.ports.store import Snapshot


def may_create(tx: Snapshot, tenant: str, account: str, object: str, queast_id: str) -> bool:
    """Whether a person's newest answer is that a record is to be made, and none was linked since.

    Once: a record that was made and is gone again is asked about anew.
    """
    kinds = (
        tx.last_answer(tenant, account, object, queast_id, "match"),
        tx.last_answer(tenant, account, object, queast_id, "sample"),
    )
    newest = max((each for each in kinds if each is not None), key=lambda each: each.at, default=None)
    if newest is None or newest.choice != "create":
        return False
    history = tx.link_history(tenant, account, object, queast_id)
    return not any(change.action == "linked" and change.at >= newest.at for change in history)
