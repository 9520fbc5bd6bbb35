"""Whatever stands in a file, loading ends with documents or with located findings that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import load_tenant

from .documents import CONNECTIONS, MAPPING

_POLICY = "version: 1\ninformational_export:\n  - {tenant: acme, approver: a, reason: b, expires: 2027-01-01}\n"
_MARKS = ["\n  ", "{{", "}}", " #", ": ", "\\", "null", "<<: ", "---\n", "\r\n", "é", "😀"]
_PARTS = ["const", "from: ", "template: ", "unset: [mode]\n", "each: x", "extends: base/hubspot@1\n", "secret://x"]
_WORDS = st.sampled_from([*"{}[]:,#&*!|>'\"%@`-? \n\t~", *_MARKS, *_PARTS])


@st.composite
def _damaged(draw: st.DrawFn, text: str) -> bytes:
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 6))
        text = text[:start] + draw(_WORDS) + text[start + length :]
    return text.encode()


def _load(connections: bytes, mapping: bytes, policy: bytes, account: bytes) -> None:
    diagnostics = Diagnostics()
    sources = {
        "acme/connections.yaml": connections,
        "acme/main.yaml": mapping,
        "acme/accounts/hubspot-main.json": account,
        "policy.yaml": policy,
    }
    documents = load_tenant(Path("mappings"), "acme", diagnostics, sources=sources)
    if not documents.mappings or documents.refused:
        assert diagnostics.has_errors
    for finding in diagnostics.findings:
        assert finding.help, finding
        assert finding.span is not None
        assert 0 <= finding.span.start <= finding.span.end <= len(finding.span.file.text)
        assert finding.message[0] == "`" or not finding.message[0].isupper() or finding.message.startswith("YAML")
        assert not finding.message.endswith(".")


_ANYTHING = st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))


@given(_damaged(CONNECTIONS), _damaged(MAPPING), _damaged(_POLICY), _ANYTHING)
@settings(max_examples=300, deadline=None)
def test_damaged_documents(connections: bytes, mapping: bytes, policy: bytes, account: bytes) -> None:
    _load(connections, mapping, policy, account)


@given(_ANYTHING, _ANYTHING)
@settings(max_examples=200, deadline=None)
def test_bytes_of_any_kind(mapping: bytes, policy: bytes) -> None:
    _load(CONNECTIONS.encode(), mapping, policy, b"{}")


@pytest.mark.soak
@given(_damaged(CONNECTIONS), _damaged(MAPPING), _damaged(_POLICY), _ANYTHING)
@settings(max_examples=20_000, deadline=None)
def test_damaged_documents_for_long(connections: bytes, mapping: bytes, policy: bytes, account: bytes) -> None:
    _load(connections, mapping, policy, account)
