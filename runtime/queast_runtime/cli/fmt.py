"""`qmap fmt`: mappings, connections and the policy laid out in one way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from queast_dsl.diagnostics import Diagnostics
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import complain, data, say
from queast_runtime.cli.places import CONNECTIONS, DEFAULT_ROOT, POLICY, is_mapping, mappings_folder, select
from queast_runtime.cli.wording import counted
from queast_runtime.cli.writing import TextFile, read_text, write_text


def run(paths: Sequence[Path], *, check: bool) -> None:
    """Write each file that is not laid out so; with `check` print its name instead.

    Raises SystemExit(1) for a file that cannot be laid out, and with `check` for one that would change.
    """
    from queast_dsl.diagnostics.render.text import render, visible
    from queast_dsl.formatting import Formatted, Left, format_text

    findings = Diagnostics()
    changing: list[tuple[str, TextFile, str]] = []
    left = 0
    files = _files(paths)
    for shown, (path, schema) in files.items():
        file = read_text(path)
        named = visible(shown)
        if file is None:
            complain(f"{named} is left alone: it is no regular file with text in UTF-8")
            left += 1
            continue
        match format_text(shown, file.text, schema, findings):
            case Formatted(text) if text != file.text:
                changing.append((shown, file, text))
            case Formatted():
                pass
            case Left(reason):
                left += 1
                if reason is not None:
                    complain(f"{named} is left alone: {reason}")
    for shown, file, text in changing:
        if check:
            data(f"{visible(shown)}\n")
        else:
            write_text(file, text)
    data(render(findings))
    say(_summary(len(files), len(changing), left, check=check))
    if left or (check and changing):
        raise SystemExit(Exit.FINDINGS)


def _summary(files: int, changing: int, left: int, *, check: bool) -> str:
    done = f"{changing} would change" if check else f"{changing} laid out"
    alone = f", {left} left alone" if left else ""
    return f"{counted(files, 'file')} read: {done}{alone}"


def _files(paths: Sequence[Path]) -> dict[str, tuple[Path, str]]:
    """Return the files that PATHS name, by the name to show, with the schema of each.

    A mappings folder is taken with the policy in it; a policy may be named itself.
    """
    found: dict[str, tuple[Path, str]] = {}
    for given in map(mappings_folder, paths or [DEFAULT_ROOT]):
        policy = given if given.name == POLICY else given / POLICY
        if policy.is_file():
            found[policy.as_posix()] = (policy, "policy")
        if policy == given:
            if not policy.is_file():
                raise CommandError(Exit.USAGE, f"no such file: {given}")
            continue
        for selection in select([given]):
            names = selection.files
            if names is None:
                folder = selection.root / selection.tenant
                names = frozenset(f"{selection.tenant}/{each.name}" for each in folder.iterdir())
            for name in sorted(names):
                schema = _schema(name)
                if schema is not None:
                    found[selection.shown(name)] = (selection.root / name, schema)
                elif selection.files is not None:
                    raise CommandError(
                        Exit.USAGE,
                        f"{selection.shown(name)} is nothing that fmt lays out",
                        "name a mapping, connections.yaml, policy.yaml or a folder of them",
                    )
    return found


def _schema(file: str) -> str | None:
    """Return the schema of a file named from the mappings folder on, such as `acme/connections.yaml`."""
    tenant, _, name = file.partition("/")
    if tenant and name == CONNECTIONS:
        return "connections"
    return "mapping" if is_mapping(file) else None
