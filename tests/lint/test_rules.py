"""Every rule is of one form; that its examples are true is held for all codes, in `catalogue/test_examples.py`."""

from __future__ import annotations

import pytest

from example_frame import findings_of
from queast_compiler.lint import RULES, Rule
from queast_dsl.diagnostics.registry import CODES
from queast_dsl.expr import ast, walk


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_says_why_and_what_to_write_instead(rule: Rule) -> None:
    assert rule.why.endswith(".")
    assert rule.instead.endswith(".")
    assert CODES[rule.code] == rule.entry
    (finding,) = findings_of(rule.bad)
    assert finding.help


def test_there_are_many_rules_in_the_order_of_their_codes() -> None:
    codes = [rule.code for rule in RULES]
    assert len(codes) >= 20
    assert codes == sorted(set(codes))
    assert all("QM800" < code < "QM880" for code in codes)


def test_an_expression_is_walked_a_few_times_however_many_rules_look_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    visits: list[ast.Node] = []
    children = walk.children
    monkeypatch.setattr(walk, "children", lambda node: visits.append(node) or children(node))
    asked = " or ".join(f"company.name == '{n}'" for n in range(40))
    assert findings_of(f"city: if({asked}, 'a', company.city)") == ()
    texts = [node for node in visits if isinstance(node, ast.Constant) and node.value == "7"]
    assert 1 <= len(texts) < len(RULES) / 4
