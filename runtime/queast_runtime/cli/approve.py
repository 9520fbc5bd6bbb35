"""`qmap approve`: a second person's word on a release that waits for one (D5.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from queast_compiler.diff.compare import Side
from queast_compiler.plan.directory import PlanSet
from queast_runtime.cli.changefile import PlanDigests
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import settings_for
from queast_runtime.cli.output import Format, data, data_json, say
from queast_runtime.cli.releases.acting import Acting, acting, check_reason, same_person
from queast_runtime.cli.releases.awaiting import owner_of, read_waiting, refuse_approved, refuse_withdrawn
from queast_runtime.cli.releases.leaving import left_again
from queast_runtime.cli.releases.refusing import refusals_kept
from queast_runtime.cli.releases.standing import Order, Standing, activate, alone, plans_by_digest, standing
from queast_runtime.cli.releases.standing_policy import refuse_since
from queast_runtime.security.history import Approval
from queast_runtime.security.pending import Pending, pending_path
from queast_runtime.security.releases import release_folder


@dataclass(frozen=True, slots=True)
class Asked:
    reason: str | None
    token: str | None


def run(id: str, asked: Asked, format: Format) -> None:
    """Approve a waiting release, which stands from then on; nothing is compiled again, its plans are held against their
    digests.

    Exits: 2 no such id, 5 state or plans that cannot be read, 6 a caller who may not or who asked for it themselves, a
    waiting release that was altered, withdrawn or approved, or waited for too long, another release or another policy
    since.
    """
    check_reason(asked.reason)
    _, state = settings_for(None)
    who = acting(state, asked.token)
    tenant = owner_of(state, id, who)
    with refusals_kept(state, [tenant], who, "approve", about=id):
        row, pending = _approved(state, tenant, id, who, asked)
    if format is Format.JSON:
        data_json({"releases": [row], "approved": id})
        return
    data(f"{tenant}  release {row['sequence']}  {row['digest']}\n")
    say(f"{id} was asked for by {pending.actor.subject} and approved by {who.subject}")


def _approved(state: Path, tenant: str, id: str, who: Acting, asked: Asked) -> tuple[dict[str, Any], Pending]:
    who.require(tenant, "release.approve")
    with alone(state):
        folder = release_folder(state, tenant)
        refuse_withdrawn(state, tenant, id)
        pending = read_waiting(state, tenant, id)
        refuse_same_person(pending, who, id)
        plans = approvable(state, pending, standing(state, tenant), id)
        approval = Approval(who.actor, datetime.now(UTC).replace(microsecond=0), asked.reason, who.minted_by, id)
        order = Order(
            plans,
            pending.kind,
            pending.actor,
            pending.reason,
            pending.accepted,
            approval,
            pending.went_back,
            pending.again,
        )
        row = activate(state, [order])[0]
        pending_path(folder, id).unlink(missing_ok=True)
    return row, pending


def approvable(state: Path, pending: Pending, stands: Standing, id: str) -> PlanSet:
    """Return the plans of a waiting release that can still be approved by whoever may.

    Raises CommandError as `run` does: environment for plans that are gone, refused for all else that changed since.
    """
    refuse_approved(pending, stands.history, id)
    _is_still_over(pending, stands, id)
    _is_still_allowed(state, pending, id)
    plans, connections, mappings = plans_by_digest(state, pending.tenant, pending.connections, pending.mappings)
    _was_not_left(state, pending, stands, Side(connections, mappings), id)
    return plans


def refuse_same_person(pending: Pending, who: Acting, id: str) -> None:
    """Raise CommandError (refused) for who is not known to be another person than the one who asked (D5.4)."""
    asker = pending.actor.subject
    if same_person(asker, who.subject):
        raise CommandError(
            Exit.REFUSED, f"{who.subject} asked for {id}: somebody else approves it", "ask a tenant_admin or admin"
        )
    if who.minted_by is not None and same_person(asker, who.minted_by):
        raise CommandError(
            Exit.REFUSED,
            f"{asker} asked for {id}, and made this token for {who.subject}: somebody else approves it",
            "another operator makes the second person's token: qmap tokens mint",
        )
    if who.tenant is None and pending.actor.role == "admin":
        # Another account of the machine is not another person of the tenant.
        raise CommandError(
            Exit.REFUSED,
            f"the operator {asker} asked for {id}: a person of {pending.tenant} approves it, by their token",
            f"qmap approve {id} --token TOKEN, of a tenant_admin",
        )


def _is_still_over(pending: Pending, stands: Standing, id: str) -> None:
    """Raise CommandError (refused) unless what was compared with still stands."""
    if PlanDigests(pending.was_connections, pending.was_mappings) != stands.digests:
        raise CommandError(
            Exit.REFUSED,
            f"{id} was compared with another release of {pending.tenant} than {_now(stands)}",
            "publish it again, so that people see what it changes now",
        )


def _is_still_allowed(state: Path, pending: Pending, id: str) -> None:
    """Raise CommandError (refused) unless it was held to today's policy, and lately."""
    if pending.has_ended(datetime.now(UTC)):
        raise CommandError(
            Exit.REFUSED, f"{id} was asked for on {pending.at:%Y-%m-%d}, and waited for 7 days", "publish it again"
        )
    refuse_since(state, pending.policy, id)


def _was_not_left(state: Path, pending: Pending, stands: Standing, new: Side, id: str) -> None:
    """Raise CommandError (refused) for a plan that a rollback left since; what goes back says so itself."""
    back = {each.mapping for each in pending.went_back}
    for name, left in left_again(state, stands, new, pending.mappings).items():
        if name not in back and left.digest not in pending.again:
            raise CommandError(
                Exit.REFUSED,
                f"{pending.tenant}/{name} was left by a rollback since {id} was asked for",
                'publish it again: --again --reason "..."',
            )


def _now(stands: Standing) -> str:
    return f"release {stands.history.active}, which stands now" if stands.history.active else "nothing, as it is now"
