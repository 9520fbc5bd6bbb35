"""Text to tree and back, precedence, limits, and what is said about text that is no expression."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queast_dsl.expr import ast
from queast_dsl.expr.generate import grammar_digest
from queast_dsl.expr.limits import measure
from queast_dsl.expr.parser import ParseFailure, parse
from queast_dsl.expr.template import TemplateFailure, cut
from queast_dsl.expr.unparse import unparse

_KEYWORDS = {"and", "or", "not", "in", "true", "false", "null"}
_NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True).filter(lambda name: name not in _KEYWORDS)
_CONSTANTS = st.builds(
    ast.Constant,
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(0, 2**63 - 1),
        st.floats(0, 1e12, allow_nan=False).filter(lambda x: "e" not in repr(x)),
        st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=8),
    ),
)


def _calls(inner):
    named = st.one_of(
        st.builds(ast.Named, _NAMES, inner),
        st.builds(ast.Arm, _CONSTANTS.filter(lambda c: c.value is not None), inner),
    )
    plain = st.builds(ast.Call, _NAMES, st.lists(inner, max_size=2).map(tuple), st.lists(named, max_size=2).map(tuple))
    piped = st.builds(
        lambda fn, x, rest: ast.Call(fn, (x, *rest), (), True), _NAMES, inner, st.lists(inner, max_size=2)
    )
    return st.one_of(plain, piped)


def _chains(node, inner, absorbed):
    """`a ?? b ?? c` is one node, so a chain's parts are never chains of the same kind themselves."""
    return st.builds(
        node, st.lists(inner.filter(lambda each: not isinstance(each, absorbed)), min_size=2, max_size=3).map(tuple)
    )


_TREES = st.recursive(
    st.one_of(_CONSTANTS, st.builds(ast.Name, _NAMES)),
    lambda inner: st.one_of(
        _calls(inner),
        st.builds(ast.Member, inner, _NAMES),
        st.builds(ast.Index, inner, st.integers(0, 99)),
        st.builds(ast.Project, inner),
        st.builds(ast.ListOf, st.lists(inner, max_size=3).map(tuple)),
        _chains(ast.Fallback, inner, ()),
        _chains(ast.And, inner, ()),
        _chains(ast.Or, inner, ()),
        st.builds(ast.Not, inner),
        st.builds(ast.Minus, inner),
        st.builds(ast.Arith, st.sampled_from("+-*/%"), inner, inner),
        st.builds(ast.Compare, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), inner, inner),
        st.builds(ast.In, inner, inner, st.booleans()),
    ),
    max_leaves=12,
)


def _outcome(read, text):
    try:
        return read(text)
    except (ParseFailure, TemplateFailure) as failure:
        return failure


@settings(max_examples=400, deadline=None)
@given(_TREES)
def test_a_tree_written_and_read_again_is_the_same(tree):
    text = unparse(tree)
    if len(text.encode()) <= 2048 and measure(tree)[1] <= 20:
        assert parse(text) == tree


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(alphabet="ab.|?()[]'\"=<>!+-*/%, 01\\\n{}#", max_size=40)))
def test_any_text_is_read_or_refused_with_a_place_inside_it(text):
    outcome = _outcome(parse, text)
    if isinstance(outcome, ParseFailure):
        assert 0 <= outcome.at.start <= outcome.at.end <= len(text)
        assert outcome.message[0] == "`" or outcome.message[0].islower()
        assert not outcome.message.endswith(".")
    else:
        assert parse(unparse(outcome)) == outcome


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="a {}%#'\"\nifendlsor", max_size=60))
def test_any_template_is_cut_or_refused_with_a_place_inside_it(text):
    outcome = _outcome(cut, text)
    if isinstance(outcome, TemplateFailure):
        assert 0 <= outcome.at.start <= outcome.at.end <= len(text)
    else:
        assert isinstance(outcome, tuple)


@pytest.mark.parametrize(
    ("text", "grouped"),
    [
        ("a ?? b | f", "(a ?? b) | f"),
        ("a or b | f", "(a or b) | f"),
        ("a | f | g(1)", "(a | f) | g(1)"),
        ("a or b and c", "a or (b and c)"),
        ("not a and b", "(not a) and b"),
        ("not a == b", "not (a == b)"),
        ("a ?? 0 >= 60", "(a ?? 0) >= 60"),
        ("a + b ?? c", "(a + b) ?? c"),
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("-a * b", "(-a) * b"),
        ("-a.b[0]", "-((a.b)[0])"),
        ("a in b and c not in d", "(a in b) and (c not in d)"),
        ("a % b == c / d", "(a % b) == (c / d)"),
    ],
)
def test_an_operator_binds_as_the_table_says(text, grouped):
    assert parse(text) == parse(grouped)


def test_a_pipe_is_a_call_with_its_left_side_first():
    piped, called = parse("x | f(a, n = 1)"), parse("f(x, a, n = 1)")
    assert isinstance(piped, ast.Call)
    assert isinstance(called, ast.Call)
    assert (piped.fn, piped.args, piped.named) == (called.fn, called.args, called.named)


def test_words_of_the_language_are_fields_after_a_dot():
    assert unparse(parse("a.in.or.null")) == "a.in.or.null"
    assert parse("android") == ast.Name("android")


@pytest.mark.parametrize("quote", ["'", '"'])
def test_both_quotes_mean_the_same(quote):
    assert parse(f"{quote}a\\n{quote}") == ast.Constant("a\n")


@pytest.mark.parametrize(
    "text",
    ["a" * 2049, "(" * 33 + "a" + ")" * 33, "not " * 40 + "a", "- " * 40 + "1", " or ".join("a" * 257), "[" * 30_000],
)
def test_what_is_too_large_is_refused_before_it_can_hurt(text):
    with pytest.raises(ParseFailure) as caught:
        parse(text)
    assert caught.value.too_large


def test_what_is_just_small_enough_is_read():
    assert measure(parse(" or ".join("a" * 255)))[0] == 256
    assert isinstance(parse("(" * 31 + "a" + ")" * 31), ast.Name)


@pytest.mark.parametrize(
    ("text", "message", "marked"),
    [
        ("company.name ??", "the expression ends after `??` where a value was expected", "?"),
        ("a b", "an operator was expected before `b`", "b"),
        ("a && b", "`&&` is no operator", "&&"),
        ("a = b", "`=` does not compare", "="),
        ("a < b < c", "`<` cannot follow another comparison", "<"),
        ("f(a", "a bracket is never closed", "a"),
        ("a)", "`)` closes nothing", ")"),
        ("a, b", "`,` stands outside of a call or list", ","),
        ("'abc", "the text opened by ' is never closed", "'abc"),
        ("2026-01-01", "`01-01` is no number", "01-01"),
        ("{{ a }}", "template marks stand in an expression", "{{"),
        ("f(n = 1, a)", "an argument without a name stands after one with a name", "a"),
        ("99999999999999999999", "`99999999999999999999` is too large for a whole number", "99999999999999999999"),
        ("", "expression is empty", ""),
    ],
)
def test_a_syntax_error_says_what_and_where(text, message, marked):
    with pytest.raises(ParseFailure) as caught:
        parse(text)
    at = caught.value.at
    assert (caught.value.message, text[at.start : at.end]) == (message, marked)
    assert caught.value.help or message.startswith("expression")


def test_the_shipped_tables_were_made_from_the_grammar():
    shipped = json.loads(files("queast_dsl.expr").joinpath("tables.json").read_text(encoding="utf-8"))
    assert shipped["grammar"] == grammar_digest(), "run: python -m queast_dsl.expr.generate"


def test_the_parser_starts_quickly():
    code = (
        "import time; started = time.process_time(); from queast_dsl.expr.parser import parse; parse('a');"
        "print(time.process_time() - started)"
    )
    spent = min(
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    )
    assert spent <= 0.12  # 0.05 s alone; other work on the machine doubles it
