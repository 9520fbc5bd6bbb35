"""`qmap links …` as somebody types it."""

from __future__ import annotations

from reviewing.commands import Terminal
from reviewing.samples import line

EVIDENCE = {
    "rule": "name",
    "event": "e_1",
    "lines": [
        line("name", contribution=0.97, ours="nordic data", theirs="nordic datas"),
        line("country", contribution=None, ours="NO", theirs="NO"),
    ],
}


def test_links_are_listed_shown_and_taken_down(terminal: Terminal) -> None:
    terminal.desk.put_link("c_9", "h9", connection="hubspot-main", evidence=EVIDENCE)
    terminal.desk.put_link("c_8", "h8", connection="hubspot-main", rule="domain", standing="established")
    listed = terminal("links", "list", "-t", "acme", "--standing", "inferred").out.splitlines()
    assert [row.split()[:6] for row in listed[1:]] == [["c_9", "hubspot-main", "companies", "h9", "name", "0.97"]]
    shown = terminal("links", "show", "c_9", "-t", "acme", "--format", "json").json["links"][0]
    assert (shown["partner_id"], shown["evidence"]["event"], shown["history"][0]["action"]) == ("h9", "e_1", "linked")
    assert "evidence    event e_1, rule name" in terminal("links", "show", "c_9", "-t", "acme").out
    lines = [row.split() for row in terminal("links", "show", "c_9", "-t", "acme").out.splitlines()]
    assert ["name", "#" * 19, "+0.97", "agrees", "nordic", "data", "~", "nordic", "datas"] in lines
    assert ["country", "agrees", "NO", "~", "NO"] in lines
    moved = terminal.fails("links", "unlink", "c_9", "-t", "acme", "--record", "h8", code=1)
    assert "c_9 is linked to companies h9 by now, not to h8" in moved
    down = terminal("links", "unlink", "c_9", "-t", "acme", "--note", "a namesake", "--format", "json").json
    assert terminal.desk.links() == {"c_8": "h8"}
    gone = terminal("links", "show", "c_9", "-t", "acme", "--format", "json").json["links"][0]
    assert (gone["stands"], [each["action"] for each in gone["history"]]) == (False, ["linked", "unlinked"])
    assert gone["rejected"] == ["h9"]
    told = terminal("links", "show", "c_9", "-t", "acme").out.splitlines()
    assert told[0].split()[:4] == ["state", "taken", "down", "by"]
    assert terminal("review", "undo", down["review"]["id"], "-t", "acme").code == 0
    assert terminal.desk.links() == {"c_8": "h8", "c_9": "h9"}


def test_a_rule_that_makes_no_link_is_wrong_use(terminal: Terminal) -> None:
    terminal.desk.put_link("c_9", "h9", connection="hubspot-main")
    told = terminal.fails("links", "list", "-t", "acme", "--rule", "nmae", code=2)
    assert "no rule nmae makes a link" in told
    assert "did you mean `name`?" in told
    assert "one of: link, external_id" in terminal.fails("links", "list", "-t", "acme", "--rule", "zzz", code=2)
    for rule in ("link", "external_id", "domain", "linkedin", "name", "created", "review"):
        assert terminal("links", "list", "-t", "acme", "--rule", rule).code == 0
