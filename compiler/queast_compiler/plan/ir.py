"""The intermediate representation of expressions: a closed union of frozen nodes, typed and fully resolved.

Values at run time: `str`, `int`, `float`, `bool`, `date`, aware `datetime` in UTC, `list`, `dict`, and `None` for null.
`Path.kind` is guarded when the event is read: a value of another kind raises a field failure, never a wrong write.
`nullable=False` is a promise of the schema (or of a narrowing condition); a null there is a failure too.
Null: functions that lift return null when a required argument is null; comparison and arithmetic with null is null;
`and`, `or`, `not` follow three-valued logic; `If`, `when` and `where` treat null as false.
`line` is the line of the mapping file (0 where none); generated code carries it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["str", "int", "num", "bool", "date", "datetime", "list", "obj"]
Scalar = str | int | float | bool | None
CompareOp = Literal["==", "!=", "<", "<=", ">", ">="]
ArithOp = Literal["+", "-", "*", "/", "%"]

# A root beside the event's own, which no tenant can write: by dotted event path, whether the value there differs from
# what was last delivered. `changed(company.domain)` is Path(CHANGED, ("company.domain",), "bool", (False,)).
CHANGED: Final = "changed()"


@dataclass(frozen=True, slots=True)
class Lit:
    """A literal. Two are equal where their values are of one type: code is shared by what is equal, and `1 == True`."""

    value: Scalar
    line: int = 0

    def __eq__(self, other: object) -> bool:
        # The text of a scalar tells 1, 1.0, true and "1" apart, and 0.0 from -0.0.
        return type(other) is Lit and self.line == other.line and repr(self.value) == repr(other.value)

    def __hash__(self) -> int:
        return hash((self.value, self.line))


@dataclass(frozen=True, slots=True)
class Path:
    """`company.address.city` -> root "company", steps ("address", "city"). `root` is an entity or a bound variable.

    `optional` has one flag per step: whether that step may be missing or null. `enum` lists the admitted strings.
    """

    root: str
    steps: tuple[str, ...]
    kind: Kind
    optional: tuple[bool, ...]
    line: int = 0

    @property
    def nullable(self) -> bool:
        return any(self.optional)

    @property
    def parent(self) -> Path:
        """The object that holds the value; only of a path with steps."""
        return Path(self.root, self.steps[:-1], "obj", self.optional[:-1])


@dataclass(frozen=True, slots=True)
class Index:
    """`list[n]`: null when there is no such item."""

    of: Expr
    n: int
    kind: Kind
    line: int = 0


@dataclass(frozen=True, slots=True)
class Project:
    """`list[].a.b`: the list of that path of each item, nulls left out."""

    of: Expr
    steps: tuple[str, ...]
    kind: Kind
    line: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the registry (`queast_dsl.functions`) by name, all arguments positional in signature order;
    an optional argument left out is `Lit(None)`-free: the tuple is simply shorter."""

    fn: str
    args: tuple[Expr, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Coalesce:
    """The first argument that is not null."""

    args: tuple[Expr, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class If:
    cond: Expr
    then: Expr
    orelse: Expr
    line: int = 0


@dataclass(frozen=True, slots=True)
class Switch:
    """`case(x, 'a' = 1, else = 2)`; null where nothing fits and there is no else."""

    subject: Expr
    arms: tuple[tuple[Lit, Expr], ...]
    orelse: Expr | None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Lookup:
    """A row of the plan's table. A null key gives null; a missing row gives `orelse`, or null."""

    table: str
    key: Expr
    orelse: Expr | None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Not:
    of: Expr
    line: int = 0


@dataclass(frozen=True, slots=True)
class And:
    args: tuple[Expr, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Or:
    args: tuple[Expr, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Compare:
    op: CompareOp
    left: Expr
    right: Expr
    line: int = 0


@dataclass(frozen=True, slots=True)
class In:
    item: Expr
    items: Expr
    line: int = 0


@dataclass(frozen=True, slots=True)
class Arith:
    """Division by zero is a field failure. Results past ±2**63 (int) or not finite are field failures."""

    op: ArithOp
    left: Expr
    right: Expr
    line: int = 0


@dataclass(frozen=True, slots=True)
class Neg:
    of: Expr
    line: int = 0


@dataclass(frozen=True, slots=True)
class Present:
    """Whether a value is not null."""

    of: Expr
    line: int = 0


@dataclass(frozen=True, slots=True)
class Concat:
    """A template: text parts joined, at most 65,536 characters.

    Every part is text and not null (the checker saw to it).
    """

    parts: tuple[Expr, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Each:
    """A list of `body` with `var` bound to each item of `items`. Null items: null.

    All loops of one value together repeat at most 10,000 times; a body takes at most 256 KiB.
    """

    var: str
    items: Expr
    body: Expr
    line: int = 0


@dataclass(frozen=True, slots=True)
class Repeat:
    """`{% for %}`: the texts of `body` for each item, joined; at most `limit` items, the rest left out."""

    var: str
    items: Expr
    body: Expr
    limit: int
    line: int = 0


@dataclass(frozen=True, slots=True)
class MakeList:
    """A list of values, nulls left out: no item of a list is null."""

    items: tuple[Expr, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class MakeObj:
    """Entries in order. A null value stays as null in the object."""

    entries: tuple[tuple[str, Expr], ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Now:
    """The delivery's clock, an aware datetime in UTC."""

    line: int = 0


Expr = (
    Lit
    | Path
    | Index
    | Project
    | Call
    | Coalesce
    | If
    | Switch
    | Lookup
    | Not
    | And
    | Or
    | Compare
    | In
    | Arith
    | Neg
    | Present
    | Concat
    | Each
    | Repeat
    | MakeList
    | MakeObj
    | Now
)
