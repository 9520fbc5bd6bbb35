"""Text to tree. The only module that imports lark."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, cast

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from queast_dsl.expr import ast
from queast_dsl.expr.limits import MAX_BYTES, MAX_DEPTH, MAX_NODES, bracket_depth, measure
from queast_dsl.expr.words import explain_character, explain_end, explain_token, misspelt_operator, of_another_language

_ESCAPES = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "t": "\t"}


class ParseFailure(Exception):
    """What is wrong with the text, where (offsets), and what to do. `too_large` for a broken limit."""

    def __init__(self, message: str, at: ast.Range, help: str | None = None, too_large: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.help = help
        self.too_large = too_large


class _Trees:
    """Trees by their texts, the first of them dropped past a number of characters: how many expressions a file holds is
    bounded by its characters, and so is the memory that their trees take."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most
        self._by_text: dict[str, ast.Node] = {}

    def get(self, text: str) -> ast.Node | None:
        return self._by_text.get(text)

    def keep(self, text: str, node: ast.Node) -> None:
        if text in self._by_text:
            return
        self._by_text[text] = node
        self._left -= len(text)
        while self._left < 0:
            dropped = next(iter(self._by_text))
            del self._by_text[dropped]
            self._left += len(dropped)


# All expressions of a mapping of the largest size, and those of a template or two more.
_TREES = _Trees(384 * 1024)


def parse(text: str) -> ast.Node:
    """Return the tree of an expression. Raises ParseFailure; never anything else, whatever the text.

    Trees are frozen and remembered: lint reads what the passes have read before it.
    """
    known = _TREES.get(text)
    if known is None:
        known = _parse(text)
        _TREES.keep(text, known)
    return known


def _parse(text: str) -> ast.Node:
    everything = ast.Range(0, len(text))
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise ParseFailure(f"expression is longer than {MAX_BYTES} bytes", everything, _SPLIT, too_large=True)
    if not text.strip():
        raise ParseFailure("expression is empty", everything, "write a path such as company.name, or null")
    if bracket_depth(text) > MAX_DEPTH:
        raise ParseFailure(f"brackets nest deeper than {MAX_DEPTH}", everything, _SPLIT, too_large=True)
    try:
        tree = _lark().parse(text)
    except UnexpectedInput as error:
        raise _failure(error, text) from None
    _check_size(tree, everything)
    node = _node(tree)
    nodes, depth = measure(node)
    if nodes > MAX_NODES or depth > MAX_DEPTH:
        raise ParseFailure(_size_message(nodes, depth), everything, _SPLIT, too_large=True)
    return node


_SPLIT = "split it: a table for long case lists, a template for long texts"


def _size_message(nodes: int, depth: int) -> str:
    if nodes > MAX_NODES:
        return f"expression has more than {MAX_NODES} parts"
    return f"expression nests {depth} levels deep, {MAX_DEPTH} are allowed"


@cache
def _lark() -> Lark:
    text = files("queast_dsl.expr").joinpath("tables.json").read_text(encoding="utf-8")

    # JSON has text keys only; the tables count states and terminals by number.
    def numbers(pairs: list[tuple[str, Any]]) -> dict[int | str, Any]:
        return {int(key) if key.isdigit() else key: value for key, value in pairs}

    return Lark.load(json.loads(text, object_pairs_hook=numbers))


def _check_size(tree: Tree[Token], everything: ast.Range) -> None:
    """Refuse chains (`not not …`, `- - …`) that nest without brackets, before anything recurses over them."""
    waiting: list[tuple[Tree[Token], int]] = [(tree, 1)]
    nodes = 0
    while waiting:
        current, depth = waiting.pop()
        nodes += 1
        # Arguments and their wrappers are levels of the parser's tree that the expression's tree does not have.
        if depth > 3 * MAX_DEPTH or nodes > 4 * MAX_NODES:
            raise ParseFailure(_size_message(nodes, depth), everything, _SPLIT, too_large=True)
        waiting.extend((child, depth + 1) for child in current.children if isinstance(child, Tree))


def _range(tree: Tree[Token]) -> ast.Range:
    return ast.Range(tree.meta.start_pos, tree.meta.end_pos)


def _token_range(token: Token) -> ast.Range:
    start = token.start_pos or 0
    return ast.Range(start, start + len(token))


def _trees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in tree.children if isinstance(child, Tree)]


def _tokens(tree: Tree[Token]) -> list[Token]:
    return [child for child in tree.children if isinstance(child, Token)]


def _nodes(tree: Tree[Token]) -> tuple[ast.Node, ...]:
    return tuple(_node(child) for child in _trees(tree))


def _node(tree: Tree[Token]) -> ast.Node:
    at = _range(tree)
    match str(tree.data):
        case "name":
            return ast.Name(str(_tokens(tree)[0]), at)
        case "string" | "number" | "true" | "false" | "null":
            return _constant(tree)
        case "member":
            (name,) = _tokens(tree)
            return ast.Member(_node(_trees(tree)[0]), str(name), _token_range(name), at)
        case "index":
            (number,) = _tokens(tree)
            if not number.isdigit() or len(number) > 6:
                raise ParseFailure(f"`[{number}]` is no position in a list", _token_range(number), "count from [0]")
            return ast.Index(_node(_trees(tree)[0]), int(number), at)
        case "project":
            return ast.Project(_node(_trees(tree)[0]), at)
        case "list":
            return ast.ListOf(_nodes(tree), at)
        case "call":
            return _call(tree, None)
        case "pipe_name" | "pipe_call":
            return _call(tree, _node(_trees(tree)[0]))
        case "fallback":
            return ast.Fallback(_nodes(tree), at)
        case "conjunction":
            return ast.And(_nodes(tree), at)
        case "disjunction":
            return ast.Or(_nodes(tree), at)
        case "negate":
            return ast.Not(_node(_trees(tree)[0]), at)
        case "minus":
            return ast.Minus(_node(_trees(tree)[0]), at)
        case "arith":
            left, right = _nodes(tree)
            return ast.Arith(cast(ast.ArithOp, str(_tokens(tree)[0])), left, right, at)
        case "compare":
            left, right = _nodes(tree)
            return ast.Compare(cast(ast.CompareOp, str(_tokens(tree)[0])), left, right, at)
        case "is_in" | "is_not_in":
            item, items = _nodes(tree)
            return ast.In(item, items, tree.data == "is_not_in", at)
        case other:
            raise AssertionError(f"the grammar has a rule {other} that the tree does not know")


def _call(tree: Tree[Token], subject: ast.Node | None) -> ast.Call:
    (fn,) = _tokens(tree)
    args: list[ast.Node] = [] if subject is None else [subject]
    named: list[ast.Argument] = []
    for group in _trees(tree):
        if group.data != "arguments":
            continue
        for argument in _trees(group):
            match str(argument.data):
                case "positional":
                    if named:
                        raise ParseFailure(
                            "an argument without a name stands after one with a name",
                            _range(argument),
                            "put it before the named ones",
                        )
                    args.append(_node(_trees(argument)[0]))
                case "named":
                    name = _tokens(argument)[0]
                    named.append(ast.Named(str(name), _node(_trees(argument)[0]), _token_range(name)))
                case _:
                    named.append(_arm(argument))
    return ast.Call(str(fn), tuple(args), tuple(named), subject is not None, _token_range(fn), _range(tree))


def _arm(tree: Tree[Token]) -> ast.Arm:
    value = _node(_trees(tree)[0])
    tokens = _tokens(tree)
    match str(tree.data):
        case "arm_true" | "arm_false":
            at = ast.Range(_range(tree).start, _range(tree).start + len(str(tree.data)) - len("arm_"))
            key = ast.Constant(tree.data == "arm_true", at)
        case "arm_string":
            key = ast.Constant(_string(tokens[0]), _token_range(tokens[0]))
        case "arm_number":
            key = ast.Constant(_number(tokens[0]), _token_range(tokens[0]))
        case _:
            end = _token_range(tokens[0]).end
            key = ast.Constant(-_number(tokens[0]), ast.Range(_range(tree).start, end))
    return ast.Arm(key, value, key.at)


def _constant(tree: Tree[Token]) -> ast.Constant:
    match str(tree.data):
        case "string":
            return ast.Constant(_string(_tokens(tree)[0]), _range(tree))
        case "number":
            return ast.Constant(_number(_tokens(tree)[0]), _range(tree))
        case "null":
            return ast.Constant(None, _range(tree))
        case word:
            return ast.Constant(word == "true", _range(tree))


def _number(token: Token) -> int | float:
    if "." not in token:
        value = int(token) if len(token) <= 19 else 2**63
        if value >= 2**63:
            message = f"`{token[:24]}` is too large for a whole number"
            raise ParseFailure(message, _token_range(token), "at most 2^63 - 1")
        return value
    if len(token) > 40:
        raise ParseFailure("the number has too many digits", _token_range(token), "at most 40 characters")
    return float(token)


def _string(token: Token) -> str:
    parts: list[str] = []
    body = token[1:-1]
    position = 0
    while (found := body.find("\\", position)) != -1:
        parts += [body[position:found], _ESCAPES[body[found + 1]]]
        position = found + 2
    return "".join([*parts, body[position:]])


def _failure(error: UnexpectedInput, text: str) -> ParseFailure:
    match error:
        case UnexpectedToken(token=token) if token.type != "$END":
            foreign = of_another_language(str(token), text, token.start_pos or 0)
            if foreign is not None:
                return ParseFailure(foreign[0], _token_range(token), foreign[1])
            slip = misspelt_operator(str(token), text, token.start_pos or 0) if token.type == "NAME" else None
            if slip is not None:
                word, start, operator = slip
                at = ast.Range(start, start + len(word))
                return ParseFailure(f"`{word}` is no operator", at, f"did you mean `{operator}`?")
            message, help_ = explain_token(str(token), set(error.expected), text, token.start_pos or 0)
            return ParseFailure(message, _token_range(token), help_)
        case UnexpectedCharacters():
            start = error.pos_in_stream or 0
            message, help_, length = explain_character(text, start)
            return ParseFailure(message, ast.Range(start, start + length), help_)
        case UnexpectedToken() | UnexpectedEOF():
            end = len(text.rstrip())
            message, help_ = explain_end(text, set(getattr(error, "expected", ()) or ()))
            return ParseFailure(message, ast.Range(max(0, end - 1), end), help_)
        case _:
            raise AssertionError(f"lark reported {type(error).__name__}")
