"""What stands for a tenant now, and the one way to put another release in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.directory import PlanDirectoryError, PlanSet, read_plan
from queast_compiler.plan.mapping import MappingPlan
from queast_compiler.plan.release import ReleaseRefused, sign, verify
from queast_runtime.capabilities import refusal
from queast_runtime.cli.changefile import PlanDigests
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.observability.log import note
from queast_runtime.security.history import (
    Accepted,
    Actor,
    Approval,
    History,
    Record,
    WentBack,
    entry_bytes,
    history_path,
    read_history,
    sign_record,
)
from queast_runtime.security.keys import KeyUnusable, development_key, trusted_keys
from queast_runtime.security.pending import Pending, pending_path
from queast_runtime.security.releases import (
    Published,
    publishing,
    read_connection,
    read_mapping,
    read_published,
    release_folder,
    stored_sequence,
    write_plan_files,
    write_releases,
)
from queast_runtime.security.withdrawals import sign_anew

# How long one waits for another that publishes.
PATIENCE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What a tenant has: the release that stands, verified (None where none ever was), and how it came to it."""

    tenant: str
    published: Published | None
    history: History

    @property
    def digests(self) -> PlanDigests:
        return PlanDigests(dict(self.connections), dict(self.mappings))

    @property
    def connections(self) -> Mapping[str, str]:
        return {} if self.published is None else self.published.release.connections

    @property
    def mappings(self) -> Mapping[str, str]:
        return {} if self.published is None else self.published.release.mappings


@dataclass(frozen=True, slots=True)
class Order:
    """A release that is to stand from now on."""

    plans: PlanSet
    kind: Literal["publish", "rollback"]
    actor: Actor
    reason: str | None = None
    accepted: tuple[Accepted, ...] = ()
    approval: Approval | None = None
    went_back: tuple[WentBack, ...] = ()
    again: tuple[str, ...] = ()


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Be the only one that releases anything here. Raises CommandError (environment)."""
    with ExitStack() as held:
        try:
            held.enter_context(publishing(state, PATIENCE_S))
        except OSError as error:
            # A TimeoutError is one, too.
            raise CommandError(Exit.ENVIRONMENT, f"cannot publish now: {error}", "try again when it ended") from error
        yield


def standing(state: Path, tenant: str) -> Standing:
    """Return what stands for a tenant.

    Raises CommandError: environment where it cannot be read or verified, refused where a record of its history was
    altered or is gone: whether a plan may come again is read off it.
    """
    try:
        trusted = trusted_keys(state)
        published = read_published(state, tenant, trusted)
        active = 0 if published is None else published.release.sequence
        history = read_history(release_folder(state, tenant), tenant, trusted, active)
    except (KeyUnusable, ReleaseRefused, OSError) as error:
        folder = f"{state / 'releases' / tenant}"
        raise CommandError(
            Exit.ENVIRONMENT,
            f"cannot tell what is published of {tenant}: {error}",
            f"put back what {folder} held (publishing what it was made of does that for plans); moved away whole, it "
            "begins anew and nothing is compared with",
        ) from error
    _refuse_damaged(state, tenant, history)
    if published is None and any(each.record is not None and each.record.replaced for each in history.entries):
        # A release that took another's place stood. Compared with nothing, everything would pass as a first one; the
        # record of the very first may be of one that a kill kept from standing.
        raise CommandError(
            Exit.ENVIRONMENT,
            f"the release that stands for {tenant} is gone, while records of its releases are here",
            f"put current.json back into {state / 'releases' / tenant}: each record in its history holds one",
        )
    return Standing(tenant, published, history)


def _refuse_damaged(state: Path, tenant: str, history: History) -> None:
    """Raise CommandError (refused) where a record was altered or is gone: they say whether a plan comes again."""
    for each in history.damaged:
        path = history_path(release_folder(state, tenant), each.sequence)
        raise CommandError(
            Exit.REFUSED,
            f"the record of release {each.sequence} of {tenant} does not count: {each.why}",
            f"put back {path} as it was written, or move {path.parent} away: the next release begins a new history",
        )


def plans_by_digest(
    state: Path, tenant: str, connections: Mapping[str, str], mappings: Mapping[str, str]
) -> tuple[PlanSet, dict[str, ConnectionPlan], dict[str, MappingPlan]]:
    """Return plans that were stored before, their bytes held against their digests.

    Raises CommandError: environment where one is gone, altered or of another version, refused where the engine cannot
    carry one out.
    """
    folder = release_folder(state, tenant) / "plans"
    try:
        decoded = {name: read_connection(state, tenant, digest) for name, digest in connections.items()}
        read = {name: read_mapping(state, tenant, digest) for name, digest in mappings.items()}
        data = {name: read_plan(folder, name) for name in sorted({*connections.values(), *mappings.values()})}
    except (ReleaseRefused, PlanDirectoryError) as error:
        raise CommandError(
            Exit.ENVIRONMENT, f"cannot release these plans of {tenant}: {error}", f"put it back into {folder}"
        ) from error
    for each in read.values():
        if connections.get(each.connection) != each.connection_digest:
            raise CommandError(
                Exit.REFUSED,
                f"{tenant}/{each.mapping} was compiled against another plan of connection {each.connection}",
                "publish the older sources instead",
            )
    can_run(decoded, read)
    return PlanSet(tenant, dict(connections), dict(mappings), data), decoded, read


def stored_mapping(state: Path, tenant: str, digest: str) -> MappingPlan:
    """Return the plan of a mapping that ran before. Raises CommandError (environment) where it is gone or altered."""
    try:
        return read_mapping(state, tenant, digest)
    except ReleaseRefused as error:
        folder = release_folder(state, tenant) / "plans"
        raise CommandError(Exit.ENVIRONMENT, f"cannot go back to it: {error}", f"put it back into {folder}") from error


def can_run(connections: Mapping[str, ConnectionPlan], mappings: Mapping[str, MappingPlan]) -> None:
    """Raise CommandError (refused) where the engine cannot carry out what a plan needs."""
    beyond = refusal((*connections.values(), *mappings.values()))
    if beyond is not None:
        raise CommandError(Exit.REFUSED, beyond.reason, beyond.instead)


def activate(
    state: Path, orders: Sequence[Order], waiting: Sequence[tuple[Pending, PlanSet]] = ()
) -> list[dict[str, Any]]:
    """Sign each order under its tenant's next sequence and let it stand; store what waits for a second person.

    All of it or nothing. The caller holds `alone`. Returns a row each; raises CommandError (environment).
    """
    now = datetime.now(UTC).replace(microsecond=0)
    rows: list[dict[str, Any]] = []
    signed: list[tuple[bytes, PlanSet]] = []
    kept: dict[Path, bytes] = {}
    try:
        key = development_key(state)
        trusted = trusted_keys(state)
        for order in orders:
            tenant, folder = order.plans.tenant, release_folder(state, order.plans.tenant)
            replaced = stored_sequence(state, tenant)
            history = read_history(folder, tenant, trusted, replaced)
            _refuse_damaged(state, tenant, history)
            sequence = history.last + 1
            envelope = sign(order.plans, sequence=sequence, created_at=now, key=key)
            release = verify(envelope, trusted, tenant, sequence)
            record = Record(
                tenant, sequence, order.kind, now, release.digest, replaced, order.actor, order.reason,
                order.accepted, order.approval, order.went_back, order.again, history.head,
            )  # fmt: skip
            kept |= _of_before(folder, replaced)
            kept[history_path(folder, sequence)] = entry_bytes(envelope, sign_record(record, key))
            signed.append((envelope, order.plans))
            rows.append(
                {
                    "tenant": tenant,
                    "sequence": sequence,
                    "mappings": len(order.plans.mappings),
                    "connections": len(order.plans.connections),
                    "digest": release.digest,
                }
            )
        for pending, plans in waiting:
            folder = release_folder(state, pending.tenant)
            id_, envelope = sign_anew(folder, pending, key, trusted)
            write_plan_files(state, plans)
            kept[pending_path(folder, id_)] = envelope
            rows.append({"tenant": pending.tenant, "pending": id_, "second": list(pending.second)})
        write_releases(state, signed, kept)
    except (KeyUnusable, ReleaseRefused, OSError) as error:
        names = ", ".join([*(each.plans.tenant for each in orders), *(each.tenant for each, _ in waiting)])
        raise CommandError(Exit.ENVIRONMENT, f"cannot sign and store releases of {names}: {error}") from error
    for order, row in zip(orders, rows, strict=False):
        note("release stored", tenant=row["tenant"], release=row["sequence"], kind=order.kind, role=order.actor.role)
    for row in rows[len(orders) :]:
        note("release waits", tenant=row["tenant"], pending=row["pending"])
    return rows


def _of_before(folder: Path, sequence: int) -> dict[Path, bytes]:
    """The release that is replaced, where it is from before records were kept: so that it can be gone back to."""
    path = history_path(folder, sequence)
    if sequence == 0 or path.exists():
        return {}
    return {path: entry_bytes((folder / "current.json").read_bytes(), None)}
