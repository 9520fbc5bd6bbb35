"""Things that only changed their name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

T = TypeVar("T")


def renamed(before: Mapping[str, T], after: Mapping[str, T], likeness: Callable[[T], Hashable]) -> dict[str, str]:
    """Return old name -> new name of what is gone and stands under another name, where there is no doubt.

    `{a: 1, b: 2}`, `{c: 1, b: 2}`  ->  {a: c};  `{a: 1, b: 1}`, `{c: 1}`  ->  {}: either may have become c
    """
    gone = {name: likeness(each) for name, each in before.items() if name not in after}
    come = {name: likeness(each) for name, each in after.items() if name not in before}
    were, are = Counter(gone.values()), Counter(come.values())
    names = {like: name for name, like in come.items()}
    return {name: names[like] for name, like in gone.items() if were[like] == 1 and are[like] == 1}
