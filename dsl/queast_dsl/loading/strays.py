"""Files and folders that look like part of the mappings and that nothing reads: left in silence they would be missed.

```
mappings/policy.yml           QM005: did you mean `policy.yaml`?
mappings/crm.yaml             QM006: it stands in no tenant's folder
mappings/Zeta/crm.yaml        QM005: `Zeta` cannot name a tenant
mappings/zeta/crm.yaml        QM006: and there is no mappings/zeta/connections.yaml
mappings/zeta/drafts/crm.yaml QM006: in a folder in which no mappings are read
```
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.nearest import nearest
from queast_dsl.source import SourceFile, Span

NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
CONNECTIONS = "connections.yaml"
POLICY = "policy.yaml"
TESTS = "tests"
# What else a tenant's folder holds: tests, account files, tables and events. YAML there is nobody's mapping.
_OTHERS = frozenset({TESTS, "accounts", "tables", "events"})
# Folders are looked into so deep; nothing that was meant to be read lies deeper.
_DEPTH = 4


def is_yaml(name: str) -> bool:
    """Say whether a file's or folder's name is that of a document; hidden ones are their editors'."""
    return name.endswith((".yaml", ".yml")) and not name.startswith(".")


def report_strays(root: Path, diagnostics: Diagnostics) -> None:
    """Report what stands in a mappings folder outside of any tenant's folder, each at its own path."""
    for entry in _entries(root):
        shown = (root / entry.name).as_posix()
        if not entry.is_dir():
            if is_yaml(entry.name) and entry.name != POLICY:
                _report_file(shown, entry.name, diagnostics)
        elif entry.name == POLICY:
            # Who reads the policy says that it is no file.
            continue
        elif not NAME.fullmatch(entry.name):
            if is_yaml(entry.name) or next(_documents(root / entry.name), None) is not None:
                report_tenant_name(shown, entry.name, diagnostics)
        elif not (root / entry.name / CONNECTIONS).is_file():
            _report_folder(root / entry.name, diagnostics)


def report_tenant_name(shown: str, name: str, diagnostics: Diagnostics) -> None:
    """Report a folder whose name cannot be a tenant's."""
    diagnostics.report(
        "QM005",
        f"`{name}` cannot name a tenant",
        _start(shown),
        help="name the folder with small letters, digits and single hyphens, beginning with a letter",
    )


def report_strays_of_tenant(shown: str, paths: Iterable[str], diagnostics: Diagnostics) -> None:
    """Report documents in folders below a tenant's: one finding a folder, at its first file.

    `shown` is the tenant's folder as people see it, `paths` are those of its files from there on.
    """
    by_folder: dict[str, list[str]] = {}
    for path in sorted(paths):
        folder, slash, _ = path.partition("/")
        if not slash or folder.startswith(".") or not is_yaml(path.rpartition("/")[2]):
            continue
        # Tests are read in their own folder, and in none below it.
        if folder not in _OTHERS or (folder == TESTS and path.count("/") > 1):
            by_folder.setdefault(folder, []).append(path)
    for folder, found in by_folder.items():
        more = f", nor {len(found) - 1} more in `{folder}`" if len(found) > 1 else ""
        where = (
            "tests stand in the folder `tests` itself" if folder == TESTS else "mappings stand in the tenant's folder"
        )
        help = "move it up, or out of the mappings folder"
        if folder != TESTS:
            where, help = f"{where} itself", "move it up beside connections.yaml, or out of the mappings folder"
        diagnostics.report(
            "QM006", f"`{found[0]}` is not read{more}: {where}", _start(f"{shown}/{found[0]}"), help=help
        )


def documents_below(folder: Path) -> Iterator[str]:
    """Return the paths of the documents in the folders below `folder`, from there on, such as `drafts/crm.yaml`."""
    return (path for path in _documents(folder) if "/" in path)


def _report_file(shown: str, name: str, diagnostics: Diagnostics) -> None:
    if nearest(name.casefold(), [POLICY]) is not None:
        diagnostics.report(
            "QM005", f"`{name}` is not read as the policy", _start(shown), help=f"did you mean `{POLICY}`?"
        )
        return
    diagnostics.report(
        "QM006",
        f"`{name}` belongs to no tenant: it stands in no tenant's folder",
        _start(shown),
        help="move it into its tenant's folder, next to connections.yaml",
    )


def _report_folder(folder: Path, diagnostics: Diagnostics) -> None:
    if os.path.lexists(folder / CONNECTIONS):
        why, help = f"its {CONNECTIONS} is no file that is read", "put the file itself in the tenant's folder"
    elif next(_documents(folder), None) is not None:
        why, help = f"there is no {CONNECTIONS} in it", f"write {CONNECTIONS} beside the mappings, or move them out"
    else:
        return
    diagnostics.report("QM006", f"the folder `{folder.name}` is no tenant: {why}", _start(folder.as_posix()), help=help)


def _documents(folder: Path, before: str = "", depth: int = _DEPTH) -> Iterator[str]:
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            if depth > 0:
                yield from _documents(folder / entry.name, f"{before}{entry.name}/", depth - 1)
        elif is_yaml(entry.name):
            yield f"{before}{entry.name}"


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what is in a folder but for what is hidden, by name; nothing where it cannot be read."""
    try:
        with os.scandir(folder) as found:
            return sorted((each for each in found if not each.name.startswith(".")), key=lambda each: each.name)
    except OSError:
        return []


def _start(shown: str) -> Span:
    return Span(SourceFile(shown, ""), 0, 0)
