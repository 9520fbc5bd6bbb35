"""Where the events and records come from on which a change is tried, and the trying itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from queast_compiler.codegen import load_mapping
from queast_compiler.diff.compare import Comparison
from queast_compiler.plan.connection import ConnectionPlan
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.document.policy import holds, longest
from queast_dsl.loading import load_policy
from queast_runtime.cli.diff.sides import TenantPlans
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.releases.standing_policy import policy_of_today
from queast_runtime.ports.store import Snapshot
from queast_runtime.preview.comparing import Plans
from queast_runtime.preview.effect_model import Effect
from queast_runtime.preview.effects import Sample, effect
from queast_runtime.preview.happening import CrmRecord

# Recorded events of a tenant's own folder are tried unasked, so many of them.
DEFAULT_EVENTS: Final = 1_000
_MOST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Material:
    """What the command was given: the last `sample` events of the archive, or files of events; files of records."""

    sample: int | None
    events: tuple[Path, ...]
    records: tuple[Path, ...]
    store: str | None

    @property
    def is_none(self) -> bool:
        """Whether trying was switched off: `--sample 0`."""
        return self.sample == 0 and not self.events


def effect_of(
    tenant: str,
    plans: tuple[TenantPlans, TenantPlans],
    comparison: Comparison,
    material: Material,
    root: Path,
) -> Effect | None:
    """Try the sample on both sides. None where nothing changes, or there is nothing to try it on.

    Raises CommandError: usage for a file that is not there or holds something else, refused without the policy's grant.
    """
    touched = _touched(comparison, plans)
    if not touched or material.is_none:
        return None
    old, new = (_plans(each, touched) for each in plans)
    connections = {**old.connections, **new.connections}
    with ExitStack() as stack:
        if material.sample:
            view, state = stack.enter_context(_archive(material.store))
            _check_grant(tenant, state)
            records = _records(material.records, connections) or _mirrored(view, tenant, connections)
            source = f"the archive (the last {material.sample:,})"
            sample = Sample(_stored(view, tenant, material.sample), source, records)
        else:
            files = _files(tenant, material.events, root)
            if not files:
                return None
            limit = None if material.events else DEFAULT_EVENTS
            source = ", ".join(each.as_posix() for each in files)
            sample = Sample(islice(_lines(files), limit), source, _records(material.records, connections))
        found = effect(tenant, old, new, sample, datetime.now(UTC))
        if material.events and not found.events:
            raise CommandError(
                Exit.USAGE,
                f"no event could be read in {sample.source}",
                "a file with one event as JSON on each line, or leave --events out",
            )
        return found


def _touched(comparison: Comparison, plans: tuple[TenantPlans, TenantPlans]) -> set[str]:
    """The connections that a change may be seen at, on both sides of a mapping that goes to another one."""
    found = {each.connection for each in comparison.changes}
    changed = {each.mapping for each in comparison.changes}
    for side in plans:
        found |= {plan.connection for name, plan in side.side.mappings.items() if name in changed}
    return found


def _plans(plans: TenantPlans, touched: set[str]) -> Plans:
    """Those of a side that write to a connection that changes: what else there is cannot differ."""
    side = plans.side
    return Plans(
        {name: plan for name, plan in side.connections.items() if name in touched},
        [
            load_mapping(plan, plans.mappings[name])
            for name, plan in sorted(side.mappings.items())
            if plan.connection in touched and plan.connection in side.connections
        ],
    )


def _check_grant(tenant: str, state: Path) -> None:
    """Raise CommandError (refused) where nothing grants a look: the policy that stands does, and no copy of it."""
    policy = load_policy(Path("the platform's"), policy_of_today(state).data, Diagnostics())
    grants = () if policy is None else policy.event_samples
    grant = longest(each for each in grants if each.tenant.value == tenant)
    if grant is None or not holds(grant, datetime.now(UTC).date()):
        ended = "" if grant is None else f" (the one there was ended on {grant.expires.value})"
        raise CommandError(
            Exit.REFUSED,
            f"the policy grants nobody a look at stored events of {tenant}{ended}",
            "ask Queast for a grant under event_samples in the platform's policy, or give a file: --events FILE",
        )


@contextmanager
def _archive(store: str | None) -> Iterator[tuple[Snapshot, Path]]:
    """Open what is stored, and say in which state folder."""
    from queast_runtime.cli.opening import opened_store

    with opened_store(store) as (_, state, database), database.read() as view:
        yield view, state


def _stored(view: Snapshot, tenant: str, limit: int) -> Iterator[bytes]:
    for source, event_id in view.recent_events(tenant, min(limit, _MOST)):
        body = view.event_body(tenant, source, event_id)
        # Past its retention an event keeps its row and loses its body.
        if body:
            yield body


def _mirrored(view: Snapshot, tenant: str, connections: Mapping[str, ConnectionPlan]) -> dict[str, Sequence[CrmRecord]]:
    """What the mirror knows of the accounts' records: what matching compares, not what else they hold."""
    found: dict[str, Sequence[CrmRecord]] = {}
    for name, plan in connections.items():
        records: list[CrmRecord] = []
        for match in plan.match:
            for one in view.mirror_indexed(tenant, plan.account, match.object):
                keys = {
                    kind: view.mirror_keys(tenant, plan.account, match.object, one.partner_id, kind)
                    for kind in ("external_id", "linkedin", "domain")
                }
                card = one.card
                values = {} if card is None else {"name": card.name, "country": card.country, "city": card.city}
                values["domain"] = next(iter(keys["domain"]), None if card is None else card.domain)
                values["linkedin"] = next(iter(keys["linkedin"]), None)
                if match.external_id is not None:
                    values[match.external_id] = next(iter(keys["external_id"]), None)
                known = {key: value for key, value in values.items() if value is not None}
                records.append(CrmRecord(match.object, one.partner_id, known))
        found[name] = records
    return found


def _files(tenant: str, given: Sequence[Path], root: Path) -> list[Path]:
    """The files of events to try: those given, else the tenant's own. A file in another tenant's folder is not this
    one's."""
    own = root / tenant
    if not given:
        return sorted((own / "events").glob("*.jsonl"))
    for path in given:
        if not path.is_file():
            what = f"{path} is no file" if path.exists() else f"no such file: {path}"
            raise CommandError(Exit.USAGE, what, "a file with one event as JSON on each line")
    resolved = root.resolve()
    return [
        path
        for path in given
        if not path.resolve().is_relative_to(resolved) or path.resolve().is_relative_to(own.resolve())
    ]


def _lines(files: Sequence[Path]) -> Iterator[bytes]:
    for path in files:
        try:
            with path.open("rb") as file:
                yield from (line for line in file if line.strip())
        except OSError as error:
            raise CommandError(Exit.ENVIRONMENT, f"cannot read {path}: {error.strerror}") from error


def _records(files: Sequence[Path], connections: Mapping[str, ConnectionPlan]) -> dict[str, Sequence[CrmRecord]]:
    """Records from files, each at every connection that has such an object."""
    records = [record for path in files for record in _read_records(path)]
    return {
        name: [each for each in records if each.object in plan.manifest["objects"]]
        for name, plan in connections.items()
        if records
    }


def _read_records(path: Path) -> Iterator[CrmRecord]:
    """`{"object": "companies", "id": "h1", "name": "Acme"}` a line, or one object of lists by the object's name."""
    if not path.is_file():
        what = f"{path} is no file" if path.exists() else f"no such file: {path}"
        raise CommandError(Exit.USAGE, what, "a file of CRM records, as JSON lines")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(Exit.USAGE, f"{path} is no text in UTF-8", "a file of CRM records, as JSON lines") from error
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot read {path}: {error.strerror}") from error
    whole = _parsed(text)
    if isinstance(whole, dict) and "object" not in whole:
        for name, rows in whole.items():
            for number, row in enumerate(rows if isinstance(rows, list) else (), start=1):
                if isinstance(row, dict):
                    yield CrmRecord(name, str(row.get("id", f"{name}-{number}")), _values(row))
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        row = _parsed(line)
        if not isinstance(row, dict) or not isinstance(row.get("object"), str) or "id" not in row:
            raise CommandError(
                Exit.USAGE,
                f"{path}:{number} is no record of a CRM",
                'one JSON object a line: {"object": "companies", "id": "h1", "name": "Acme", "domain": "acme.example"}',
            )
        yield CrmRecord(row["object"], str(row["id"]), _values(row))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    """A record's values by property; fields that an account added may lie apart, as the sandbox's do."""
    own = row.get("custom_fields")
    flat = {**row, **(own if isinstance(own, Mapping) else {})}
    return {
        key: value
        for key, value in flat.items()
        if key not in ("object", "id", "connection", "custom_fields") and value is not None
    }
