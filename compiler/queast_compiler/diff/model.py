"""What a change is: its kind with category and gate, its stable place in the plan, and what stood there before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

Category = Literal["IDENTITY", "PRIVACY", "DESTINATION", "FIELD", "SCOPE", "LIFECYCLE", "SECURITY", "CONTRACT"]
# What happens at publish: `block` must be accepted by name, `warn` and `info` are shown.
Gate = Literal["block", "warn", "info"]

CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
GATES: Final[tuple[Gate, ...]] = get_args(Gate)


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """A kind of change. `id` is stable: it stands in change files and trailers; `says` is the short phrase beside a
    change; `checks_that` a sentence beginning "Checks that"; `why` what a reviewer ought to know about it.

    Of a kind that `stays`, `why` tells what stays behind at the destination.
    With `second` a second person must approve what is accepted (D5.4). `admin` kinds are none that a tenant accepts.
    """

    id: str
    category: Category
    gate: Gate
    says: str
    checks_that: str
    why: str
    second: bool = False
    stays: bool = False

    @property
    def admin(self) -> bool:
        return self.category == "SECURITY" and self.gate == "block"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one place.

    `mapping` is None for what belongs to the connection itself. `path` is the stable key within mapping or connection:
    `routes.companies.fields.industry.write`, `match.company.name.auto_link`. `old` and `new` are texts as a tenant
    would write them; None where nothing stood or stands there. `note` adds what the texts do not say. `file` and `line`
    are where it stands now, or stood where it is gone; 0 for no line.
    """

    kind: ChangeKind
    connection: str
    mapping: str | None
    path: str
    old: str | None
    new: str | None
    note: str
    file: str
    line: int
