"""Which tenants and files a command's PATHS mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from queast_runtime.cli.exits import CommandError, Exit

DEFAULT_ROOT = Path("mappings")


@dataclass(frozen=True, slots=True)
class Selection:
    """A tenant under a `mappings` folder; `files` narrows what is reported (None: the whole tenant)."""

    root: Path
    tenant: str
    files: frozenset[str] | None


def select(paths: Sequence[Path]) -> list[Selection]:
    """Return what PATHS name: a mappings folder, a tenant's folder or single files; none means `mappings`.

    Raises CommandError (usage) for a path that is not there or holds no tenant.
    """
    chosen: dict[tuple[Path, str], set[str] | None] = {}
    for path in paths or [DEFAULT_ROOT]:
        for root, tenant, file in _tenants_of(path):
            key = (root, tenant)
            if file is None:
                chosen[key] = None
            elif (files := chosen.setdefault(key, set())) is not None:
                files.add(file)
    return [
        Selection(root, tenant, None if files is None else frozenset(files))
        for (root, tenant), files in sorted(chosen.items(), key=lambda item: (str(item[0][0]), item[0][1]))
    ]


def _tenants_of(path: Path) -> list[tuple[Path, str, str | None]]:
    if not path.exists():
        raise CommandError(
            Exit.USAGE, f"no such file or folder: {path}", "name a mappings folder, a tenant's folder or a mapping file"
        )
    if path.is_file():
        tenant = _tenant_folder(path)
        return [(tenant.parent, tenant.name, str(path))]
    if (path / "connections.yaml").is_file():
        return [(_parent(path), path.resolve().name, None)]
    from queast_dsl.loading import tenants

    found = tenants(path)
    if not found:
        raise CommandError(
            Exit.USAGE,
            f"no tenant under {path}",
            "a tenant is a folder with a connections.yaml, e.g. mappings/acme/connections.yaml",
        )
    return [(path, tenant, None) for tenant in found]


def _parent(folder: Path) -> Path:
    return folder.parent if folder.name not in ("", ".", "..") else folder.resolve().parent


def _tenant_folder(file: Path) -> Path:
    for folder in file.parents:
        if (folder / "connections.yaml").is_file():
            return folder if folder.name not in ("", "..") else folder.resolve()
    raise CommandError(
        Exit.USAGE,
        f"{file} belongs to no tenant: no connections.yaml beside it",
        "keep a mapping in its tenant's folder, next to connections.yaml",
    )
