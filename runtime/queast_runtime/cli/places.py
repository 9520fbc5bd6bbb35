"""Which tenants and files a command's PATHS mean, from wherever and however they are named."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from queast_dsl.diagnostics import Diagnostics
from queast_runtime.cli.exits import CommandError, Exit

DEFAULT_ROOT = Path("mappings")
CONNECTIONS = "connections.yaml"
POLICY = "policy.yaml"
TESTS = "tests"


@dataclass(frozen=True, slots=True)
class Selection:
    """A tenant under a `mappings` folder.

    `root` is the folder as findings show it; `files` narrows what is reported to paths from `root` on, such as
    `acme/acme-hubspot.yaml` (None: the whole tenant).
    """

    root: Path
    tenant: str
    files: frozenset[str] | None

    def shown(self, file: str) -> str:
        """Return one of `files` as findings name it."""
        return (self.root / file).as_posix()

    @property
    def mappings(self) -> frozenset[str]:
        """Those of `files` that stand where a mapping stands."""
        return frozenset(each for each in self.files or () if is_mapping(each))

    @property
    def asks_tests(self) -> bool:
        """Whether tests of mappings are among what was asked for."""
        return self.files is None or any(is_tests(each) for each in self.files)


def is_tests(file: str) -> bool:
    """Say whether a path from the `mappings` folder on is that of tests of a mapping."""
    parts = file.split("/")
    return len(parts) == 3 and parts[1] == TESTS and parts[2].endswith((".yaml", ".yml"))


def is_mapping(file: str) -> bool:
    """Say whether a path from the `mappings` folder on is that of a mapping."""
    tenant, _, name = file.partition("/")
    return bool(tenant) and "/" not in name and name.endswith((".yaml", ".yml")) and name != CONNECTIONS


def mappings_folder(path: Path) -> Path:
    """Return the mappings folder that a repository's top holds, for the top; any other path is returned as it is."""
    below = path / DEFAULT_ROOT
    if not below.is_dir() or (path / CONNECTIONS).is_file() or (path / POLICY).is_file():
        return path
    from queast_dsl.loading import tenants

    return below if not tenants(path) and ((below / POLICY).is_file() or tenants(below)) else path


def file_named(name: str) -> tuple[Path, str] | None:
    """Return what a mapping's file stands for where one is named instead of a mapping, with or without `.yaml`: the
    mappings folder and `tenant/mapping`. None where there is no such file.

    `mappings/acme/acme-hubspot.yaml`  ->  (`mappings`, `acme/acme-hubspot`)
    """
    for given in (Path(name), Path(f"{name}.yaml"), Path(f"{name}.yml")):
        if given.suffix in (".yaml", ".yml") and given.is_file():
            folder = given.parent.resolve()
            root = folder.parent if given.is_absolute() else Path(os.path.relpath(folder.parent))
            return root, f"{folder.name}/{given.stem}"
    return None


def select(paths: Sequence[Path], strays: Diagnostics | None = None, *, with_policy: bool = False) -> list[Selection]:
    """Return what PATHS name: a mappings folder, a tenant's folder, its tests or single files; none means `mappings`.
    The top of a repository stands for the mappings folder in it.

    What stands in a mappings folder outside of any tenant's folder is reported to `strays`.
    `with_policy` lets the policy be named too: it is a file of every tenant under it.
    Raises CommandError (usage) for a path that is not there or holds no tenant.
    """
    chosen: dict[tuple[Path, str], set[str] | None] = {}
    shown: dict[Path, Path] = {}
    for path in paths or [DEFAULT_ROOT]:
        for root, tenant, file in _tenants_of(path, strays, with_policy):
            shown.setdefault(root, _as_named(root, path))
            key = (root, tenant)
            if file is None:
                chosen[key] = None
            elif (files := chosen.setdefault(key, set())) is not None:
                files.add(file)
    return [
        Selection(shown[root], tenant, None if files is None else frozenset(files))
        for (root, tenant), files in sorted(chosen.items(), key=lambda item: (str(item[0][0]), item[0][1]))
    ]


def _as_named(root: Path, path: Path) -> Path:
    """A root named from the current folder is shown from there, one named in full is shown in full."""
    return root if path.is_absolute() else Path(os.path.relpath(root))


def _tenants_of(path: Path, strays: Diagnostics | None, with_policy: bool) -> list[tuple[Path, str, str | None]]:
    """Return (root, tenant, file from the root on) with the root resolved, so that one folder has one name."""
    if not path.exists():
        raise CommandError(
            Exit.USAGE, f"no such file or folder: {path}", "name a mappings folder, a tenant's folder or a mapping file"
        )
    if path.is_file():
        # The file's own name stays as it is: a link in a tenant's folder is refused where it stands.
        file = path.parent.resolve() / path.name
        if with_policy and path.name == POLICY and not (file.parent / CONNECTIONS).is_file():
            return [(root, tenant, POLICY) for root, tenant, _ in _tenants_of(path.parent, None, False)]
        tenant = _tenant_folder(file, path)
        return [(tenant.parent, tenant.name, file.relative_to(tenant.parent).as_posix())]
    path = mappings_folder(path)
    folder = path.resolve()
    if (folder / CONNECTIONS).is_file():
        return [(folder.parent, folder.name, None)]
    if folder.name == TESTS and (folder.parent / CONNECTIONS).is_file():
        return _tests_in(folder, path)
    from queast_dsl.loading import report_strays, tenants

    found = tenants(folder)
    outside = Diagnostics()
    if strays is not None:
        report_strays(_as_named(folder, path), outside)
        strays.extend(outside.findings)
    if not found and not outside.findings:
        raise CommandError(
            Exit.USAGE,
            f"no tenant under {path}",
            "a tenant is a folder with a connections.yaml, e.g. mappings/acme/connections.yaml",
        )
    return [(folder, tenant, None) for tenant in found]


def _tests_in(folder: Path, path: Path) -> list[tuple[Path, str, str | None]]:
    tenant = folder.parent
    # What lies deeper is read by nobody, which is a finding at its place.
    found = sorted(
        each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.suffix in (".yaml", ".yml")
    )
    names = [each for each in found if not any(part.startswith(".") for part in each.split("/"))]
    if not names:
        raise CommandError(Exit.USAGE, f"no tests in {path}", "tests are YAML files that stand in this folder itself")
    return [(tenant.parent, tenant.name, f"{tenant.name}/{TESTS}/{each}") for each in names]


def _tenant_folder(file: Path, path: Path) -> Path:
    for folder in file.parents:
        if (folder / CONNECTIONS).is_file():
            return folder
    raise CommandError(
        Exit.USAGE,
        f"{path} belongs to no tenant: no connections.yaml beside it",
        "keep a mapping in its tenant's folder, next to connections.yaml",
    )
