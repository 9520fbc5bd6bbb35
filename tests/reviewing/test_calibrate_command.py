"""`qmap review calibrate` as somebody types it."""

from __future__ import annotations

import re

from queast_runtime.ports.matches import ReviewAnswer
from reviewing.commands import Terminal
from reviewing.desk import Desk
from reviewing.samples import NOON, candidate, new_review

CONNECTION = {"connection": "hubspot-main", "mapping": "acme-hubspot"}


def by_name(terminal: Terminal, rule: str) -> str:
    """Give acme's rule by name these thresholds; return the file's text."""
    path = terminal.folder / "mappings" / "acme" / "connections.yaml"
    text, count = re.subn(r"name: \{review.*", rule, path.read_text(encoding="utf-8"))
    assert count == 1
    path.write_text(text, encoding="utf-8")
    return text


def judge(desk: Desk, counts: dict[tuple[float, bool], int]) -> None:
    """Keep so many answers about a best candidate of that score."""
    number = 0
    with desk.store.transaction() as tx:
        for (score, right), count in counts.items():
            for _ in range(count):
                number += 1
                new = new_review(candidate(f"h_{number}", score), queast_id=f"c_{number}", **CONNECTION)
                id_ = tx.put_review("acme", new)
                answer = ReviewAnswer("link" if right else "reject", f"h_{number}" if right else None, "anna", NOON)
                tx.answer_review("acme", id_, 1, answer)


def test_calibrating_with_too_few_answers_says_how_many_more(terminal: Terminal) -> None:
    text = by_name(terminal, "name: {review: 0.8}  # ours")
    judge(terminal.desk, {(0.97, True): 9})
    said = terminal("review", "calibrate", "-t", "acme", "--write")
    assert said.code == 0, said.err
    assert "9 of 9 answers from 0.95 on are right: 180 more right answers are needed" in said.out
    assert (terminal.folder / "mappings/acme/connections.yaml").read_text(encoding="utf-8") == text


def test_calibrating_proposes_a_diff_and_writes_it_when_told(terminal: Terminal) -> None:
    text = by_name(terminal, "name: {review: 0.8}  # ours")
    judge(terminal.desk, {(0.97, True): 200, (0.955, True): 10, (0.955, False): 15})
    path = terminal.folder / "mappings/acme/connections.yaml"
    said = terminal("review", "calibrate", "-t", "acme")
    assert said.code == 0, said.err
    assert "write 0.96 for 0.95: 200 of 200 answers from there on are right, at least 0.981" in said.out
    assert "-        name: {review: 0.8}  # ours\n+        name: {auto_link: 0.96, review: 0.8}  # ours\n" in said.out
    assert path.read_text(encoding="utf-8") == text
    terminal("review", "calibrate", "-t", "acme", "--write")
    assert path.read_text(encoding="utf-8") == text.replace("{review: 0.8}", "{auto_link: 0.96, review: 0.8}")
    again = terminal("review", "calibrate", "-t", "acme", "--format", "json").json
    assert (again["rules"][0]["outcome"], again["diff"]) == ("keep", None)
    assert terminal("lint", "mappings/acme").code == 0


def test_calibrating_keeps_the_policys_bound(terminal: Terminal) -> None:
    by_name(terminal, "name: {review: 0.7}")
    judge(terminal.desk, {(0.97, True): 200, (0.9, True): 1_300, (0.75, True): 1_300})
    told = terminal("review", "calibrate", "-t", "acme", "--connection", "hubspot-main", "--format", "json").json
    (rule,) = told["rules"]
    assert (rule["bound"], rule["outcome"], rule["proposed"]) == (0.85, "lower", 0.9)
    assert "must be accepted when it is published" in rule["says"]
