"""A caret is right in every way that YAML has of writing a scalar."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import read_source, read_tree
from queast_dsl.loading.nodes import MapNode, ScalarNode, Style

_TOKEN = "QQtokenQQ"
_WORDS = st.text(st.sampled_from("ab'(é😀\u00a0.|>-"), min_size=1, max_size=6).map(lambda text: "w" + text)
_GAPS = st.sampled_from([" ", "  ", "\t", "\n", "\n\n", " \n", "\n\n\n"])


def _value(text: str) -> ScalarNode:
    diagnostics = Diagnostics()
    source = read_source("file.yaml", text.encode(), diagnostics)
    assert source is not None
    tree = read_tree(source, diagnostics)
    assert isinstance(tree, MapNode), (text, diagnostics.findings)
    inner = tree.get("key")
    assert isinstance(inner, MapNode)
    value = inner.get("inner")
    assert isinstance(value, ScalarNode)
    return value


def _check(text: str, style: Style) -> None:
    value = _value(text)
    assert value.style is style
    start = value.value.index(_TOKEN)
    span = value.text.at(start, start + len(_TOKEN))
    assert span.file.text[span.start : span.end] == _TOKEN
    assert span.start == text.index(_TOKEN)


@st.composite
def _lines(draw: st.DrawFn, indent: str) -> str:
    parts: list[str] = []
    before, after = draw(st.integers(0, 5)), draw(st.integers(0, 3))
    words = [draw(_WORDS) for _ in range(before)] + [_TOKEN] + [draw(_WORDS) for _ in range(after)]
    for index, word in enumerate(words):
        if index:
            parts.append(draw(_GAPS))
        parts.append(word)
    return "".join(parts).replace("\n", "\n" + indent)


@given(_lines("    "))
def test_in_plain_text(lines: str) -> None:
    _check(f"key:\n  inner: {lines}\nnext: 1\n", Style.PLAIN)


@given(_lines("    "), st.sampled_from(["", "''", "it''s "]))
def test_in_single_quotes(lines: str, prefix: str) -> None:
    _check(f"key:\n  inner: '{prefix}{lines.replace(chr(39), chr(39) * 2)}'\nnext: 1\n", Style.SINGLE)


@given(
    _lines("    "), st.sampled_from(["", "\\n", "\\x41\\u00e9\\U0001F600", "a \\\n    ", "\\\n\n    ", '\\"\\\\\\/'])
)
def test_in_double_quotes(lines: str, prefix: str) -> None:
    _check(f'key:\n  inner: "{prefix}{lines}"\nnext: 1\n', Style.DOUBLE)


@given(_lines("    "), st.sampled_from(["|", "|-", "|+", "| # note", "|2", "|2-"]), st.sampled_from(["", "\n", "\n\n"]))
@settings(max_examples=200)
def test_in_a_literal_block(lines: str, header: str, end: str) -> None:
    lines = "\n".join(line if line.strip() else line.strip() for line in lines.split("\n"))
    _check(f"key:\n  inner: {header}\n    {lines}\n{end}next: 1\n", Style.LITERAL)


@given(_lines("    "), st.sampled_from([">", ">-", ">+", "> # note", ">2", ">+2"]), st.sampled_from(["", "\n", "\n\n"]))
@settings(max_examples=200)
def test_in_a_folded_block(lines: str, header: str, end: str) -> None:
    lines = "\n".join(line if line.strip() else line.strip() for line in lines.split("\n"))
    _check(f"key:\n  inner: {header}\n    {lines}\n{end}next: 1\n", Style.FOLDED)


def test_with_windows_line_ends_in_a_block() -> None:
    text = f"key:\r\n  inner: |\r\n    one\r\n    {_TOKEN} two\r\n"
    _check(text, Style.LITERAL)
    assert _value(text).value == f"one\n{_TOKEN} two\n"


def test_after_more_indented_lines_of_a_folded_block() -> None:
    _check(f"key:\n  inner: >\n    one\n      more\n    two\n\n    three {_TOKEN}\n", Style.FOLDED)


def test_the_span_of_a_quoted_scalar_covers_its_quotes_and_its_text_does_not() -> None:
    value = _value("key:\n  inner: 'abc'\n")
    assert (value.span.column, value.span.end_column) == (10, 15)
    assert (value.text.span.column, value.text.span.end_column) == (11, 14)
