"""Every kind of change by its id, one file a category. Ids are stable; a new kind gets a new id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from queast_compiler.diff.kinds import contract, destination, field, identity, lifecycle, privacy, scope, security
from queast_compiler.diff.model import CATEGORIES, Category, ChangeKind

_BY_CATEGORY: Final[Mapping[Category, tuple[ChangeKind, ...]]] = {
    "IDENTITY": identity.ALL,
    "PRIVACY": privacy.ALL,
    "DESTINATION": destination.ALL,
    "FIELD": field.ALL,
    "SCOPE": scope.ALL,
    "LIFECYCLE": lifecycle.ALL,
    "SECURITY": security.ALL,
    "CONTRACT": contract.ALL,
}

KINDS: Final[Mapping[str, ChangeKind]] = {kind.id: kind for each in CATEGORIES for kind in _BY_CATEGORY[each]}
