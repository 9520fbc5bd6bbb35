"""Compile what an event route sends: its body and its headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from queast_compiler.codegen.record import Failed
from queast_compiler.codegen.wire import header as header_text
from queast_compiler.passes.compile_values import template_text
from queast_compiler.passes.expressions import Environment, Typed, compile_expression, compile_template
from queast_compiler.passes.list_items import with_item
from queast_compiler.passes.program import Program, RouteProgram
from queast_compiler.passes.scalars import NoScalar, read_scalar
from queast_compiler.passes.whole_entity import check_whole, withheld
from queast_compiler.plan.ir import Each, Expr, Lit, MakeObj, Scalar
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.document.credentials import is_credential_header
from queast_dsl.document.mapping import (
    BodyEach,
    BodyNode,
    BodyObject,
    Const,
    Expression,
    Header,
    InlineTemplate,
    Render,
    SecretRef,
    Template,
)
from queast_dsl.expr.limits import MAX_LOOPS
from queast_dsl.source import Located, Span
from queast_dsl.types import is_text


def compile_bodies(program: Program, diagnostics: Diagnostics) -> Program:
    """`body: {id: company.id}`  ->  an object of typed leaves; no `body:`  ->  the canonical event."""
    templates = {template.name.value: template for template in program.mapping.templates}

    def compiled(current: RouteProgram) -> RouteProgram:
        if current.object is None or current.environment is None:
            return current
        if not _fits_action(current, diagnostics):
            return current
        if current.object.action != "send":
            return current
        compiler = _Compiler(templates, diagnostics)
        headers = compiler.headers(current.route.headers, current.environment.at("headers"))
        if current.route.body is None:
            root = current.route.entity.value
            check_whole(current.route.entity, program.granted, diagnostics)
            # A plan without a body sends the event itself: only its type tells a deletion from an update.
            left_out = withheld(root, program.granted)
            return replace(current, body=None, headers=headers, reads=compiler.read | {root}, withheld=left_out)
        body = compiler.body(current.route.body, current.environment.at("body"))
        return replace(current, body=body, headers=headers, reads=compiler.read)

    return program.with_routes(compiled)


def _fits_action(current: RouteProgram, diagnostics: Diagnostics) -> bool:
    route, object = current.route, current.object
    if object is None:
        return False
    if object.action == "send":
        if not route.fields:
            return True
        diagnostics.report(
            "QM307",
            f"`{object.name}` takes a `body:`, not `fields:`",
            route.fields[0].name.span,
            help="write the fields under `body:`",
        )
        return False
    if route.body is None and not route.headers:
        return True
    diagnostics.report(
        "QM307",
        f"`{object.name}` takes `fields:`, neither `body:` nor `headers:`",
        route.to.span,
        help="write the properties under `fields:`",
    )
    return False


@dataclass(slots=True)
class _Compiler:
    """Walks one route's body; `read` gathers the event paths on the way."""

    templates: Mapping[str, Template]
    diagnostics: Diagnostics
    read: frozenset[str] = frozenset()

    def body(self, node: BodyNode, env: Environment) -> Expr | None:
        match node:
            case BodyObject(entries, span):
                compiled = [(name.value, self.body(each, env.at(name.value))) for name, each in entries]
                present = tuple((name, each) for name, each in compiled if each is not None)
                # A part that failed has its finding; the rest is still walked for more of them.
                return MakeObj(present, span.line) if len(present) == len(compiled) else None
            case BodyEach(each, name, body, span):
                items = self._typed(compile_expression(each.text, env.at("each"), self.diagnostics))
                if items is None:
                    return None
                if name.value in env.names:
                    self.diagnostics.report(
                        "QM342",
                        f"`{name.value}` is taken and cannot name an item",
                        name.span,
                        help="choose another name",
                    )
                    return None
                if len(env.variables) >= MAX_LOOPS:
                    self.diagnostics.report(
                        "QM275",
                        f"`each` as `{name.value}` stands inside {MAX_LOOPS} loops already",
                        name.span,
                        help="repeat over a projection such as `list[].field`, or send the inner list as it is",
                    )
                    return None
                inner = with_item(env, name.value, items)
                if inner is None:
                    self.diagnostics.report(
                        "QM342",
                        "`each` repeats over a list, and this is none",
                        each.text.span,
                        help="name a list of the event, such as `company.technologies`",
                    )
                    return None
                repeated = self.body(body, inner)
                return Each(name.value, items.ir, repeated, span.line) if repeated is not None else None
            case Expression(text):
                return self._ir(compile_expression(text, env, self.diagnostics))
            case Const(text):
                value = read_scalar(node)
                if isinstance(value, NoScalar):
                    self.diagnostics.report("QM323", value.message, text.span, help=value.help)
                    return None
                return Lit(value, text.span.line)
            case InlineTemplate(text):
                return self._ir(compile_template(text, env, self.diagnostics, "plain"))
            case Render(name):
                text_of = template_text(name, self.templates, self.diagnostics)
                return self._ir(compile_template(text_of, env, self.diagnostics, "plain")) if text_of else None
            case _:
                assert_never(node)

    def headers(self, headers: tuple[Header, ...], env: Environment) -> tuple[tuple[Header, Expr], ...]:
        found: list[tuple[Header, Expr]] = []
        names: dict[str, str] = {}
        for header in headers:
            name = header.name
            first = names.setdefault(name.value.lower(), name.value)
            if first != name.value:
                self.diagnostics.report(
                    "QM344",
                    f"`{name.value}` and `{first}` are one header, as its name has no case",
                    name.span,
                    help="remove one of the two",
                )
            if not isinstance(header.value, SecretRef) and is_credential_header(name.value):
                self.diagnostics.report(
                    "QM345",
                    f"header `{name.value}` carries a credential, which is never written in a file",
                    header.value.text.span,
                    help=f"write `{name.value}: secret://name` and store the value with the runtime",
                )
                continue
            match header.value:
                case SecretRef():
                    continue
                case Const(text):
                    if self._is_one_line(name, text.text, text.span):
                        found.append((header, Lit(text.text, text.span.line)))
                case Expression(text):
                    typed = self._typed(compile_expression(text, env.at(name.value), self.diagnostics))
                    if typed is None:
                        continue
                    if typed.nullable or not is_text(typed.type):
                        self.diagnostics.report(
                            "QM343",
                            f"header `{name.value}` needs text that is always there",
                            text.span,
                            help=f"write `{_bracketed(text.text)} ?? ''`"
                            if is_text(typed.type)
                            else "turn it into text first",
                        )
                        continue
                    if isinstance(typed.ir, Lit) and not self._is_one_line(name, typed.ir.value, text.span):
                        continue
                    found.append((header, typed.ir))
                case _:
                    assert_never(header.value)
        return tuple(found)

    def _is_one_line(self, name: Located[str], text: Scalar, span: Span) -> bool:
        try:
            header_text(text)
        except Failed as failure:
            self.diagnostics.report(
                "QM343", f"header `{name.value}`: {failure.reason}", span, help="write it on one line, without tabs"
            )
            return False
        return True

    def _typed(self, typed: Typed | None) -> Typed | None:
        if typed is not None:
            self.read |= typed.reads
        return typed

    def _ir(self, typed: Typed | None) -> Expr | None:
        found = self._typed(typed)
        return found.ir if found is not None else None


def _bracketed(text: str) -> str:
    """`company.city | trim`  ->  `(company.city | trim)`: a pipe binds loosest, so `??` behind it does not parse."""
    return f"({text})" if any(sign in text for sign in ("|", " or ", " and ", "not ", "==", "<", ">", " in ")) else text
