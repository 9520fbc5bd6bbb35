"""Functions on names."""

from __future__ import annotations

from typing import Final

from queast_dsl.functions.model import Example, Function, Param

# That of the normaliser, which is loaded only where it is called: it reads tables.
_MAX_LENGTH: Final = 256


def _normal_company_name(name: str) -> str | None:
    from queast_dsl.names import read_company_name

    return read_company_name(name).normal or None


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        "normal_company_name",
        "names",
        (Param("name", "str"),),
        "str",
        _normal_company_name,
        "A company's name as the matching by name compares it: plain lower-case letters, no legal form at its end, no"
        " accents or punctuation, other scripts transliterated; null where no letter or digit is left.",
        (
            Example("normal_company_name('Møller & Søn A/S')", "moller son"),
            Example("normal_company_name('The Acme Company, Ltd.')", "acme"),
            Example("normal_company_name('ООО «Газпром»')", "gazprom"),
            Example("normal_company_name('--')", None),
        ),
        nullable_result=True,
        bound="fixed",
        max_length=_MAX_LENGTH,
    ),
)
