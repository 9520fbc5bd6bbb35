"""`qmap approve ID --show`: what a waiting release changes, computed anew for the second person who decides on it.

Both sides are read by the digests that were signed when it was asked for, and each plan is held against its own. Of the
changes themselves nothing was kept, so nothing is believed.
"""

from __future__ import annotations

from dataclasses import asdict

from queast_runtime.cli.changefile import rows_of
from queast_runtime.cli.history import accepted_text
from queast_runtime.cli.opening import settings_for
from queast_runtime.cli.output import Format, complain, data, data_json, say
from queast_runtime.cli.releases.acting import acting
from queast_runtime.cli.releases.awaiting import changes_of, owner_of, read_waiting, refuse_withdrawn
from queast_runtime.cli.releases.gating import changes_text
from queast_runtime.cli.releases.waiting import who_approves
from queast_runtime.cli.waiting_list import row_of, why_not
from queast_runtime.cli.wording import counted


def run(id: str, token: str | None, format: Format) -> None:
    """Print the gated changes as `qmap publish` does, and who asked for them; nothing is approved by it.

    Exits: 2 no such id, 5 state or plans that cannot be read, 6 a caller who may not, a waiting release that was
    altered or withdrawn. One that cannot be approved any more for another reason is shown all the same, and it is said.
    """
    _, state = settings_for(None)
    who = acting(state, token)
    tenant = owner_of(state, id, who)
    who.require(tenant, "release.read")
    refuse_withdrawn(state, tenant, id)
    pending = read_waiting(state, tenant, id)
    changes = changes_of(state, pending)
    row = row_of(state, pending, id, who)
    if format is Format.JSON:
        data_json({"waiting": [row], "changes": [asdict(each) for each in rows_of(changes)]})
        return
    gated = [each for each in changes if each.kind.gate == "block"]
    data(changes_text(tenant, gated))
    if len(changes) > len(gated):
        say(f"{counted(len(changes) - len(gated), 'change')} more that nobody has to accept: --format json")
    for each in pending.went_back:
        say(f"{tenant}/{each.mapping} goes back: {each.left[:19]} → {each.back_to[:19]}")
    said = "" if pending.reason is None else f": {pending.reason}"
    say(f"{pending.actor.subject} ({pending.actor.role}) asked for it on {row['at']}{said}")
    for word in pending.accepted:
        if word.commit is not None:
            say(f"{word.category} was accepted by {word.author} in commit {word.commit[:12]}: {word.reason}")
    say(f"accepted: {accepted_text(row)}; {', '.join(pending.second)} takes a second person")
    by_nobody = why_not(state, pending, id, None)
    if by_nobody is not None:
        complain(f"it cannot be approved: {by_nobody}")
    elif row["why"] is None:
        say(f"until {row['ends_at']} you can approve it: qmap approve {id}")
    else:
        say(f"you cannot approve it: {row['why']}")
        say(f"until {row['ends_at']} {who_approves(pending.tenant, id, pending.actor)}")
