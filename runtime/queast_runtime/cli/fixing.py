"""The fixes of `qmap lint`: which hold, what the files become, what is written."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from queast_compiler.lint.fixing import Checked, Fixed, fixed, offered
from queast_dsl.diagnostics import Finding
from queast_dsl.diagnostics.model import Fix
from queast_dsl.diagnostics.render.text import visible
from queast_runtime.cli.compiling import checked
from queast_runtime.cli.places import CONNECTIONS, TESTS, Selection, is_mapping, is_tests
from queast_runtime.cli.writing import TextFile, read_text, write_text

# Characters of a tenant whose check takes no noticeable time.
_SMALL = 16 * 1024


@dataclass(frozen=True, slots=True)
class TenantFiles:
    """The files of a selection that a fix may change, by their name in findings: mappings, their tests, connections.

    Never the policy, an account file, or what ships.
    """

    selection: Selection
    files: dict[str, TextFile]

    @property
    def texts(self) -> dict[str, str]:
        return {shown: file.text for shown, file in self.files.items()}

    def check(self, texts: dict[str, str]) -> Checked:
        """Return what the tenant comes to with these texts in the place of the files."""
        own = {self.selection.shown(each): each for each in _changeable(self.selection)}
        changed = {shown: text for shown, text in texts.items() if text != self.files[shown].text}
        return checked(
            self.selection, {own[shown]: self.files[shown].bytes_of(text) for shown, text in changed.items()}
        )


def tenant_files(selection: Selection) -> TenantFiles:
    found = {selection.shown(each): read_text(selection.root / each) for each in _changeable(selection)}
    return TenantFiles(selection, {shown: file for shown, file in found.items() if file is not None})


def _changeable(selection: Selection) -> list[str]:
    """Return the selected files from the root on, such as `acme/acme-hubspot.yaml`."""
    if selection.files is not None:
        chosen = selection.files
    else:
        folder = selection.root / selection.tenant
        chosen = frozenset(each.relative_to(selection.root).as_posix() for each in _files(folder))
    connections = f"{selection.tenant}/{CONNECTIONS}"
    return sorted(each for each in chosen if each == connections or is_mapping(each) or is_tests(each))


def _files(folder: Path) -> Iterator[Path]:
    yield from folder.iterdir()
    if (folder / TESTS).is_dir():
        yield from (folder / TESTS).iterdir()


def offers(selection: Selection, found: Checked, wanted: Sequence[Finding], *, checks: int) -> dict[Finding, Fix]:
    """Return the fixes that hold of the findings to be shown, after so many checks at most; fewer of large files.

    `found` is what the tenant's files came to.
    """
    if not any(finding.fix is not None for finding in wanted):
        return {}
    files = tenant_files(selection)
    size = sum(map(len, files.texts.values()))
    checks = max(1, min(checks, checks * _SMALL // max(size, 1)))
    return offered(found, wanted, files.texts, lambda texts: files.check(dict(texts)), checks=checks)


def fix(selection: Selection, is_wanted: Callable[[Finding], bool]) -> tuple[TenantFiles, Fixed]:
    """Return the files of a tenant with every wanted fix that holds applied. Nothing is written."""
    files = tenant_files(selection)
    found = files.check({})
    return files, fixed(found, files.texts, lambda texts: files.check(dict(texts)), is_wanted=is_wanted)


def write(files: TenantFiles, made: Fixed) -> None:
    for shown, text in made.texts.items():
        write_text(files.files[shown], text)


def unified_diff(name: str, before: str, after: str) -> str:
    """Return the difference of two texts of a file as `diff -u` shows it."""
    shown = visible(Path(name).as_posix())
    lines = difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), shown, shown)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
