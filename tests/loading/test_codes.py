"""What `qmap explain` shows of a code is true: the bad example is refused by it, the good one is not."""

from __future__ import annotations

import re

import pytest

from queast_dsl.diagnostics.codes import composition, loading, structure
from queast_dsl.diagnostics.registry import CODES

from .documents import MAPPING, load

SHAPES = [code for code in loading.CODES if "QM030" <= code.code <= "QM038"]
TABLES = "tables:\n  industries: {a: b}\n"


def _document(example: str) -> str:
    indented = "".join(f"      {line}\n" for line in example.split("\n"))
    if example.startswith("when:"):
        return MAPPING.replace("    write: always\n", f"    {example}\n") + TABLES
    return MAPPING.replace("      name: company.name\n", indented) + TABLES


@pytest.mark.parametrize("code", SHAPES, ids=lambda code: code.code)
def test_the_examples_of_a_shape_are_true(code: object) -> None:
    assert isinstance(code, type(SHAPES[0]))
    assert [finding.code for finding in load(_document(code.bad))[1]] == [code.code]
    assert load(_document(code.good))[1] == ()


def test_every_code_says_what_why_and_how() -> None:
    for topic in (loading, structure, composition):
        for code in topic.CODES:
            assert code.title[0].isupper()
            assert not code.title.endswith(".")
            assert code.explanation.endswith(".")
            assert code.bad
            assert code.good


def test_every_code_that_loading_reports_is_registered() -> None:
    from pathlib import Path

    import queast_dsl.loading

    used: set[str] = set()
    for path in Path(str(queast_dsl.loading.__file__)).parent.glob("*.py"):
        used |= set(re.findall(r'"(QM[0-9]{3})"', path.read_text(encoding="utf-8")))
    assert used <= set(CODES)
    own = {code.code for topic in (loading, structure, composition) for code in topic.CODES}
    assert own - used == set(), "registered and never reported"
