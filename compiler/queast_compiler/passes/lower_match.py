"""Matching rules of a connection -> match plans, defaults filled in, expressions compiled."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Literal, cast, get_args

from queast_compiler.passes.expressions import compile_expression, environment
from queast_compiler.passes.lower_name import lower_name
from queast_compiler.passes.properties import Ambiguous, Property, PropertyTable, properties_of
from queast_compiler.passes.value_types import in_words
from queast_compiler.plan.connection import MatchPlan
from queast_compiler.plan.ir import Expr, Lit
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.fixes import renamed
from queast_dsl.diagnostics.nearest import did_you_mean, listed
from queast_dsl.document.connections import Account, Connection, MatchRules
from queast_dsl.document.connector import Connector, ConnectorObject
from queast_dsl.source import Located, SourceText
from queast_dsl.types import StrType, UnknownType, describe

Rule = Literal["link", "external_id", "domain", "linkedin", "name"]
OnNone = Literal["create", "review", "skip"]
OnMany = Literal["review", "skip"]
_DEFAULT_ORDER: tuple[Rule, ...] = ("link", "external_id", "domain")
_MATCHED_ROLES = ("company", "person")


def lower_match(
    connection: Connection,
    connector: Connector,
    account: Account | None,
    external_ids: dict[str, str | None],
    diagnostics: Diagnostics,
) -> tuple[MatchPlan, ...]:
    """Return one plan for each matched entity that the connector has an object for.

    An entity the connection says nothing about is matched by link, external id, then domain; none makes a record,
    several go to a person.
    """
    objects = {each.role: each for each in connector.objects.values() if each.role in _MATCHED_ROLES}
    rules = {each.entity.value: each for each in connection.match}
    for entity, each in rules.items():
        if entity not in objects:
            diagnostics.report(
                "QM614",
                f"connector `{connector.name}` has no object that stands for a {entity}",
                each.entity.span,
                help=f"remove `match.{entity}`",
            )
    return tuple(
        _plan(entity, target, rules.get(entity), account, external_ids[target.name], diagnostics)
        for entity, target in sorted(objects.items())
    )


def _plan(
    entity: str,
    target: ConnectorObject,
    rules: MatchRules | None,
    account: Account | None,
    external_id: str | None,
    diagnostics: Diagnostics,
) -> MatchPlan:
    source: SourceText | None = target.domain_from
    table = properties_of(target, account)
    compared = tuple(_key(each, table) for each in target.domain_properties)
    if rules is not None and rules.domain is not None:
        source = rules.domain.source.text
        compared = _compared(rules.domain.to, target, table, diagnostics)
    # Also where the order leaves the rule out: what is written is checked.
    domain_from = _domain_from(source, entity, diagnostics)
    if domain_from is not None and source is target.domain_from:
        # A line of the connector's manifest is none of the tenant's connections.yaml, the one file that is named.
        domain_from = unplaced(domain_from)
    order = _order(rules, target, external_id, diagnostics)
    name = None if rules is None else lower_name(rules, order, diagnostics)
    on_none = None if rules is None else rules.on_none
    on_many = None if rules is None else rules.on_many
    return MatchPlan(
        entity=entity,
        object=target.name,
        order=order,
        external_id=external_id,
        domain_from=domain_from if "domain" in order else None,
        domain_to=compared if "domain" in order else (),
        card=tuple((kind, _path(path, table)) for kind, path in target.card),
        on_none=cast(OnNone, _choice(on_none, get_args(OnNone), "create", "on_none", diagnostics)),
        on_many=cast(OnMany, _choice(on_many, get_args(OnMany), "review", "on_many", diagnostics)),
        name=name,
    )


def _domain_from(source: SourceText | None, entity: str, diagnostics: Diagnostics) -> Expr | None:
    if source is None:
        return None
    typed = compile_expression(source, environment(entity, {}, frozenset()), diagnostics)
    if typed is None:
        return None
    # A text that is written out has a finding of its own: it is the same for every record.
    if not isinstance(typed.type, StrType | UnknownType) and not isinstance(typed.ir, Lit):
        diagnostics.report(
            "QM618",
            f"`domain.from` is compared as a domain, which is text, and this is {describe(typed.type)}",
            source.span,
            help=f"write a path or expression that gives text, such as `{entity}.domain`",
        )
        return None
    return typed.ir


def _order(
    rules: MatchRules | None, target: ConnectorObject, external_id: str | None, diagnostics: Diagnostics
) -> tuple[Rule, ...]:
    if rules is None or not rules.order:
        return _DEFAULT_ORDER
    known = get_args(Rule)
    order: list[Rule] = []
    for each in rules.order:
        if each.value not in known:
            _unknown(each, known, "matching rule", diagnostics)
        elif each.value not in order:
            order.append(cast(Rule, each.value))
        # Without a property a rule that would create records is refused elsewhere, for creating rather than for this.
        creates = rules.on_none is None or rules.on_none.value == "create"
        if each.value == "external_id" and external_id is None and not creates:
            diagnostics.report(
                "QM616",
                f"`{target.name}` of this account has no property for our id (`{target.external_id}`)",
                each.span,
                help="create the property in the account and list it in the account file, or remove the rule",
            )
    return tuple(order)


def _choice(
    given: Located[str] | None, known: tuple[str, ...], default: str, key: str, diagnostics: Diagnostics
) -> str:
    if given is None:
        return default
    if given.value not in known:
        _unknown(given, known, f"`{key}`", diagnostics)
        return default
    return given.value


def _unknown(given: Located[str], known: tuple[str, ...], what: str, diagnostics: Diagnostics) -> None:
    diagnostics.report("QM617", f"unknown {what} `{given.value}`", given.span, help=f"one of: {', '.join(known)}")


def _compared(
    given: tuple[Located[str], ...], target: ConnectorObject, table: PropertyTable, diagnostics: Diagnostics
) -> tuple[str, ...]:
    """Return the destination's keys of the properties to compare; one that is not there or no text is a finding."""
    keys: list[str] = []
    for each in given:
        match table.find(each.value):
            case Property(name=name, type="string" | "text"):
                keys.append(name)
            case Property() as found:
                texts = [other.name for other in table.by_name.values() if other.type in ("string", "text")]
                diagnostics.report(
                    "QM618",
                    f"`domain.to` compares text, and `{each.value}` of `{target.name}` holds {in_words(found)}",
                    each.span,
                    help=f"properties that hold text: {listed(texts, 6)}",
                )
            case Ambiguous(names=names):
                diagnostics.report(
                    "QM615",
                    f"several properties of `{target.name}` are called `{each.value}`",
                    each.span,
                    help=f"give the name of one: {listed(names)}",
                )
            case None if not table.complete:
                keys.append(each.value)
            case None:
                diagnostics.report(
                    "QM615",
                    f"`{target.name}` has no property `{each.value}`",
                    each.span,
                    help=did_you_mean(each.value, table.spellings)
                    or "give a property of the manifest or the account file",
                    fix=renamed(each.span, each.value, table.spellings),
                )
    return tuple(keys)


def _path(given: str, table: PropertyTable) -> str:
    """`address.country`  ->  the same with the destination's own key of `address`."""
    property_, dot, rest = given.partition(".")
    return f"{_key(property_, table)}{dot}{rest}"


def _key(given: str, table: PropertyTable) -> str:
    """Return the destination's own key of a property given by name or label."""
    found = table.find(given)
    return found.name if isinstance(found, Property) else given


def unplaced(expr: Expr) -> Expr:
    """Return an expression that no line of a file is named for."""
    return cast(Expr, _unplaced(expr))


def _unplaced(node: object) -> object:
    if isinstance(node, tuple):
        return tuple(_unplaced(each) for each in cast("tuple[object, ...]", node))
    if not is_dataclass(node) or isinstance(node, type):
        return node
    parts = {each.name: _unplaced(getattr(node, each.name)) for each in fields(node)}
    return replace(node, **{**parts, "line": 0} if "line" in parts else parts)
