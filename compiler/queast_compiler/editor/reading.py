"""What an expression of a route may read, as a sentence and as examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from queast_compiler.passes.expressions import environment
from queast_compiler.passes.properties import Property
from queast_dsl.diagnostics.nearest import listed
from queast_dsl.document.connector import PropertyType
from queast_dsl.entities import entity as entity_shape
from queast_dsl.pii import needs_grant
from queast_dsl.types import EnumType, Kind, kind
from queast_dsl.types import Property as Field

# What is read for a property of each type.
_KINDS: dict[PropertyType, tuple[Kind, ...]] = {
    "integer": ("int",),
    "number": ("int", "num"),
    "date": ("date",),
    "datetime": ("datetime",),
    "set": ("list",),
}
# Entities that are told of in notes and events; the others have records of their own.
_TOLD = ("signal", "job_ad")


@dataclass(frozen=True, slots=True)
class Roots:
    """The names that expressions about one entity begin with: of a signal `signal` and `company`."""

    entity: str
    names: tuple[str, ...]

    @property
    def sentence(self) -> str:
        pages = " or ".join(f"`qmap fields {name}`" for name in self.names)
        return f"It reads {listed(self.names)}: see {pages}."

    @property
    def condition(self) -> str:
        """An example of a condition: `is_present(company.domain)`."""
        return next(f"is_present({path})" for path, each in self._free(("str",)) if each.optional)

    @property
    def body(self) -> dict[str, str]:
        """An example of a webhook's body: `{"id": "company.id", "name": "company.name"}`."""
        first = [
            path for path, each in self._free(("str",)) if path.startswith(f"{self.entity}.") and not each.optional
        ]
        return {path.rpartition(".")[2]: path for path in first[:2]}

    def examples(self, property: Property) -> list[str]:
        """Return an expression for a property, without personal data: a field of the same name, else of the same kind.

        a date of a company's route  ->  ["company.founded_on"]
        """
        texts = [path for path, each in self._free(("str",)) if each.name != "id"]
        match property.type:
            case "boolean":
                return [self.condition]
            case "enumeration" | "owner":
                return [f"{_closed(self._free(('str',))) or texts[0]} | lookup(table, else = null)"]
            case "set" | "integer" | "number" | "date" | "datetime":
                found = [path for path, _ in self._free(_KINDS[property.type])]
            case "string" | "text" | "html" | "markdown":
                found = texts
            case _:
                assert_never(property.type)
        named = [path for path in found if path.partition(".")[2] == property.name]
        return [*named, *found, "null"][:1]

    def _free(self, kinds: tuple[Kind, ...]) -> list[tuple[str, Field]]:
        """The fields of these kinds that leave without a grant; free text does in notes and events, not in records."""
        return [
            (f"{name}.{each.name}", each)
            for name in self.names
            for each in entity_shape(name).properties
            if kind(each.type) in kinds
            and not needs_grant(f"{name}.{each.name}", each.labels)
            and (self.entity in _TOLD or "free_text" not in each.labels)
        ]


def _closed(fields: list[tuple[str, Field]]) -> str | None:
    return next((path for path, each in fields if isinstance(each.type, EnumType)), None)


def roots_of(entity: str) -> Roots:
    """Return the roots of a route about an entity. KeyError for an entity that Queast does not have."""
    return Roots(entity, environment(entity, {}, frozenset()).names)
