"""Check what a connection looks records up by: it is of the record itself, and may be told to the destination."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.codegen.analysis import children
from queast_compiler.passes.expressions import Typed, compile_expression, environment
from queast_compiler.plan import ir
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.diagnostics.nearest import listed
from queast_dsl.document.connections import Connection
from queast_dsl.document.connector import Connector
from queast_dsl.document.policy import FREE_TEXT_TO, PersonalDataPolicy, Policy
from queast_dsl.entities import free_texts
from queast_dsl.source import Span


def check_match_keys(
    connection: Connection, connector: Connector, policy: Policy | None, diagnostics: Diagnostics
) -> None:
    """`domain: {from: "'acme.no'"}`  ->  an error: every company would be that one; `from: company.description`  ->  an
    error, unless the policy lets free text into what is looked for (D3.4, D6.3). A key is sent with each search."""
    roles = {each.role for each in connector.objects.values()}
    for rules in connection.match:
        entity = rules.entity.value
        if rules.domain is None or entity not in roles:
            continue
        text = rules.domain.source.text
        # What is wrong with the expression itself has been reported.
        typed = compile_expression(text, environment(entity, {}, frozenset()), Diagnostics())
        if typed is not None:
            _check_own(typed, entity, text.span, diagnostics)
            _check_free_text(typed, entity, connection.name.value, policy, text.span, diagnostics)


def _check_own(typed: Typed, entity: str, span: Span, diagnostics: Diagnostics) -> None:
    if any(isinstance(each, ir.Now) for each in _walk(typed.ir)):
        fault = "asks the clock, which says nothing of a"
    elif not typed.reads:
        fault = "is the same for every"
    else:
        return
    diagnostics.report(
        "QM621",
        f"`domain.from` {fault} {entity}",
        span,
        help=f"write what is the {entity}'s own, such as `{entity}.domain`"
        if entity == "company"
        else f"write what is the {entity}'s own",
    )


def _check_free_text(
    typed: Typed, entity: str, connection: str, policy: Policy | None, span: Span, diagnostics: Diagnostics
) -> None:
    bounds = PersonalDataPolicy() if policy is None else policy.personal_data
    paths = sorted(free_texts(typed.reads))
    # No grant is asked for: one ends, and links that were made by it would stay.
    if not paths or bounds.takes_free_text(entity):
        return
    taken = [each.value for each in bounds.free_text_to] if bounds.free_text_to is not None else FREE_TEXT_TO
    verb = "is" if len(paths) == 1 else "are"
    diagnostics.report(
        "QM455",
        f"{listed(paths)} {verb} free text that may name persons, and `{connection}` is searched for a {entity} by it, "
        "which takes none",
        span,
        help=f"match by a field of its own, such as `{entity}.domain`; free text goes to {listed(taken)}",
        notes=[Note("what takes free text", bounds.free_text_to[0].span)] if bounds.free_text_to else [],
    )


def _walk(expr: ir.Expr) -> Iterator[ir.Expr]:
    yield expr
    for part, _ in children(expr):
        yield from _walk(part)
