"""Registrable domains by the public suffix list: what is below a registry's or a hoster's suffix."""

from __future__ import annotations

from functools import cache
from typing import Final

from publicsuffixlist import PublicSuffixList

_PLAIN: Final = 0
_WILDCARD: Final = 1
_EXCEPTION: Final = 2


class Suffixes(PublicSuffixList):
    """The list as the library reads it, asked suffix by suffix from the longest.

    `privatesuffix` of the library gives the same in four times the time (it puts each suffix together anew and asks for
    three kinds of rule each time); rules, conditions and fields ask for domains more often than for anything else that
    is not a plain copy.
    """

    def __init__(self, *, with_hosters: bool = True) -> None:
        super().__init__(accept_unknown=True, only_icann=not with_hosters)
        self._kinds: dict[str, int] = {}
        # Of two rules for one suffix the later kind holds, as in the library.
        for kind, mark in ((_PLAIN, ""), (_WILDCARD, "*."), (_EXCEPTION, "!")):
            for rule in self._publicsuffix:
                if rule.startswith(mark) and (mark or rule[0] not in "*!"):
                    self._kinds[rule.removeprefix(mark)] = kind

    def registrable(self, host: str) -> str | None:
        """Return the suffix of `host` with one label more, or None where there is no more: it is a suffix itself.

        `host` is in lower case and ASCII, without an empty label. Below a top level that the list does not know, two
        labels are registrable.
        """
        kind_of = self._kinds.get
        wider = longer = None
        suffix = host
        while (kind := kind_of(suffix)) is None:
            wider, longer = longer, suffix
            suffix = suffix.partition(".")[2]
            if not suffix:
                return wider
        if kind == _PLAIN:
            return longer
        # What a wildcard stands for is a suffix too; an exception is not, though its wildcard says so.
        return wider if kind == _WILDCARD else suffix


@cache
def suffixes(*, with_hosters: bool = True) -> Suffixes:
    """Return the list, read once; without hosters, only what a registry registers."""
    return Suffixes(with_hosters=with_hosters)
