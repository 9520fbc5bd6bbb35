"""How much work the expressions of one mapping may ask of the compiler, counted and not timed.

The size of a file bounds its expressions, and the size of an expression its parts. Beyond that a few characters can ask
for much: two tables are joined in every `??`, a function is tried on every value of a table, a pattern such as
`[\\pL]{50}` is compiled to tens of thousands of instructions. All of it is counted in steps of about a tenth of a
microsecond, and a mapping that asks for more than MOST_STEPS is refused, where the same files are always refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from queast_dsl.functions import Function

MOST_STEPS: Final = 4_000_000
# One evaluation of a call at compile time, and one trial of a function on a value; characters that they make come on
# top, several to a step.
EVALUATION: Final = 100
TRIAL: Final = 20
CHARACTERS_A_STEP: Final = 4
_SEARCHED_A_STEP: Final = 300


class Work(StrEnum):
    """What steps were taken for, in the words of the finding. PARTS are counted only: the file's size bounds them."""

    PARTS = "parts of expressions"
    VALUES = "rows of tables"
    CALLS = "functions worked out beforehand"
    PATTERNS = "regular expressions"


LESS: Final = {
    Work.VALUES: "look up in smaller tables, or less often; what several routes share can stand in one of them",
    Work.CALLS: "write the results themselves into the table or the expression",
    Work.PATTERNS: "repeat less inside patterns: `[A-Z]{2}` is small, `\\pL{40}` takes thousands of steps",
}


def of_call(function: Function | None, arguments: Sequence[object]) -> int:
    """Return the steps that a call takes by what it is given, None as the function for a calculation."""
    length = sum(map(_length, arguments))
    if function is None:
        return length // CHARACTERS_A_STEP
    pairs = zip(function.params, arguments, strict=False)
    # A pattern that remembers too many states is run instruction by instruction over every character.
    searched = sum(param.steps(given) for param, given in pairs if param.steps is not None and isinstance(given, str))
    return length // CHARACTERS_A_STEP + length * searched // _SEARCHED_A_STEP


def _length(value: object) -> int:
    match value:
        case str():
            return len(value)
        case list():
            return sum(map(_length, value)) + len(value)
        case _:
            return 0
