"""From a tenant's documents to plans: every pass in order, nothing signed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from queast_compiler.cases.check import check_cases
from queast_compiler.cases.model import ReadyCase
from queast_compiler.lint import run_rules, run_rules_of_connection
from queast_compiler.lint.silencing import silenced
from queast_compiler.passes.check_destination import at_policy_rate, check_destination
from queast_compiler.passes.check_engine import check_engine, check_engine_of_connection
from queast_compiler.passes.check_entity import check_entity
from queast_compiler.passes.check_free_text import check_free_text
from queast_compiler.passes.check_inbound import check_inbound
from queast_compiler.passes.check_match_keys import check_match_keys
from queast_compiler.passes.check_nulls import check_nulls
from queast_compiler.passes.check_personal_data import check_personal_data
from queast_compiler.passes.check_pins import Pinned, check_pins, pins_of
from queast_compiler.passes.check_policy import check_policy
from queast_compiler.passes.check_provisioning import check_provisioning
from queast_compiler.passes.check_required import check_required
from queast_compiler.passes.check_scope import check_scope
from queast_compiler.passes.check_secret_headers import check_secret_headers
from queast_compiler.passes.check_thresholds import check_thresholds
from queast_compiler.passes.check_values import check_values
from queast_compiler.passes.check_write import check_write
from queast_compiler.passes.compile_bodies import compile_bodies
from queast_compiler.passes.compile_conditions import compile_conditions
from queast_compiler.passes.compile_receive import compile_receive
from queast_compiler.passes.compile_values import compile_values
from queast_compiler.passes.grants import check_named
from queast_compiler.passes.lower import lower
from queast_compiler.passes.lower_connection import lower_connection
from queast_compiler.passes.meant_to_render import check_meant_to_render
from queast_compiler.passes.one_writer import check_one_writer
from queast_compiler.passes.plan_paths import source_digests
from queast_compiler.passes.program import Destination, FieldProgram, Pass, Program, RouteProgram
from queast_compiler.passes.resolve_connection import resolve_connection
from queast_compiler.passes.resolve_destination import resolve_destination
from queast_compiler.passes.resolve_objects import resolve_objects
from queast_compiler.passes.resolve_properties import resolve_properties
from queast_compiler.plan.canonical import digest, dumps
from queast_compiler.plan.codec import encode
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan
from queast_compiler.plan.needs import Capability
from queast_dsl.diagnostics.model import Diagnostics, Finding, Note
from queast_dsl.document.connector import Connector
from queast_dsl.document.lock import Pins
from queast_dsl.document.mapping import Mapping as MappingDocument
from queast_dsl.document.tenant import TenantDocuments

Connectors = Callable[[str], Connector | None]

PASSES: tuple[Pass, ...] = (
    resolve_connection,
    check_scope,
    check_personal_data,
    check_policy,
    check_entity,
    resolve_objects,
    resolve_properties,
    compile_conditions,
    compile_values,
    compile_bodies,
    check_secret_headers,
    compile_receive,
    check_meant_to_render,
    check_free_text,
    check_write,
    check_required,
    check_values,
    check_nulls,
)


@dataclass(frozen=True, slots=True)
class CompiledTenant:
    """The plans of one tenant, by name, and the tests of its mappings. What has errors is left out. `pins` is what of
    Queast's they rest on."""

    tenant: str
    connections: tuple[ConnectionPlan, ...]
    mappings: tuple[MappingPlan, ...]
    cases: tuple[ReadyCase, ...] = ()
    pins: Pins = field(default_factory=lambda: Pins({}, {}, None))


def compile_tenant(
    documents: TenantDocuments,
    diagnostics: Diagnostics,
    *,
    today: date,
    connectors: Connectors,
    rules: bool = False,
    engine: Collection[Capability] | None = None,
    pinned: Pinned = Pinned.NOTHING,
) -> CompiledTenant:
    """Compile all of a tenant's connections and mappings; findings go to `diagnostics`.

    `today` decides which grants of the policy still hold. `connectors` gives a manifest by its name. With `rules`
    the rules of lint are asked too, of mappings and connections without errors. `engine` is what the engine carries
    out: what a plan needs beyond it is a warning; None asks nothing about it. `pinned` says what of qmap.lock
    the documents are held to.
    """
    checked = _check(documents, diagnostics, today, connectors, rules, engine)
    if documents.lock is not None:
        check_pins(checked.pins, documents.lock, pinned, diagnostics)
    digests = {plan.connection: digest(dumps(encode(plan))) for plan in checked.connections}
    return CompiledTenant(
        documents.tenant,
        checked.connections,
        tuple(
            lower(program, digests[program.mapping.connection.value])
            for program in checked.programs
            if program.mapping.connection.value in digests
        ),
        checked.cases,
        checked.pins,
    )


def check_tenant(
    documents: TenantDocuments, diagnostics: Diagnostics, *, today: date, connectors: Connectors, rules: bool = False
) -> None:
    """Run every check of `compile_tenant` and make no plans."""
    _check(documents, diagnostics, today, connectors, rules, None)


@dataclass(frozen=True, slots=True)
class _Checked:
    connections: tuple[ConnectionPlan, ...]
    programs: tuple[Program, ...]
    cases: tuple[ReadyCase, ...]
    pins: Pins


def _check(
    documents: TenantDocuments,
    diagnostics: Diagnostics,
    today: date,
    connectors: Connectors,
    rules: bool,
    engine: Collection[Capability] | None,
) -> _Checked:
    if documents.policy is None and "policy.yaml" not in documents.refused:
        diagnostics.report(
            "QM450",
            f"policy not checked: no policy file lies beside the folder of `{documents.tenant}`",
            None,
            help="nothing that needs a grant is allowed without it",
        )
    check_named(documents, diagnostics)
    destinations: dict[str, Destination | None] = {}
    connections: list[ConnectionPlan] = []
    of_connections = Diagnostics()
    for name in sorted(documents.connections):
        destination, plan = _connection(documents, name, of_connections, today, connectors)
        destinations[name] = destination
        if plan is not None:
            connections.append(plan)
            if rules:
                run_rules_of_connection(documents.connections[name], of_connections)
            if engine is not None and "policy.yaml" not in documents.refused:
                check_engine_of_connection(plan, documents.connections[name], engine, of_connections)
    whole = rules and engine is not None and not of_connections.has_errors and not documents.refused
    found_there = [each for each in of_connections.findings if each.code != "QM502" or not _names_another(documents)]
    diagnostics.extend(silenced(documents.ignores, found_there, all_ran=whole))
    programs: list[Program] = []
    found: dict[str, Diagnostics] = {}
    for mapping in sorted(documents.mappings, key=lambda each: each.name):
        own = found[mapping.name] = Diagnostics()
        program = _program(documents, mapping, destinations, own, today)
        if not own.has_errors and _is_whole(program):
            if rules:
                run_rules(program, own)
            if engine is not None:
                check_engine(program, engine, own)
        if not own.has_errors and _is_whole(program):
            programs.append(program)
    rivals = check_one_writer(programs, found)
    for mapping in sorted(documents.mappings, key=lambda each: each.name):
        own = found[mapping.name]
        left = silenced(mapping.ignores, own.findings, all_ran=rules and not own.has_errors)
        diagnostics.extend(_with_origin(finding, mapping) for finding in left)
    cases = check_cases(documents, destinations, diagnostics)
    kept = tuple(each for each in programs if each.mapping.name not in rivals)
    return _Checked(tuple(connections), kept, cases, pins_of(documents, destinations))


def _names_another(documents: TenantDocuments) -> bool:
    """Say whether a mapping names a connection that is not there: under the name that it names, the account file may be
    there, and that it is named otherwise is told at the mapping."""
    return any(each.connection.value not in documents.connections for each in documents.mappings)


def _with_origin(finding: Finding, mapping: MappingDocument) -> Finding:
    """Say where a mapping takes something from its base: the finding points into a file that it cannot change."""
    extends = mapping.extends
    # With a base, its file comes second; tables in files of their own follow.
    if extends is None or finding.span is None or finding.span.file not in mapping.sources[1:2]:
        return finding
    note = Note(f"`{mapping.name}` takes this from its base, and can replace it or leave it out", extends.span)
    return replace(finding, notes=(*finding.notes, note))


def _is_whole(program: Program) -> bool:
    """Say whether everything was there to check against; what was refused has its finding where it was read."""
    destination = program.destination
    return destination is not None and not destination.account_refused and "policy.yaml" not in program.refused


def _connection(
    documents: TenantDocuments, name: str, diagnostics: Diagnostics, today: date, connectors: Connectors
) -> tuple[Destination | None, ConnectionPlan | None]:
    """Return the connection as mappings see it, and its plan; both None where it has errors of its own."""
    own = Diagnostics()
    destination = resolve_destination(documents, name, own, today=today, connectors=connectors)
    plan = None
    if destination is not None:
        destination = check_destination(destination, documents.policy, today, own)
        plan = lower_connection(destination.connection, destination.connector, destination.account, own)
        if plan is not None:
            check_provisioning(destination, plan, own)
            check_inbound(destination.connection, documents.connections, own)
            if "policy.yaml" not in documents.refused:
                check_match_keys(destination.connection, destination.connector, documents.policy, own)
                plan = check_thresholds(plan, destination.connection, documents.policy, today, own)
    diagnostics.extend(own.findings)
    # Mappings are checked against a known connector even where the connection has errors: their mistakes are theirs.
    if destination is None or plan is None or own.has_errors or destination.account_refused:
        return destination, None
    sources = [destination.connection.source, destination.connector.source]
    sources += [destination.account.source] if destination.account is not None else []
    plan = at_policy_rate(plan, documents.policy)
    return destination, replace(plan, sources=source_digests(sources, documents.tenant))


def _program(
    documents: TenantDocuments,
    mapping: MappingDocument,
    destinations: Mapping[str, Destination | None],
    diagnostics: Diagnostics,
    today: date,
) -> Program:
    routes = tuple(
        RouteProgram(route, fields=tuple(FieldProgram(each) for each in route.fields)) for route in mapping.routes
    )
    program = Program(mapping, destinations, documents.policy, today, documents.refused, routes=routes)
    for step in PASSES:
        program = step(program, diagnostics)
    return program
