"""What changed since a commit of git, as the tenants and files that it can have findings in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from queast_runtime.cli.diff.git import commit_at, files_changed_since
from queast_runtime.cli.places import CONNECTIONS, POLICY, Selection, is_mapping

# Beside a mapping's own file these belong to no single one: they concern every mapping of the tenant.
_SHARED: Final = ("accounts", "tables", "tests")


def narrowed(selections: Sequence[Selection], ref: str) -> list[Selection]:
    """Keep what changed since `ref`: a mapping of its own where only that did, the whole tenant where its connections,
    account files, tables or tests did, every tenant where the policy did.

    Files that git does not know yet count as changed. Raises CommandError (usage) where there is no such commit.
    """
    changed: dict[Path, frozenset[str]] = {}
    kept: list[Selection] = []
    for each in selections:
        if each.root not in changed:
            changed[each.root] = files_changed_since(commit_at(each.root, ref), each.root)
        narrow = _narrowed(each, changed[each.root])
        if narrow is not None:
            kept.append(narrow)
    return kept


def _narrowed(selection: Selection, changed: frozenset[str]) -> Selection | None:
    if POLICY in changed:
        return selection
    own = {each for each in changed if each.startswith(f"{selection.tenant}/")}
    shared = [each for each in own if each.split("/")[1] in (CONNECTIONS, *_SHARED)]
    gone = [each for each in own if is_mapping(each) and not (selection.root / each).exists()]
    if shared or gone:
        # Tests and other mappings may speak of one that is gone.
        return selection
    mappings = frozenset(each for each in own if is_mapping(each) and (selection.root / each).is_file())
    if selection.files is not None:
        mappings &= selection.files
    return replace(selection, files=mappings) if mappings else None
