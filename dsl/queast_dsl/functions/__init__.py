"""The functions of the language: one registry, one topic a file."""

from __future__ import annotations

from typing import Final

from queast_dsl.functions import dates, domains, hashing, lists, markup, names, numbers, patterns, texts
from queast_dsl.functions.forms import FORMS, Form
from queast_dsl.functions.model import MAX_ITEMS, MAX_TEXT, Example, Function, FunctionError, Param

__all__ = ["FORMS", "MAX_ITEMS", "MAX_TEXT", "REGISTRY", "Example", "Form", "Function", "FunctionError", "Param"]

_TOPICS = (texts, names, domains, dates, numbers, lists, markup, patterns, hashing)

REGISTRY: Final[dict[str, Function]] = {}
for _topic in _TOPICS:
    for _function in _topic.FUNCTIONS:
        if _function.name in REGISTRY or _function.name in FORMS:
            raise ValueError(f"function {_function.name} is registered twice")
        REGISTRY[_function.name] = _function
