"""Tree to text: the one canonical spelling. `parse(unparse(tree)) == tree`."""

from __future__ import annotations

from typing import assert_never

from queast_dsl.expr import ast

# A node is put in brackets where its own level is below what its place needs.
_PIPE, _OR, _AND, _NOT, _COMPARE, _FALLBACK, _SUM, _PRODUCT, _UNARY, _POSTFIX = range(10)


def unparse(node: ast.Node) -> str:
    """Return the expression's text. Pipes stay pipes, calls stay calls."""
    return _write(node, _PIPE)


def _write(node: ast.Node, needed: int) -> str:
    text, level = _text(node)
    return f"({text})" if level < needed else text


def _text(node: ast.Node) -> tuple[str, int]:
    match node:
        case ast.Constant(value=value):
            return _constant(value), _POSTFIX
        case ast.Name(text=text):
            return text, _POSTFIX
        case ast.Member(of=of, name=name):
            return f"{_write(of, _POSTFIX)}.{name}", _POSTFIX
        case ast.Index(of=of, n=n):
            return f"{_write(of, _POSTFIX)}[{n}]", _POSTFIX
        case ast.Project(of=of):
            return f"{_write(of, _POSTFIX)}[]", _POSTFIX
        case ast.ListOf(items=items):
            return f"[{', '.join(_write(item, _PIPE) for item in items)}]", _POSTFIX
        case ast.Call(piped=True, args=(subject, *rest), named=named, fn=fn):
            arguments = _arguments(tuple(rest), named)
            return f"{_write(subject, _PIPE)} | {fn}{f'({arguments})' if arguments else ''}", _PIPE
        case ast.Call(fn=fn, args=args, named=named):
            return f"{fn}({_arguments(args, named)})", _POSTFIX
        case ast.Fallback(args=args):
            return " ?? ".join(_write(arg, _SUM) for arg in args), _FALLBACK
        case ast.And(args=args):
            return " and ".join(_write(arg, _NOT) for arg in args), _AND
        case ast.Or(args=args):
            return " or ".join(_write(arg, _AND) for arg in args), _OR
        case ast.Not(of=of):
            return f"not {_write(of, _NOT)}", _NOT
        case ast.Minus(of=of):
            return f"-{_write(of, _UNARY)}", _UNARY
        case ast.Arith(op=op, left=left, right=right):
            level = _SUM if op in ("+", "-") else _PRODUCT
            return f"{_write(left, level)} {op} {_write(right, level + 1)}", level
        case ast.Compare(op=op, left=left, right=right):
            return f"{_write(left, _FALLBACK)} {op} {_write(right, _FALLBACK)}", _COMPARE
        case ast.In(item=item, items=items, negated=negated):
            word = "not in" if negated else "in"
            return f"{_write(item, _FALLBACK)} {word} {_write(items, _FALLBACK)}", _COMPARE
    assert_never(node)


def _arguments(args: tuple[ast.Node, ...], named: tuple[ast.Argument, ...]) -> str:
    parts = [_write(arg, _PIPE) for arg in args]
    for argument in named:
        key = argument.name if isinstance(argument, ast.Named) else _constant(argument.key.value)
        parts.append(f"{key} = {_write(argument.value, _PIPE)}")
    return ", ".join(parts)


def _constant(value: ast.Scalar) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _decimal(value)
        case str():
            escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
            return f"'{escaped}'"
    assert_never(value)


def _decimal(value: float) -> str:
    """The grammar has no exponents."""
    text = repr(value)
    if "e" in text:
        text = f"{value:.20f}".rstrip("0")
    return text if not text.endswith(".") else f"{text}0"
