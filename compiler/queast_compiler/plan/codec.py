"""Plans as JSON over one closed table: tag <-> dataclass <-> the codec of each of its fields.

Nothing is looked up by a name found in data: a tag that is not in the table is refused. Every field is written, so
that a plan has exactly one form; an unknown or missing key is refused.

    Path("company", ("name",), "str", (False,), 7)
      ->  {"kind":"str","line":7,"node":"path","optional":[false],"root":"company","steps":["name"]}
"""

from __future__ import annotations

from typing import Any, get_args

from queast_compiler.plan import ir
from queast_compiler.plan.connection import ConnectionPlan, Evidence, InboundPlan, MatchPlan, NamePlan
from queast_compiler.plan.fieldcodec import (
    BOOL,
    INT,
    JSON,
    NATURAL,
    OBJECT,
    SCALAR,
    SHARE,
    TEXT,
    Codec,
    PlanMalformed,
    Read,
    Shape,
    listed,
    one_of,
    optional,
    pair,
    record,
)
from queast_compiler.plan.guards import needs_of
from queast_compiler.plan.mapping import (
    AttachPlan,
    EnsureBookmarkPlan,
    FieldPlan,
    MappingPlan,
    OnNull,
    OwnerPlan,
    PersonalUsePlan,
    ReceivePlan,
    RoutePlan,
    ScopePlan,
    Wire,
)
from queast_compiler.plan.needs import Asking, GuardNeed, ReadNeed, ScoreNeed, Write

SCHEMA_VERSION = 1
MAX_EXPRESSION_DEPTH = 128

JsonObject = dict[str, Any]

TAG = "node"


def _write_expr(value: Any) -> Any:
    return _write_node(value)


def _read_expr(value: Any, depth: int) -> Any:
    return _read_node(value, depth)


EXPR = Codec(_write_expr, _read_expr)
KIND = one_of(*get_args(ir.Kind))


def _read_lit(value: Any, depth: int) -> Any:
    node = _read_node(value, depth)
    if type(node) is not ir.Lit:
        raise PlanMalformed("expected a literal")
    return node


LIT = Codec(_write_expr, _read_lit)

NODES: dict[str, tuple[type[Any], Shape]] = {
    "lit": (ir.Lit, (("value", SCALAR), ("line", NATURAL))),
    "path": (
        ir.Path,
        (("root", TEXT), ("steps", listed(TEXT)), ("kind", KIND), ("optional", listed(BOOL)), ("line", NATURAL)),
    ),
    "index": (ir.Index, (("of", EXPR), ("n", INT), ("kind", KIND), ("line", NATURAL))),
    "project": (ir.Project, (("of", EXPR), ("steps", listed(TEXT)), ("kind", KIND), ("line", NATURAL))),
    "call": (ir.Call, (("fn", TEXT), ("args", listed(EXPR)), ("line", NATURAL))),
    "coalesce": (ir.Coalesce, (("args", listed(EXPR)), ("line", NATURAL))),
    "if": (ir.If, (("cond", EXPR), ("then", EXPR), ("orelse", EXPR), ("line", NATURAL))),
    "switch": (
        ir.Switch,
        (("subject", EXPR), ("arms", listed(pair(LIT, EXPR))), ("orelse", optional(EXPR)), ("line", NATURAL)),
    ),
    "lookup": (ir.Lookup, (("table", TEXT), ("key", EXPR), ("orelse", optional(EXPR)), ("line", NATURAL))),
    "not": (ir.Not, (("of", EXPR), ("line", NATURAL))),
    "and": (ir.And, (("args", listed(EXPR)), ("line", NATURAL))),
    "or": (ir.Or, (("args", listed(EXPR)), ("line", NATURAL))),
    "compare": (
        ir.Compare,
        (("op", one_of(*get_args(ir.CompareOp))), ("left", EXPR), ("right", EXPR), ("line", NATURAL)),
    ),
    "in": (ir.In, (("item", EXPR), ("items", EXPR), ("line", NATURAL))),
    "arith": (ir.Arith, (("op", one_of(*get_args(ir.ArithOp))), ("left", EXPR), ("right", EXPR), ("line", NATURAL))),
    "neg": (ir.Neg, (("of", EXPR), ("line", NATURAL))),
    "present": (ir.Present, (("of", EXPR), ("line", NATURAL))),
    "concat": (ir.Concat, (("parts", listed(EXPR)), ("line", NATURAL))),
    "each": (ir.Each, (("var", TEXT), ("items", EXPR), ("body", EXPR), ("line", NATURAL))),
    "repeat": (
        ir.Repeat,
        (("var", TEXT), ("items", EXPR), ("body", EXPR), ("limit", NATURAL), ("line", NATURAL)),
    ),
    "list": (ir.MakeList, (("items", listed(EXPR)), ("line", NATURAL))),
    "object": (ir.MakeObj, (("entries", listed(pair(TEXT, EXPR))), ("line", NATURAL))),
    "now": (ir.Now, (("line", NATURAL),)),
}
_TAGS: dict[type[Any], str] = {cls: tag for tag, (cls, _) in NODES.items()}
_NODES: dict[str, Codec] = {tag: record(cls, shape, further=1) for tag, (cls, shape) in NODES.items()}
_READS: dict[str, Read] = {tag: codec.read for tag, codec in _NODES.items()}


def _write_node(node: Any) -> JsonObject:
    tag = _TAGS[type(node)]
    return {TAG: tag, **_NODES[tag].write(node)}


def _read_node(value: Any, depth: int) -> Any:
    if depth >= MAX_EXPRESSION_DEPTH:
        raise PlanMalformed(f"expression nested deeper than {MAX_EXPRESSION_DEPTH}")
    if type(value) is not dict:
        raise PlanMalformed(f"expected an expression, found {type(value).__name__}")
    tag = value.get(TAG)
    if type(tag) is not str or tag not in _READS:
        raise PlanMalformed("unknown kind of expression")
    node = _READS[tag](value, depth + 1)
    if type(node) is ir.Path and len(node.optional) != len(node.steps):
        raise PlanMalformed("a path needs one flag for each step")
    return node


_PAIRS = listed(pair(TEXT, TEXT))

NEEDS: dict[str, tuple[type[Any], Shape]] = {
    "guard": (
        GuardNeed,
        (
            ("guard", one_of(*get_args(Asking))),
            ("route", TEXT),
            ("property", TEXT),
            ("file", TEXT),
            ("line", NATURAL),
        ),
    ),
    "read": (ReadNeed, (("object", TEXT), ("properties", listed(TEXT)))),
    "score": (ScoreNeed, (("entity", TEXT), ("file", TEXT), ("line", NATURAL))),
}
_NEED_TAGS: dict[type[Any], str] = {cls: tag for tag, (cls, _) in NEEDS.items()}
_NEEDS: dict[str, Codec] = {tag: record(cls, shape, further=1) for tag, (cls, shape) in NEEDS.items()}


def _write_need(need: Any) -> JsonObject:
    tag = _NEED_TAGS[type(need)]
    return {"need": tag, **_NEEDS[tag].write(need)}


def _read_need(value: Any, depth: int) -> Any:
    tag = value.get("need") if type(value) is dict else None
    if type(tag) is not str or tag not in _NEEDS:
        raise PlanMalformed("unknown kind of need")
    return _NEEDS[tag].read(value, depth)


NEED = Codec(_write_need, _read_need)

FIELD = record(
    FieldPlan,
    (
        ("property", TEXT),
        ("expr", EXPR),
        ("wire", one_of(*get_args(Wire))),
        ("required", BOOL),
        ("write", one_of(*get_args(Write))),
        ("on_null", one_of(*get_args(OnNull))),
        ("clear", JSON),
        ("max_length", optional(NATURAL)),
        ("overflow", one_of("error", "truncate")),
        ("file", TEXT),
        ("line", NATURAL),
    ),
)
ATTACH = record(AttachPlan, (("entity", TEXT), ("object", TEXT)))
ROUTE = record(
    RoutePlan,
    (
        ("name", TEXT),
        ("entity", TEXT),
        ("events", listed(TEXT)),
        ("object", TEXT),
        ("role", TEXT),
        ("action", one_of("upsert", "create", "send")),
        ("when", optional(EXPR)),
        ("attach_to", listed(ATTACH)),
        ("fields", listed(FIELD)),
        ("body", optional(EXPR)),
        ("headers", listed(pair(TEXT, EXPR))),
        ("secret_headers", _PAIRS),
        ("afterwards", _PAIRS),
        ("file", TEXT),
        ("line", NATURAL),
        ("withheld", listed(TEXT)),
        ("granted_until", optional(TEXT)),
    ),
)
SCOPE = record(
    ScopePlan,
    (
        ("companies", one_of("all", "bookmarked")),
        ("signals", one_of("strict", "informational")),
        ("where", optional(EXPR)),
        ("informational_expires", optional(TEXT)),
    ),
)
OWNER = record(OwnerPlan, (("kind", one_of("team", "user")), ("name", TEXT)))
ENSURE_BOOKMARK = record(EnsureBookmarkPlan, (("owner", OWNER), ("note", optional(EXPR))))
RECEIVE = record(
    ReceivePlan,
    (
        ("name", TEXT),
        ("event", one_of("company.interest_highlighted")),
        ("entity", one_of("company")),
        ("on_none", one_of("review", "ignore")),
        ("then", ENSURE_BOOKMARK),
        ("file", TEXT),
        ("line", NATURAL),
    ),
)
PERSONAL_USE = record(PersonalUsePlan, (("purpose", TEXT), ("basis", TEXT)))
MAPPING = record(
    MappingPlan,
    (
        ("tenant", TEXT),
        ("mapping", TEXT),
        ("connection", TEXT),
        ("connection_digest", TEXT),
        ("mode", one_of("live", "off")),
        ("scope", SCOPE),
        ("routes", listed(ROUTE)),
        ("tables", listed(pair(TEXT, _PAIRS))),
        ("personal_data", listed(pair(TEXT, optional(TEXT)))),
        ("reads", listed(TEXT)),
        ("sources", _PAIRS),
        ("needs", listed(NEED)),
        ("receive", listed(RECEIVE)),
        ("creates_per_day", optional(NATURAL)),
        ("personal_use", optional(PERSONAL_USE)),
    ),
    further=2,
)
_EVIDENCE = listed(one_of(*get_args(Evidence)))
NAME = record(
    NamePlan,
    (
        ("review", SHARE),
        ("auto_link", SHARE),
        ("margin", SHARE),
        ("corroborate", _EVIDENCE),
        ("veto_if_different", _EVIDENCE),
        ("granted_until", optional(TEXT)),
    ),
)
MATCH = record(
    MatchPlan,
    (
        ("entity", TEXT),
        ("object", TEXT),
        ("order", listed(one_of("link", "external_id", "domain", "linkedin", "name"))),
        ("external_id", optional(TEXT)),
        ("domain_from", optional(EXPR)),
        ("domain_to", listed(TEXT)),
        ("card", _PAIRS),
        ("on_none", one_of("create", "review", "skip")),
        ("on_many", one_of("review", "skip")),
        ("name", optional(NAME)),
    ),
)
INBOUND = record(InboundPlan, (("verify", one_of("standard_webhooks")), ("secret", TEXT)))
CONNECTION = record(
    ConnectionPlan,
    (
        ("tenant", TEXT),
        ("connection", TEXT),
        ("connector", TEXT),
        ("connector_version", NATURAL),
        ("account", TEXT),
        ("url", TEXT),
        ("time_zone", TEXT),
        ("secrets", _PAIRS),
        ("match", listed(MATCH)),
        ("manifest", OBJECT),
        ("sources", _PAIRS),
        ("needs", listed(NEED)),
        ("inbound", optional(INBOUND)),
    ),
    further=2,
)


def encode(plan: MappingPlan | ConnectionPlan) -> JsonObject:
    """Return a plan as JSON: its fields, `plan` ("mapping" or "connection") and `schema_version`."""
    match plan:
        case MappingPlan():
            return {"plan": "mapping", "schema_version": SCHEMA_VERSION, **MAPPING.write(plan)}
        case ConnectionPlan():
            return {"plan": "connection", "schema_version": SCHEMA_VERSION, **CONNECTION.write(plan)}


def decode_mapping(value: JsonObject) -> MappingPlan:
    """Return the mapping plan in `value`. Raises PlanMalformed."""
    _check_head(value, "mapping")
    plan: MappingPlan = _whole("mapping", MAPPING, value)
    # A guard that is not asked for would be one that nobody carries out.
    if plan.needs != needs_of(plan.routes):
        raise PlanMalformed("mapping.needs: not what the fields of the routes ask for")
    return plan


def decode_connection(value: JsonObject) -> ConnectionPlan:
    """Return the connection plan in `value`. Raises PlanMalformed."""
    _check_head(value, "connection")
    plan: ConnectionPlan = _whole("connection", CONNECTION, value)
    scored = {need.entity for need in plan.needs if isinstance(need, ScoreNeed)}
    if scored != {match.entity for match in plan.match if match.name is not None}:
        raise PlanMalformed("connection.needs: not what matching by name asks for")
    return plan


def _whole(kind: str, codec: Codec, value: JsonObject) -> Any:
    try:
        return codec.read(value, 0)
    except PlanMalformed as error:
        raise error.within(kind) from None


def _check_head(value: JsonObject, kind: str) -> None:
    if value.get("plan") != kind:
        raise PlanMalformed(f"not a {kind} plan")
    version = value.get("schema_version")
    if type(version) is not int or version != SCHEMA_VERSION:
        raise PlanMalformed(f"schema version {version!r}, this program reads {SCHEMA_VERSION}")
