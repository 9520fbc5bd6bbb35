"""All documents of one tenant: connections, account files, mappings on their bases, and the platform's policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.document import mapping as document
from queast_dsl.document.cases import CaseFile
from queast_dsl.document.connections import Account, Connection
from queast_dsl.document.lock import LockFile
from queast_dsl.document.policy import Policy
from queast_dsl.document.tenant import TenantDocuments
from queast_dsl.loading import build_account as account_file
from queast_dsl.loading.build_account import build_account
from queast_dsl.loading.build_cases import build_cases
from queast_dsl.loading.build_connections import build_connections
from queast_dsl.loading.build_connector import connector_names
from queast_dsl.loading.build_lock import LOCK, build_lock
from queast_dsl.loading.build_mapping import build_mapping
from queast_dsl.loading.build_policy import build_policy
from queast_dsl.loading.compose import compose, misses_its_base
from queast_dsl.loading.folder import Folder
from queast_dsl.loading.ignores import read_ignores
from queast_dsl.loading.nodes import MapNode
from queast_dsl.loading.odd_shapes import report_odd_shapes
from queast_dsl.loading.source import MAX_BYTES, read_source
from queast_dsl.loading.strays import (
    CONNECTIONS,
    NAME,
    POLICY,
    TESTS,
    is_yaml,
    report_strays_of_tenant,
    report_tenant_name,
)
from queast_dsl.loading.structure import beginning, check_structure
from queast_dsl.loading.tables import read_tables
from queast_dsl.loading.tree import read_tree
from queast_dsl.source import SourceFile, Span


def tenants(root: Path) -> tuple[str, ...]:
    """Return the names of the tenants below the folder `root`, sorted: those that have a connections.yaml."""
    if not root.is_dir():
        return ()
    return tuple(sorted(e.name for e in root.iterdir() if NAME.fullmatch(e.name) and (e / CONNECTIONS).is_file()))


def load_tenant(
    root: Path,
    tenant: str,
    diagnostics: Diagnostics,
    *,
    sources: Mapping[str, bytes] | None = None,
    edited: Mapping[str, bytes] | None = None,
    policy: bytes | None = None,
    base_folder: Path | None = None,
    tests: bool = False,
) -> TenantDocuments:
    """Return what is sound of a tenant's documents; what is not is reported and left out.

    `root` is the folder that holds the tenants and policy.yaml; paths in findings begin with it as given. With
    `sources` nothing is read from disk: they are the files by path from `root`, such as `acme/connections.yaml`.
    `edited` files are read from there in the place of what lies on disk.
    `policy` is the platform's policy in the place of the policy.yaml that lies there, or does not.
    `base_folder` holds the base mappings; where it is None those that ship are used. With `tests` those of the mappings
    are read too.
    """
    folder = Folder(root, sources, edited or {})
    if not NAME.fullmatch(tenant):
        report_tenant_name(folder.shown(tenant), tenant, diagnostics)
    root_of_connections = _tree(folder, f"{tenant}/{CONNECTIONS}", "connections", diagnostics)
    connections, ignores = _connections(tenant, root_of_connections, diagnostics)
    accounts = _accounts(folder, tenant, connections, diagnostics)
    of_policy = folder if policy is None else Folder(root, {POLICY: policy})
    bounds = _policy(of_policy, diagnostics)
    refused = {
        _account_path(name)
        for name in connections
        if name not in accounts and folder.has(f"{tenant}/{_account_path(name)}")
    }
    refused |= {CONNECTIONS} if root_of_connections is None else set()
    refused |= {POLICY} if bounds is None and of_policy.has(POLICY) else set()
    read = (
        _mapping(folder, tenant, name, diagnostics, base_folder) for name in _mapping_names(folder, tenant, diagnostics)
    )
    mappings = tuple(found for found in read if found is not None)
    there = {name.removesuffix(".yaml") for name in folder.names(tenant) if name != CONNECTIONS and is_yaml(name)}
    return TenantDocuments(
        tenant=tenant,
        mappings=mappings,
        connections=connections,
        accounts=accounts,
        policy=bounds,
        refused=frozenset(refused),
        unsound=frozenset(there - {each.name for each in mappings}),
        neighbours=frozenset(tenants(root)) if bounds is not None and of_policy.sources is None else None,
        ignores=ignores,
        tests=_tests(folder, tenant, diagnostics) if tests else (),
        lock=_lock(folder, f"{tenant}/{LOCK}", diagnostics),
    )


def _lock(folder: Folder, path: str, diagnostics: Diagnostics) -> LockFile | None:
    if not folder.has(path):
        return None
    data = folder.read(path, MAX_BYTES, diagnostics)
    source = None if data is None else read_source(folder.shown(path), data, diagnostics)
    return None if source is None else build_lock(source, diagnostics)


def _tests(folder: Folder, tenant: str, diagnostics: Diagnostics) -> tuple[CaseFile, ...]:
    names = (name for name in folder.names(f"{tenant}/{TESTS}") if is_yaml(name))
    trees = (_tree(folder, f"{tenant}/{TESTS}/{name}", "tests", diagnostics) for name in names)
    return tuple(build_cases(root) for root in trees if root is not None)


def _tree(folder: Folder, path: str, schema: str, diagnostics: Diagnostics) -> MapNode | None:
    """Return the tree of a YAML file whose structure is sound, or None after reporting why there is none."""
    data = folder.read(path, MAX_BYTES, diagnostics)
    source = None if data is None else read_source(folder.shown(path), data, diagnostics)
    root = None if source is None else read_tree(source, diagnostics, beginning(schema))
    if root is None:
        return None
    if not check_structure(root, schema, diagnostics, report_odd_shapes(root, diagnostics)):
        return None
    if not isinstance(root, MapNode):
        raise TypeError(f"the schema {schema} let something else than a mapping through")
    return root


def _connections(
    tenant: str, root: MapNode | None, diagnostics: Diagnostics
) -> tuple[dict[str, Connection], tuple[document.Ignore, ...]]:
    """Return the connections of a sound file by name, and its comments that silence something."""
    if root is None:
        return {}, ()
    return build_connections(tenant, root), read_ignores(root.span.file, root, diagnostics)


def _account_path(connection: str) -> str:
    return f"accounts/{connection}.json"


def load_policy(root: Path, data: bytes, diagnostics: Diagnostics) -> Policy | None:
    """Return a policy by its file's bytes; None after findings, which show it in `root`."""
    return _policy(Folder(root, {POLICY: data}), diagnostics)


def _policy(folder: Folder, diagnostics: Diagnostics) -> Policy | None:
    if not folder.has(POLICY):
        return None
    root = _tree(folder, POLICY, "policy", diagnostics)
    return None if root is None else build_policy(root, diagnostics)


def _accounts(
    folder: Folder, tenant: str, connections: Mapping[str, Connection], diagnostics: Diagnostics
) -> dict[str, Account]:
    accounts: dict[str, Account] = {}
    for name, connection in connections.items():
        path = f"{tenant}/{_account_path(name)}"
        if not folder.has(path):
            continue
        limit = account_file.MAX_BYTES
        data = folder.read(path, limit, diagnostics)
        source = None if data is None else read_source(folder.shown(path), data, diagnostics, max_bytes=limit)
        account = None if source is None else build_account(source, diagnostics)
        if account is not None and _fits(account, connection, diagnostics):
            accounts[name] = account
    return accounts


def _fits(account: Account, connection: Connection, diagnostics: Diagnostics) -> bool:
    for what, pulled, pinned in (
        ("connector", account.connector, connection.connector),
        ("account", account.account, connection.account),
    ):
        if what == "connector" and pinned.value not in connector_names():
            # Mostly a slip in the connector's name, which is told where manifests are known, and so is this.
            continue
        if pulled != pinned.value:
            message = f"`{account.source.path}` is of the {what} `{pulled}`, not `{pinned.value}`"
            help = "ask Queast for the account file anew, or correct the connection"
            diagnostics.report("QM117", message, pinned.span, help=help)
            return False
    return True


def _mapping_names(folder: Folder, tenant: str, diagnostics: Diagnostics) -> list[str]:
    report_strays_of_tenant(folder.shown(tenant), folder.documents_below(tenant), diagnostics)
    names: list[str] = []
    for file_name in folder.names(tenant):
        if file_name == CONNECTIONS or not is_yaml(file_name):
            continue
        name = file_name.removesuffix(".yaml")
        if NAME.fullmatch(name):
            names.append(name)
            continue
        span = Span(SourceFile(folder.shown(f"{tenant}/{file_name}"), ""), 0, 0)
        help = "name it with small letters, digits and single hyphens, ending in .yaml"
        diagnostics.report("QM005", f"`{file_name}` cannot name a mapping", span, help=help)
    return names


def _mapping(
    folder: Folder, tenant: str, name: str, diagnostics: Diagnostics, base_folder: Path | None
) -> document.Mapping | None:
    root = _tree(folder, f"{tenant}/{name}.yaml", "mapping", diagnostics)
    composed = None if root is None else compose(root, diagnostics, base_folder)
    if (
        root is None
        or composed is None
        or misses_its_base(root, diagnostics, base_folder)
        or not check_structure(composed.root, "mapping-merged", diagnostics)
    ):
        return None

    def read_file(path: str, where: Span) -> SourceFile | None:
        data = folder.read(f"{tenant}/{path}", MAX_BYTES, diagnostics, where)
        return None if data is None else read_source(folder.shown(f"{tenant}/{path}"), data, diagnostics)

    tables = read_tables(composed.root, read_file, diagnostics)
    if tables is None:
        return None
    sources = (*composed.sources, *tables.sources)
    built = build_mapping(tenant, name, composed.root, tables.tables, sources, diagnostics)
    if built is None:
        return None
    return replace(built, ignores=read_ignores(composed.sources[0], root, diagnostics), locked=composed.locked)
