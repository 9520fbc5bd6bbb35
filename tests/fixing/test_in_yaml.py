"""What is put into a scalar reads back as it was meant, in every way YAML has of writing one; else there is no fix."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queast_compiler.lint.fixing import edited
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.model import Edit, Part
from queast_dsl.loading.edits import in_yaml, places_of
from queast_dsl.loading.nodes import Node, ScalarNode, at
from queast_dsl.loading.tree import read_tree
from queast_dsl.source import SourceFile, Span


def tree(text: str) -> tuple[SourceFile, Node]:
    source = SourceFile("mappings/acme/main.yaml", text)
    root = read_tree(source, Diagnostics())
    assert root is not None
    return source, root


def rewritten(text: str, old: str, new: str) -> str | None:
    """Put `new` in the place of `old`, which stands once in the file."""
    source, root = tree(text)
    start = text.index(old)
    made = in_yaml(source, places_of(source, root), (Edit(Span(source, start, start + len(old)), new),))
    return None if made is None else edited(text, made)


def without(text: str, value: str) -> str | None:
    source, root = tree(text)
    start = text.index(value)
    made = in_yaml(source, places_of(source, root), (Edit(Span(source, start, start + len(value)), "", Part.ENTRY),))
    return None if made is None else edited(text, made)


@pytest.mark.parametrize(
    ("before", "old", "new", "after"),
    [
        ("a: company.nme # why\n", "nme", "name", "a: company.name # why\n"),
        ("a: x.y\r\nb: z\r\n", "x.y", "text(x.y)", "a: text(x.y)\r\nb: z\r\n"),
        ("a: x.y\n", "x.y", "x.y ?? 'a: b'", "a: \"x.y ?? 'a: b'\"\n"),
        ("a: x.y\n", "x.y", "'n' ?? x.y", "a: \"'n' ?? x.y\"\n"),
        ("a: x.y\n", "x.y", "concat(x, ' #1')", "a: \"concat(x, ' #1')\"\n"),
        ("a: x.y\n", "x.y", "\"q\" ?? 'a: b'", "a: '\"q\" ?? ''a: b'''\n"),
        ("a: f(x, y)\n", "x, y", "x, y, 1", "a: f(x, y, 1)\n"),
        ("a: {from: x.y, write: always}\n", "x.y", "round(x.y, 1)", 'a: {from: "round(x.y, 1)", write: always}\n'),
        ("a: [x, nme]\n", "nme", "name", "a: [x, name]\n"),
        ("a: 'x.nme'\n", "nme", "name", "a: 'x.name'\n"),
        ("a: 'nme'\n", "'nme'", "name", "a: 'name'\n"),
        ("a: 'x.y'\n", "x.y", "x.y ?? ''", "a: 'x.y ?? '''''\n"),
        ('a: "x.y"\n', "x.y", 'x ?? "\\n"', 'a: "x ?? \\"\\\\n\\""\n'),
        ("nme: x\n", "nme", "name", "name: x\n"),
        ('"nme": x\n', '"nme"', "name", '"name": x\n'),
        ("a: |\n  {{ x.nme }} and\n  # no comment\n", "nme", "name", "a: |\n  {{ x.name }} and\n  # no comment\n"),
    ],
)
def test_a_text_is_written_as_its_scalar_needs_it(before: str, old: str, new: str, after: str) -> None:
    assert rewritten(before, old, new) == after
    tree(after)


@pytest.mark.parametrize(
    ("before", "old"),
    [
        ("a: >\n  x.nme\n  y\n", "nme"),
        ('a: "x\\u002enme"\n', "nme"),
        ("a: 'it''s nme'\n", "nme"),
        ("a: x.nme\n  y\n", "nme"),
        ("a: |\n  nme\n  y\n", "nme\n  y"),
    ],
)
def test_escaped_and_folded_texts_are_left_alone(before: str, old: str) -> None:
    assert rewritten(before, old, "name") is None


def test_a_break_is_never_put_into_a_scalar() -> None:
    assert rewritten("a: x\n", "x", "y\nz") is None


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a:\n  from: x\n  on_null: clear\nb: y\n", "clear", "a:\n  from: x\nb: y\n"),
        ("a:\n  on_null: clear\n  from: x\n", "clear", "a:\n  from: x\n"),
        ("a: {from: x, on_null: clear}\n", "clear", "a: {from: x}\n"),
        ("a: {on_null: clear, from: x}  # c\n", "clear", "a: {from: x}  # c\n"),
        ("a: [x, y, z]\n", "y", "a: [x, z]\n"),
        ("a:\n  - x\n  - y\n", "y", "a:\n  - x\n"),
        ("a: x\n\ntables:\n  zz: {a: b}\n\n# end\nb: y\n", "zz", "a: x\n\n# end\nb: y\n"),
        ("a: x\n\ntables:\n  zz:\n    p: q\n", "zz", "a: x\n"),
        ("a: x\r\nb: y\r\n", "y", "a: x\r\n"),
    ],
)
def test_an_entry_is_left_out_with_its_line(before: str, value: str, after: str) -> None:
    assert without(before, value) == after


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: x\nb: y  # why\n", "y"),
        ("a: x\nb:\n  # why\n  k: y\n", "k"),
        ("a: x\n", "x"),
        ("- x: 1\n  y: 2\n- z\n", "x"),
    ],
)
def test_an_entry_with_a_comment_and_the_last_entry_stay(text: str, value: str) -> None:
    assert without(text, value) is None


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["k: {}\n", "k: '{}'\n", 'k: "{}"\n', "k: {{f: {}, g: h}}\n", "- {}\n", "k: [{}, b]\n"]),
    st.text(alphabet="ab.?:#,'\"[]{}|\\ -&*!%@é", max_size=14),
    st.sampled_from(["x.nme", "f(nme)", "a nme b"]),
)
def test_whatever_is_put_in_reads_back(frame: str, new: str, around: str) -> None:
    text = frame.format(around)
    source, root = tree(text)
    start = text.index("nme")
    made = in_yaml(source, places_of(source, root), (Edit(Span(source, start, start + 3), new),))
    assert made is not None
    _, after = tree(edited(text, made))
    path: tuple[str | int, ...] = (0,) if frame.startswith("-") else ("k", "f") if "f:" in frame else ("k",)
    path = (*path, 0) if "[{}" in frame else path
    node = at(after, path)
    assert isinstance(node, ScalarNode)
    assert node.value == around.replace("nme", new)
