"""Lists of hostile templates and texts: nothing of Python is reached, and every text arrives as it was."""

from __future__ import annotations

import json
import os
import re
import time
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest

from language_case import compiled, value_of
from queast_compiler.codegen.load import load_mapping
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.canonical import dumps
from queast_compiler.plan.codec import decode_mapping, encode
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.model import Finding
from queast_dsl.loading import load_connector, load_tenant

_CORPUS = os.environ.get("QMAP_BADINPUT")
pytestmark = pytest.mark.skipif(_CORPUS is None, reason="QMAP_BADINPUT is not set")

CONNECTIONS = """\
version: 1
connections:
  hook: {connector: webhook, url: https://hooks.example.com/a, account: a, auth: {signing_secret: secret://hook}}
"""
HEAD = """\
version: 1
connection: hook
mode: live
routes:
  companies:
    entity: company
    events: [created]
    to: event
    body:
"""
PRODUCT = re.compile(r"\{\{\s*(\d+)\s*\*\s*(\d+)\s*\}\}")


def rows(name: str) -> list[dict[str, str]]:
    found = (Path(_CORPUS or "") / "dev" / name).read_text(encoding="utf-8").splitlines()
    assert found
    return [json.loads(line) for line in found]


@pytest.mark.parametrize("kind", ["html", "markdown", "plain", "expression"])
def test_a_hostile_template_is_refused_or_is_only_text_and_sums(kind):
    for row in rows("templates/templates.jsonl"):
        start = time.process_time()
        outcome = compiled(row["t"], kind=kind)
        if outcome.typed is not None:
            said = value_of(outcome.typed)
            # The language multiplies; everything else of an accepted one is text that stands for itself.
            assert said == PRODUCT.sub(lambda sum_: str(int(sum_[1]) * int(sum_[2])), row["t"])
        assert time.process_time() - start < 1, row


def test_a_text_arrives_as_it_was_from_the_event_and_from_the_mapping():
    texts = [row["s"] for row in rows("strings/blns.jsonl")]
    written, refused = [], []
    for text in texts:
        findings = lint(body(f"k: {{const: {json.dumps(text, ensure_ascii=False)}}}"))
        (refused if findings else written).append(text)
        # Characters that no reader of the file would see are refused as they stand, with their place.
        assert {finding.code for finding in findings} <= {"QM003"}, (text, findings)
        assert all(finding.span is not None for finding in findings)
    assert len(written) > 250
    lines = [f"k{n}: {{const: {json.dumps(text, ensure_ascii=False)}}}" for n, text in enumerate(written)]
    lines += [f"e{n}: {{const: {json.dumps(text)}}}" for n, text in enumerate(refused)]
    plan = sent(body("name: company.name", *lines))
    for text in texts:
        made = plan({"company": {"name": text}})
        expected = {f"k{n}": each for n, each in enumerate(written)} | {f"e{n}": each for n, each in enumerate(refused)}
        assert made == {"name": text, **expected}


def body(*lines: str) -> str:
    return HEAD + "".join(f"      {line}\n" for line in lines)


def lint(mapping: str) -> tuple[Finding, ...]:
    diagnostics = Diagnostics()
    sources = {"t/connections.yaml": CONNECTIONS.encode(), "t/m.yaml": mapping.encode()}
    load_tenant(Path("mappings"), "t", diagnostics, sources=sources)
    return diagnostics.findings


def sent(mapping: str):
    """Return what sends the body of the only route: YAML to plan to JSON and back, to code, to bytes."""
    diagnostics = Diagnostics()
    sources = {"t/connections.yaml": CONNECTIONS.encode(), "t/m.yaml": mapping.encode()}
    documents = load_tenant(Path("mappings"), "t", diagnostics, sources=sources)
    made = compile_tenant(
        documents, diagnostics, today=date(2026, 1, 31), connectors=lambda name: load_connector(name, diagnostics)
    )
    assert not diagnostics.has_errors, diagnostics.findings
    loaded = load_mapping(decode_mapping(json.loads(dumps(encode(made.mappings[0])))))
    now = datetime(2026, 1, 31, tzinfo=UTC)
    return lambda roots: orjson.loads(orjson.dumps(loaded.routes[0].body(roots, now)))
