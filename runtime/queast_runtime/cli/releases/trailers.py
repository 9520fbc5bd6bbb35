"""What commits accept: trailers `qmap-accept: IDENTITY,FIELD the reason` of a range of commits."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queast_compiler.diff.model import CATEGORIES, Category
from queast_dsl.diagnostics.nearest import did_you_mean
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.releases.acting import REASON_CHARACTERS, is_reason
from queast_runtime.security.history import Accepted

KEY: Final = "qmap-accept"
MAX_COMMITS: Final = 1_000
_RANGE: Final = re.compile(r"[^-\s\x00-\x1f][^\s\x00-\x1f]{0,200}")
_TIMEOUT_S: Final = 30.0
_FORMAT: Final = f"%H%x1f%an%x1f%(trailers:key={KEY},valueonly,separator=%x1e,unfold)"
_HELP: Final = f"write it so: `{KEY}: IDENTITY,FIELD the reason`"


@dataclass(frozen=True, slots=True)
class Trailer:
    """One commit's word: the categories that it accepts, why, and whose commit it is."""

    commit: str
    author: str
    categories: tuple[Category, ...]
    reason: str

    def accepted(self) -> tuple[Accepted, ...]:
        return tuple(Accepted(each, self.commit, self.author, self.reason) for each in self.categories)


def read_trailers(folder: Path, range: str) -> tuple[Trailer, ...]:
    """Return the trailers of the commits in a range such as `main..HEAD`, newest first.

    Raises CommandError: usage for what is no range here or a trailer that is not well formed, environment without git.
    """
    if _RANGE.fullmatch(range) is None:
        raise CommandError(
            Exit.USAGE, "--accept-from takes a range of commits", "for example: --accept-from main..HEAD"
        )
    # A repository may name a program that checks signatures; nothing of it is run here.
    command = [
        "git",
        "-c",
        "log.showSignature=false",
        "-C",
        str(folder),
        "log",
        "-z",
        f"--max-count={MAX_COMMITS + 1}",
        f"--format={_FORMAT}",
    ]
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell; the range cannot be an option
            [*command, "--end-of-options", range, "--"], capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(Exit.ENVIRONMENT, "git cannot be run, and --accept-from reads commits with it") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        why = said[0].removeprefix("fatal: ") if said else f"git ended with {done.returncode}"
        raise CommandError(Exit.USAGE, f"--accept-from {range}: {why}", "name commits that the sources' repository has")
    commits = [each for each in done.stdout.decode(errors="replace").split("\x00") if each.strip()]
    if len(commits) > MAX_COMMITS:
        raise CommandError(
            Exit.USAGE, f"--accept-from {range}: more than {MAX_COMMITS} commits", "name a shorter range"
        )
    return tuple(trailer for commit in commits for trailer in _trailers(commit))


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
