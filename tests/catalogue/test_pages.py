"""`qmap explain` has a page for every code, function and field; a comment silences each warning as its page says."""

from __future__ import annotations

import json

import pytest

import queast_compiler.lint  # registers the codes of its rules
from example_frame import MAPPING, files_of, findings_of
from queast_dsl.diagnostics.model import Code, Severity
from queast_dsl.diagnostics.registry import CODES
from queast_dsl.entities import ENTITIES, entity
from queast_dsl.functions import FORMS, REGISTRY
from queast_dsl.types import ListType, ObjectType
from queast_runtime.cli.explain import explain_subject
from queast_runtime.cli.output import Format

assert queast_compiler.lint.RULES


def shown(capsys: pytest.CaptureFixture[str], subject: str, format: Format = Format.TEXT) -> str:
    explain_subject(subject, format)
    return capsys.readouterr().out


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_a_code_has_a_page(code: Code, capsys: pytest.CaptureFixture[str]) -> None:
    page = shown(capsys, code.code)
    assert page.startswith(f"{code.code} {code.title}  ({code.severity.value})\n\n{code.explanation}\n\n")
    assert code.instead in page
    wrong, _, right = page.partition("\nWrong:\n")[2].partition("\n\nRight:\n")
    for part, example in ((wrong, code.bad), (right, code.good)):
        for line in example.strip("\n").splitlines():
            assert f"    {line}".rstrip() in part
    assert (f"# qmap: ignore {code.code} " in page) == code.can_be_silenced
    assert ("no comment silences it" in page) == (code.severity is not Severity.ERROR and not code.can_be_silenced)
    assert json.loads(shown(capsys, code.code.lower(), Format.JSON))["bad"] == code.bad


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("QM001", "… is everything that counts up"),
        ("QM002", "<F8> is one byte"),
        ("QM003", "<U+202E> is one character"),
        ("QM012", "so many times"),
    ],
)
def test_a_page_says_what_its_signs_stand_for(code: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in shown(capsys, code)
    assert "Written out" not in shown(capsys, "QM013")


def test_a_page_says_that_a_file_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert "-- policy.yaml --  (there is no such file)" in shown(capsys, "QM450")


def paths() -> list[str]:
    """Every path of every entity, lists and objects inside included."""

    def below(shape: ObjectType, prefix: str, seen: tuple[str, ...]) -> list[str]:
        found = []
        for each in shape.properties:
            inner = each.type.item if isinstance(each.type, ListType) else each.type
            found.append(f"{prefix}.{each.name}")
            if isinstance(inner, ObjectType) and inner.name not in seen:
                found += below(inner, f"{prefix}.{each.name}", (*seen, inner.name))
        return found

    return [path for name in ENTITIES for path in (name, *below(entity(name), name, (name,)))]


@pytest.mark.parametrize("subject", [*FORMS, *REGISTRY, *paths()])
def test_a_function_and_a_path_have_a_page(subject: str, capsys: pytest.CaptureFixture[str]) -> None:
    page = shown(capsys, subject)
    known = {**FORMS, **REGISTRY}.get(subject)
    if known is not None:
        assert page.startswith(known.signature)
        assert known.doc.split("\n")[0] in page
    elif subject in ENTITIES:
        assert page.startswith("FIELD")
    else:
        assert page.startswith(f"{subject}: ")
        assert page.strip().splitlines()[2].endswith("."), "a field says what it is"


CONNECTIONS = "acme/connections.yaml"
# QM881 speaks of a comment, and a comment on a comment is none.
SILENCED = [code for code in CODES.values() if code.can_be_silenced and code.code != "QM881"]


@pytest.mark.parametrize("code", SILENCED, ids=lambda code: code.code)
@pytest.mark.parametrize("alone", [True, False], ids=["on the line before", "on its line"])
def test_the_comment_on_the_page_silences_it(code: Code, alone: bool) -> None:
    (finding,) = findings_of(code.bad)
    assert finding.span is not None
    path = next(path for path in (MAPPING, CONNECTIONS) if finding.span.file.path.endswith(path))
    files = files_of(code.bad) | {path: finding.span.file.text}
    lines = files[path].splitlines()
    comment = f"# qmap: ignore {code.code} the example shows it"
    at = finding.span.line - 1
    if alone:
        lines.insert(at, f"{' ' * (len(lines[at]) - len(lines[at].lstrip()))}{comment}")
    else:
        lines[at] += f"  {comment}"
    files[path] = "\n".join(lines) + "\n"
    assert findings_of("".join(f"-- {name} --\n{text.rstrip()}\n" for name, text in files.items())) == ()
