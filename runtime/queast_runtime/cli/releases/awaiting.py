"""What waits for a second person: whose it is, what was signed of it, and whether it was taken back or approved."""

from __future__ import annotations

from pathlib import Path

from queast_compiler.diff.compare import Side
from queast_compiler.diff.model import Change
from queast_compiler.plan.directory import NAME
from queast_compiler.plan.release import ReleaseRefused
from queast_dsl.diagnostics.nearest import did_you_mean
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.releases.acting import Acting
from queast_runtime.cli.releases.gating import changes_between
from queast_runtime.cli.status import released_tenants
from queast_runtime.security.history import Damaged, History
from queast_runtime.security.keys import KeyUnusable, trusted_keys
from queast_runtime.security.pending import Pending, PendingUnusable, pending_ids, pending_path, read_pending
from queast_runtime.security.releases import read_connection, read_mapping, release_folder
from queast_runtime.security.withdrawals import WITHDRAWALS, Withdrawal, read_withdrawals


def tenants_of(state: Path, who: Acting) -> list[str]:
    """Return the tenants whose waiting releases this one may hear of, sorted: a token's own only. A folder whose name
    can be no tenant's is none."""
    return [each for each in released_tenants(state) if NAME.fullmatch(each) and who.tenant in (None, each)]


def owner_of(state: Path, id: str, who: Acting) -> str:
    """Return whose waiting release it is, or was until it was withdrawn. Raises CommandError: usage where there is no
    such id, environment."""
    tenants = tenants_of(state, who)
    found: dict[str, list[str]] = {}
    for tenant in tenants:
        for each in pending_ids(release_folder(state, tenant)):
            found.setdefault(each, []).append(tenant)
    if id in found:
        # A copy that was put among another tenant's must not hide the one that it was made of.
        return next((each for each in found[id] if _is_of(state, each, id)), found[id][0])
    for tenant in tenants:
        if any(each.id == id for each in withdrawals_of(state, tenant)[0]):
            return tenant
    help = did_you_mean(id, found) or f"what waits: {', '.join(sorted(found)) or 'nothing'}"
    raise CommandError(Exit.USAGE, f"no release waits under the id {id}", help)


def read_waiting(state: Path, tenant: str, id: str) -> Pending:
    """Return a waiting release as it was signed. Raises CommandError: usage where it is gone, refused where it does not
    count, environment."""
    folder = release_folder(state, tenant)
    try:
        return read_pending(folder, tenant, id, trusted_keys(state))
    except FileNotFoundError as error:
        raise CommandError(Exit.USAGE, f"no release waits under the id {id} any more", "see: qmap history") from error
    except PendingUnusable as error:
        lies = pending_path(folder, id)
        raise CommandError(Exit.REFUSED, str(error), f"publish it again; {lies} counts for nothing") from error
    except (KeyUnusable, OSError) as error:
        why = error.strerror or error if isinstance(error, OSError) else error
        raise CommandError(
            Exit.ENVIRONMENT, f"cannot read the waiting release {id}: {why}", f"it lies in {pending_path(folder, id)}"
        ) from error


def changes_of(state: Path, pending: Pending) -> tuple[Change, ...]:
    """Return what a waiting release changes of what it was compared with: nothing else it can be approved over.

    Both sides are read by the digests that were signed, and each plan is held against its own. Raises CommandError
    (environment) where one is gone, altered or another tenant's.
    """
    return changes_between(*_sides(state, pending))


def touched_by(state: Path, pending: Pending) -> tuple[str, ...]:
    """Return the mappings in which a waiting release changes something, sorted. Where a plan cannot be read, those with
    another plan: that is one with another comment in a file, too."""
    try:
        before, after = _sides(state, pending)
    except CommandError:
        names = {*pending.mappings, *pending.was_mappings}
        return tuple(sorted(each for each in names if pending.mappings.get(each) != pending.was_mappings.get(each)))
    changes = changes_between(before, after)
    own = {each.mapping for each in changes if each.mapping is not None}
    whole = {each.connection for each in changes if each.mapping is None}
    theirs = {name for side in (before, after) for name, plan in side.mappings.items() if plan.connection in whole}
    return tuple(sorted(own | theirs))


def withdrawals_of(state: Path, tenant: str) -> tuple[tuple[Withdrawal, ...], tuple[Damaged, ...]]:
    """Return what was withdrawn of a tenant, oldest first, and the records of it that do not count. Raises CommandError
    (environment)."""
    try:
        return read_withdrawals(release_folder(state, tenant), tenant, trusted_keys(state))
    except (KeyUnusable, OSError) as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot read what was withdrawn of {tenant}: {error}") from error


def withdrawn_as(state: Path, tenant: str, id: str) -> Withdrawal | None:
    """Return the record by which a waiting release was taken back, None where it was not. Raises CommandError: refused
    where a record was altered or is gone, environment."""
    found, damaged = withdrawals_of(state, tenant)
    for each in damaged:
        folder = release_folder(state, tenant) / WITHDRAWALS.folder
        raise CommandError(
            Exit.REFUSED,
            f"the record of withdrawal {each.sequence} of {tenant} does not count: {each.why}",
            f"put back {folder} as it was; where that is lost, move it away and what waits with it, and publish again",
        )
    return next((each for each in found if each.id == id), None)


def refuse_withdrawn(state: Path, tenant: str, id: str) -> None:
    """Raise CommandError (refused) for what was taken back, wherever its file lies now."""
    record = withdrawn_as(state, tenant, id)
    if record is not None:
        raise CommandError(Exit.REFUSED, withdrawn_text(record), "publish it again, so that somebody asks for it anew")


def refuse_approved(pending: Pending, history: History, id: str) -> None:
    """Raise CommandError (refused) for what was approved: its file is a copy, or was left by a process that ended."""
    for entry in history.entries:
        release, record = entry.release, entry.record
        if record is None or record.approval is None or record.at < pending.at or not history.took_effect(entry):
            continue
        if record.approval.pending not in (None, id):
            continue
        asked = (record.kind, record.actor, record.reason, record.accepted, record.went_back, record.again)
        if asked == (
            pending.kind,
            pending.actor,
            pending.reason,
            pending.accepted,
            pending.went_back,
            pending.again,
        ) and (release.connections, release.mappings) == (pending.connections, pending.mappings):
            raise CommandError(
                Exit.REFUSED,
                f"{id} was approved by {record.approval.actor.subject}, as release {release.sequence}",
                "publish it again, or go back to its plans: qmap rollback",
            )


def withdrawn_text(record: Withdrawal) -> str:
    """`p3f2a9c1b0d4e, which Ana asked for on 2026-11-26, was withdrawn by Bo Dahl on 2026-11-27: a mistake`."""
    asked = f"which {record.asked_by.subject} asked for on {record.asked_at:%Y-%m-%d}"
    return f"{record.id}, {asked}, was withdrawn by {record.actor.subject} on {record.at:%Y-%m-%d}: {record.reason}"


def _sides(state: Path, pending: Pending) -> tuple[Side, Side]:
    try:
        before, after = (
            Side(
                {name: read_connection(state, pending.tenant, digest) for name, digest in connections.items()},
                {name: read_mapping(state, pending.tenant, digest) for name, digest in mappings.items()},
            )
            for connections, mappings in (
                (pending.was_connections, pending.was_mappings),
                (pending.connections, pending.mappings),
            )
        )
    except ReleaseRefused as error:
        folder = release_folder(state, pending.tenant) / "plans"
        raise CommandError(
            Exit.ENVIRONMENT, f"cannot tell what it changes: {error}", f"put it back into {folder}"
        ) from error
    return before, after


def _is_of(state: Path, tenant: str, id: str) -> bool:
    try:
        read_waiting(state, tenant, id)
    except CommandError:
        return False
    return True
