"""What commits accept: trailers `qmap-accept: IDENTITY,FIELD the reason` of a range of commits."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queast_compiler.diff.model import CATEGORIES, Category
from queast_dsl.diagnostics.nearest import did_you_mean
from queast_dsl.loading.tenant import tenants
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.releases.acting import REASON_CHARACTERS, is_reason
from queast_runtime.security.history import Accepted

KEY: Final = "qmap-accept"
MAX_COMMITS: Final = 1_000
_RANGE: Final = re.compile(r"[^-\s\x00-\x1f][^\s\x00-\x1f]{0,200}")
_TIMEOUT_S: Final = 30.0
_FORMAT: Final = f"%H%x1f%an%x1f%(trailers:key={KEY},valueonly,separator=%x1e,unfold)"
# An empty name stands before each commit only; the first of its files begins with a line break.
_TOUCHING: Final = "%x00%H%x1f%P%x00"
_HEAD: Final = re.compile(r"([0-9a-f]{40,64})\x1f([0-9a-f ]*)")
_HELP: Final = f"write it so: `{KEY}: IDENTITY,FIELD the reason`"
# What is compiled, also where git is told to ignore it.
_READ: Final = (".yaml", ".yml", ".json", ".csv")


@dataclass(frozen=True, slots=True)
class Trailer:
    """One commit's word: the categories that it accepts, why, and whose commit it is."""

    commit: str
    author: str
    categories: tuple[Category, ...]
    reason: str

    def accepted(self) -> tuple[Accepted, ...]:
        """SECURITY is none of them: whoever may accept it says so when they publish."""
        return tuple(
            Accepted(each, self.commit, self.author, self.reason) for each in self.categories if each != "SECURITY"
        )


@dataclass(frozen=True, slots=True)
class Aside:
    """A trailer that does not count for a tenant; `why` is a sentence, `instead` what to do."""

    trailer: Trailer
    why: str
    instead: str


@dataclass(frozen=True, slots=True)
class _Commit:
    parents: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trailers:
    """What the commits of a range say, newest first. `uncommitted` are files of the sources that are not as at the
    range's last commit: then nobody who wrote a trailer saw what would be published.
    """

    folder: Path
    said: tuple[Trailer, ...]
    uncommitted: tuple[str, ...]
    commits: Mapping[str, _Commit]

    def of(self, tenant: str) -> tuple[Trailer, ...]:
        """Those that count for a tenant."""
        return tuple(each for each in self.said if self._aside(each, tenant) is None)

    def aside(self, tenant: str) -> tuple[Aside, ...]:
        """Those that do not, and why; of SECURITY too, which no commit accepts."""
        found = (self._aside(each, tenant) or _security(each) for each in self.said)
        return tuple(each for each in found if each is not None)

    def _aside(self, trailer: Trailer, tenant: str) -> Aside | None:
        others = frozenset(tenants(self.folder)) - {tenant}
        short, names = trailer.commit[:12], ",".join(trailer.categories)
        if not self._touches(trailer.commit, others):
            why = f"commit {short} accepts {names}, but touches nothing of {tenant}"
            return Aside(trailer, why, f"write its trailer into the commit that changes {tenant}")
        before = self._reached_from(trailer.commit)
        # Newest first, so that it is the last one that has to say it.
        later = (each for each in self.commits if each not in before and self._touches(each, others))
        last = next(later, None)
        if last is None:
            return None
        why = f"commit {short} accepts {names}, but {last[:12]} changes {tenant} and is not before it"
        return Aside(trailer, why, f"write the trailer into {last[:12]}: git commit --amend")

    def _touches(self, commit: str, others: frozenset[str]) -> bool:
        """Whether a commit changes a file of the tenant's, or one that is nobody's own, such as policy.yaml."""
        return any(file.split("/")[0] not in others for file in self.commits[commit].files)

    def _reached_from(self, commit: str) -> set[str]:
        found: set[str] = set()
        ahead = [commit]
        while ahead:
            each = ahead.pop()
            if each in found or each not in self.commits:
                continue
            found.add(each)
            ahead += self.commits[each].parents
        return found


def read_trailers(folder: Path, range: str) -> Trailers:
    """Return the trailers of the commits in a range such as `main..HEAD`, newest first.

    Raises CommandError: usage for what is no range here or a trailer that is not well formed, environment without git.
    """
    if _RANGE.fullmatch(range) is None:
        raise CommandError(
            Exit.USAGE, "--accept-from takes a range of commits", "for example: --accept-from main..HEAD"
        )
    said = [each for each in _log(folder, range, f"--format={_FORMAT}").split("\x00") if each.strip()]
    if len(said) > MAX_COMMITS:
        raise CommandError(
            Exit.USAGE, f"--accept-from {range}: more than {MAX_COMMITS} commits", "name a shorter range"
        )
    trailers = tuple(trailer for commit in said for trailer in _trailers(commit))
    # Of a merge the files count that are as in neither of its parents: what was merged was said in its own commits.
    touching = _log(folder, range, "--name-only", "--no-renames", "--relative", "-c", f"--format={_TOUCHING}")
    return Trailers(folder, trailers, _uncommitted(folder, range), dict(_touched(touching)))


def _log(folder: Path, range: str, *options: str) -> str:
    # A repository may name a program that checks signatures; nothing of it is run here.
    command = ["-c", "log.showSignature=false", "log", "-z", "--topo-order", f"--max-count={MAX_COMMITS + 1}", *options]
    return _git(folder, range, *command, "--end-of-options", range, "--")


def _git(folder: Path, range: str, *arguments: str) -> str:
    try:
        command = ["git", "-C", str(folder), *arguments]
        done = subprocess.run(  # noqa: S603 - a list, no shell; the range cannot be an option
            command, capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(Exit.ENVIRONMENT, "git cannot be run, and --accept-from reads commits with it") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        why = said[0].removeprefix("fatal: ") if said else f"git ended with {done.returncode}"
        raise CommandError(Exit.USAGE, f"--accept-from {range}: {why}", "name commits that the sources' repository has")
    return done.stdout.decode("utf-8", "replace")


def _touched(log: str) -> Iterator[tuple[str, _Commit]]:
    head: re.Match[str] | None = None
    files: list[str] = []
    before = ""
    for each in log.split("\x00"):
        found = _HEAD.fullmatch(each) if before == "" else None
        if found is not None:
            if head is not None:
                yield head[1], _Commit(tuple(head[2].split()), tuple(files))
            head, files = found, []
        elif each:
            files.append(each.removeprefix("\n") if before == "" else each)
        before = each
    if head is not None:
        yield head[1], _Commit(tuple(head[2].split()), tuple(files))


def _uncommitted(folder: Path, range: str) -> tuple[str, ...]:
    """The files of the sources that are not as at the range's last commit, sorted."""
    revisions = _git(folder, range, "rev-parse", "--revs-only", range).split()
    tips = [each for each in revisions if not each.startswith("^")]
    if len(tips) != 1:
        raise CommandError(
            Exit.USAGE, f"--accept-from {range}: it has no one last commit", "for example: --accept-from main..HEAD"
        )
    changed = _git(folder, range, "diff", "--no-ext-diff", "--name-only", "-z", "--relative", tips[0], "--", ".")
    others = _git(folder, range, "ls-files", "--others", "-z", "--", ".")
    found = {each for each in changed.split("\x00") if each}
    return tuple(sorted(found | {each for each in others.split("\x00") if each.endswith(_READ)}))


def _security(trailer: Trailer) -> Aside | None:
    if "SECURITY" not in trailer.categories:
        return None
    why = f"commit {trailer.commit[:12]} accepts SECURITY, which no commit does"
    return Aside(trailer, why, "the platform's admin accepts it when they publish: --accept SECURITY")


def _trailers(commit: str) -> list[Trailer]:
    name, author, values = commit.strip("\n").split("\x1f", 2)
    return [_trailer(name, author, value.strip()) for value in values.split("\x1e") if value.strip()]


def _trailer(commit: str, author: str, value: str) -> Trailer:
    listed, _, reason = value.partition(" ")
    where = f"commit {commit[:12]}"
    categories = categories_of([listed], f"{where}: {KEY}")
    if not is_reason(reason.strip()):
        message = f"{where}: its trailer {KEY} gives no reason of 1 to {REASON_CHARACTERS} visible characters"
        raise CommandError(Exit.USAGE, message, _HELP)
    return Trailer(commit, author, categories, reason.strip())


def categories_of(given: list[str], place: str) -> tuple[Category, ...]:
    """`["IDENTITY,FIELD"]`  ->  `("IDENTITY", "FIELD")`, in the order of the page.

    Raises CommandError (usage) for what is no category; `place` says where it stood.
    """
    words = [word.strip() for each in given for word in each.split(",")]
    for word in words:
        if word not in CATEGORIES:
            shown = word if 0 < len(word) <= 40 else "that"
            help = did_you_mean(word.upper(), CATEGORIES) or f"one of {', '.join(CATEGORIES)}"
            raise CommandError(Exit.USAGE, f"{place}: no category is called {shown}", help)
    return tuple(each for each in CATEGORIES if each in words)
