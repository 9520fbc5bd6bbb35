"""Manifests are data: what ships loads, what is wrong is said with its place, and no vendor is named in the driver."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import queast_runtime.connectors
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import connector_names, load_connector
from queast_dsl.loading.build_connector import plain
from queast_dsl.loading.nodes import MapNode

SMALL = """\
version: 1
connector: fourth
description: A fourth destination
signal_destination: memos
api: {base_url: https://api.fourth.example, version: "7", supported_until: null, headers: {}}
connection: {credentials: [token], needs_url: false, time_zone_required: false}
auth: {kind: bearer, credential: token}
codec:
  string: {wire: native, clear: null}
  text: {wire: native, clear: null}
  html: {wire: native, clear: null}
  markdown: {wire: native, clear: null}
  integer: {wire: native, clear: null}
  number: {wire: native, clear: null}
  boolean: {wire: native, clear: null}
  date: {wire: date_iso, clear: null}
  datetime: {wire: datetime_iso_ms, clear: null}
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
      text: {type: text, required: true}
    operations:
      create:
        method: POST
        path: /v{version}/memos
        idempotent: false
        body: {$fields: all}
        success: 2xx
        answer: {record: memo, id: id, created: true}
        reconcile: {settle_s: 5, looks: [{op: all, property: text, holds: contains}]}
    reads:
      all:
        method: GET
        path: /v{version}/memos
        answer: {records: memos, id: id, properties: [""]}
"""


def load(folder: Path, text: str) -> Diagnostics:
    (folder / "fourth.yaml").write_text(text, encoding="utf-8")
    diagnostics = Diagnostics()
    load_connector("fourth", diagnostics, folder)
    return diagnostics


def test_the_manifests_that_ship_are_sound() -> None:
    assert connector_names() == ("hubspot", "pipedrive", "webhook")
    for name in connector_names():
        diagnostics = Diagnostics()
        connector = load_connector(name, diagnostics)
        assert connector is not None
        assert connector.name == name
        assert len(diagnostics) == 0


def test_a_fourth_destination_needs_a_manifest_and_nothing_else(tmp_path: Path) -> None:
    assert len(load(tmp_path, SMALL)) == 0
    assert connector_names(tmp_path) == ("fourth",)


@pytest.mark.parametrize("name", ["nope", "../hubspot", "hubspot.yaml", "", "HubSpot", "hub/spot"])
def test_a_connector_that_does_not_exist_is_none(name: str) -> None:
    diagnostics = Diagnostics()
    assert load_connector(name, diagnostics) is None
    assert len(diagnostics) == 0


@pytest.mark.parametrize(
    ("old", "new", "code", "where", "says"),
    [
        ("idempotent: false", "idempotent: false\n        retries: 3", "QM601", "retries", "retries"),
        ("method: POST", "method: PSOT", "QM601", "PSOT", "PSOT"),
        ("role: note", "role: notes", "QM601", "role: notes", "notes"),
        ("version: 1\n", "version: 2\n", "QM601", "version: 2", "1 was expected"),
        ("{$fields: all}", "{$get: body, $raw: x}", "QM601", "$raw", "$raw"),
        ("    operations:", "    operation:", "QM601", "operation:", "operation"),
        (
            "        reconcile: {settle_s: 5, looks: [{op: all, property: text, holds: contains}]}\n",
            "",
            "QM602",
            "idempotent: false",
            "can neither be repeated nor found again",
        ),
        ("looks: [{op: all,", "looks: [{op: al,", "QM603", "looks:", "no read `al`"),
        ("property: text", "property: txt", "QM603", "looks:", "no property `txt`"),
        ("signal_destination: memos", "signal_destination: notes", "QM603", "signal_", "no object `notes`"),
        ("credential: token}", "credential: key}", "QM603", "credential: key", "no credential `key`"),
        ("base_url: https://api.fourth.example", "base_url: null", "QM603", "base_url", "one of the two"),
        ("/v{version}/memos\n        idem", "/v{edition}/memos\n        idem", "QM603", "{edition}", "`edition`"),
        ("body: {$fields: all}", "body: {on: {$get: links.companies}}", "QM603", "links.", "no link to `companies`"),
        ("success: 2xx", "success: 2xx\n        batch: 10", "QM603", "batch:", "cannot be told apart"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_said_once_with_its_place(
    tmp_path: Path, old: str, new: str, code: str, where: str, says: str
) -> None:
    assert old in SMALL
    text = SMALL.replace(old, new, 1)
    findings = load(tmp_path, text).findings
    assert [each.code for each in findings] == [code]
    assert says in findings[0].message
    assert findings[0].span is not None
    line = text[: text.index(where)].count("\n") + 1
    assert (findings[0].span.file.path, findings[0].span.line) == ("connectors/fourth.yaml", line)


def test_scalars_of_a_manifest_are_what_they_look_like() -> None:
    from queast_dsl.loading import read_source, read_tree

    text = 'a: 1\nb: "1"\nc: true\nd: no\ne: 2026-03\nf: 0.5\ng: null\nh:\ni: 012\nj: 1e3\n'
    diagnostics = Diagnostics()
    source = read_source("x.yaml", text.encode(), diagnostics)
    assert source is not None
    tree = read_tree(source, diagnostics)
    assert isinstance(tree, MapNode)
    assert plain(tree) == {
        "a": 1, "b": "1", "c": True, "d": "no", "e": "2026-03", "f": 0.5, "g": None, "h": None, "i": "012", "j": "1e3"
    }  # fmt: skip


def test_no_vendor_is_named_where_manifests_are_run() -> None:
    """D1.3: vendors are manifests run by one engine."""
    folder = Path(queast_runtime.connectors.__file__).parent
    vendor = re.compile(r"hubspot|hubapi|pipedrive|hs_|salesforce", re.IGNORECASE)
    named = {path.name for path in folder.glob("*.py") if vendor.search(path.read_text(encoding="utf-8"))}
    assert named == set()
