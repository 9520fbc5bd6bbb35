"""`qmap trace`: one event's way, step by step."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from queast_compiler.codegen import FieldTrace
from queast_compiler.plan import ir
from queast_compiler.plan.mapping import RoutePlan
from queast_runtime.cli import wording
from queast_runtime.cli.broken import PUBLISH_FIRST
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import opened_store
from queast_runtime.cli.output import Format, data, data_json, table
from queast_runtime.cli.status import check_released, described, released_tenants
from queast_runtime.engine.event import Broken, read_event
from queast_runtime.ports import HttpRequest
from queast_runtime.ports.store import Store, Transaction
from queast_runtime.preview.trace import Ground, RouteTrace, Trace, trace_new, trace_stored
from queast_runtime.settings import Settings

_STEPS = ("match", "fields", "request")
_HIDDEN = "(personal data)"


class _Undo(Exception):
    """Leaves a transaction without keeping anything."""


def run(
    mapping: str, event: str, tenant: str | None, step: str | None, why_not: bool, store_url: str | None, format: Format
) -> None:
    """Print the trace of a stored event's id, or of the one event in a file."""
    if step is not None and step not in _STEPS:
        raise CommandError(Exit.USAGE, f"no step is called {step}", f"one of: {', '.join(_STEPS)}")
    with opened_store(store_url) as (settings, state, store):
        if tenant is not None:
            check_released(state, tenant)
        found = asyncio.run(_trace(settings, state, store, tenant or _holder(state, mapping), mapping, event))
    if format is Format.JSON:
        data_json(_as_json(found))
    else:
        data(_as_text(found, mapping, step, why_not))


def _holder(state: Path, mapping: str) -> str:
    """Return the only tenant whose release names the mapping. The envelopes are searched, not verified: what is found
    is opened, and only that; another tenant's broken release is no concern of this one."""
    holders = [tenant for tenant in released_tenants(state) if mapping in described(state, tenant).get("mappings", {})]
    if len(holders) == 1:
        return holders[0]
    if not holders:
        raise CommandError(Exit.USAGE, f"no release here holds a mapping {mapping}", "see: qmap status")
    raise CommandError(
        Exit.USAGE,
        f"several tenants have a mapping {mapping}: {', '.join(holders)}",
        f"say which: --tenant {holders[0]}",
    )


async def _trace(settings: Settings, state: Path, store: Store, tenant: str, mapping: str, event: str) -> Trace:
    from queast_runtime.worker.opening import SettingUnusable, WorkerRefused, opened_worker

    try:
        async with opened_worker(settings, state, store, [tenant]) as worker:
            release = worker.releases[tenant]
            for loaded in release.mappings:
                if loaded.plan.mapping == mapping:
                    connection = release.connections[loaded.plan.connection]
                    ground = Ground(
                        worker.rules(tenant),
                        loaded.plan,
                        connection,
                        loaded.plan.connection_digest,
                        worker.preview(tenant, connection.connection),
                        worker.clock.now(),
                    )
                    return _undone(store, ground, event)
    except SettingUnusable as error:
        raise CommandError(Exit.ENVIRONMENT, str(error)) from error
    except WorkerRefused as error:
        raise CommandError(Exit.REFUSED, str(error), PUBLISH_FIRST) from error
    raise CommandError(Exit.USAGE, f"the release of {tenant} holds no mapping {mapping}", "see: qmap status")


def _undone(store: Store, ground: Ground, event: str) -> Trace:
    trace: Trace | None = None
    try:
        with store.transaction() as tx:
            trace = _of(tx, ground, event)
            raise _Undo
    except _Undo:
        pass
    assert trace is not None
    return trace


def _of(tx: Transaction, ground: Ground, event: str) -> Trace:
    rows = tx.events_with_id(ground.rules.tenant, event)
    if rows:
        return trace_stored(tx, ground, rows[0].source, event)
    path = Path(event)
    if not path.is_file():
        raise CommandError(
            Exit.USAGE, f"no stored event and no file is called {event}", "name a file with one event as JSON, or an id"
        )
    return trace_new(tx, ground, _one_event(path))


def _one_event(path: Path) -> bytes:
    """Return the event in a file. Raises CommandError (usage) for none, several, or what nobody could tell as one."""
    raw = path.read_bytes()
    lines = [line for line in raw.splitlines() if line.strip()]
    if len(lines) > 1 and all(_is_object(line) for line in lines):
        raise CommandError(
            Exit.USAGE,
            f"{path} holds {len(lines):,} events; name one by its id",
            "the id names an event that was taken in; to try another, put its line into a file of its own",
        )
    if not lines:
        raise _no_event(path, "the file is empty")
    found = read_event(raw)
    if isinstance(found, Broken) and not found.id:
        raise _no_event(path, found.detail)
    return raw


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _no_event(path: Path, why: str) -> CommandError:
    return CommandError(Exit.USAGE, f"{path} is not an event: {why}", "name a file with one event as JSON, or an id")


def _as_text(found: Trace, mapping: str, step: str | None, why_not: bool) -> str:
    told = "as it was decided" if found.stored else "tried now, nothing is kept or sent"
    text = f"event       {found.event_id}  {found.type}  {found.entity_id}  ({told})\n"
    text += f"admission   {found.decision}{_because(found.reason)}\n"
    for outcome in found.whole:
        text += f"mapping     {mapping}: {outcome.decision.value}{_because(outcome.reason)}\n"
    for route in found.routes:
        text += "\n" + _route(route, step, why_not)
    if not found.routes and why_not and not found.whole:
        text += "why not     no route of this mapping was asked: admission ended it\n"
    return text


def _route(route: RouteTrace, step: str | None, why_not: bool) -> str:
    plan = route.route
    ended = f"{route.decision}{_because(route.reason)}"
    text = f"route       {plan.name} -> {plan.object}  [{plan.file}:{plan.line}]  {ended}\n"
    if step in (None, "match"):
        for match in route.matches:
            for number, rule in enumerate(match.rules, 1):
                key = rule.key if rule.key is not None else "no such key"
                met = f"{len(rule.found)} record{'' if len(rule.found) == 1 else 's'}"
                names = f": {', '.join(rule.found)}" if rule.found else ""
                text += f"match {number}     {rule.rule:<12} {key} -> {met}{names}\n"
            for judged in match.judged:
                text += f"            record {judged.record}  score {judged.score:.2f}\n"
                compared = [
                    (line.rule, line.ours or "-", "~", line.theirs or "-", line.verdict) for line in judged.evidence
                ]
                text += table(compared, indent="              ")
            text += f"            {match.entity} {match.queast_id}: {match.decision}\n"
    if step in (None, "fields") and plan.fields:
        rows = [(each.property, _value(each, plan), f"{each.file}:{each.line}") for each in route.fields]
        text += "fields\n" + table(rows, indent="            ")
    if step in (None, "request"):
        text += _request(route, why_not)
    return text


def _request(route: RouteTrace, why_not: bool) -> str:
    row = route.delivery
    text = ""
    if row is not None:
        waits = f", {wording.needs(row.needs)}" if row.needs else ""
        failed = f", {row.error_class.value}: {row.error_message}" if row.error_class else ""
        text += f"delivery    {row.id}  {row.state.value}, {wording.counted(row.attempts, 'attempt')}{waits}{failed}\n"
    if route.request is None:
        text += f"request     not built{': it ' + route.unsendable if route.unsendable else ''}\n"
        if why_not and not route.unsendable:
            text += f"why not     {_why_not(route)}\n"
        return text
    return text + _http(route.request, personal=_is_personal(route.route))


def _why_not(route: RouteTrace) -> str:
    if route.delivery is None:
        return f"the route made no delivery{_because(route.reason) or ': ' + route.decision}"
    waiting = [match.decision for match in route.matches if not match.decision.startswith("record ")]
    return "; ".join(waiting) or "the delivery's body is past its retention"


def _http(request: HttpRequest, *, personal: bool) -> str:
    text = f"request     {request.method} {request.url}\n"
    for name, value in request.headers:
        text += f"            {name}: {value}\n"
    if not request.body:
        return text
    if personal:
        return text + f"            {_HIDDEN}\n"
    try:
        shown = json.dumps(json.loads(request.body), ensure_ascii=False, indent=2)
    except ValueError:
        shown = request.body.decode("utf-8", errors="replace")
    return text + "".join(f"            {line}\n" for line in shown.splitlines())


def _value(each: FieldTrace, plan: RoutePlan) -> str:
    if each.failure is not None:
        return f"dropped: {each.failure}"
    if any(field.property == each.property and _reads_person(field.expr) for field in plan.fields):
        return _HIDDEN
    from queast_compiler.codegen.record import ABSENT

    if each.wire is ABSENT:
        return "(nothing to send)"
    return json.dumps(each.wire, ensure_ascii=False, default=str)


def _is_personal(plan: RoutePlan) -> bool:
    return plan.entity == "person" or any(_reads_person(field.expr) for field in plan.fields)


def _reads_person(node: Any) -> bool:
    """Whether an expression reads the person: such values are never printed."""
    if isinstance(node, ir.Path):
        return node.root == "person"
    if isinstance(node, tuple):
        return any(_reads_person(each) for each in node)
    return any(_reads_person(getattr(node, name)) for name in getattr(node, "__slots__", ()))


def _because(reason: str | None) -> str:
    return f": {wording.reason(reason)}" if reason else ""


def _as_json(found: Trace) -> dict[str, Any]:
    from queast_compiler.codegen.record import ABSENT

    return {
        "event": found.event_id,
        "type": found.type,
        "entity_id": found.entity_id,
        "stored": found.stored,
        "decision": found.decision,
        "reason": found.reason,
        "mapping": [{"decision": each.decision.value, "reason": each.reason} for each in found.whole],
        "routes": [
            {
                "route": each.route.name,
                "object": each.route.object,
                "decision": each.decision,
                "reason": each.reason,
                "match": [
                    {
                        "entity": match.entity,
                        "id": match.queast_id,
                        "rules": [{"rule": r.rule, "key": r.key, "found": list(r.found)} for r in match.rules],
                        "decision": match.decision,
                        "compared": [judged.as_json() for judged in match.judged],
                    }
                    for match in each.matches
                ],
                "fields": [
                    {
                        "property": field.property,
                        "value": None if field.wire is ABSENT else _value(field, each.route),
                        "failure": field.failure,
                        "file": field.file,
                        "line": field.line,
                    }
                    for field in each.fields
                ],
                "unsendable": each.unsendable,
                "delivery": each.delivery.id if each.delivery else None,
                "state": each.delivery.state.value if each.delivery else None,
                "request": None
                if each.request is None or _is_personal(each.route)
                else {
                    "method": each.request.method,
                    "url": each.request.url,
                    "headers": dict(each.request.headers),
                    "body": each.request.body.decode("utf-8", errors="replace"),
                },
            }
            for each in found.routes
        ],
    }
