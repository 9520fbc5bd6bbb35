"""Where a command may write what it was told to write with `-o`, `--out`, `--lcov` and their like.

Nowhere among sources and not in the state folder, and over nothing but what the same option wrote before.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.places import CONNECTIONS, DEFAULT_ROOT, POLICY

# What says of which kind a file is stands at its beginning.
_HEAD_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Kind:
    """What an option writes: what it is called, and what such a file looks like from its first byte on."""

    name: str
    looks: re.Pattern[bytes]


# One that was cut off or edited by hand is still one to make anew.
CHANGE: Final = Kind(
    "a change file",
    re.compile(rb'\s*\{(?:\s*"against"\s*:\s*\{\s*"kind"\s*:|.*"kind"\s*:\s*"queast-change")', re.DOTALL),
)
LCOV: Final = Kind("LCOV", re.compile(rb"(TN:|SF:)"))
PNG: Final = Kind("a PNG picture", re.compile(rb"\x89PNG\r\n\x1a\n"))
SVG: Final = Kind("an SVG picture", re.compile(rb"(?:<\?xml.*)?<svg\b", re.DOTALL))
_INDEX: Final = Kind("the index of a folder of plans", re.compile(rb'\{"connections":'))
# In every format that it has; findings stand there where the sources have errors.
DIFF: Final = Kind(
    "what qmap diff prints",
    re.compile(
        rb'\{"schema_version": 1, "(?:against|findings)"'
        rb'|\[\]\s*$|\[\{"(?:description|check_name)": "'
        rb'|\{"\$schema": "https://json\.schemastore\.org/sarif'
        rb"|<\?xml [^>]*>\s*<testsuites\b"
        rb"|<!-- qmap"
        rb"|::(?:error|warning|notice) "
        rb"|QM\d{3} "
        rb"|nothing is published here \("
        rb"|(?:mapping|connection) \S+   plan "
        rb"|no change: the plans are those of "
        rb"|Effect on [\d,]+ events? of "
        rb"|\S+/\S+ did not compile at "
        rb"|note: "
    ),
)


def check_target(path: Path, kind: Kind, option: str, roots: Iterable[Path] = (DEFAULT_ROOT,)) -> None:
    """Raise CommandError (usage) where `option` must not write to `path`; `roots` are the mappings folders at hand."""
    example = f"name a new file elsewhere: {option} {path.name or 'FILE'}"
    refused = _reserved(path, roots)
    if refused is not None:
        raise CommandError(Exit.USAGE, f"{option} {path}: {refused}", example)
    try:
        mode = path.stat().st_mode
    except OSError:
        # Nothing is there, or what it is shows when it is written.
        return
    if stat.S_ISDIR(mode):
        raise CommandError(Exit.USAGE, f"{option} {path}: it is a folder", f"name a file: {option} {path / 'FILE'}")
    if not stat.S_ISREG(mode):
        raise CommandError(Exit.USAGE, f"{option} {path}: it is no regular file, and would be replaced", example)
    if not _is_of(path, kind):
        raise CommandError(
            Exit.USAGE,
            f"{option} {path}: there is a file that is not {kind.name}, and it is left alone",
            f"{example}; or remove that one first",
        )


def check_folder(path: Path, option: str, roots: Sequence[Path], tenants: Iterable[str]) -> None:
    """Raise CommandError (usage) where plans of tenants would be written into the state folder, among sources or around
    them, or over another file than an index of plans."""
    refused = _reserved(path, roots)
    if refused is None and any(_real(root).is_relative_to(_real(path)) for root in roots):
        refused = "it holds a folder of sources"
    if refused is not None:
        raise CommandError(
            Exit.USAGE, f"plans are not written to {path}: {refused}", f"name a folder apart from it: {option} plans"
        )
    for tenant in tenants:
        check_target(path / tenant / "index.json", _INDEX, option, roots)


def check_apart(targets: Sequence[tuple[str, Path | None]]) -> None:
    """Raise CommandError (usage) where two options name one file."""
    seen: dict[Path, str] = {}
    for option, path in targets:
        if path is None:
            continue
        other = seen.setdefault(_real(path), option)
        if other != option:
            raise CommandError(Exit.USAGE, f"{other} and {option} name the same file: {path}", "name two")


def _reserved(path: Path, roots: Iterable[Path]) -> str | None:
    """Say why a place is not one to write to. A link is where it stands and where it leads."""
    # Straight from the environment, as with QMAP_CONNECTORS: a command that needs no other setting reads none.
    state, sources = _real(Path(os.environ.get("QMAP_STATE") or ".qmap")), {_real(root) for root in roots}
    for target in {_real(path.parent) / path.name, _real(path)}:
        if target.is_relative_to(state):
            return f"it lies in the state folder {state}"
        for folder in (target, *target.parents):
            if folder in sources or _holds_sources(folder):
                return "it lies among the sources"
    return None


def _real(path: Path) -> Path:
    """Where a path leads; unlike `resolve` it bears links in a circle, which writing is to complain of."""
    return Path(os.path.realpath(path))


def _holds_sources(folder: Path) -> bool:
    """Say whether a folder is a tenant's, or one that tenants' folders lie in."""
    if (folder / CONNECTIONS).is_file():
        return True
    if folder.name != DEFAULT_ROOT.name and not (folder / POLICY).is_file():
        return False
    from queast_dsl.loading import tenants

    return bool(tenants(folder))


def _is_of(path: Path, kind: Kind) -> bool:
    """Say whether a file may be replaced by one of that kind; an empty one is nobody's."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        reason = (error.strerror or "unknown").lower()
        raise CommandError(Exit.ENVIRONMENT, f"cannot read {path}, which is there already: {reason}") from error
    return not head.strip() or kind.looks.match(head) is not None
