"""The walk through the first hour is what is really answered today."""

from __future__ import annotations

import re

import pytest

from walkthrough.record import PAGE, STEPS, play


@pytest.fixture(scope="module")
def played() -> str:
    return play()


def test_the_page_says_what_the_commands_say(played: str) -> None:
    assert played == PAGE.read_text(encoding="utf-8"), "python -m walkthrough.record rewrites it"


def test_a_record_arrives_and_the_gate_holds(played: str) -> None:
    assert re.search(r"^hubspot-main +delivered +3$", played, re.M)
    assert re.findall(r"^exit (\d+)$", played, re.M) == ["1", "4", "4"]


def test_every_step_that_init_names_is_typed(played: str) -> None:
    typed = {line.removeprefix("$ ") for line in played.splitlines() if line.startswith("$ ")}
    named = re.findall(r"^ +\d+\. (.+?) {2,}", played, re.M)
    assert len(named) == 8
    assert set(named) <= typed
    assert {each for step in STEPS for each in step.typed} == typed
