"""Slips of the fingers: what people write instead of a word they meant."""

from __future__ import annotations

from collections.abc import Iterator


def slips(word: str) -> Iterator[str]:
    """Yield each other word that one slip makes of `word`, its first character kept, in a fixed order.

    A character lost, doubled, swapped with the next, or hit beside (`q` stands for the neighbouring key).
    """
    seen = {word}
    for n in range(1, len(word)):
        lost = word[:n] + word[n + 1 :]
        doubled = word[:n] + word[n] + word[n:]
        swapped = word[:n] + word[n : n + 2][::-1] + word[n + 2 :]
        beside = word[:n] + "q" + word[n + 1 :]
        for made in (lost, doubled, swapped, beside):
            if made not in seen:
                seen.add(made)
                yield made
