"""`qmap show --effective [--origin]`: a mapping as YAML with every default written out, each line with its origin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from queast_compiler.plan.connection import ConnectionPlan, MatchPlan, NamePlan
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.render.text import visible
from queast_dsl.document.connections import Connection, MatchRules
from queast_dsl.document.connector import Connector
from queast_dsl.document.mapping import Mapping
from queast_dsl.document.policy import longest
from queast_dsl.loading.effective import Line, effective_lines, merged_tree
from queast_dsl.source import Located, SourceText, Span
from queast_runtime.cli.compiling import Compilation, find_connector

Kind = Literal["mapping", "base", "default", "connections", "manifest", "policy"]
# A longer line has its origin right behind it, so that one long expression does not push all of them away.
_COLUMN = 76


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a line is from; `span` is None for a default."""

    kind: Kind
    span: Span | None

    def __str__(self) -> str:
        return "default" if self.span is None else f"{self.span.file.path}:{self.span.line}"

    def as_json(self) -> dict[str, Any]:
        place = {} if self.span is None else {"file": self.span.file.path, "line": self.span.line}
        return {"kind": self.kind, **place}


@dataclass(frozen=True, slots=True)
class Around:
    """What is said of a mapping elsewhere: in its connection, by the connector, by the policy."""

    path: str
    value: str
    origin: Origin


def lines_of(mapping: Mapping, plan: MappingPlan) -> tuple[tuple[Line, Origin], ...]:
    """Return the lines of the effective mapping with their origins."""
    lines = effective_lines(merged_tree(mapping.sources[0]), {route.name: route.action for route in plan.routes})
    return tuple((line, _origin(line.span, mapping)) for line in lines)


def as_text(lines: tuple[tuple[Line, Origin], ...], around: tuple[Around, ...], *, origin: bool) -> str:
    """Return YAML that can be checked as it is; what stands around the mapping follows as comments."""
    parts: list[str] = []
    width = min(_COLUMN, max(len(line.text) for line, _ in lines))
    for line, place in lines:
        parts.append(f"{line.text:<{width}}  # {place}" if origin else line.text)
        parts.extend(line.below)
    keys = max(len(each.path) for each in around)
    for each in around:
        said = f"# {each.path:<{keys}}  {visible(each.value)}"
        parts.append(f"{said:<{width}}  # {each.origin}" if origin else said)
    return "\n".join(parts) + "\n"


def as_json(lines: tuple[tuple[Line, Origin], ...], around: tuple[Around, ...]) -> dict[str, Any]:
    """Return the YAML, and each line that says something by its path."""
    said = [
        {"path": ".".join(map(str, line.path)), "value": _value(line), "origin": place.as_json()}
        for line, place in lines
        if line.value is not None
    ]
    yaml = "".join(f"{text}\n" for line, _ in lines for text in (line.text, *line.below))
    return {
        "yaml": yaml,
        "lines": said,
        "around": [{"path": each.path, "value": each.value, "origin": each.origin.as_json()} for each in around],
    }


def _value(line: Line) -> str:
    return "\n".join((line.value or "", *line.below))


def _origin(span: Span | None, mapping: Mapping) -> Origin:
    if span is None:
        return Origin("default", None)
    own = span.file.path == mapping.sources[0].path
    return Origin("mapping" if own else "base", span)


def around(
    compilation: Compilation, mapping: Mapping, plan: MappingPlan, connected: ConnectionPlan
) -> tuple[Around, ...]:
    """Return what the connection, the connector and the policy say of the mapping, defaults among it."""
    connection = compilation.documents.connections[mapping.connection.value]
    connector = find_connector(connection.connector.value, Diagnostics())
    found = list(_connection(connection, connected))
    for match in connected.match:
        found += _match(match, connection, connector)
    return (*found, *_policy(compilation, plan))


def _connection(connection: Connection, plan: ConnectionPlan) -> Iterator[Around]:
    name = f"connection {connection.name.value}"
    for key, given, value in (
        ("connector", connection.connector, plan.connector),
        ("account", connection.account, plan.account),
        ("url", connection.url, plan.url),
        ("time_zone", connection.time_zone, plan.time_zone),
        ("edition", connection.edition, ""),
    ):
        if given is not None:
            yield Around(f"{name}: {key}", given.value, Origin("connections", given.span))
        elif key == "time_zone":
            yield Around(f"{name}: {key}", value, Origin("default", None))
    if connection.inbound is not None:
        yield Around(f"{name}: inbound", connection.inbound.verify.value, _given(connection.inbound.span))


def _match(match: MatchPlan, connection: Connection, connector: Connector | None) -> Iterator[Around]:
    name = f"connection {connection.name.value}: match.{match.entity}"
    rules = next((each for each in connection.match if each.entity.value == match.entity), None)
    order = rules.order[0].span if rules is not None and rules.order else None
    yield Around(f"{name}.order", f"[{', '.join(match.order)}]", _given(order))
    if "domain" in match.order:
        target = None if connector is None else connector.objects[match.object]
        domain = rules.domain if rules is not None else None
        text: SourceText | None = domain.source.text if domain is not None else target.domain_from if target else None
        declared = Origin("manifest", target.span) if target is not None else Origin("default", None)
        if text is not None:
            place = _given(text.span) if domain is not None else Origin("manifest", text.span)
            yield Around(f"{name}.domain.from", " ".join(text.text.split()), place)
        to = _given(domain.to[0].span) if domain is not None else declared
        # By the names people gave them: an account's own keys may be long random text.
        names = [each.value for each in domain.to] if domain is not None else target.domain_properties if target else ()
        yield Around(f"{name}.domain.to", f"[{', '.join(names)}]", to)
    if match.name is not None and rules is not None:
        yield from _scored(name, match.name, rules)
    for key, given, value in (
        ("on_none", rules.on_none if rules else None, match.on_none),
        ("on_many", rules.on_many if rules else None, match.on_many),
    ):
        yield Around(f"{name}.{key}", value, _given(_span(given)))


def _scored(name: str, plan: NamePlan, rules: MatchRules) -> Iterator[Around]:
    """Thresholds and evidence; a default that the policy raised is still one."""
    thresholds = rules.name
    for key, given, value in (
        ("review", thresholds.review if thresholds else None, plan.review),
        ("auto_link", thresholds.auto_link if thresholds else None, plan.auto_link),
        ("margin", thresholds.margin if thresholds else None, plan.margin),
    ):
        yield Around(f"{name}.name.{key}", str(value), _given(_span(given)))
    for key, listed, items in (
        ("corroborate", rules.corroborate, plan.corroborate),
        ("veto_if_different", rules.veto_if_different, plan.veto_if_different),
    ):
        yield Around(f"{name}.{key}", f"[{', '.join(items)}]", _given(None if listed is None else listed.span))


def _policy(compilation: Compilation, plan: MappingPlan) -> Iterator[Around]:
    policy = compilation.documents.policy
    if policy is None:
        return
    if plan.scope.informational_expires is not None:
        grants = [each for each in policy.informational_export if each.tenant.value == plan.tenant]
        grant = longest(grants)
        if grant is not None:
            until = f"ends on {grant.expires.value}; {grant.approver}: {' '.join(grant.reason.split())}"
            yield Around("policy: informational_export", until, Origin("policy", grant.span))


def _span(given: Located[str] | None) -> Span | None:
    return None if given is None else given.span


def _given(span: Span | None) -> Origin:
    return Origin("default", None) if span is None else Origin("connections", span)
