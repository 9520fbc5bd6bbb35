"""`qmap init --from CONNECTION`: propose a mapping, compile it, and hold back what the compiler does not take."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from queast_compiler.passes.program import Destination
from queast_compiler.passes.properties import PropertyTable, properties_of
from queast_compiler.passes.resolve_destination import resolve_destination
from queast_compiler.pipeline import check_tenant
from queast_dsl.diagnostics import Diagnostics, Finding, Severity
from queast_dsl.diagnostics.nearest import did_you_mean
from queast_dsl.document.connections import Account
from queast_dsl.document.tenant import TenantDocuments
from queast_dsl.loading import load_tenant, tenants
from queast_runtime.cli.compiling import find_connector
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.init.kinds import BEGINNINGS
from queast_runtime.cli.init.laying import lay
from queast_runtime.cli.output import Format, data, data_json, say
from queast_runtime.cli.places import CONNECTIONS, DEFAULT_ROOT, POLICY
from queast_runtime.cli.proposing.matching import propose_object
from queast_runtime.cli.proposing.model import ObjectProposal, Proposal
from queast_runtime.cli.proposing.writing import Written, write_mapping
from queast_runtime.cli.schema import FOLDER
from queast_runtime.cli.wording import counted

# Each look takes back at least one field; a proposal that is still refused after so many is not ours to repair.
_LOOKS = 50


def propose(folder: Path, named: str, tenant: str | None, format: Format) -> None:
    """Write `mappings/<tenant>/<connection>-proposed.yaml`, which sends nothing. Raises CommandError."""
    root = folder / DEFAULT_ROOT
    owner, connection = _find(root, named, tenant)
    path = f"{DEFAULT_ROOT}/{owner}/{connection}-proposed.yaml"
    if (folder / path).exists() or (folder / path).is_symlink():
        raise CommandError(Exit.USAGE, f"{path} is there already, and left alone", "move it away to have a new one")
    text, objects = proposed_mapping(root, owner, connection)
    lay(folder, {path: text.encode()})
    active = sum(each.is_active for one in objects for each in one.proposals)
    held = sum(not each.is_active for one in objects for each in one.proposals)
    left = sum(len(one.unmatched) for one in objects)
    if format is Format.JSON:
        data_json({"tenant": owner, "written": [path], "kept": [], "fields": active, "comments": held, "left": left})
        return
    data(f"{path}\n")
    say(f"{counted(active, 'field')} proposed, {held} more as comments; {left} properties of the account left over")
    away = folder.resolve() != Path.cwd()
    todo = [
        *([f"cd {shlex.quote(folder.as_posix())}"] if away else []),
        f"look through {path}: each line says why it is proposed",
        f"qmap schema {owner}/{connection}-proposed --write    completion and checks in your editor",
        f"qmap lint {path}",
        f"write tests in mappings/{owner}/tests, then `mode: live`, and see what it does: qmap diff",
    ]
    say("\nnext" + "".join(f"\n  {number}. {each}" for number, each in enumerate(todo, 1)))


def proposed_mapping(root: Path, tenant: str, connection: str) -> tuple[str, tuple[ObjectProposal, ...]]:
    """Return the text of a mapping that compiles without errors, and what it was made of. Raises CommandError."""
    documents = load_tenant(root, tenant, Diagnostics())
    destination = _destination(documents, connection)
    objects = _objects(destination)
    path, beside = f"{tenant}/{connection}-proposed.yaml", _beside(root, tenant, connection)
    account_file = f"accounts/{connection}.json"
    looks = 0
    while True:
        looks += 1
        written = write_mapping(connection, account_file, objects, f"{FOLDER}/{connection}.schema.json")
        errors = _errors(root, path, {**beside, path: written.text.encode()})
        if not errors:
            return written.text, objects
        narrower = _held_back(objects, written, errors)
        if narrower == objects or looks == _LOOKS:
            first = errors[0]
            raise CommandError(
                Exit.FINDINGS,
                f"no mapping to {connection} can be proposed: {first.code} {first.message}",
                "mend the account file or the connection, or write the mapping by hand",
            )
        objects = narrower


def _find(root: Path, named: str, tenant: str | None) -> tuple[str, str]:
    """Return (tenant, connection) of `CONNECTION` or `TENANT/CONNECTION`. Raises CommandError (usage)."""
    before, slash, connection = named.rpartition("/")
    wanted = before if slash else tenant
    documents = {
        each: load_tenant(root, each, Diagnostics()) for each in tenants(root) if wanted is None or each == wanted
    }
    places = [(each, name) for each, found in documents.items() for name in found.connections]
    found = [each for each in places if each[1] == connection]
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(each for each, _ in found)
        raise CommandError(
            Exit.USAGE, f"several tenants have a connection {connection}: {several}", f"say TENANT/{connection}"
        )
    for each, one in documents.items():
        if CONNECTIONS in one.refused:
            path = root / each / CONNECTIONS
            raise CommandError(
                Exit.FINDINGS,
                f"{path} cannot be read, so nobody can say whether it has a connection {connection}",
                f"mend what this shows: qmap lint {path}",
            )
    known = [*(name for _, name in places), *BEGINNINGS]
    help = did_you_mean(connection, known) or f"one of {', '.join(dict.fromkeys(known))}"
    raise CommandError(Exit.USAGE, f"--from {named} is neither a beginning nor a connection under {root}", help)


def _destination(documents: TenantDocuments, connection: str) -> Destination:
    diagnostics = Diagnostics()
    destination = resolve_destination(
        documents,
        connection,
        diagnostics,
        today=datetime.now(UTC).date(),
        connectors=lambda name: find_connector(name, diagnostics),
    )
    if destination is None or destination.account_refused:
        raise CommandError(Exit.FINDINGS, f"connection {connection} or its account file has errors", "see: qmap lint")
    if not any(each.open for each in destination.connector.objects.values()):
        raise CommandError(
            Exit.USAGE,
            f"connection {connection} takes events and has no properties to propose anything for",
            "a mapping to begin with: qmap init NEW --from webhook",
        )
    if destination.account is None:
        raise CommandError(
            Exit.USAGE,
            f"connection {connection} has no account file, so its properties are not known",
            f"write accounts/{connection}.json beside connections.yaml with the account's properties and options",
        )
    return destination


def _objects(destination: Destination) -> tuple[ObjectProposal, ...]:
    found: list[ObjectProposal] = []
    for each in destination.connector.objects.values():
        if each.role in ("company", "person") and each.action == "upsert":
            table = _listed(properties_of(each, destination.account), each.name, destination.account)
            entity: Literal["company", "person"] = "person" if each.role == "person" else "company"
            found.append(propose_object(each.name, entity, table, each.external_id))
    return tuple(found)


def _listed(table: PropertyTable, object: str, account: Account | None) -> PropertyTable:
    """Only what the account file lists, and what no record can do without."""
    listed = {} if account is None else account.objects.get(object, {})
    kept = {name: each for name, each in table.by_name.items() if name in listed or each.required}
    return PropertyTable(kept, table.by_label, table.complete)


def _errors(root: Path, path: str, sources: Mapping[str, bytes]) -> list[Finding]:
    """Return the errors of the proposal at `path` itself: what else is wrong in the folder was so before."""
    diagnostics = Diagnostics()
    documents = load_tenant(root, path.partition("/")[0], diagnostics, sources=sources)
    check_tenant(
        documents,
        diagnostics,
        today=datetime.now(UTC).date(),
        connectors=lambda connector: find_connector(connector, diagnostics),
    )
    shown = (root / path).as_posix()
    return [
        each
        for each in diagnostics
        if each.severity is Severity.ERROR and each.span is not None and each.span.file.path == shown
    ]


def _beside(root: Path, tenant: str, connection: str) -> dict[str, bytes]:
    """What the proposal is compiled against, by path from `root` on; other mappings do not concern one that is off."""
    names = (f"{tenant}/{CONNECTIONS}", f"{tenant}/accounts/{connection}.json", POLICY)
    return {name: (root / name).read_bytes() for name in names if (root / name).is_file()}


def _held_back(
    objects: Sequence[ObjectProposal], written: Written, errors: Sequence[Finding]
) -> tuple[ObjectProposal, ...]:
    """Make comments of the fields whose lines have an error, with the error as the reason."""
    refused = {written.fields.get(each.span.line): each for each in errors if each.span is not None}

    def held_back(object: str, each: Proposal) -> Proposal:
        found = refused.get((object, each.property.name))
        if found is None or not each.is_active:
            return each
        return replace(each, is_active=False, rows=None, why=f"{found.code}: {found.message}")

    return tuple(
        replace(one, proposals=tuple(held_back(one.object, each) for each in one.proposals)) for one in objects
    )
