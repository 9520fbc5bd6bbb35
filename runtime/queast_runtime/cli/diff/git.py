"""Reading a folder of the repository as it stood at a commit, without touching the working tree."""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queast_dsl.diagnostics.render.text import visible
from queast_runtime.cli.exits import CommandError, Exit

_REGULAR: Final = ("100644", "100755")
_TIMEOUT_S: Final = 120
_NO_REPOSITORY: Final = "for a folder beside it: --against DIR; for what runs: --against published"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the repository that holds a folder: `top` is its working tree, `id` 40 or 64 hex digits."""

    top: Path
    id: str
    ref: str

    @property
    def short(self) -> str:
        return self.id[:7]


def commit_at(folder: Path, ref: str) -> Commit:
    """Return the commit that `ref` names in the repository of `folder`. Raises CommandError (usage, environment)."""
    if not ref or ref.startswith("-"):
        raise CommandError(Exit.USAGE, "a commit is needed, and none is named", "such as main or HEAD~1")
    found = _run(folder, "rev-parse", "--show-toplevel")
    if found.returncode:
        raise CommandError(Exit.USAGE, f"{folder} is in no git repository", _NO_REPOSITORY)
    top = Path(found.stdout.decode("utf-8", "surrogateescape").rstrip("\n"))
    named = _run(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if named.returncode:
        shallow = _run(top, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
        help = (
            "this clone is shallow: fetch the reference first (with actions/checkout: fetch-depth: 0)"
            if shallow
            else "name a branch, a tag or a commit of this repository: git branch --all"
        )
        raise CommandError(Exit.USAGE, f"git knows no commit {visible(ref)}", help)
    return Commit(top, named.stdout.decode("ascii").strip(), ref)


def files_at(commit: Commit, folder: Path, *, largest: int, skipped: Collection[str] = ()) -> dict[str, bytes]:
    """Return the regular files below `folder` at the commit, by path from there; none where it was not there.

    A file of more than `largest` bytes is cut to one byte more, which is enough to be refused. Folders named in
    `skipped` are left out at any depth. Raises CommandError (environment) where git gives up.
    """
    try:
        inside = folder.resolve().relative_to(commit.top.resolve()).as_posix()
    except ValueError:
        return {}
    prefix = "" if inside == "." else f"{inside}/"
    place = [] if not prefix else ["--", prefix]
    listed = _run(commit.top, "ls-tree", "-r", "-z", "-l", "--full-tree", commit.id, *place)
    if listed.returncode:
        raise CommandError(Exit.ENVIRONMENT, f"git cannot list the files of {commit.ref}: {_said(listed)}")
    wanted: dict[str, tuple[str, int]] = {}
    for entry in listed.stdout.split(b"\0"):
        if not entry:
            continue
        head, _, raw = entry.partition(b"\t")
        mode, kind, oid, size = head.decode("ascii").split()
        path = raw.decode("utf-8", "surrogateescape").removeprefix(prefix)
        if kind == "blob" and mode in _REGULAR and not set(path.split("/")[:-1]) & set(skipped):
            wanted[path] = (oid, int(size))
    return dict(_contents(commit, wanted, largest))


def files_changed_since(commit: Commit, folder: Path) -> frozenset[str]:
    """Return the files below `folder` that are not as they were at the commit, by path from there: changed, new, gone.

    Raises CommandError (environment) where git gives up.
    """
    listed = (
        _run(folder, "diff", "--name-only", "-z", "--no-renames", "--relative", commit.id, "--", "."),
        _run(folder, "ls-files", "--others", "--exclude-standard", "-z", "--", "."),
    )
    for each in listed:
        if each.returncode:
            raise CommandError(Exit.ENVIRONMENT, f"git cannot say what changed since {commit.ref}: {_said(each)}")
    names = (name for each in listed for name in each.stdout.split(b"\0") if name)
    return frozenset(name.decode("utf-8", "surrogateescape") for name in names)


def _contents(commit: Commit, wanted: dict[str, tuple[str, int]], largest: int) -> Iterator[tuple[str, bytes]]:
    small = {path: oid for path, (oid, size) in wanted.items() if size <= largest}
    for path, (_, size) in wanted.items():
        if size > largest:
            # What is in it does not matter: it is refused for its size.
            yield path, b"#" * (largest + 1)
    if not small:
        return
    asked = "".join(f"{oid}\n" for oid in small.values()).encode("ascii")
    got = _run(commit.top, "cat-file", "--batch", given=asked)
    if got.returncode:
        raise CommandError(Exit.ENVIRONMENT, f"git cannot read the files of {commit.ref}: {_said(got)}")
    rest, at = got.stdout, 0
    for path, oid in small.items():
        end = rest.index(b"\n", at)
        fields = rest[at:end].decode("ascii", "replace").split()
        if len(fields) != 3 or fields[1] != "blob":
            # A partial clone that cannot fetch, or a damaged repository.
            raise CommandError(Exit.ENVIRONMENT, f"git has no content of {path} at {commit.ref} ({oid[:7]})")
        size = int(fields[2])
        yield path, rest[end + 1 : end + 1 + size]
        at = end + 1 + size + 1


def _run(folder: Path, *arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(folder), "-c", "core.quotePath=false", *arguments]
    try:
        return subprocess.run(  # noqa: S603 - a list, no shell; nothing that a person names stands where an option could
            command, input=given or b"", capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except FileNotFoundError as error:
        raise CommandError(Exit.ENVIRONMENT, "git is not installed here", _NO_REPOSITORY) from error
    except subprocess.TimeoutExpired as error:
        raise CommandError(Exit.ENVIRONMENT, f"git did not answer within {_TIMEOUT_S} s") from error


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:][0] if done.stderr.strip() else "no reason"
