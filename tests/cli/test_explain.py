"""`qmap explain` and `qmap functions` know every word of the language that is called like a function."""

from __future__ import annotations

import json

import pytest

from queast_dsl.functions import FORMS, REGISTRY
from queast_runtime.cli.exits import CommandError
from queast_runtime.cli.explain import explain_subject, list_functions
from queast_runtime.cli.output import Format


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_form_is_explained_like_a_function(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    explain_subject(name, Format.TEXT)
    shown = capsys.readouterr().out
    assert shown.startswith(f"{FORMS[name].signature}\n\n    {FORMS[name].doc}")
    for example in FORMS[name].examples:
        assert f"    {example.expression}" in shown


def test_forms_and_functions_are_listed_together(capsys: pytest.CaptureFixture[str]) -> None:
    list_functions(None, Format.JSON)
    listed = [each["name"] for each in json.loads(capsys.readouterr().out)["functions"]]
    assert listed == [*FORMS, *REGISTRY]
    assert {"if", "case", "lookup", "lower"} <= set(listed)
    list_functions(None, Format.TEXT)
    assert FORMS["lookup"].signature in capsys.readouterr().out


def test_a_misspelt_form_is_recognised() -> None:
    with pytest.raises(CommandError, match="no function is called lokup") as refused:
        list_functions("lokup", Format.TEXT)
    assert refused.value.help == "did you mean `lookup`?"
    with pytest.raises(CommandError, match="nothing is called coalese") as refused:
        explain_subject("coalese", Format.TEXT)
    assert refused.value.help == "did you mean `coalesce`?"
