"""Every code that loading reports is registered, and every registered one of its topics is reported."""

from __future__ import annotations

import re
from pathlib import Path

import queast_dsl.loading
from queast_dsl.diagnostics.codes import composition, loading, structure
from queast_dsl.diagnostics.registry import CODES


def test_every_code_that_loading_reports_is_registered() -> None:
    used: set[str] = set()
    for path in Path(str(queast_dsl.loading.__file__)).parent.glob("*.py"):
        used |= set(re.findall(r'"(QM[0-9]{3})"', path.read_text(encoding="utf-8")))
    assert used <= set(CODES)
    own = {code.code for topic in (loading, structure, composition) for code in topic.CODES}
    assert own - used == set(), "registered and never reported"
