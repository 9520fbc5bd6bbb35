"""`qmap review …` and `qmap links …` as somebody types them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from queast_runtime.delivery.reviewing.linking import open_sample
from queast_runtime.delivery.reviewing.outcomes import BLIND_SAMPLE, LINKED
from queast_runtime.ports.matches import InboundReceipt, Review
from queast_runtime.ports.rows import MirrorRecord
from reviewing.commands import Terminal
from reviewing.desk import Desk
from reviewing.samples import NOON, candidate, line, new_review

PAUSED = "it would have been linked, but linking by name is paused"
H1 = candidate(
    "h1",
    0.91,
    evidence=[
        line("name", contribution=0.62, ours="nordic data", theirs="nordic datas"),
        line("legal_form", "vetoes", -0.9, ours="AS", theirs="ASA"),
    ],
    url="https://app.hubspot.com/contacts/1/company/h1",
)
H2 = candidate("h2", 0.5)
CONNECTION = {"connection": "hubspot-main", "mapping": "acme-hubspot"}


def put(desk: Desk, *candidates: dict[str, Any], **changes: Any) -> Review:
    return desk.put(*candidates, **{**CONNECTION, **changes})


def test_the_queue_lists_what_waits_and_everything_when_asked(terminal: Terminal) -> None:
    waiting = put(terminal.desk, H1, H2)
    decided = terminal.desk.done(put(terminal.desk, H1, queast_id="c_2", created_at=NOON + timedelta(1)), "reject")
    said = terminal("review", "list", "-t", "acme")
    assert (said.code, said.err) == (0, "")
    header, row = said.out.splitlines()
    assert header.split()[:5] == ["ID", "CONNECTION", "KIND", "AGE", "ENTITY"]
    assert row.split()[:3] == [waiting.id, "hubspot-main", "match"]
    assert row.endswith("open   only the name agrees")
    everything = terminal("review", "list", "-t", "acme", "--all", "--format", "json").json
    assert everything["schema_version"] == 1
    assert [(each["id"], each["state"]) for each in everything["reviews"]] == [
        (waiting.id, "open"),
        (decided.id, "rejected"),
    ]
    none = terminal("review", "list", "-t", "nordlys")
    assert (none.code, none.out, none.err) == (0, "", "no case of nordlys waits\n")


def test_a_case_is_shown_side_by_side_with_a_bar_for_each_rule(terminal: Terminal) -> None:
    case = put(terminal.desk, H1, H2)
    lines = terminal("review", "show", case.id, "-t", "acme").out.splitlines()
    start = lines.index("candidate 1  companies h1  score 0.91  https://app.hubspot.com/contacts/1/company/h1")
    assert [each.rstrip() for each in lines[start + 1 : start + 8]] == [
        "           OURS               THEIRS",
        "  name     Nordic Data AS  !  Nordic Datas AS",
        "  domain   nordicdata.no      -",
        "  country  NO                 NO",
        "  city     Oslo            !  Bergen",
        "  name        ############          +0.62  agrees  nordic data ~ nordic datas",
        "  legal form  ##################    -0.90  vetoes  AS ~ ASA",
    ]
    assert "today       the rules of today would ask a person: legal form speaks against it" in lines
    assert lines[-2:] == ["WHEN                  WHO     WHAT", "2026-03-01T12:00:00Z  engine  opened"]


def complete_mirror(desk: Desk) -> None:
    with desk.store.transaction() as tx:
        tx.start_mirror("acme", "1", "companies", NOON)
        tx.put_mirror_page("acme", "1", "companies", [MirrorRecord("h7", {"name": ("x",)})], None, NOON)


def failing_mirror(desk: Desk) -> None:
    with desk.store.transaction() as tx:
        tx.put_fact("acme", "hubspot-main", "mirror:companies", {"failures": 2, "reason": "503 from the CRM\x1b[2J"})


def unread_mirror(desk: Desk) -> None:
    with desk.store.transaction() as tx:
        tx.start_mirror("acme", "1", "companies", NOON)
        tx.put_mirror_page("acme", "1", "companies", [MirrorRecord("h7", {"name": ("x",)})], "next", NOON)


@pytest.mark.parametrize(
    ("given", "why", "says"),
    [
        (complete_mirror, "no_candidate", "no candidate: every record was looked through, and none fits"),
        (
            failing_mirror,
            "look_up_failed",
            "the look-up failed, so nobody knows whether there is one: 503 from the CRM",
        ),
        (unread_mirror, "not_looked_up", "the list of companies is still being read (1 records so far)"),
    ],
)
def test_three_reasons_for_no_candidate_are_told_apart(given: Any, why: str, says: str, terminal: Terminal) -> None:
    case = put(terminal.desk)
    given(terminal.desk)
    shown = terminal("review", "show", case.id, "-t", "acme").out
    assert says in shown
    assert "\x1b" not in shown
    found = terminal("review", "show", case.id, "-t", "acme", "--format", "json").json["review"]["empty"]
    assert found["why"] == why


def test_accepting_links_and_undoing_unlinks(terminal: Terminal) -> None:
    case = put(terminal.desk, H1, H2)
    assert "several candidates are left" in terminal.fails("review", "accept", case.id, "-t", "acme", code=1)
    said = terminal("review", "accept", case.id, "h1", "-t", "acme", "--note", "same [address]")
    assert said.out.splitlines() == [
        f"case {case.id} of c_1: linked to companies h1",
        f"to take it back: qmap review undo {case.id} --tenant acme",
    ]
    answer = terminal.desk.case(case.id).answer
    assert answer is not None
    assert (answer.actor, answer.role, answer.note) == ("cli:anna", "tenant_admin", "same [address]")
    assert "same [address]" in terminal("review", "show", case.id, "-t", "acme").out
    undone = terminal("review", "undo", case.id, "-t", "acme", "--format", "json").json
    assert (undone["outcome"], undone["stays"], undone["review"]["state"]) == ("done", None, "open")
    assert terminal.desk.links() == {}


@pytest.mark.parametrize("command", ["reject", "create", "skip", "unsure"])
def test_the_other_answers(command: str, terminal: Terminal) -> None:
    case = put(terminal.desk, H1)
    said = terminal("review", command, case.id, "-t", "acme", "--format", "json")
    states = {"reject": "rejected", "create": "to create", "skip": "put off", "unsure": "unsure"}
    assert (said.code, said.json["review"]["state"]) == (0, states[command])
    assert terminal("review", "undo", case.id, "-t", "acme").code == 0
    assert terminal.desk.rejected() == set()


def test_an_answer_that_comes_second_ends_with_1_and_the_first_one(terminal: Terminal) -> None:
    case = put(terminal.desk, H1)
    terminal.desk.done(case, "link")
    for more in ((), ("--seen", "1")):
        said = terminal("review", "reject", case.id, "-t", "acme", *more)
        assert (said.code, said.out) == (1, "")
        assert "anna answered it at 2026-03-01T12:01:00Z: linked companies h1" in said.err
    stale = terminal("review", "reject", case.id, "-t", "acme", "--format", "json")
    assert (stale.code, stale.json["outcome"], stale.json["answer"]["partner_id"]) == (1, "stale", "h1")
    again = put(terminal.desk, H1, H2, queast_id="c_2")
    terminal.desk.done(again, "skip")
    assert "it is at version 2 now" in terminal.fails("review", "create", again.id, "-t", "acme", "--seen", "1", code=1)
    assert terminal.desk.links() == {"c_1": "h1"}


@pytest.mark.parametrize(
    "hostile", ["no-such-id", "'; DROP TABLE reviews; --", "\x1b[2J", "\udcff", "x" * 5_000, "../../etc", "😀"]
)
def test_an_id_that_is_not_there_ends_with_2_whatever_it_holds(hostile: str, terminal: Terminal) -> None:
    put(terminal.desk, H1)
    for command in ("show", "accept", "reject", "create", "skip", "unsure", "undo"):
        said = terminal.fails("review", command, "-t", "acme", "--", hostile, code=2)
        assert "tenant acme has no case" in said
        assert "\x1b" not in said
    for command in ("show", "unlink"):
        assert "has no link of" in terminal.fails("links", command, "-t", "acme", "--", hostile, code=2)


def test_another_tenants_case_and_link_are_as_if_they_were_not_there(terminal: Terminal) -> None:
    case = put(terminal.desk, H1)
    terminal.desk.put_link("c_9", "h9", connection="hubspot-main")
    absent = terminal.fails("review", "show", "nothing", "-t", "nordlys", code=2).replace("nothing", case.id)
    for command in ("show", "accept", "undo"):
        assert terminal.fails("review", command, case.id, "-t", "nordlys", code=2) == absent
    terminal.fails("links", "unlink", "c_9", "-t", "nordlys", code=2)
    assert "no release of a tenant elsewhere" in terminal.fails("review", "list", "-t", "elsewhere", code=2)
    assert terminal.desk.links() == {"c_9": "h9"}
    assert terminal.desk.case(case.id) == case


def test_a_person_is_shown_without_values_unless_asked(terminal: Terminal) -> None:
    kari = candidate("p1", 0.9, name="Kari Nordmann", evidence=[line("name", ours="kari nordmann", theirs="kari n")])
    case = put(terminal.desk, kari, entity="person", object="contacts", subject={"name": "Kari Nordmann"})
    for arguments in (
        ("list",),
        ("list", "--format", "json"),
        ("show", case.id),
        ("show", case.id, "--format", "json"),
    ):
        said = terminal("review", *arguments, "-t", "acme")
        assert said.code == 0
        assert "kari" not in said.out.casefold()
    assert "Kari Nordmann" in terminal("review", "show", case.id, "-t", "acme", "--show-values").out


def test_an_open_blind_sample_tells_nothing_of_what_the_engine_thought(terminal: Terminal) -> None:
    terminal.desk.put_link("c_1", "h1", connection="hubspot-main")
    case = put(terminal.desk, {**H1, LINKED: True}, H2, kind="sample", reason=BLIND_SAMPLE, score=0.91)
    for arguments in (
        ("show", case.id),
        ("show", case.id, "--format", "json"),
        ("list",),
        ("list", "--format", "json"),
    ):
        said = terminal("review", *arguments, "-t", "acme").out
        for told in ("0.91", "nordic datas", "linked by the engine", LINKED + '": true', "legal form"):
            assert told not in said
    terminal("review", "accept", case.id, "h1", "-t", "acme")
    assert "score 0.91  linked by the engine" in terminal("review", "show", case.id, "-t", "acme").out


def test_a_decided_case_is_printed_as_a_test(terminal: Terminal) -> None:
    case = put(terminal.desk, H1, H2)
    assert "answer it first" in terminal.fails("review", "show", case.id, "-t", "acme", "--as-test", code=1)
    terminal.desk.done(case, "link", "h1")
    said = terminal("review", "show", case.id, "-t", "acme", "--as-test")
    assert said.code == 0
    assert "Nordic" not in said.out
    assert said.out.splitlines()[-2:] == ["    expect:", "      match: {record: h1}"]
    assert "--as-test prints YAML" in terminal.fails(
        "review", "show", case.id, "-t", "acme", "--as-test", "--format", "json", code=2
    )


def test_a_link_under_blind_review_tells_neither_record_nor_score(terminal: Terminal) -> None:
    """D3.4"""
    link = terminal.desk.put_link("c_9", "h9", connection="hubspot-main", evidence={"rule": "name", "event": "e_1"})
    with terminal.desk.store.transaction() as tx:
        open_sample(tx, "acme", link, new_review(candidate("h9", 0.97), queast_id="c_9", **CONNECTION))
    for format in ("text", "json"):
        listed = terminal("links", "list", "-t", "acme", "--format", format).out
        assert "under blind review" in listed
        assert "h9" not in listed
        assert "0.97" not in listed
    said = terminal.fails("links", "show", "c_9", "-t", "acme", code=2)
    assert "answer the case first" in said
    assert "h9" not in said


def test_the_figures(terminal: Terminal) -> None:
    empty = terminal("review", "stats", "-t", "acme")
    assert (empty.code, empty.out) == (0, "nothing is open\n")
    for number in range(50):
        mine = candidate(f"h_{number}", 0.97, **{LINKED: True})
        case = put(
            terminal.desk,
            mine,
            queast_id=f"c_{number}",
            reason=PAUSED,
        )
        terminal.desk.done(case, "link" if number > 1 else "reject")
    put(terminal.desk, H1)
    said = terminal("review", "stats", "-t", "acme").out
    assert "linked       48" in said
    assert "0.95 to 1.00     50     48  0.960 (0.865 to 0.989)" in said
    assert "linking by name is paused on hubspot-main: people rejected 2 of the last 50" in said
    told = terminal("review", "stats", "-t", "acme", "--kind", "sample", "--format", "json").json
    assert (told["stats"]["open"], told["stats"]["answered"], told["linking_paused"]) == ([], {}, {})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("review", "list", "-t", "acme", "--kind", "odd"), "no kind of case is called odd"),
        (("review", "list", "-t", "acme", "--connection", "crm"), "tenant acme has no connection crm"),
        (("review", "stats", "-t", "acme", "--kind", "odd"), "no kind of case is called odd"),
        (("links", "list", "-t", "acme", "--standing", "odd"), "no link is odd"),
        (("review", "calibrate", "-t", "fjordbank"), "no connection of fjordbank scores names"),
        (("review", "calibrate", "-t", "nobody"), "has no tenant nobody"),
        (("review", "calibrate", "-t", "acme", "--connection", "odd"), "has no connection odd"),
        (("review", "calibrate", "-t", "acme", "--root", "nowhere"), "no such file or folder: nowhere"),
        (("review", "list"), "Missing option"),
        (("review", "accept", "-t", "acme"), "Missing argument"),
    ],
)
def test_wrong_use_ends_with_2(arguments: tuple[str, ...], says: str, terminal: Terminal) -> None:
    assert says in terminal.fails(*arguments, code=2)


def test_reverting_a_link_that_held_nothing_of_ours_says_so_also_the_second_time(terminal: Terminal) -> None:
    terminal.desk.put_link("c_9", "h9", connection="hubspot-main", account="24512345")
    first = terminal("links", "unlink", "c_9", "-t", "acme", "--revert")
    assert (first.code, first.err) == (0, "")
    assert "companies h9 holds nothing that our writes replaced" in first.out
    again = terminal("links", "unlink", "c_9", "-t", "acme", "--revert", "--format", "json").json
    assert again["reverted"] == {"record": "companies h9", "restored": [], "left": {}}
    assert "has no link of c_9" in terminal.fails("links", "unlink", "c_9", "-t", "acme", code=2)
    terminal.desk.put_link("c_8", "h8", connection="hubspot-main", account="another")
    assert "no connection hubspot-main to account another any more" in terminal.fails(
        "links", "unlink", "c_8", "-t", "acme", "--revert", code=6
    )


def test_an_inbound_case_bookmarks_and_taking_it_back_takes_the_senders_link_down(terminal: Terminal) -> None:
    desk = terminal.desk
    subject = {
        "name": "Nordic Data",
        "inbound": {
            "asked": [{"owner": "team:sales", "note": "saw them"}],
            "partner_id": "w7",
            "account": "24512345",
            "object": "companies",
        },
    }
    case = put(
        desk, candidate("c_7"), candidate("c_8"), kind="inbound", account="queast", queast_id="m1", subject=subject
    )
    with desk.store.transaction() as tx:
        tx.put_receipt("acme", InboundReceipt("hubspot-main", "m1", "hash", "waiting", None, case.id, NOON))
    assert "companies w7 of account 24512345" in terminal("review", "show", case.id, "-t", "acme").out
    accepted = terminal("review", "accept", case.id, "c_7", "-t", "acme").out
    assert "company c_7 is bookmarked, and the sender's record, companies w7 of account 24512345, is linked" in accepted
    assert desk.links() == {"c_7": "w7"}
    undone = terminal("review", "undo", case.id, "-t", "acme").out
    assert "the bookmark of company c_7 stays" in undone
    assert desk.links() == {}
    assert terminal("review", "accept", case.id, "c_8", "-t", "acme").code == 0
    with desk.store.read() as view:
        assert [(each.company_id, each.owner) for each in view.ensured_bookmarks("acme")] == [
            ("c_7", "team:sales"),
            ("c_8", "team:sales"),
        ]
    assert desk.links() == {"c_8": "w7"}


def test_what_was_delivered_through_a_link_stays_and_is_told(terminal: Terminal) -> None:
    """The second half of taking back: the CRM holds what was sent."""
    from reviewing.delivered import delivered_to

    case = put(terminal.desk, H1)
    linked = terminal.desk.done(case, "link")
    delivered_to(terminal.desk.store, "hubspot-main", "c_1", "h1", NOON + timedelta(hours=1))
    said = terminal("review", "undo", linked.id, "-t", "acme").out
    assert "1 delivery to companies h1 stays in the CRM" in said


def test_lists_that_are_cut_say_so(terminal: Terminal) -> None:
    for number in range(3):
        terminal.desk.put_link(f"c_{number}", f"h{number}", connection="hubspot-main")
    cut = terminal("links", "list", "-t", "acme", "--limit", "2")
    assert len(cut.out.splitlines()) == 3
    assert "the first 2; there are more: --limit" in cut.err
    assert terminal("links", "list", "-t", "acme", "--limit", "3", "--format", "json").json["more"] is False


def test_the_history_says_who_took_an_unlink_back_and_when(terminal: Terminal) -> None:
    terminal.desk.put_link("c_9", "h9", connection="hubspot-main")
    down = terminal("links", "unlink", "c_9", "-t", "acme", "--format", "json").json
    assert terminal("review", "undo", down["review"]["id"], "-t", "acme").code == 0
    said = terminal("links", "show", "c_9", "-t", "acme", "--format", "json")
    assert said.code == 0, said
    shown = said.json["links"][0]
    assert [(each["action"], each["actor"]) for each in shown["history"]] == [
        ("linked", "engine"),
        ("unlinked", "cli:anna"),
        ("linked", "cli:anna"),
    ]
