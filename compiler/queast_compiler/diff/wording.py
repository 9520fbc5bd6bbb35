"""Expressions of a plan as a tenant would write them: pipes, `??`, `if`, `case`, templates.

The text is for people and is not read back: a plan no longer says whether `lower(x)` or `x | lower` was written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, assert_never

from queast_compiler.plan import ir

# A part is put in brackets where its own level is below what its place needs.
_PIPE, _OR, _AND, _NOT, _COMPARE, _FALLBACK, _SUM, _PRODUCT, _UNARY, _POSTFIX = range(10)
_QUOTED: Final = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t"})
# What `{{ … }}` does by itself.
_OF_TEMPLATES: Final = ("escape_html", "escape_markdown", "link_target", "text")


def expression_text(expr: ir.Expr) -> str:
    """Return an expression's text.

    Coalesce((Path(company.domain), Call("domain", Path(company.website_url))))
      ->  `company.domain ?? (company.website_url | domain)`
    Concat((Lit("<b>"), Call("escape_html", Path(signal.title)), Lit("</b>")))  ->  `<b>{{ signal.title }}</b>`
    """
    return _template(expr) if isinstance(expr, ir.Concat) else _write(expr, _PIPE)


def scalar_text(value: ir.Scalar) -> str:
    """`null`, `true`, `0.95`, `'NO'`: a constant as the language writes it, numbers without an exponent."""
    match value:
        case None | bool():
            return json.dumps(value)
        case str():
            return f"'{value.translate(_QUOTED)}'"
        case int():
            return str(value)
        case float():
            return format(Decimal(repr(value)), "f")
        case _:
            assert_never(value)


def list_text(items: Iterable[str]) -> str:
    """`[link, domain]`: names in a row, as YAML writes them."""
    return f"[{', '.join(items)}]"


def json_text(value: Any) -> str:
    """A value of a manifest in one line, keys sorted."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _write(expr: ir.Expr, needed: int) -> str:
    text, level = _text(expr)
    return f"({text})" if level < needed else text


def _text(expr: ir.Expr) -> tuple[str, int]:
    match expr:
        case ir.Lit(value):
            return scalar_text(value), _POSTFIX
        case ir.Path(root=ir.CHANGED, steps=steps):
            return f"changed({steps[0]})", _POSTFIX
        case ir.Path(root=root, steps=steps):
            return ".".join((root, *steps)), _POSTFIX
        case ir.Index(of=of, n=n):
            return f"{_write(of, _POSTFIX)}[{n}]", _POSTFIX
        case ir.Project(of=of, steps=steps):
            return ".".join((f"{_write(of, _POSTFIX)}[]", *steps)), _POSTFIX
        case ir.Call(fn=fn, args=args):
            return _called(fn, args)
        case ir.Switch(subject=subject, arms=arms, orelse=orelse):
            said = [f"{scalar_text(key.value)} = {_write(result, _PIPE)}" for key, result in arms]
            return _case("case", [_write(subject, _PIPE), *said], orelse)
        case ir.Lookup(table=table, key=key, orelse=orelse):
            inner, _ = _case("lookup", [table], orelse)
            return f"{_write(key, _PIPE)} | {inner}", _PIPE
        case ir.If(cond=cond, then=then, orelse=orelse):
            return f"if({', '.join(_write(each, _PIPE) for each in (cond, then, orelse))})", _POSTFIX
        case ir.Present(of=of):
            return f"is_present({_write(of, _PIPE)})", _POSTFIX
        case ir.Now():
            return "now()", _POSTFIX
        case ir.Coalesce() | ir.And() | ir.Or() | ir.Not() | ir.Compare() | ir.In() | ir.Arith() | ir.Neg():
            return _operation(expr)
        case ir.Concat():
            return f"{{template: {json_text(_template(expr))}}}", _POSTFIX
        case ir.Repeat():
            return _template(expr), _POSTFIX
        case ir.Each(var=var, items=items, body=body):
            return f"{{each: {_write(items, _PIPE)}, as: {var}, body: {_write(body, _PIPE)}}}", _POSTFIX
        case ir.MakeList(items=values):
            return list_text(_write(each, _PIPE) for each in values), _POSTFIX
        case ir.MakeObj(entries=entries):
            return f"{{{', '.join(f'{key}: {_write(each, _PIPE)}' for key, each in entries)}}}", _POSTFIX
        case _:
            assert_never(expr)


def _called(fn: str, args: tuple[ir.Expr, ...]) -> tuple[str, int]:
    """A pipe where only the first argument is not written out; else a call."""
    first, rest = args[:1], args[1:]
    if first and not isinstance(first[0], ir.Lit) and all(isinstance(each, ir.Lit) for each in rest):
        further = f"({', '.join(_write(each, _PIPE) for each in rest)})" if rest else ""
        return f"{_write(first[0], _PIPE)} | {fn}{further}", _PIPE
    return f"{fn}({', '.join(_write(each, _PIPE) for each in args)})", _POSTFIX


def _case(word: str, said: list[str], orelse: ir.Expr | None) -> tuple[str, int]:
    last = [] if orelse is None else [f"else = {_write(orelse, _PIPE)}"]
    return f"{word}({', '.join((*said, *last))})", _POSTFIX


_Operation = ir.Coalesce | ir.And | ir.Or | ir.Not | ir.Compare | ir.In | ir.Arith | ir.Neg


def _operation(expr: _Operation) -> tuple[str, int]:
    match expr:
        case ir.Coalesce(args=args):
            return " ?? ".join(_write(each, _SUM) for each in args), _FALLBACK
        case ir.And(args=args):
            return " and ".join(_write(each, _NOT) for each in args), _AND
        case ir.Or(args=args):
            return " or ".join(_write(each, _AND) for each in args), _OR
        case ir.Not(of=ir.Present(of=of)):
            return f"is_null({_write(of, _PIPE)})", _POSTFIX
        case ir.Not(of=ir.In(item=item, items=items)):
            return f"{_write(item, _FALLBACK)} not in {_write(items, _FALLBACK)}", _COMPARE
        case ir.Not(of=of):
            return f"not {_write(of, _NOT)}", _NOT
        case ir.Compare(op=op, left=left, right=right):
            return f"{_write(left, _FALLBACK)} {op} {_write(right, _FALLBACK)}", _COMPARE
        case ir.In(item=item, items=items):
            return f"{_write(item, _FALLBACK)} in {_write(items, _FALLBACK)}", _COMPARE
        case ir.Arith(op=sign, left=left, right=right):
            level = _SUM if sign in ("+", "-") else _PRODUCT
            return f"{_write(left, level)} {sign} {_write(right, level + 1)}", level
        case ir.Neg(of=of):
            return f"-{_write(of, _UNARY)}", _UNARY
        case _:
            assert_never(expr)


def _template(expr: ir.Expr) -> str:
    match expr:
        case ir.Concat(parts=parts):
            return "".join(map(_template, parts))
        case ir.Lit(value=str() as text):
            return text
        case ir.If(cond=ir.Present(), then=ir.Repeat() as repeated, orelse=ir.Lit(value="")):
            # Asked by the loop itself, of a list that may be null.
            return _template(repeated)
        case ir.If(then=ir.Concat()):
            return _branches(expr)
        case ir.Repeat(var=var, items=items, body=body):
            return f"{{% for {var} in {_write(items, _PIPE)} %}}{_template(body)}{{% endfor %}}"
        case _:
            return f"{{{{ {_write(_without_escapes(expr), _PIPE)} }}}}"


def _branches(expr: ir.If) -> str:
    said: list[str] = []
    word = "if"
    rest: ir.Expr = expr
    while isinstance(rest, ir.If):
        said.append(f"{{% {word} {_write(rest.cond, _PIPE)} %}}{_template(rest.then)}")
        word, rest = "elif", rest.orelse
    if rest != ir.Lit(""):
        said.append(f"{{% else %}}{_template(rest)}")
    return "".join((*said, "{% endif %}"))


def _without_escapes(expr: ir.Expr) -> ir.Expr:
    while isinstance(expr, ir.Call) and expr.fn in _OF_TEMPLATES and len(expr.args) == 1:
        expr = expr.args[0]
    return expr
