"""What goes where: D1.3, D1.4, D2.1, D2.2 and D2.3."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import queast_compiler
import queast_runtime
import queast_schemas
from compiler.tenant_folder import COMPANIES, EVENTS
from connectors.scripted import OneSecret, Scripted, answer
from decisions.yaml_worker import compiled, headers_of, over_http, sound
from engine_plans import connection_plan, mapping_plan, route_plan
from memory_destination import Memory
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.loading import connector_names, load_connector
from queast_runtime.ports import ErrorClass, Phase, Refused

Make = Callable[..., Any]

FOURTH = """\
version: 1
connector: fourth
description: A destination that nobody has heard of
signal_destination: memos
api: {base_url: https://api.fourth.example, version: "7", supported_until: null, headers: {x-client: queast}}
connection: {credentials: [key], needs_url: false, time_zone_required: false}
auth: {kind: header, header: x-key, credential: key}
codec:
  string: {wire: native, clear: null}
  text: {wire: native, clear: null}
  html: {wire: native, clear: null}
  markdown: {wire: native, clear: null}
  integer: {wire: native, clear: null}
  number: {wire: native, clear: null}
  boolean: {wire: bool_01, clear: null}
  date: {wire: date_iso, clear: null}
  datetime: {wire: datetime_space_utc, clear: null}
  enumeration: {wire: native, clear: null}
  set: {wire: list_native, clear: null}
  owner: {wire: native, clear: null}
rate_limit:
  budgets: [{id: burst, scope: connection, limit: 5, window_s: 1, ops: ["*"]}]
  costs: []
  remaining_header: null
errors:
  - {status: [500, 503], class: transient, acted: maybe}
objects:
  memos:
    role: note
    action: create
    open: false
    external_id: null
    fields:
      headline: {type: text, required: true}
      seen: {type: datetime}
    operations:
      create:
        method: PUT
        path: /v{version}/memos
        idempotent: false
        body: {memo: {$fields: all}, ours: {$get: reference}}
        success: 2xx
        answer: {record: memo, id: id, created: true}
        reconcile: {settle_s: 5, looks: [{op: all, property: headline, holds: contains}]}
    reads:
      all:
        method: GET
        path: /v{version}/memos
        answer: {records: memos, id: id, properties: [""]}
"""
FOURTH_CONNECTION = """\
version: 1
connections:
  fourth-main: {connector: fourth, account: "9", auth: {key: secret://fourth}}
"""
FOURTH_MAPPING = """\
version: 1
connection: fourth-main
mode: live
routes:
  memos:
    entity: signal
    events: [created]
    to: memos
    fields:
      headline: signal.title
      seen: signal.occurred_at
"""
VENDOR = re.compile(r"hubspot|hubapi|pipedrive|\bhs_", re.IGNORECASE)


def test_a_fourth_destination_is_a_manifest(scene: Make, tmp_path: Path) -> None:
    """D1.3 from a manifest nobody wrote code for to the exact request, over the engine that runs the three."""
    assert connector_names() == ("hubspot", "pipedrive", "webhook")
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    (manifests / "fourth.yaml").write_text(FOURTH, encoding="utf-8")
    plans = sound(tmp_path, {"memos": FOURTH_MAPPING}, connections=FOURTH_CONNECTION, manifests=manifests)
    one = scene(**plans)
    sender = Scripted(answer(201, {"memo": {"id": "m1"}}))
    over_http(one, sender, OneSecret("k3y"))
    one.submit(one.signal())
    one.drain()
    assert one.states() == ["delivered"]
    (request,) = sender.sent
    assert (request.method, request.url) == ("PUT", "https://api.fourth.example/v7/memos")
    assert headers_of(request)["x-key"] == "k3y"
    assert headers_of(request)["x-client"] == "queast"
    (body,) = sender.bodies()
    assert body["memo"] == {"headline": "Hires ten", "seen": "2026-03-01 10:00:00"}
    assert body["ours"] == one.deliveries()[0].reference


def test_no_python_that_compiles_or_delivers_names_a_vendor() -> None:
    """D1.3 no text outside docstrings, in the compiler or in a room of the runtime that a worker enters."""
    named: dict[str, set[str]] = {}
    # A rule of lint shows mappings as examples; it neither compiles nor delivers.
    for package, without in ((queast_compiler, ("lint",)), (queast_runtime, ("cli", "sandbox"))):
        root = Path(str(package.__file__)).parent
        for path in root.rglob("*.py"):
            if path.relative_to(root).parts[0] in without:
                continue
            found = {text for text in _texts(path) if VENDOR.search(text)}
            if found:
                named[str(path.relative_to(root))] = found
    assert named == {}


def _texts(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value
        elif isinstance(node, ast.Name):
            yield node.id


def test_a_route_keeps_a_record_in_sync_or_tells_of_a_signal(scene: Make) -> None:
    """D1.4 an update changes the company's one record; each signal is told of once, by a note or an event."""
    one = scene()
    one.submit(one.company("created"), one.company(sequence=4, name="Acme ASA"), one.signal(), one.signal(id="s_2"))
    one.drain()
    assert [record["name"] for record in one.memory.of("companies").values()] == ["Acme ASA"]
    assert len(one.memory.of("notes")) == 2
    hook = scene(
        plans=(mapping_plan(route_plan("signal", "send", events=("created",)), connection="hook"),),
        connections=(connection_plan("hook"),),
    )
    hook.submit(hook.signal(), hook.signal(sequence=2, state="active"))
    hook.drain()
    assert len(hook.memory.sent) == 1


@pytest.mark.parametrize(
    ("entity", "required"),
    [
        ("company", {"id", "name"}),
        ("person", {"id", "full_name", "company_id"}),
        ("signal", {"id", "type", "title", "strictness", "state", "occurred_at", "company"}),
        ("job_ad", {"id", "title", "company_id", "url"}),
    ],
)
def test_an_entity_requires_little_and_labels_everything(entity: str, required: set[str]) -> None:
    """D2.1 the required keys (and the sequence), every property typed and labelled down to the leaves, closed."""
    schema = queast_schemas.load(entity)
    assert set(schema["required"]) == required | {"sequence"}
    assert schema["x-version"] == 1
    labels = {"public_business", "business_contact", "direct_identifier", "sensitive", "free_text"}
    seen = 0
    for place, declared in _properties(schema, entity):
        assert "type" in declared or "$ref" in declared or "enum" in declared, place
        assert declared.get("x-pii") in labels, place
        seen += 1
    assert seen >= len(schema["properties"])
    assert schema["additionalProperties"] is False
    for name, declared in schema["properties"].items():
        kind = declared.get("type")
        if name.endswith(("_at", "_on", "_url", "email")) and kind in ("string", ["string", "null"]):
            assert "format" in declared, name


def _properties(schema: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, definition in schema.get("$defs", {}).items():
        yield from _properties(definition, f"{place}#{name}")
    for name, declared in schema.get("properties", {}).items():
        inner = [declared, *(declared[key] for key in ("else", "items") if key in declared)]
        kinds: dict[str, Any] = {}
        for part in reversed(inner):
            kinds |= {key: part[key] for key in ("type", "$ref", "enum") if key in part}
        yield f"{place}.{name}", kinds | {"x-pii": declared.get("x-pii")}
        for part in inner:
            yield from _properties(part, f"{place}.{name}")


def test_an_event_carries_the_attributes_of_cloudevents() -> None:
    """D2.1 CloudEvents 1.0: id, source, specversion and type as there, and time and data always."""
    schema = queast_schemas.load("event")
    assert set(schema["required"]) == {"specversion", "id", "source", "type", "time", "data"}
    assert set(schema["properties"]) == set(schema["required"]) | {"subject", "datacontenttype"}
    assert schema["properties"]["specversion"]["const"] == "1.0"
    assert schema["x-version"] == 1


def test_a_signal_goes_to_a_note_or_an_event_by_default() -> None:
    """D2.2 the destination that each manifest names, and what it is."""
    found: dict[str, tuple[str, bool]] = {}
    for name in connector_names():
        connector = load_connector(name, Diagnostics())
        assert connector is not None
        target = connector.objects[connector.signal_destination.value]
        found[name] = (target.role, target.attach_required)
    assert found == {"hubspot": ("note", True), "pipedrive": ("note", True), "webhook": ("event", False)}


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (("    to: notes", "    to: tasks"), "QM300", "`hubspot` takes a signal as `notes`"),
        (("    to: notes", "    to: companies"), "QM301", "`hubspot` takes a signal as `notes`"),
        (("    attach_to: [company]\n", ""), "QM305", "add `attach_to: [company]`"),
    ],
)
def test_another_destination_is_refused_with_what_is_allowed(
    tmp_path: Path, change: tuple[str, str], code: str, says: str
) -> None:
    """D2.2 an object the connector does not have, one of another kind, and a note on nothing."""
    _, diagnostics = compiled(tmp_path, {"companies": COMPANIES.replace(*change)})
    assert [finding.code for finding in diagnostics] == [code]
    assert says in (diagnostics.findings[0].help or "")


INFORMATIONAL = EVENTS.replace("mode: live\n", "mode: live\nscope: {signals: informational}\n")
GRANT = """\
version: 1
informational_export:
  - {{tenant: {tenant}, approver: ana@queast.example, reason: a pilot, expires: "{expires}"}}
"""


@pytest.mark.parametrize(
    ("text", "policy", "codes"),
    [
        (EVENTS, "version: 1\n", []),
        (INFORMATIONAL, "version: 1\n", ["QM451"]),
        (INFORMATIONAL, GRANT.format(tenant="globex", expires="2027-01-01"), ["QM451", "QM465"]),
        (INFORMATIONAL, GRANT.format(tenant="acme", expires="2026-06-01"), ["QM452"]),
        (INFORMATIONAL, GRANT.format(tenant="acme", expires="2026-06-02"), ["QM464"]),
        (INFORMATIONAL, GRANT.format(tenant="acme", expires="2027-01-01"), []),
        (INFORMATIONAL, GRANT.format(tenant="acme", expires="2027-01-01").replace(" reason: a pilot,", ""), ["QM101"]),
    ],
    ids=["strict", "no grant", "another tenant's", "ended", "on its last day", "granted", "without a reason"],
)
def test_informational_signals_compile_only_under_a_grant_of_this_tenant(
    tmp_path: Path, text: str, policy: str, codes: list[str]
) -> None:
    """D2.3 at compile time: a grant with tenant, approver, reason and end, and the mapping's own word."""
    plans, diagnostics = compiled(tmp_path, {"events": text}, policy=policy)
    assert [finding.code for finding in diagnostics] == codes
    assert bool(plans["plans"]) == (not diagnostics.has_errors)


@pytest.mark.parametrize("strictness", ["informational", "legacy", "STRICT", "unheard-of"])
def test_only_strict_signals_are_admitted_and_nothing_of_the_others_leaves(scene: Make, strictness: str) -> None:
    """D2.3 at admission: not the signal, not a note, and not the company that came inside it."""
    hook = {
        "plans": (mapping_plan(route_plan("signal", "send"), route_plan("company", "send"), connection="hook"),),
        "connections": (connection_plan("hook"),),
    }
    for one in (scene(), scene(**hook)):
        receipt = one.submit(one.signal(strictness=strictness))
        assert receipt.reasons == {"not_strict": 1}
        one.drain()
        assert (one.deliveries(), one.memory.log, one.memory.sent) == ((), [], {})


def test_a_grant_that_ends_while_a_signal_waits_holds_it_back(scene: Make, tmp_path: Path) -> None:
    """D2.3 at send: admitted on the grant's last day, tried again after it, cancelled."""
    grant = GRANT.format(tenant="acme", expires="2026-07-30")
    plans = sound(tmp_path, {"events": INFORMATIONAL}, policy=grant)
    busy = Refused(ErrorClass.TRANSIENT, "busy", 503, Phase.BODY)
    one = scene(**plans, memory=Memory(fault=lambda item: busy))
    one.clock.at = one.clock.at.replace(month=7, day=29, hour=23)
    one.submit(one.signal(strictness="informational"))
    one.drain(patience_s=0.0)
    assert len(one.memory.log) == 1
    one.memory.fault = lambda item: None
    one.clock.at += timedelta(days=1)
    one.drain()
    assert len(one.memory.log) == 1
    assert one.states() == ["cancelled"]


def test_a_grant_lets_the_signals_of_the_mapping_out_that_asks_for_it(scene: Make, tmp_path: Path) -> None:
    """D2.3 both are needed: a second mapping that stays strict sends nothing of the same signal."""
    grant = GRANT.format(tenant="acme", expires="2027-01-01")
    plans = sound(tmp_path, {"asks": INFORMATIONAL, "strict": EVENTS}, policy=grant)
    one = scene(**plans)
    one.submit(one.signal(strictness="informational"))
    assert {(row.mapping, row.entity) for row in one.deliveries()} == {("asks", "signal")}
