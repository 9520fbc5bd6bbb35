"""Read a constant where no property says what it is: a leaf of an event's body."""

from __future__ import annotations

import re

from queast_compiler.plan.ir import Scalar
from queast_dsl.document.mapping import Const

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}")


def read_scalar(constant: Const) -> Scalar:
    """Return the JSON value of a constant: only what JSON itself writes bare is no text, and quotes keep it text.

    `true`  ->  True;  `12`  ->  12;  `"12"`  ->  "12";  `NO`  ->  "NO";  `014`  ->  "014"
    """
    if constant.is_quoted:
        return constant.text.text
    match constant.text.text:
        case "true":
            return True
        case "false":
            return False
        case "null":
            return None
        case whole if _WHOLE.fullmatch(whole):
            return int(whole)
        case number if _NUMBER.fullmatch(number):
            return float(number)
        case _:
            return constant.text.text
