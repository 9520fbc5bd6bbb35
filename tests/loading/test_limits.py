"""Every limit and every refused part of YAML has its own code and place."""

from __future__ import annotations

import pytest

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import read_source, read_tree
from queast_dsl.loading.nodes import MapNode, Node

from .documents import place


def _read(text: str | bytes) -> tuple[Node | None, list[tuple[str, int, int]]]:
    diagnostics = Diagnostics()
    source = read_source("file.yaml", text if isinstance(text, bytes) else text.encode(), diagnostics)
    tree = None if source is None else read_tree(source, diagnostics)
    assert all(finding.help for finding in diagnostics.findings)
    return tree, [place(finding) for finding in diagnostics.findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n" + "#" * (256 * 1024), ("QM001", 1, 1)),
        (b"a: 1\nb: \xff\n", ("QM002", 2, 4)),
        (b"a: 1\nb: x\x00\n", ("QM003", 2, 5)),
        ("a: 1\nb: \x1b[2J\n", ("QM003", 2, 4)),
        ("a: 1\rb: 2\n", ("QM003", 1, 5)),
        ("a: \u202eb\n", ("QM003", 1, 4)),
        ("a: b\u2028c\n", ("QM003", 1, 5)),
        ("a: b\ufeff\n", ("QM003", 1, 5)),
        ("a: b\u200bc\n", ("QM003", 1, 5)),
        ("a: " + "[" * 40, ("QM011", 1, 4 + 31)),
        ("[" + "1," * 50_001 + "]", ("QM012", 1, 2 + 2 * 49_999)),
        ("a: &x 1\n", ("QM013", 1, 4)),
        ("a: *x\n", ("QM014", 1, 4)),
        ("a:\n  <<: {b: 1}\n", ("QM015", 2, 3)),
        ("a: !!int 1\n", ("QM016", 1, 4)),
        ("a: 1\n'a': 2\n", ("QM017", 2, 1)),
        ("caf\u00e9: 1\ncafe\u0301: 2\n", ("QM017", 2, 1)),
        ("a: 1\n---\nb: 2\n", ("QM018", 2, 1)),
        ("# nothing\n", ("QM019", 1, 1)),
        ("", ("QM019", 1, 1)),
        ("%YAML 1.1\n---\na: 1\n", ("QM020", 1, 1)),
        ("? [a]\n: 1\n", ("QM021", 1, 3)),
        ("a: 1\n\tb: 2\n", ("QM010", 2, 1)),
        ("a: 'b\nc: d\n", ("QM010", 1, 4)),
        ("a: {b: c\nd: e\n", ("QM010", 2, 2)),
        ('a: "\\d"\n', ("QM010", 1, 5)),
        ("a: 1\nb:c\n", ("QM010", 2, 2)),
        ("a:b\nc: 1\n", ("QM010", 1, 2)),
        ("a: 1\nb\nc: 1\n", ("QM010", 2, 1)),
        ("a: |x\n  b\n", ("QM010", 1, 5)),
        ("a: >#c\n  b\n", ("QM010", 1, 4)),
    ],
)
def test_what_no_document_may_hold_is_refused_at_its_place(text: str | bytes, expected: tuple[str, int, int]) -> None:
    tree, places = _read(text)
    assert tree is None
    assert places == [expected]


def test_a_byte_order_mark_at_the_start_moves_no_column() -> None:
    tree, places = _read(b"\xef\xbb\xbfa: &x 1\n")
    assert tree is None
    assert places == [("QM013", 1, 4)]


def test_windows_line_ends_move_no_column() -> None:
    tree, places = _read("a: 1\r\nb: &x 2\r\n")
    assert tree is None
    assert places == [("QM013", 2, 4)]


def test_a_character_outside_the_basic_plane_is_one_column() -> None:
    _, places = _read("\U0001f600: &x 1\n")
    assert places == [("QM013", 1, 4)]


def test_a_quoted_merge_key_is_a_key_like_any_other() -> None:
    tree, places = _read("'<<': 1\n")
    assert places == []
    assert isinstance(tree, MapNode)
    assert tree.keys == ("<<",)


def test_a_file_at_each_limit_is_read() -> None:
    assert _read("a: 1\n#" + "#" * (256 * 1024 - 6))[1] == []
    assert _read("[" * 32 + "]" * 32)[1] == []
    assert _read("[" + "1," * 49_999 + "]")[1] == []


def test_a_duplicate_key_names_both_places() -> None:
    diagnostics = Diagnostics()
    source = read_source("file.yaml", b"a: 1\nb: 2\na: 3\n", diagnostics)
    assert source is not None
    assert read_tree(source, diagnostics) is None
    (finding,) = diagnostics.findings
    assert [note.span.line for note in finding.notes] == [1]


def test_an_anchor_is_said_once_however_often_it_is_named_where_expressions_stand() -> None:
    fields = "".join(f"      field_{n}: *all\n" for n in range(50))
    tree, places = _read(f"routes:\n  companies: &all\n    fields:\n{fields}")
    assert tree is None
    assert places == [("QM013", 2, 14)]


def test_a_star_before_an_expression_that_names_no_anchor_is_still_told_at_its_place() -> None:
    _, places = _read("routes:\n  companies: &all\n    fields:\n      name: *name\n")
    assert places == [("QM013", 2, 14), ("QM038", 4, 13)]
