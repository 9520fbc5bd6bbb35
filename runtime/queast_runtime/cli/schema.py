"""`qmap schema`: schemas for editors, printed, or put into the tenant's folder with a line that points to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from queast_compiler.editor import document_names, document_schema, mapping_schema
from queast_compiler.editor.dialect import JsonObject
from queast_compiler.passes.program import Destination
from queast_compiler.passes.resolve_destination import resolve_destination
from queast_compiler.plan.directory import write_atomically
from queast_dsl.diagnostics import Diagnostics, Finding, Severity
from queast_dsl.diagnostics.nearest import did_you_mean
from queast_dsl.diagnostics.render.text import render
from queast_dsl.document.tenant import TenantDocuments
from queast_dsl.loading import load_tenant, tenants
from queast_dsl.loading.bases import shipped_bases
from queast_dsl.loading.draft import connection_of, drafts
from queast_runtime.cli.compiling import find_connector
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import data, data_json, say
from queast_runtime.cli.places import file_named

FOLDER = ".qmap-schemas"
_MODELINE = re.compile(rb"^#[ \t]*yaml-language-server[ \t]*:[^\r\n]*", re.MULTILINE)
_BOM = b"\xef\xbb\xbf"


def run(name: str | None, root: Path, write: bool) -> None:
    """Print or write the schema of mappings to MAPPING's connection; without MAPPING those of all documents.

    `name` is the mapping's, or `tenant/mapping` where several tenants have it. Raises CommandError.
    """
    if name is None:
        _documents(root, write)
        return
    root, name = file_named(name) or (root, name)
    if not root.is_dir():
        raise CommandError(Exit.USAGE, f"no such folder: {root}", "name the mappings folder with --root")
    tenant, mapping = _find(name, root)
    connection, schema = _of_mapping(tenant, mapping, root)
    if not write:
        data(_text(schema))
        return
    folder, file = root / tenant, root / tenant / f"{mapping}.yaml"
    target = folder / FOLDER / f"{connection}.schema.json"
    _refuse_links((folder, target.parent, target, file))
    said = [_put(target, _bytes(schema)), _point(file, f"{FOLDER}/{target.name}")]
    say("\n".join(said))


def _documents(root: Path, write: bool) -> None:
    schemas = {name: document_schema(name) for name in document_names()}
    if not write:
        data_json({"schemas": schemas})
        return
    if not root.is_dir():
        raise CommandError(Exit.USAGE, f"no such folder: {root}", "name the mappings folder with --root")
    folder = root / FOLDER
    _refuse_links((folder, *(folder / f"{name}.schema.json" for name in schemas)))
    for name, schema in schemas.items():
        say(_put(folder / f"{name}.schema.json", _bytes(schema)))
    say(f"first line of a connections.yaml: {_modeline(f'../{FOLDER}/connections.schema.json')}")


def _find(name: str, root: Path) -> tuple[str, str]:
    """Return (tenant, mapping). Raises CommandError (usage) for none or several."""
    wanted_tenant, slash, wanted = name.rpartition("/")
    places = [(tenant, mapping) for tenant in tenants(root) for mapping in drafts(root, tenant)]
    found = [each for each in places if each[1] == wanted and (not slash or each[0] == wanted_tenant)]
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(tenant for tenant, _ in found)
        raise CommandError(Exit.USAGE, f"several tenants have a mapping {wanted}: {several}", f"say TENANT/{wanted}")
    known = [mapping for _, mapping in places]
    help = did_you_mean(wanted, known) or "a mapping is a file beside a connections.yaml, named without .yaml"
    raise CommandError(Exit.USAGE, f"no mapping is called {name} under {root}", help)


def _of_mapping(tenant: str, mapping: str, root: Path) -> tuple[str, JsonObject]:
    """Return the name of the connection and its schema; findings in connections or account end with exit 1."""
    own = Diagnostics()
    named = connection_of(root, tenant, mapping, own)
    _end_on(own)
    diagnostics = Diagnostics()
    documents = load_tenant(root, tenant, diagnostics)
    _end_on(_about_connections(diagnostics, root / tenant))
    connection = _connection(mapping, None if named is None else named.value, documents)
    destination = _destination(documents, connection)
    return connection, mapping_schema(destination, sorted(documents.connections), shipped_bases())


def schema_of_connection(root: Path, tenant: str, connection: str, sources: Mapping[str, bytes]) -> JsonObject:
    """Return the schema of mappings to a connection whose tenant is not on disk yet: its files by path from `root` on.

    Raises CommandError where the connection or its account file has errors.
    """
    documents = load_tenant(root, tenant, Diagnostics(), sources=sources)
    destination = _destination(documents, connection)
    return mapping_schema(destination, sorted(documents.connections), shipped_bases())


def _about_connections(diagnostics: Iterable[Finding], folder: Path) -> list[Finding]:
    """Mappings are unfinished while they are written; what they are written against must be sound."""
    files = (folder / "connections.yaml").as_posix(), f"{(folder / 'accounts').as_posix()}/"
    return [each for each in diagnostics if each.span is not None and each.span.file.path.startswith(files)]


def _connection(mapping: str, named: str | None, documents: TenantDocuments) -> str:
    known = sorted(documents.connections)
    if named in documents.connections:
        return str(named)
    if named is None and len(known) == 1:
        return known[0]
    listed = f"connections of {documents.tenant}: {', '.join(known) or 'none'}"
    if named is None:
        raise CommandError(Exit.FINDINGS, f"{mapping} does not say which connection it is for", listed)
    near = did_you_mean(named, known)
    raise CommandError(Exit.FINDINGS, f"{mapping}: there is no connection {named}", near or listed)


def _destination(documents: TenantDocuments, name: str) -> Destination:
    diagnostics = Diagnostics()
    destination = resolve_destination(
        documents,
        name,
        diagnostics,
        today=datetime.now(UTC).date(),
        connectors=lambda connector: find_connector(connector, diagnostics),
    )
    _end_on(diagnostics)
    if destination is None:
        raise CommandError(Exit.FINDINGS, f"connection {name} has errors", "see: qmap lint")
    return destination


def _end_on(findings: Iterable[Finding]) -> None:
    """Print findings and raise SystemExit(1) where there is an error."""
    found = list(findings)
    if any(each.severity is Severity.ERROR for each in found):
        data(render(found))
        raise SystemExit(Exit.FINDINGS)


def _text(schema: JsonObject) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _bytes(schema: JsonObject) -> bytes:
    # Half of a sign, as an account's label may hold, is written as JSON writes it.
    return _text(schema).encode("utf-8", "backslashreplace")


def _refuse_links(paths: Iterable[Path]) -> None:
    """A link could point out of the tenant's folder, and what is there is not ours to write."""
    for path in paths:
        if path.is_symlink():
            raise CommandError(
                Exit.REFUSED, f"{path} is a link, and links are not followed", "put the file itself there"
            )


def _put(path: Path, content: bytes) -> str:
    """Write a file unless it is as it should be; return what was done."""
    if path.is_file() and path.read_bytes() == content:
        return f"{path} is up to date"
    write_atomically(path, content)
    return f"wrote {path}"


def _modeline(reference: str) -> str:
    return f"# yaml-language-server: $schema={reference}"


def _point(file: Path, reference: str) -> str:
    """Put the line that editors read before a mapping's first line, unless it has one; return what was done."""
    content = file.read_bytes()
    line = _modeline(reference).encode()
    present = _MODELINE.search(content)
    if present is not None:
        other = present[0].decode("utf-8", "replace").strip()
        return f"{file} points to it" if other == line.decode() else f"{file} has a line of its own, kept: {other}"
    mark = _BOM if content.startswith(_BOM) else b""
    body = content[len(mark) :]
    end = b"\r\n" if body.partition(b"\n")[0].endswith(b"\r") else b"\n"
    write_atomically(file, mark + line + end + body, mode=file.stat().st_mode & 0o7777)
    return f"put `{line.decode()}` at the head of {file}"
