"""`qmap status`: one line a connection, and what waits for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from queast_compiler.plan.directory import NAME
from queast_dsl.diagnostics.nearest import did_you_mean
from queast_runtime.cli.broken import FIRST_RELEASE, broken_plans, broken_releases, made_again, put_back
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import opened_store, state_to_read
from queast_runtime.cli.output import Format, complain, data, data_json, say, table
from queast_runtime.cli.wording import held_creations, needs
from queast_runtime.ports.ledger import DeliveryFilter, DeliveryState
from queast_runtime.ports.store import Snapshot
from queast_runtime.security.pending import pending_ids
from queast_runtime.security.releases import has_release, release_folder

_NAMES = ("connections", "mappings")
# As many as `qmap publish --over` is told to take.
_DIGITS = 12


def run(tenant: str | None, store_url: str | None, format: Format) -> None:
    """Print the state of every connection of the tenants that have a release here.

    Exits: 6 where a release that stands cannot be trusted or read; the others are printed all the same.
    """
    state = state_to_read()
    if tenant is not None:
        check_released(state, tenant)
    if not state.exists():
        _print([], {}, format)
        return
    with opened_store(store_url) as (_, state, store), store.read() as view:
        tenants = [tenant] if tenant is not None else released_tenants(state)
        named = [each for each in tenants if NAME.fullmatch(each)]
        broken = broken_releases(state, named)
        without_plans = broken_plans(state, (each for each in named if each not in broken))
        helps = {each: put_back(state, each) for each in broken}
        helps |= {each: made_again(state, each) for each in without_plans}
        broken |= without_plans
        rows = [row for each in tenants for row in _tenant_rows(view, state, each, broken.get(each))]
    _print(rows, broken, format)
    for each, why in broken.items():
        complain(f"the release of {each} that stands does not count: {why}", helps[each])
    if broken:
        raise SystemExit(Exit.REFUSED)


def _print(rows: Sequence[dict[str, Any]], broken: Mapping[str, str], format: Format) -> None:
    if format is Format.JSON:
        data_json({"connections": rows, "refused": broken} if broken else {"connections": rows})
        return
    data(_text(rows))
    if not rows and not broken:
        say(f"no release has been published here; {FIRST_RELEASE}")


def _text(rows: Sequence[dict[str, Any]]) -> str:
    return table(
        [
            (
                f"{row['tenant']}/{row['connection']}",
                row["state"],
                row["release"] or "-",
                (row["digest"] or "-").removeprefix("sha256:")[:_DIGITS],
                row["last_success"] or "never",
                row["queued"],
                row["waiting"],
                row["dead"],
                row["oldest_due"] or "-",
                row["reason"] or "",
            )
            for row in rows
        ],
        header=(
            "CONNECTION",
            "STATE",
            "RELEASE",
            "DIGEST",
            "LAST SUCCESS",
            "QUEUED",
            "WAITING",
            "DEAD",
            "OLDEST DUE",
            "WHY",
        ),
    )


def released_tenants(state: Path) -> list[str]:
    """Return the tenants that have a release in the state folder, sorted."""
    folder = state / "releases"
    return sorted(each.name for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []


def check_tenant(state: Path, tenant: str) -> None:
    """Raise CommandError (usage) for a tenant that nothing was published or asked for of: nothing of it can be here."""
    known = released_tenants(state)
    if tenant not in known:
        raise CommandError(
            Exit.USAGE,
            f"no release of a tenant {tenant} has been published here",
            did_you_mean(tenant, known) or f"{FIRST_RELEASE}; see which there are: qmap status",
        )


def check_released(state: Path, tenant: str) -> None:
    """Raise CommandError (usage) for a tenant under whose release nothing can run, because there is none."""
    check_tenant(state, tenant)
    if not NAME.fullmatch(tenant) or has_release(state, tenant):
        return
    waiting = pending_ids(release_folder(state, tenant))
    if waiting:
        raise CommandError(
            Exit.USAGE,
            f"the first release of tenant {tenant} waits for a second person",
            f"what it changes: qmap approve {waiting[0]} --show; it stands once somebody else approves it",
        )
    raise CommandError(Exit.USAGE, f"no release of a tenant {tenant} stands here", FIRST_RELEASE)


def check_connection(view: Snapshot, state: Path, tenant: str, name: str) -> None:
    """Raise CommandError (usage) for a connection that a tenant neither has nor had deliveries of."""
    known = {*described(state, tenant).get("connections", {}), *(e.connection for e in view.delivery_counts(tenant))}
    if name not in known:
        raise CommandError(
            Exit.USAGE,
            f"tenant {tenant} has no connection {name}",
            did_you_mean(name, known) or f"see which there are: qmap status --tenant {tenant}",
        )


def _tenant_rows(view: Snapshot, state: Path, tenant: str, broken: str | None) -> list[dict[str, Any]]:
    counts: Counter[tuple[str, DeliveryState]] = Counter()
    for each in view.delivery_counts(tenant):
        counts[each.connection, each.state] += each.count
    names = sorted({*described(state, tenant).get("connections", {}), *(name for name, _ in counts)})
    stands = dict(zip(("release", "digest"), (None, None) if broken else _release(state, tenant), strict=True))
    rows = [{**_row(view, tenant, name, counts), **stands} for name in names]
    # Nothing is delivered under it, whatever the connection itself is like.
    return rows if broken is None else [{**row, "state": "refused", "reason": broken} for row in rows]


def _release(state: Path, tenant: str) -> tuple[int | None, str | None]:
    """The number and digest of the release that stands, verified; nothing where there is none."""
    from queast_compiler.plan.release import ReleaseRefused, verify
    from queast_runtime.security.keys import KeyUnusable, trusted_keys

    try:
        found = verify((state / "releases" / tenant / "current.json").read_bytes(), trusted_keys(state), tenant, 0)
    except (KeyUnusable, OSError, ReleaseRefused):
        return None, None
    return found.sequence, found.digest


def _row(view: Snapshot, tenant: str, name: str, counts: Counter[tuple[str, DeliveryState]]) -> dict[str, Any]:
    now = datetime.now(UTC)
    known = view.connection_state(tenant, name)
    paused = known.paused and (known.paused_until is None or known.paused_until > now)
    due = view.next_due(tenant, name)
    waiting = view.deliveries(tenant, DeliveryFilter(connection=name, states=(DeliveryState.WAITING,)), limit=1)
    reason = known.paused_reason if paused else next(iter(held_creations(view, tenant, name, now)), None)
    if reason is None and waiting:
        reason = needs(waiting[0].needs)
    queued = sum(counts[name, each] for each in (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN))
    return {
        "tenant": tenant,
        "connection": name,
        "state": "paused" if paused else "live",
        "last_success": _time(known.last_success),
        "queued": queued,
        "waiting": counts[name, DeliveryState.WAITING],
        "delivered": counts[name, DeliveryState.DELIVERED],
        "dead": counts[name, DeliveryState.DEAD],
        "oldest_due": _time(due),
        "paused_until": _time(known.paused_until) if paused else None,
        "reason": reason,
    }


def described(state: Path, tenant: str) -> dict[str, Any]:
    """Return what a tenant's envelope says of itself, empty where it says nothing that can be read.

    For display and search only: nothing runs on the word of an envelope that was not verified.
    """
    from queast_compiler.plan.release import ReleaseRefused, describe

    path = state / "releases" / tenant / "current.json"
    try:
        found = describe(path.read_bytes())
    except (OSError, ReleaseRefused):
        return {}
    return {name: value for name, value in found.items() if name not in _NAMES or isinstance(value, dict)}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")
