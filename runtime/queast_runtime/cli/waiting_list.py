"""`qmap approve` without an ID: what waits for a second person, and whether it still can be approved.

Each row is of what was signed, and the question whether it can be approved is put to the very checks of an approval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from queast_runtime.cli.approve import approvable, refuse_same_person
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.history import accepted_text
from queast_runtime.cli.opening import state_to_read
from queast_runtime.cli.output import Format, complain, data, data_json, say, table
from queast_runtime.cli.releases.acting import Acting, acting
from queast_runtime.cli.releases.awaiting import read_waiting, refuse_withdrawn, tenants_of, touched_by
from queast_runtime.cli.releases.standing import standing
from queast_runtime.security.history import time_text
from queast_runtime.security.pending import Pending, pending_ids, pending_path
from queast_runtime.security.releases import release_folder

_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file among what waits that does not count; `why` is a sentence."""

    tenant: str
    id: str
    why: str


def run(token: str | None, format: Format) -> None:
    """Print what waits, oldest first: of all tenants, or of a token's own.

    Exits: 5 state or a file that cannot be read, 6 a caller who may not, or a file that does not count (of files the
    rest is printed all the same).
    """
    state = state_to_read()
    who = acting(state, token)
    # The operator reads of every tenant, so any name will do.
    who.require(who.tenant or "", "release.read")
    found: list[tuple[str, Pending]] = []
    unreadable: list[Unreadable] = []
    codes: set[Exit] = set()
    for tenant in tenants_of(state, who):
        for id in pending_ids(release_folder(state, tenant)):
            try:
                found.append((id, read_waiting(state, tenant, id)))
            except CommandError as error:
                # Between listing and reading it may have been approved or withdrawn.
                if error.code != Exit.USAGE:
                    unreadable.append(Unreadable(tenant, id, str(error)))
                    codes.add(error.code)
    found.sort(key=lambda each: (each[1].at, each[1].tenant, each[0]))
    rows = [row_of(state, pending, id, who) for id, pending in found]
    if format is Format.JSON:
        data_json({"waiting": rows, "damaged": [asdict(each) for each in unreadable]})
    else:
        data(_text(rows))
        if rows:
            say('what one changes: qmap approve ID --show; to take one back: qmap withdraw ID --reason "..."')
        elif not unreadable:
            say("nothing waits for a second person")
    for each in unreadable:
        path = pending_path(release_folder(state, each.tenant), each.id)
        complain(f"{each.tenant}: the waiting release {each.id} does not count: {each.why}", f"it lies in {path}")
    if codes:
        raise SystemExit(max(codes))


def why_not(state: Path, pending: Pending, id: str, who: Acting | None) -> str | None:
    """Say why a waiting release cannot be approved by somebody, None where it can; without a person, why by nobody."""
    try:
        if who is not None:
            who.require(pending.tenant, "release.approve")
        refuse_withdrawn(state, pending.tenant, id)
        if who is not None:
            refuse_same_person(pending, who, id)
        approvable(state, pending, standing(state, pending.tenant), id)
    except CommandError as error:
        return str(error)
    return None


def row_of(state: Path, pending: Pending, id: str, who: Acting) -> dict[str, Any]:
    """What is printed of a waiting release; `why` is why whoever asks cannot approve it."""
    why = why_not(state, pending, id, who)
    return {
        "id": id,
        "tenant": pending.tenant,
        "kind": pending.kind,
        "mappings": list(touched_by(state, pending)),
        "accepted": [asdict(each) for each in pending.accepted],
        "second": list(pending.second),
        "subject": pending.actor.subject,
        "role": pending.actor.role,
        "reason": pending.reason,
        "at": time_text(pending.at),
        "ends_at": time_text(pending.ends_at),
        "can_be_approved": why is None,
        "why": why,
    }


def _text(rows: Sequence[Mapping[str, Any]]) -> str:
    return table(
        [
            (
                row["id"],
                row["tenant"],
                _names(row["mappings"]),
                accepted_text(row),
                f"{row['subject']} ({row['role']})",
                row["at"],
                row["ends_at"],
                "yes" if row["why"] is None else f"no: {row['why']}",
            )
            for row in rows
        ],
        header=("ID", "TENANT", "MAPPINGS", "ACCEPTED", "BY", "AT", "UNTIL", "CAN BE APPROVED"),
    )


def _names(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return (", ".join(names[:_SHOWN]) or "-") + (f" and {more} more" if more > 0 else "")
