"""`qmap withdraw`: a release that waits for a second person is taken back, for good."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from queast_compiler.plan.dsse import EnvelopeRefused
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.history import history_of, withdrawn_row
from queast_runtime.cli.opening import settings_for
from queast_runtime.cli.output import Format, complain, data, data_json, say
from queast_runtime.cli.releases.acting import Acting, acting, check_reason
from queast_runtime.cli.releases.awaiting import (
    owner_of,
    read_waiting,
    refuse_approved,
    refuse_withdrawn,
    touched_by,
    withdrawn_as,
)
from queast_runtime.cli.releases.refusing import refusals_kept
from queast_runtime.cli.releases.standing import alone
from queast_runtime.observability.log import note
from queast_runtime.security.history import Actor, time_text
from queast_runtime.security.keys import KeyUnusable, development_key
from queast_runtime.security.pending import pending_path
from queast_runtime.security.releases import release_folder
from queast_runtime.security.roles import may
from queast_runtime.security.withdrawals import Withdrawal, keep_withdrawal, withdrawal_of


def run(id: str, reason: str, token: str | None, format: Format) -> None:
    """Take a waiting release back. Nothing that stands changes.

    Exits: 2 no such id, 5 state that cannot be read or written, 6 a caller who may not, one that was altered, withdrawn
    or approved before.
    """
    check_reason(reason)
    _, state = settings_for(None)
    who = acting(state, token)
    tenant = owner_of(state, id, who)
    with refusals_kept(state, [tenant], who, "withdraw", about=id), alone(state):
        record = _withdrawn(state, tenant, id, who, reason)
    if format is Format.JSON:
        data_json({"withdrawn": [withdrawn_row(record)]})
        return
    data(f"{tenant}  withdrawn  {id}\n")
    by = "" if record.actor == who.actor else f", by {record.actor.subject}"
    say(f"{record.asked_by.subject} asked for it on {time_text(record.asked_at)}; it was taken back{by}, for good")


def _withdrawn(state: Path, tenant: str, id: str, who: Acting, reason: str) -> Withdrawal:
    path = pending_path(release_folder(state, tenant), id)
    record = withdrawn_as(state, tenant, id)
    if record is None:
        pending = read_waiting(state, tenant, id)
        _require(who, tenant, pending.actor)
        refuse_approved(pending, history_of(state, tenant), id)
        now = datetime.now(UTC).replace(microsecond=0)
        record = withdrawal_of(id, pending, touched_by(state, pending), now, who.actor, who.minted_by, reason)
        try:
            keep_withdrawal(release_folder(state, tenant), record, development_key(state))
        except (KeyUnusable, EnvelopeRefused, OSError) as error:
            raise CommandError(Exit.ENVIRONMENT, f"cannot keep the withdrawal of {id}: {error}") from error
        note("release withdrawn", tenant=tenant, pending=id, role=who.role)
    elif path.exists():
        # A process that ended between record and file left it, or somebody put it back.
        _require(who, tenant, record.asked_by)
    else:
        refuse_withdrawn(state, tenant, id)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        complain(f"{path} stays, and counts for nothing: {error.strerror}")
    return record


def _require(who: Acting, tenant: str, asker: Actor) -> None:
    """Raise CommandError (refused) for who neither asked for it nor may publish. Here two names are one person only
    where they are the same, and both of the tenant: what is loose for an approval would be too much of a right here."""
    is_asker = who.tenant == tenant and asker.role != "admin" and asker.subject == who.subject
    if not (is_asker and may(who.role, "release.read")):
        who.require(tenant, "release.withdraw")
