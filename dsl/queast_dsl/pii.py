"""Privacy labels: what a value says about a person, and how labels join."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, get_args

Label = Literal["public_business", "business_contact", "direct_identifier", "sensitive", "free_text"]
Labels = frozenset[str]

LABELS: Final[tuple[str, ...]] = get_args(Label)
# A path with one of these leaves only where a mapping's `pii:` block names it. `free_text` about a company, a signal or
# a job ad is granted by the policy.
PERSONAL: Final[Labels] = frozenset({"business_contact", "direct_identifier", "sensitive"})
_PUBLIC: Final[Labels] = frozenset({"public_business"})
NOTHING: Final[Labels] = frozenset()


def join(labels: Iterable[Labels]) -> Labels:
    """Return what a value made of several others says: all that any of them says."""
    return NOTHING.union(*labels)


def needs_grant(path: str, labels: Labels) -> bool:
    """Return whether a field with these labels leaves only with a grant, by its dotted event path.

    What is written about a person is that person's data in whatever words, so of a person only `public_business` is
    free: `person.notes` needs a grant, `company.description` does not, though both are `free_text`.
    """
    if is_grantable(path):
        return labels != _PUBLIC
    return not PERSONAL.isdisjoint(labels)


def is_grantable(path: str) -> bool:
    """Return whether a `pii:` block can name the path at all: it grants fields of a person."""
    return path.startswith("person.")
