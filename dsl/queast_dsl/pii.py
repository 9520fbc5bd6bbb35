"""Privacy labels: what a value says about a person, and how labels join."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, get_args

Label = Literal["public_business", "business_contact", "direct_identifier", "sensitive", "free_text"]
Labels = frozenset[str]

LABELS: Final[tuple[str, ...]] = get_args(Label)
# A path with one of these leaves only where a mapping's `pii:` block names it. `free_text` is granted by the policy.
PERSONAL: Final[Labels] = frozenset({"business_contact", "direct_identifier", "sensitive"})
NOTHING: Final[Labels] = frozenset()


def join(labels: Iterable[Labels]) -> Labels:
    """Return what a value made of several others says: all that any of them says."""
    return NOTHING.union(*labels)


def is_personal(labels: Labels) -> bool:
    """Return whether a value with these labels needs a grant."""
    return not PERSONAL.isdisjoint(labels)
