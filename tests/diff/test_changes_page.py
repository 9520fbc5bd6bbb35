"""The page of changes says what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from golden.sections import section, with_section
from queast_compiler.diff.kinds import KINDS
from queast_compiler.diff.model import CATEGORIES, ChangeKind
from queast_compiler.diff.placeless import IGNORED

PAGE = Path(__file__).parents[2] / "compiler" / "docs" / "changes.md"


def kinds() -> str:
    """A heading a category, a row a kind."""
    parts = []
    for category in CATEGORIES:
        rows = [_row(kind) for kind in KINDS.values() if kind.category == category]
        parts.append(
            "\n".join((f"### {category}", "", "| kind | gate | checks that | why |", "|---|---|---|---|", *rows))
        )
    return "\n\n".join(parts)


def _row(kind: ChangeKind) -> str:
    gate = f"{kind.gate}{', second person' if kind.second else ''}{', Queast only' if kind.admin else ''}"
    checked = kind.checks_that.removeprefix("Checks that ")
    return f"| `{kind.id}` | {gate} | {checked} | {kind.why} |"


def ignored() -> str:
    return "\n".join(f"- `{name}`: {reason}" for name, reason in IGNORED.items())


@pytest.mark.parametrize(("name", "text"), [("kinds", kinds()), ("ignored", ignored())])
def test_the_page_lists_what_the_code_knows(name: str, text: str, request: pytest.FixtureRequest) -> None:
    page = PAGE.read_text(encoding="utf-8")
    if request.config.getoption("--update-golden", default=False):
        PAGE.write_text(with_section(page, name, text), encoding="utf-8")
        return
    assert section(page, name) == text, "the page of changes is old: make golden"


def test_what_weakens_security_is_none_that_a_tenant_accepts() -> None:
    assert {kind.id for kind in KINDS.values() if kind.admin} == {
        kind.id for kind in KINDS.values() if kind.category == "SECURITY" and kind.gate == "block"
    }
    assert not KINDS["secret-changed"].admin


def test_a_second_person_approves_only_what_is_gated() -> None:
    second = [kind for kind in KINDS.values() if kind.second]
    assert {kind.gate for kind in second} == {"block"}
    assert {kind.category for kind in second} == {"IDENTITY", "PRIVACY"}
