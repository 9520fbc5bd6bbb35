"""What is known about a part of an expression while it is being compiled, and where findings about it go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from queast_compiler.passes.expressions.environment import Environment
from queast_compiler.passes.expressions.work import LESS, MOST_STEPS, Work
from queast_compiler.plan.ir import Expr, Lit
from queast_dsl.diagnostics.fixes import renamed, written
from queast_dsl.diagnostics.model import Diagnostics, Fix
from queast_dsl.expr import ast
from queast_dsl.pii import NOTHING, Labels, join
from queast_dsl.source import SourceText, Span
from queast_dsl.types import UNKNOWN, ListType, ObjectType, Type, UnknownType

Facts = frozenset[str]
NO_FACTS: Facts = frozenset()


@dataclass(frozen=True, slots=True)
class PersonalUse:
    """A personal path without a grant, what it says about the person, and where it is read.

    A field of an object says itself what it is; that there is an item at all, and which, the list says: `is_list`.
    """

    path: str
    labels: Labels
    span: Span
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A typed part. Facts are dotted paths known not to be null:

    `strict` if this value is not null, `when_true` and `when_false` if it is true or false. `path` is the value's own
    dotted path where it is one; `projecting` while `[]` still takes fields. `origins` are the event paths that the
    value, where it holds an object, may be taken from whole. `item_of` are the labels of the list that a field is read
    through, which all fields inside keep.
    """

    ir: Expr
    type: Type
    nullable: bool
    labels: Labels = NOTHING
    reads: frozenset[str] = frozenset()
    personal: tuple[PersonalUse, ...] = ()
    strict: Facts = NO_FACTS
    when_true: Facts = NO_FACTS
    when_false: Facts = NO_FACTS
    path: str | None = None
    projecting: bool = False
    origins: frozenset[str] = frozenset()
    item_of: Labels = NOTHING

    @property
    def known(self) -> bool:
        return not isinstance(self.type, UnknownType)


def object_in(type_: Type) -> ObjectType | None:
    """Return the object that a value is, or that its items are."""
    match type_:
        case ObjectType():
            return type_
        case ListType(item=item):
            return object_in(item)
        case _:
            return None


def unknown(line: int = 0) -> Value:
    """Return what stands for a part that has its finding already."""
    return Value(Lit(None, line), UNKNOWN, False)


def combine(ir: Expr, type_: Type, nullable: bool, parts: tuple[Value, ...]) -> Value:
    """Return a value made of others: labels, reads, personal uses and the origins of objects join."""
    return Value(
        ir,
        type_,
        nullable,
        labels=join(part.labels for part in parts),
        reads=frozenset().union(*(part.reads for part in parts)),
        personal=tuple(dict.fromkeys(use for part in parts for use in part.personal)),
        origins=frozenset().union(*(part.origins for part in parts if object_in(part.type) is not None)),
    )


@dataclass(slots=True)
class Report:
    """The one expression's (or template's) findings; `failed` once there is an error. `results` are what parts give in
    which nothing comes from the event, by the part's identity, with the part."""

    diagnostics: Diagnostics
    failed: bool = False
    results: dict[int, tuple[Expr, Lit]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a part stands: its text, what it may name, what is known not to be null.

    `guarded` says that the part stands behind a question that could not be read: what it asked may be just what makes
    the part sound, so that only the question is reported.
    """

    text: SourceText
    env: Environment
    report_to: Report
    facts: Facts = NO_FACTS
    guarded: bool = False

    def line(self, at: ast.Range) -> int:
        return self.text.at(at.start, at.end).line

    def spelling(self, at: ast.Range) -> str:
        """Return the part as the tenant wrote it, shortened."""
        written = self.text.text[at.start : at.end]
        return written if len(written) <= 60 else f"{written[:59]}…"

    def report(self, code: str, message: str, at: ast.Range, help: str | None = None, fix: Fix | None = None) -> None:
        self.report_to.failed = True
        self.report_to.diagnostics.report(code, message, self.text.at(at.start, at.end), help=help, fix=fix)

    def spend(self, kind: Work, steps: int, at: ast.Range) -> bool:
        """Take so many steps for a part, or say once for the mapping that it asks for too many."""
        self.report_to.diagnostics.count(kind, steps)
        if not self.is_exhausted:
            return True
        self.report_to.failed = True
        if self.report_to.diagnostics.is_first_look(Work):
            message = f"this mapping takes more than {MOST_STEPS:,} steps to check: {kind} pass the bound here"
            self.report("QM235", message, at, LESS[kind])
        return False

    @property
    def is_exhausted(self) -> bool:
        """Whether the mapping had all the work that it may ask for."""
        steps = self.report_to.diagnostics.steps
        return steps[Work.VALUES] + steps[Work.CALLS] + steps[Work.PATTERNS] > MOST_STEPS

    def writing(self, at: ast.Range, text: str) -> Fix:
        """Return the fix that writes `text` in the place of a part."""
        return written(self.text.at(at.start, at.end), text)

    def renaming(self, at: ast.Range, name: str, known: Iterable[str]) -> Fix | None:
        """Return the fix that writes the one known name nearest to the part's."""
        return renamed(self.text.at(at.start, at.end), name, known)

    def knowing(self, facts: Facts) -> Scope:
        return replace(self, facts=self.facts | facts) if facts else self


Infer = Callable[[ast.Node, Scope], Value]
