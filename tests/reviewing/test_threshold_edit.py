"""One number of connections.yaml is written; comments, quotes, order and line ends stay as they are."""

from __future__ import annotations

import pytest

from queast_dsl.loading.thresholds import NotWritable, with_auto_link

HEAD = "version: 1\nconnections:\n  crm:\n    connector: hubspot # ours\n    match:\n      company:\n"


def written(rule: str, value: str = "0.97", end: str = "\n") -> str | NotWritable:
    found = with_auto_link("connections.yaml", (HEAD + rule).replace("\n", end), "crm", "company", value)
    return found if isinstance(found, NotWritable) else found.removeprefix(HEAD.replace("\n", end))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("        name: {auto_link: 0.95}\n", "        name: {auto_link: 0.97}\n"),
        ("        name: {review: 0.8} # low\n", "        name: {auto_link: 0.97, review: 0.8} # low\n"),
        ("        name: {}\n", "        name: {auto_link: 0.97}\n"),
        (
            "        name:\n          auto_link: '0.95'   # calibrated\n          review: 0.8\n",
            "        name:\n          auto_link: '0.97'   # calibrated\n          review: 0.8\n",
        ),
        (
            "        name:\n          # from here on\n          review: 0.8  # ask\n",
            "        name:\n          # from here on\n          auto_link: 0.97\n          review: 0.8  # ask\n",
        ),
    ],
)
def test_only_the_threshold_changes(before: str, after: str) -> None:
    assert written(before) == after
    assert written(before, end="\r\n") == after.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("        order: [name]\n", "has no block `name`"),
        ("        name: 0.9\n", "has no block `name`"),
        ("        name: {auto_link: [0.9]}\n", "cannot be changed for certain"),
        ("        name: {auto_link: 0.9\n", "has no block `name`"),
    ],
)
def test_what_cannot_be_written_for_certain_is_left_to_a_person(rule: str, reason: str) -> None:
    found = written(rule)
    assert isinstance(found, NotWritable)
    assert reason in found.reason
