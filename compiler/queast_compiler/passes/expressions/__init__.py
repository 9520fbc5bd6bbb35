"""Expressions and templates: text in, typed IR out, every mistake with its place and a way out."""

from __future__ import annotations

from typing import Literal

from queast_compiler.passes.expressions.bare_words import is_bare_text, report_bare_text
from queast_compiler.passes.expressions.environment import Destination, Environment, Sink, Typed, environment
from queast_compiler.passes.expressions.infer import infer
from queast_compiler.passes.expressions.operators import condition
from queast_compiler.passes.expressions.template import template
from queast_compiler.passes.expressions.value import PersonalUse, Report, Scope, Value, object_in
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.diagnostics.nearest import listed
from queast_dsl.entities import ENTITIES, personal_inside
from queast_dsl.expr import ast
from queast_dsl.expr.parser import ParseFailure, parse
from queast_dsl.pii import is_grantable, join
from queast_dsl.source import SourceText, Span
from queast_dsl.types import ObjectType

__all__ = [
    "Destination",
    "Environment",
    "Sink",
    "Typed",
    "compile_condition",
    "compile_expression",
    "compile_template",
    "environment",
]


def compile_expression(
    text: SourceText, env: Environment, diagnostics: Diagnostics, destination: Destination | None = None
) -> Typed | None:
    """`company.name | lower`  ->  typed IR. None where there is an error; it is in `diagnostics` then."""
    if is_bare_text(text.text, env):
        report_bare_text(text, destination, diagnostics)
        return None
    scope = Scope(text, env, Report(diagnostics))
    node = _parsed(text, scope)
    return None if node is None else _finished(infer(node, scope), scope)


def compile_condition(text: SourceText, env: Environment, diagnostics: Diagnostics) -> Typed | None:
    """`signal.score >= 60`  ->  a question; an optional value that is not true or false asks whether it is there."""
    scope = Scope(text, env, Report(diagnostics))
    node = _parsed(text, scope)
    return None if node is None else _finished(condition(node, scope, infer), scope)


def compile_template(
    text: SourceText, env: Environment, diagnostics: Diagnostics, escape: Literal["html", "markdown", "plain"]
) -> Typed | None:
    """`<b>{{ signal.title }}</b>`  ->  text that is never null, its values escaped for HTML, Markdown or not at all."""
    scope = Scope(text, env, Report(diagnostics))
    if scope.is_exhausted:
        return None
    return _finished(template(text, scope, escape), scope)


def _parsed(text: SourceText, scope: Scope) -> ast.Node | None:
    if scope.is_exhausted:
        # The mapping is refused already.
        return None
    try:
        return parse(text.text)
    except ParseFailure as failure:
        scope.report("QM202" if failure.too_large else "QM201", failure.message, failure.at, failure.help)
        return None


def _finished(value: Value, scope: Scope) -> Typed | None:
    if scope.report_to.failed:
        return None
    if not value.known:
        raise AssertionError(f"nothing is known about `{scope.text.text[:80]}`, and no finding says why")
    labels = value.labels
    uses = value.personal
    whole = object_in(value.type)
    if whole is not None:
        # A whole object takes everything inside it along.
        inside = [each for origin in sorted(value.origins) for each in personal_inside(whole, origin)]
        span = scope.text.span
        uses = (*uses, *(PersonalUse(path, own, span) for path, own in inside if path not in scope.env.granted))
        labels = join((labels, _labels_inside(whole, 0)))
    _report_personal(uses, scope)
    if scope.report_to.failed:
        return None
    return Typed(value.ir, value.type, value.nullable, labels, value.reads, value.origins)


def _report_personal(uses: tuple[PersonalUse, ...], scope: Scope) -> None:
    """One finding a place; a path inside a reported one, or read again elsewhere, is the same mistake."""
    by_place: dict[Span, list[PersonalUse]] = {}
    told: list[str] = []
    for use in sorted(uses, key=lambda use: (use.path, use.span.start)):
        if not any(use.path == path or use.path.startswith(f"{path}.") for path in told):
            told.append(use.path)
            by_place.setdefault(use.span, []).append(use)
    for span, used in by_place.items():
        paths = [use.path for use in used]
        verb = "is" if len(paths) == 1 else "are"
        scope.report_to.failed = True
        scope.report_to.diagnostics.report(
            "QM240",
            f"{listed(paths)} {verb} personal data and the mapping has no grant for {_them(paths)}",
            span,
            help=_personal_help(paths),
            notes=_flow(used, scope.env.sink),
        )


def _flow(uses: list[PersonalUse], sink: Sink | None) -> tuple[Note, ...]:
    """Say which way the values would take: source, rule, sink."""
    if sink is None:
        return ()
    sources = ", ".join(f"`{use.path}` ({', '.join(sorted(use.labels))})" for use in uses)
    return (Note(f"{sources} -> `{sink.rule}` -> {sink.object}", sink.span),)


def _them(paths: list[str]) -> str:
    return "it" if len(paths) == 1 else "them"


def _personal_help(paths: list[str]) -> str:
    """Say what can be granted: fields of a person, and nothing else in this version."""
    grantable = [path for path in paths if is_grantable(path)]
    refused = [path for path in paths if not is_grantable(path)]
    said: list[str] = []
    if grantable:
        them = _them(grantable)
        send = ", ".join(grantable)
        said.append(f"add {them} to `pii: {{send: [{send}], …}}` with purpose and basis, or leave {them} out")
    if refused:
        said.append(f"{listed(refused)} cannot be granted in this version, so name the other fields that are meant")
    return "; ".join(said)


def _labels_inside(shape: ObjectType, depth: int) -> frozenset[str]:
    nested = [object_in(prop.type) for prop in shape.properties]
    below = [_labels_inside(each, depth + 1) for each in nested if each is not None and depth < len(ENTITIES) + 2]
    return join([*(prop.labels for prop in shape.properties), *below])
