"""Which findings a command speaks of: `--select` and `--ignore` with codes or their beginnings, such as QM8."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from queast_dsl.diagnostics import Finding
from queast_dsl.diagnostics.nearest import did_you_mean
from queast_runtime.cli.exits import CommandError, Exit


def chosen(select: Sequence[str], ignore: Sequence[str]) -> Callable[[Finding], bool]:
    """Return whether a finding was asked for. Raises CommandError (usage) for what no code begins with."""
    wanted, unwanted = _prefixes(select, "--select"), _prefixes(ignore, "--ignore")

    def is_chosen(finding: Finding) -> bool:
        return (not wanted or finding.code.startswith(wanted)) and not finding.code.startswith(unwanted)

    return is_chosen


def _prefixes(given: Sequence[str], option: str) -> tuple[str, ...]:
    """`["QM8,QM211"]`  ->  `("QM8", "QM211")`"""
    if not given:
        return ()
    import queast_compiler.lint  # noqa: F401 - its rules bring their codes along
    from queast_dsl.diagnostics.registry import CODES

    found = tuple(word.strip().upper() for each in given for word in each.split(",") if word.strip())
    for word in found:
        if not any(code.startswith(word) for code in CODES):
            hint = did_you_mean(word, CODES) or "give a code such as QM211, or the beginning of several such as QM8"
            raise CommandError(Exit.USAGE, f"{option}: no finding has the code {word}", hint)
    if not found:
        raise CommandError(Exit.USAGE, f"{option} takes codes, such as QM211,QM8")
    return found
