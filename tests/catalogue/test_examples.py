"""What `qmap explain` shows of a code is true: the wrong example gives exactly it, the right one nothing at all."""

from __future__ import annotations

import pytest

import queast_compiler.lint  # registers the codes of its rules
from example_frame import files_of, findings_of
from merged_part import merged_part
from queast_dsl.diagnostics.model import Code
from queast_dsl.diagnostics.registry import CODES
from written_out import written_out

assert queast_compiler.lint.RULES
EACH = pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)


@EACH
def test_the_wrong_example_gives_its_code_once_and_nothing_else(code: Code) -> None:
    assert [finding.code for finding in findings_of(code.bad)] == [code.code]
    (finding,) = findings_of(code.bad)
    assert finding.severity is code.severity


@EACH
def test_the_right_example_gives_nothing(code: Code) -> None:
    assert findings_of(code.good) == ()


@EACH
def test_a_code_says_what_and_why_and_how(code: Code) -> None:
    assert code.title
    assert not code.title.endswith(".")
    assert code.explanation.endswith(".")
    assert code.instead == "" or code.instead.endswith(".")
    # What can be read on a page and typed on a keyboard; the rest is written out as `written_out` reads it.
    for example in (code.bad, code.good):
        assert len(example) < 1000
        assert all(character.isprintable() or character == "\n" for character in example)


@pytest.mark.parametrize(
    ("example", "path", "part"),
    [
        ("city: company.city", "acme/main.yaml", "    fields:\n      name: company.name\n      city: company.city\n"),
        ("when: company.domain", "acme/main.yaml", "    when: company.domain\n"),
        ("headers: {X-A: company.id}", "acme/main.yaml", "connection: warehouse\n"),
        ("mode: off", "acme/main.yaml", "mode: off\n"),
    ],
)
def test_an_example_stands_in_a_whole_folder(example: str, path: str, part: str) -> None:
    assert part in files_of(example)[path]


@pytest.mark.parametrize(
    ("path", "part", "whole", "merged"),
    [
        ("policy.yaml", "rates: {a: 5}", "version: 1\n", "version: 1\nrates:\n  a: 5\n"),
        ("policy.yaml", "version: 1\nrates: {a: 5}", "version: 1\n", "version: 1\nrates: {a: 5}"),
        ("policy.yaml", "rates: {a: null}", "rates: {a: 5, b: 6}\n", "rates:\n  b: 6\n"),
        ("policy.yaml", "rates: {", "version: 1\n", "rates: {"),
        ("acme/accounts/a.json", '{"a": [1]}', '{"a": [2, 3]}', '{\n "a": [\n  1\n ]\n}\n'),
        ("acme/main.yaml", "mode: off", None, "mode: off"),
    ],
)
def test_a_part_is_merged_into_its_file(path: str, part: str, whole: str | None, merged: str) -> None:
    assert merged_part(path, part, whole) == merged


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a<U+202E>b", "a\u202eb".encode()),
        ("caf<E9>", b"caf\xe9"),
        ("[a, … 3 times]", b"[a,a,a]"),
        ("f('k1', …, 'k3')", b"f('k1','k2','k3')"),
        ("  r1: a\n  …\n  r3: a\n", b"  r1: a\n  r2: a\n  r3: a\n"),
        ("<b>{{ a }}…</b>", "<b>{{ a }}…</b>".encode()),
    ],
)
def test_what_cannot_stand_in_a_file_is_written_out(text: str, data: bytes) -> None:
    assert written_out(text) == data
