"""Templates: each part by the one expression compiler, escaped for where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from queast_compiler.passes.expressions.html_positions import AsLink, AsText, Positions, Refused, positions
from queast_compiler.passes.expressions.infer import infer
from queast_compiler.passes.expressions.operators import condition
from queast_compiler.passes.expressions.value import Facts, Scope, Value, combine, unknown
from queast_compiler.plan import ir
from queast_dsl.expr import ast
from queast_dsl.expr.limits import MAX_LOOPS, MAX_REPEAT
from queast_dsl.expr.parser import ParseFailure, parse
from queast_dsl.expr.template import Choice, Loop, Output, Part, TemplateFailure, Text, cut
from queast_dsl.functions import FORMS, REGISTRY
from queast_dsl.source import SourceText, Span
from queast_dsl.types import TEXT, ListType, ObjectType, StrType, describe, is_text, max_length

Escape = Literal["html", "markdown", "plain"]


@dataclass(frozen=True, slots=True)
class _Form:
    """What a template's text is, and where in it each value stands."""

    escape: Escape
    where: Positions


_MARKDOWN_LINK = re.compile(r"\]\($")


def template(text: SourceText, scope: Scope, escape: Escape) -> Value:
    """`<b>{{ signal.title }}</b>`  ->  the parts joined, each value escaped; never null."""
    try:
        parts = cut(text.text)
    except TemplateFailure as failure:
        scope.report("QM270", failure.message, failure.at, failure.help)
        return unknown()
    where = Positions({}, ()) if escape == "plain" else positions(parts)
    for at, message, help_ in where.trouble[:1]:
        # Where the values after it stand is anybody's guess, so one finding has to do.
        scope.report("QM273", message, at, help_)
        return unknown()
    return _parts(parts, scope, _Form(escape, where))


def part_of(text: SourceText, at: ast.Range) -> SourceText:
    """Return a part of a text that knows its place in the file."""
    inner = text.text[at.start : at.end]
    span = text.at(at.start, at.end)
    if text.offsets is None:
        return SourceText(inner, span)
    offsets = text.offsets[at.start : at.end]
    last = offsets[-1] + 1 if offsets else span.end
    return SourceText(inner, Span(span.file, span.start, max(span.end, last)), (*offsets, last))


def _parts(parts: tuple[Part, ...], scope: Scope, form: _Form) -> Value:
    values = tuple(_part(part, scope, form) for part in parts)
    format_ = None if form.escape == "plain" else form.escape
    line = values[0].ir.line if values else 0
    joined = ir.Concat(tuple(value.ir for value in values), line)
    return combine(joined, StrType(format_, _length(values)), False, values)


def _length(parts: tuple[Value, ...]) -> int | None:
    """Return how many characters the parts have at most together, None where one of them is not bounded."""
    total = 0
    for part in parts:
        limit = max_length(part.type)
        if limit is None:
            return None
        total += limit
    return total


def _part(part: Part, scope: Scope, form: _Form) -> Value:
    match part:
        case Text(text=text):
            return Value(ir.Lit(text), StrType(None, len(text)), False)
        case Output():
            return _output(part, scope, form)
        case Choice():
            return _choice(part, scope, form)
        case Loop():
            return _loop(part, scope, form)
    assert_never(part)


def _parsed(at: ast.Range, scope: Scope) -> tuple[ast.Node, Scope] | None:
    inner = part_of(scope.text, at)
    own = replace(scope, text=inner)
    try:
        return parse(inner.text), own
    except ParseFailure as failure:
        own.report("QM202" if failure.too_large else "QM201", failure.message, failure.at, failure.help)
        return None


def _has_pipe(node: ast.Node) -> bool:
    """Whether `??` behind it would be read as the pipe's argument."""
    return isinstance(node, ast.Call) and node.piped


def _output(part: Output, scope: Scope, form: _Form) -> Value:
    parsed = _parsed(part.at, scope)
    if parsed is None:
        return unknown()
    node, own = parsed
    value = infer(node, own)
    if not value.known:
        return value
    spelling = own.spelling(node.at)
    if isinstance(value.type, ListType | ObjectType):
        hint = f"join({spelling}, ', ')" if isinstance(value.type, ListType) else "name one of its fields"
        fix = own.writing(node.at, hint) if isinstance(value.type, ListType) and "…" not in spelling else None
        own.report("QM272", f"`{spelling}` is {describe(value.type)} and has no text form", node.at, hint, fix)
        return unknown()
    if value.nullable and own.guarded:
        return unknown()
    if value.nullable:
        # Behind a pipe `??` would be read as part of the pipe's argument.
        certain = f"({spelling})" if _has_pipe(node) else spelling
        fallback = f"{certain} ?? ''" if is_text(value.type) else f"text({spelling}) ?? ''"
        own.report(
            "QM271",
            f"`{spelling}` may be null, and a template has no empty value of its own",
            node.at,
            f"write `{{{{ {fallback} }}}}`, or put it inside {{% if {spelling} %}} … {{% endif %}}",
            own.writing(node.at, fallback) if "…" not in spelling else None,
        )
        return unknown()
    line = own.line(node.at)
    text = value.ir if is_text(value.type) else ir.Call("text", (value.ir,), line)
    return _escaped(value, text, part, own, node, form)


def _escaped(value: Value, text: ir.Expr, part: Output, own: Scope, node: ast.Node, form: _Form) -> Value:
    line = own.line(node.at)
    if form.escape == "plain":
        return replace(value, ir=text, type=StrType(None, max_length(value.type)))
    where = form.where.values[part.at.start]
    if isinstance(where, Refused):
        own.report("QM273", where.message, node.at, where.help)
        return unknown()
    match form.escape:
        case "markdown":
            # HTML may stand in Markdown, but an attribute of it needs another escape than Markdown's.
            if not isinstance(where, AsText) or not where.between_tags:
                own.report(
                    "QM273",
                    "a value stands in an HTML attribute of a Markdown text",
                    node.at,
                    "write the link as Markdown: [text]({{ … }})",
                )
                return unknown()
            if _MARKDOWN_LINK.search(part.before):
                text = ir.Call("link_target", (text,), line)
            return replace(value, ir=ir.Call("escape_markdown", (text,), line), type=TEXT)
        case "html":
            if isinstance(where, AsLink):
                text = ir.Call("link_target", (text,), line)
            return replace(value, ir=ir.Call("escape_html", (text,), line), type=TEXT)
    assert_never(form.escape)


def _choice(part: Choice, scope: Scope, form: _Form) -> Value:
    """Branches from the last to the first: each knows that the ones before it were asked and denied."""
    arms: list[tuple[Value | None, Value]] = []
    inner = scope
    for branch in part.branches:
        if branch.condition is None:
            arms.append((None, _parts(branch.body, inner, form)))
            continue
        parsed = _parsed(branch.condition, inner)
        asked = unknown() if parsed is None else condition(parsed[0], parsed[1], infer)
        if not asked.known:
            inner = replace(inner, guarded=True)
        arms.append((asked, _parts(branch.body, inner.knowing(asked.when_true), form)))
        denied: Facts = asked.when_false if not asked.nullable else frozenset()
        inner = inner.knowing(denied)
    result: ir.Expr = ir.Lit("")
    for asked_of, body in reversed(arms):
        result = body.ir if asked_of is None else ir.If(asked_of.ir, body.ir, result, asked_of.ir.line)
    values = tuple(value for arm in arms for value in arm if value is not None)
    lengths = [max_length(body.type) for _, body in arms]
    known = [length for length in lengths if length is not None]
    return combine(result, StrType(None, max(known) if len(known) == len(lengths) else None), False, values)


def _loop(part: Loop, scope: Scope, form: _Form) -> Value:
    parsed = _parsed(part.items, scope)
    if parsed is None:
        return unknown()
    node, own = parsed
    items = infer(node, own)
    if not items.known:
        return items
    if not isinstance(items.type, ListType):
        own.report("QM215", f"`{own.spelling(node.at)}` is {describe(items.type)}, not a list", node.at, None)
        return unknown()
    name = part.variable
    if name in scope.env.names or name in REGISTRY or name in FORMS or name.startswith("_"):
        scope.report(
            "QM274", f"`{name}` cannot name the items: it has a meaning already", part.variable_at, "choose another"
        )
        return unknown()
    if len(scope.env.variables) >= MAX_LOOPS:
        message = f"`for` over `{name}` stands inside {MAX_LOOPS} loops already"
        scope.report("QM275", message, part.variable_at, "repeat over a projection such as `list[].field`, or join it")
        return unknown()
    env = replace(
        scope.env,
        sources={**scope.env.sources, name: items.origins or items.reads},
        variables={**scope.env.variables, name: items.type.item},
    )
    inner = replace(scope, env=env)
    body = _parts(part.body, inner, form)
    line = own.line(node.at)
    repeat: ir.Expr = ir.Repeat(name, items.ir, body.ir, MAX_REPEAT, line)
    if items.nullable:
        repeat = ir.If(ir.Present(items.ir, line), repeat, ir.Lit("", line), line)
    return combine(repeat, TEXT, False, (items, body))
