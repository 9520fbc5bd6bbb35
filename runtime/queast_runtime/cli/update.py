"""`qmap update`: writes down in each tenant's qmap.lock what of Queast's its mappings are compiled against."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from queast_compiler.plan.directory import write_atomically
from queast_dsl.diagnostics import Diagnostics, Finding, Severity
from queast_dsl.document.lock import Pins
from queast_dsl.loading.build_lock import LOCK
from queast_runtime.cli.compiling import compile_selection, distinct
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format, data, data_json, say
from queast_runtime.cli.places import Selection, select
from queast_runtime.cli.wording import counted


@dataclass(frozen=True, slots=True)
class _Update:
    """`changes` are (what, how it changed): `("base/hubspot@1", "changed")`; `text` is the file as it is to be."""

    selection: Selection
    shown: str
    path: Path
    text: bytes
    changes: tuple[tuple[str, str], ...]
    is_new: bool


def run(paths: Sequence[Path], format: Format, *, check: bool) -> None:
    """Write the lock files of the tenants in PATHS, all or, where a mapping has errors, none.

    With `check` nothing is written. Raises SystemExit(1) for errors, and with `check` for a file that would change.
    """
    strays = Diagnostics()
    updates: list[_Update] = []
    findings: list[Finding] = []
    for selection in select(paths, strays):
        update, found = _update(replace(selection, files=None))
        updates.append(update)
        findings += found
    findings = distinct([*(each for each in strays if each.severity is Severity.ERROR), *findings])
    if findings:
        from queast_dsl.diagnostics.render.text import render

        data(render(findings))
        raise SystemExit(Exit.FINDINGS)
    changing = [each for each in updates if each.changes or each.is_new]
    if not check:
        for each in changing:
            _write(each)
    _report(updates, changing, format, check)
    if check and changing:
        raise SystemExit(Exit.FINDINGS)


def _update(selection: Selection) -> tuple[_Update, list[Finding]]:
    """Return what becomes of a tenant's file, and the errors that keep it from being made; those of the file itself are
    what this command mends."""
    shown = selection.shown(f"{selection.tenant}/{LOCK}")
    compilation = compile_selection(selection, hints=False)
    errors = [
        finding
        for finding in compilation.findings
        if finding.severity is Severity.ERROR and (finding.span is None or finding.span.file.path != shown)
    ]
    path = selection.root / selection.tenant / LOCK
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise CommandError(Exit.REFUSED, f"{shown} is no regular file, and is left as it is", "put it out of the way")
    lock = compilation.documents.lock
    before = None if lock is None else lock.pins
    pins = compilation.compiled.pins
    if pins.policy is None and before is not None:
        # Without a policy at hand, what was written where there was one still holds.
        pins = replace(pins, policy=before.policy)
    is_new = before is None
    changes = tuple(_changes(before or Pins({}, {}, None), pins))
    return _Update(selection, shown, path, lock_text(pins), changes, is_new), errors


def _changes(before: Pins, after: Pins) -> Iterator[tuple[str, str]]:
    for what, old, new in (
        ("", before.bases, after.bases),
        ("connector ", before.connectors, after.connectors),
        ("", _policy(before), _policy(after)),
    ):
        for name in sorted({*old, *new}):
            if name not in old:
                yield f"{what}{name}", "new"
            elif name not in new:
                yield f"{what}{name}", "gone"
            elif old[name] != new[name]:
                yield f"{what}{name}", "changed"


def _policy(pins: Pins) -> dict[str, str]:
    return {} if pins.policy is None else {"the platform's policy": pins.policy}


def lock_text(pins: Pins) -> bytes:
    """Return the file that says so."""
    value: dict[str, object] = {"version": 1, "bases": pins.bases, "connectors": pins.connectors}
    if pins.policy is not None:
        value["policy"] = pins.policy
    return (json.dumps(value, indent=2) + "\n").encode()


def _write(update: _Update) -> None:
    try:
        write_atomically(update.path, update.text)
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot write {update.shown}: {error.strerror}") from error


def _report(updates: Sequence[_Update], changing: Sequence[_Update], format: Format, check: bool) -> None:
    if format is Format.JSON:
        data_json(
            {
                "tenants": {
                    each.selection.tenant: {
                        "file": each.shown,
                        "changes": [{"what": what, "change": change} for what, change in each.changes],
                        "written": each in changing and not check,
                    }
                    for each in updates
                }
            }
        )
        return
    for each in changing:
        data(f"{each.shown}\n" + "".join(f"  {what}: {change}\n" for what, change in each.changes))
    done = "would change" if check else "written"
    say(f"{counted(len(updates), 'tenant')} read: {counted(len(changing), 'file')} {done}")
    if any(change == "changed" for each in changing for _, change in each.changes):
        say("what that changes in mappings that run: qmap diff")
