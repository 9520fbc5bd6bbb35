"""Keys that a schema does not know and that are spelled like none it knows: which of them are one mistake with another.

`{max: 0.85}` where `min` is needed   ->  the unknown key alone, which stands in the place of the missing one
`{city: …, zip: …}` where a value is  ->  the first of them alone: another object was meant, not two keys
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from jsonschema import ValidationError

from queast_dsl.loading.nodes import Step

Path = tuple[Step, ...]
Keys = Set[tuple[Path, str]]


@dataclass(frozen=True, slots=True)
class Unknown:
    """`in_place_of` are the missing keys in whose place an unknown one stands; `told` the unknown keys of which another
    one's finding tells already."""

    in_place_of: Keys
    told: Keys

    def missing_at(self, path: Path) -> str | None:
        """Return the missing key in whose place the unknown one of an object stands."""
        return next((key for place, key in self.in_place_of if place == path), None)


def unknown_keys(errors: Iterable[tuple[Path, ValidationError]], missing: Keys, meant: Keys) -> Unknown:
    """Look at the keys that are refused. `missing` are the keys that are needed and not there; objects in which a key
    is near to one that is known are left alone, of which `meant` are those keys."""
    refused: dict[Path, tuple[int, list[str]]] = {}
    for path, error in errors:
        if error.validator == "additionalProperties":
            entries = len(error.instance) if isinstance(error.instance, dict) else 0
            refused.setdefault(path, (entries, []))[1].append(error.message)
    slips = {path for path, _ in meant}
    strange = {path: each for path, each in refused.items() if path not in slips}
    needed = {path: [key for place, key in missing if place == path] for path in strange}
    return Unknown(
        {
            (path, needed[path][0])
            for path, (entries, keys) in strange.items()
            if len(needed[path]) == 1 and len(keys) in (1, entries)
        },
        {(path, key) for path, (entries, keys) in strange.items() if len(keys) == entries for key in keys[1:]},
    )
