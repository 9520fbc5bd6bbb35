"""A destination that the product has never heard of: its manifest, its account and a small server for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

JsonObject = dict[str, Any]
ORIGIN = "https://api.ledger.example"
TOKEN = "a token of the ledger"

MANIFEST = """\
version: 1
connector: ledger
description: A destination with firms and memos
signal_destination: memos
api: {base_url: https://api.ledger.example, version: "7", supported_until: null, headers: {}}
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
  budgets: [{id: burst, scope: connection, limit: 200, window_s: 1, ops: ["*"]}]
  costs: []
  remaining_header: null
errors:
  - {status: [500, 503], class: transient, acted: maybe}
objects:
  firms:
    role: company
    action: upsert
    description: A firm
    open: true
    external_id: queast_id
    match: {domain_from: company.domain, domain_to: [site], card: {name: title}}
    read: [title, site]
    fields:
      title: {type: string, required: true}
      site: {type: string}
    operations:
      create:
        method: POST
        path: /v{version}/firms
        idempotent: false
        claims: true
        body: {$fields: all}
        success: [201]
        answer: {record: firm, id: id, created: true}
        reconcile: {settle_s: 1, looks: [{op: list, property: external_id, holds: equals}]}
      update:
        method: PATCH
        path: "/v{version}/firms/{partner_id}"
        idempotent: true
        claims: true
        body: {$fields: all}
        success: [200]
        answer: {record: firm, id: id, created: false}
    reads:
      list:
        method: GET
        path: /v{version}/firms
        answer: {records: firms, id: id, properties: [""], cursor: next}
        filter: contains
      read:
        method: GET
        path: /v{version}/firms
        ids: 50
        query: {ids: {$join: {$get: ids}}}
        answer: {records: firms, id: id, properties: [""]}
    lookup:
      - {properties: ["*"], ops: [list], pages: 1}
  memos:
    role: note
    action: create
    description: A memo on a firm
    open: false
    external_id: null
    attach:
      firms: {association: null, required: true}
    read: [text]
    reference: {property: text, before: " (ref ", after: ")"}
    fields:
      text: {type: text, required: true}
    operations:
      create:
        method: POST
        path: /v{version}/memos
        idempotent: false
        body: {$merge: [{$fields: all}, {firm: {$get: links.firms}}]}
        success: [201]
        answer: {record: memo, id: id, created: true}
        reconcile: {settle_s: 1, looks: [{op: all, property: text, holds: contains}]}
    reads:
      all:
        method: GET
        path: /v{version}/memos
        answer: {records: memos, id: id, properties: [""], cursor: next}
"""

CONNECTIONS = """\
version: 1
connections:
  ledger-main:
    connector: ledger
    account: "77"
    auth: {token: secret://ledger-main}
"""

MAPPING = """\
version: 1
description: Firms and memos in the ledger
connection: ledger-main
mode: live
routes:
  firms:
    entity: company
    events: [created, updated]
    to: firms
    write: always
    fields:
      title: company.name
      site: company.domain
      Grade: company.trust_rank
  memos:
    entity: signal
    events: [created]
    to: memos
    attach_to: [company]
    fields:
      text: {template: "{{ signal.title }}{% if signal.source_url %} {{ signal.source_url }}{% endif %}"}
"""


def account_file() -> JsonObject:
    """The account's own properties: our id, and a grade that no manifest mentions."""

    def property(label: str, type: str) -> JsonObject:
        entry: JsonObject = {"label": label, "type": type, "required": False, "read_only": False}
        return {**entry, "max_length": None, "options": []}

    properties = {
        "title": {**property("Title", "string"), "required": True},
        "site": property("Site", "string"),
        "grade_7": property("Grade", "integer"),
        "ref_9": property("queast_id", "string"),
    }
    return {
        "version": 1,
        "connector": "ledger",
        "account": "77",
        "pulled_at": "2026-11-20T08:00:00Z",
        "objects": {"firms": {"properties": properties}},
        "owners": [],
    }


@dataclass
class Ledger:
    """What the server holds, and every request it got."""

    port: int = 0
    firms: dict[str, JsonObject] = field(default_factory=dict)
    memos: dict[str, JsonObject] = field(default_factory=dict)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Ledger]:
    """Answer on a loopback port for the time of the block."""
    ledger = Ledger()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            table = self.path.split("?")[0].rsplit("/", 1)[1]
            rows = ledger.firms if table == "firms" else ledger.memos
            self._answer(200, {table: list(rows.values()), "next": None})

        def do_POST(self) -> None:
            name = self.path.rsplit("/", 1)[1]
            rows = ledger.firms if name == "firms" else ledger.memos
            row = {"id": f"{name[0]}{len(rows) + 1}", **self._body()}
            rows[row["id"]] = row
            self._answer(201, {name.removesuffix("s"): row})

        def do_PATCH(self) -> None:
            row = ledger.firms[self.path.rsplit("/", 1)[1]]
            row.update(self._body())
            self._answer(200, {"firm": row})

        def _body(self) -> JsonObject:
            body: JsonObject = json.loads(self.rfile.read(int(self.headers["content-length"])))
            return body

        def _answer(self, status: int, body: JsonObject) -> None:
            ledger.requests.append((self.command, self.path.split("?")[0], self.headers["authorization"]))
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    ledger.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield ledger
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
