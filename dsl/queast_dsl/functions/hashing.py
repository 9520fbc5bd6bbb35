"""Functions that give short stable names to texts."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from queast_dsl.functions.model import Example, Function, Param


def _sha256(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        "sha256",
        "hashing",
        (Param("text", "str"),),
        "str",
        _sha256,
        "SHA-256 of the text in UTF-8 as 64 hexadecimal digits. A hash of personal data is still personal data.",
        (Example("sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),),
        bound="fixed",
        max_length=64,
    ),
)
