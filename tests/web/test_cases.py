"""Cases on the page: what is shown, what an answer does, and what happens when two people meet at one."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from queast_runtime.web.desk import BULK_CAP, Refused, Today
from web.memory_desk import MemoryDesk, case_of, link_of, sample_of
from web.visiting import House, Visitor, open_house


@pytest.fixture
def house() -> House:
    return open_house()


@pytest.fixture
def desk(house: House) -> MemoryDesk:
    return house.desks["acme"]


@pytest.fixture
def ana(house: House) -> Visitor:
    return house.visitor(subject="Ana")


def text_of(html: str) -> str:
    """The words of a page as somebody hears them."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2].partition("</main>")[0]).split())


def test_the_pair_stands_side_by_side_with_what_differs_marked(ana: Visitor, desk: MemoryDesk) -> None:
    desk.add(case_of("rv_1"))
    page = ana.get("/review/cases/rv_1").text
    assert 'data-side="ours"><bdi>Nordic Data AS</bdi>' in page
    mark = '<mark><span class="unseen">[differs: </span>s<span class="unseen">]</span></mark>'
    assert f'data-side="theirs"><bdi>Nordic Data{mark} AS</bdi>' in page
    words = text_of(page)
    assert "Which record is Nordic Data AS ?" in words
    assert "Name Nordic Data AS Nordic Data [differs: s ] AS differs" in words
    assert "Domain nordicdata.no nordicdata.no same" in words
    assert "2 deliveries wait for the answer" in words


def test_every_rule_has_its_bar(ana: Visitor, desk: MemoryDesk) -> None:
    desk.add(case_of("rv_1"))
    page = ana.get("/review/cases/rv_1").text
    assert re.findall(r'<rect width="([0-9.]+)"', page) == ["84.0", "7.0"]
    words = text_of(page)
    assert "Why this score score 0.91 Name +0.84 nordic data ~ compared with nordic datas as" in words
    assert "Domain or city +0.07 – ~ compared with s" in words
    assert "Legal form as ~ compared with as agrees" in words
    assert "City oslo ~ compared with – not known" in words
    assert "nordisk data far enough" in words
    other = text_of(ana.get("/review/cases/rv_1?candidate=h77").text)
    assert "One letter changed forbids it nordic ~ compared with nordisk" in other


def test_a_candidate_is_chosen_by_its_address(ana: Visitor, desk: MemoryDesk) -> None:
    desk.add(case_of("rv_1"))
    page = ana.get("/review/cases/rv_1?candidate=h77").text
    assert 'name="candidate" value="h77"' in page
    assert "Their record h77" in text_of(page)
    # What is no candidate chooses nothing.
    assert 'name="candidate" value="h1"' in ana.get("/review/cases/rv_1?candidate=h9").text


@pytest.mark.parametrize(
    ("empty", "says"),
    [
        ("no_candidate", "No candidate The account was searched"),
        ("look_up_failed", "The look-up failed The destination did not answer"),
        ("not_looked_up", "Not looked up yet The records of this account are still being read"),
    ],
)
def test_the_three_empties_say_different_things(ana: Visitor, desk: MemoryDesk, empty: str, says: str) -> None:
    desk.add(case_of("rv_1", candidates=(), empty=empty))
    page = ana.get("/review/cases/rv_1").text
    assert says in text_of(page)
    assert 'value="link"' not in page
    assert 'value="create"' in page


def test_an_empty_queue_and_a_filter_that_fits_nothing_differ(ana: Visitor, desk: MemoryDesk) -> None:
    assert "Nothing waits for you" in ana.get("/review").text
    desk.add(case_of("rv_1"))
    assert "Nothing fits this filter" in ana.get("/review?kind=inbound").text
    assert "Nordic Data AS" in ana.get("/review?kind=match&connection=hubspot-main&unsure=").text


@pytest.mark.parametrize(
    ("choice", "candidate", "partner_id"),
    [("link", "h77", "h77"), ("create", "h1", None), ("create", None, None)],
)
def test_an_answer_is_kept_and_leads_to_the_next_case(
    ana: Visitor, desk: MemoryDesk, choice: str, candidate: str | None, partner_id: str | None
) -> None:
    desk.add(case_of("rv_1"))
    desk.add(case_of("rv_2", "Fjordbank ASA"))
    came = ana.answer("rv_1", 1, choice, candidate)
    assert (came.status_code, came.headers["location"]) == (303, "/review/cases/rv_2")
    given = desk.cases["rv_1"].answer
    assert given is not None
    assert (given.choice, given.partner_id, given.actor, given.role) == (choice, partner_id, "web:Ana", "reviewer")
    page = ana.get("/review/cases/rv_2").text
    assert '<form method="post" action="/review/cases/rv_1/undo">' in page
    assert "/review/cases/rv_1/undo" not in ana.get("/review/cases/rv_2").text, "it is said once"


def test_rejecting_one_of_two_leaves_the_other_to_decide(ana: Visitor, desk: MemoryDesk) -> None:
    desk.add(case_of("rv_1"))
    desk.add(case_of("rv_2"))
    assert ana.answer("rv_1", 1, "reject", "h1").headers["location"] == "/review/cases/rv_1"
    page = ana.get("/review/cases/rv_1").text
    assert "1 candidates are left" in page
    assert 'name="candidate" value="h77"' in page
    assert ana.answer("rv_1", 2, "reject", "h77").headers["location"] == "/review/cases/rv_2"


@pytest.mark.parametrize("choice", ["skip", "unsure"])
def test_what_is_put_off_comes_last_and_says_so(ana: Visitor, desk: MemoryDesk, choice: str) -> None:
    desk.add(case_of("rv_1"))
    desk.add(case_of("rv_2", "Fjordbank ASA"))
    assert ana.answer("rv_1", 1, choice, "h1").headers["location"] == "/review/cases/rv_2"
    words = text_of(ana.get("/review").text)
    assert words.index("Fjordbank") < words.index("Nordic Data AS")
    assert ("unsure: web:Ana" if choice == "unsure" else "put off") in words


def test_the_last_answer_leads_back_to_the_queue(ana: Visitor, desk: MemoryDesk) -> None:
    desk.add(case_of("rv_1"))
    came = ana.post("/review/cases/rv_1/answer?connection=hubspot-main", {"version": "1", "choice": "create"})
    assert came.headers["location"] == "/review?connection=hubspot-main"


def test_undoing_opens_the_case_again_and_says_what_stays(ana: Visitor, desk: MemoryDesk) -> None:
    desk.add(case_of("rv_1"))
    ana.answer("rv_1", 1, "link", "h1")
    assert "Undo this answer" in ana.get("/review/cases/rv_1").text
    came = ana.post("/review/cases/rv_1/undo", {"version": "2"})
    assert came.headers["location"] == "/review/cases/rv_1"
    assert "Undone; the case is open again. Deliveries that were made stay." in text_of(
        ana.get("/review/cases/rv_1").text
    )
    assert desk.cases["rv_1"].answer is None


def test_whoever_comes_second_is_shown_the_first_answer(house: House, ana: Visitor, desk: MemoryDesk) -> None:
    desk.add(case_of("rv_1"))
    ben = house.visitor(subject="Ben")
    ben.post("/review/cases/rv_1/answer", {"version": "1", "choice": "link", "candidate": "h77", "note": "by phone"})
    came = ana.answer("rv_1", 1, "create")
    assert came.status_code == 409
    words = text_of(came.text)
    assert "web:Ben answered Nordic Data AS just now : accepted Nordisk Data AB “by phone”" in words
    assert "Your answer was: create a new record. It was not kept" in words
    assert desk.cases["rv_1"].version == 2


@pytest.mark.parametrize(("choice", "says"), [("skip", "it was put off"), ("unsure", "web:Ben marked it as unsure")])
def test_a_case_that_was_only_put_off_meanwhile_says_so(
    house: House, ana: Visitor, desk: MemoryDesk, choice: str, says: str
) -> None:
    desk.add(case_of("rv_1"))
    house.visitor(subject="Ben").answer("rv_1", 1, choice)
    came = ana.answer("rv_1", 1, "link", "h1")
    assert came.status_code == 409
    assert says in text_of(came.text)


def test_undoing_twice_is_stale_the_second_time(ana: Visitor, desk: MemoryDesk) -> None:
    desk.add(case_of("rv_1"))
    ana.answer("rv_1", 1, "create")
    assert ana.post("/review/cases/rv_1/undo", {"version": "2"}).status_code == 303
    assert ana.post("/review/cases/rv_1/undo", {"version": "2"}).status_code == 409


def test_an_answer_that_does_not_fit_shows_why_on_the_case(
    ana: Visitor, desk: MemoryDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add(case_of("rv_1"))
    came = ana.answer("rv_1", 1, "link", "h9")
    assert came.status_code == 422
    assert "That record is no candidate of this case." in text_of(came.text)
    monkeypatch.setattr(MemoryDesk, "unlink", lambda *_, **__: Refused("the destination is paused"))
    desk.links["acct-1", "companies", "c_9"] = link_of("c_9", "h9")
    taken = ana.post(
        "/review/matches/unlink", {"account": "acct-1", "object": "companies", "id": "c_9", "partner": "h9"}
    )
    assert taken.status_code == 422
    assert "The destination is paused." in text_of(taken.text)


def test_reloading_after_a_form_leads_to_where_it_was(ana: Visitor, desk: MemoryDesk) -> None:
    desk.add(case_of("rv_1"))
    for path, to in (
        ("/review/cases/rv_1/answer?kind=match", "/review/cases/rv_1?kind=match"),
        ("/review/cases/rv_1/undo", "/review/cases/rv_1"),
        ("/review/bulk", "/review"),
        ("/review/bulk/answer", "/review"),
        ("/review/matches/unlink", "/review/matches"),
        ("/review/", "/review"),
    ):
        came = ana.get(path)
        assert (came.status_code, came.headers["location"]) == (303, to)


def test_a_blind_sample_shows_nothing_of_what_the_engine_decided(ana: Visitor, desk: MemoryDesk) -> None:
    """D3.4"""
    desk.add(sample_of("rv_1"))
    for page in (ana.get("/review/cases/rv_1").text, ana.get("/review").text):
        assert "blind check" in page
        for trace in ("0.97", "0.91", "0.62", "Why this score", "linked by name", "rect width", "far enough"):
            assert trace not in page
    ana.answer("rv_1", 1, "link", "h1")
    words = text_of(ana.get("/review/cases/rv_1").text)
    assert "The engine had linked record h1 by name with score 0.97: you agreed." in words
    assert "0.91" in words


def test_the_order_of_a_blind_samples_candidates_says_nothing(house: House, ana: Visitor, desk: MemoryDesk) -> None:
    for number in range(12):
        desk.add(sample_of(f"rv_{number}"))
    firsts = {
        re.findall(r'name="candidate" value="(h\d+)"', ana.get(f"/review/cases/rv_{number}").text)[0]
        for number in range(12)
    }
    assert firsts == {"h1", "h77"}
    other = house.visitor(subject="Ben")
    for number in range(12):
        path = f"/review/cases/rv_{number}"
        order = re.findall(r"candidate=(h\d+)", ana.get(path).text)
        assert order == re.findall(r"candidate=(h\d+)", other.get(path).text)


def test_a_call_from_outside_never_makes_a_company(ana: Visitor, desk: MemoryDesk) -> None:
    desk.add(case_of("rv_1", kind="inbound"))
    page = ana.get("/review/cases/rv_1").text
    assert "Which of our companies is" in page
    assert 'value="create"' not in page
    desk.add(case_of("rv_2", kind="inbound", candidates=(), empty="no_candidate"))
    page = ana.get("/review/cases/rv_2").text
    assert "None of Queast's companies resembles it, and none is ever invented." in text_of(page)
    assert 'value="reject"' in page
    assert 'value="create"' not in page


def test_the_page_says_whether_todays_rules_would_decide_otherwise(ana: Visitor, desk: MemoryDesk) -> None:
    desk.add(case_of("rv_1"))
    desk.today = Today(False, "link", "h1 has 0.91, and a link is made from 0.88 on")
    assert (
        "By the rules in force now this would be linked without asking: h1 has 0.91, and a link is made from 0.88 on."
        in text_of(ana.get("/review/cases/rv_1").text)
    )


def test_several_cases_are_previewed_and_then_answered(house: House, ana: Visitor, desk: MemoryDesk) -> None:
    for number in range(3):
        desk.add(case_of(f"rv_{number}", f"Company {number}", candidates=case_of("x").candidates[:1]))
    desk.add(sample_of("rv_3"))
    picks: list[str] = [f"rv_{number}:1" for number in range(4)]
    preview = ana.post("/review/bulk", {"pick": picks, "choice": "link"})
    words = text_of(preview.text)
    assert "Accept the only candidate: 3 cases?" in words
    assert "1 of the picked 4 would be left as they are" in words
    assert "a blind check is answered by looking at it" in words
    assert all(each.answer is None for each in desk.cases.values())
    house.visitor(subject="Ben").answer("rv_1", 1, "create")
    confirmed = re.findall(r'name="pick" value="([^"]+)"', preview.text)
    assert confirmed == picks[:3]
    done = text_of(ana.post("/review/bulk/answer", {"pick": confirmed, "choice": "link"}).text)
    assert "Accept the only candidate: 2 of 3 done" in done
    assert "Company 1 it changed since it was picked" in done
    assert [each.answer.choice if each.answer else None for each in desk.cases.values()] == [
        "link",
        "create",
        "link",
        None,
    ]


def test_at_most_a_hundred_cases_go_through_at_once(ana: Visitor, desk: MemoryDesk) -> None:
    picks = [f"rv_{number}:1" for number in range(BULK_CAP + 1)]
    for path in ("/review/bulk", "/review/bulk/answer"):
        came = ana.post(path, {"pick": picks, "choice": "skip"})
        assert came.status_code == 422
        assert "101 cases are picked; 100 go through at once at most." in came.text
    # A case that is named twice is one case.
    assert ana.post("/review/bulk", {"pick": [*picks[:-1], picks[0]], "choice": "skip"}).status_code == 200


def test_all_matches_are_listed_and_any_can_be_taken_down(ana: Visitor, desk: MemoryDesk) -> None:
    """D3.2"""
    desk.links["acct-1", "companies", "c_1"] = link_of("c_1", "h1", name="Acme Ltd")
    desk.links["acct-1", "companies", "c_2"] = link_of("c_2", "h2", rule="domain", score=None, standing="established")
    words = text_of(ana.get("/review/matches").text)
    assert "Acme Ltd linked to → Fjordbank hubspot-main · companies · Name · engine score 0.97 inferred" in words
    assert (
        "established" not in text_of(ana.get("/review/matches?rule=name&standing=inferred").text).partition("Show")[2]
    )
    one = ana.get("/review/matches/one?account=acct-1&object=companies&id=c_1").text
    assert "Acme Ltd is Fjordbank" in text_of(one)
    assert "https://app.hubspot.com/contacts/1/company/h1" in one
    form: dict[str, str | list[str]] = {"account": "acct-1", "object": "companies", "id": "c_1", "partner": "h1"}
    assert ana.post("/review/matches/unlink", {**form, "partner": "h2"}).status_code == 422
    came = ana.post("/review/matches/unlink", {**form, "revert": "yes", "note": "wrong branch"})
    assert came.headers["location"] == "/review/matches"
    assert "The link is down and 3 fields are restored." in text_of(ana.get("/review/matches").text)
    assert ("acct-1", "companies", "c_1") not in desk.links
    assert ana.post("/review/matches/unlink", form).status_code == 404


def test_the_history_says_who_did_what_newest_first(ana: Visitor, desk: MemoryDesk) -> None:
    desk.add(case_of("rv_1"))
    ana.answer("rv_1", 1, "link", "h1")
    ana.post("/review/cases/rv_1/undo", {"version": "2"})
    words = text_of(ana.get("/review/history").text)
    assert words.index("undone the case is open again web:Ana") < words.index("answered link") < words.index("opened")
    own = text_of(ana.get("/review/cases/rv_1").text).partition("What happened")[2]
    assert own.index("undone") < own.index("answered") < own.index("opened")


def test_long_lists_come_in_pages_that_keep_the_filter(ana: Visitor, desk: MemoryDesk) -> None:
    for number in range(60):
        desk.add(case_of(f"rv_{number}", f"Company {number}"))
        desk.links["acct-1", "companies", f"c_{number}"] = link_of(f"c_{number}", f"h{number}")
    for path, rows in (("/review?kind=match", 10), ("/review/matches?rule=name", 10), ("/review/history", 10)):
        page = ana.get(path).text
        more = re.search(r'href="([^"]+after=[^"]+)"', page)
        assert more is not None
        address = more[1].replace("&amp;", "&")
        assert path.partition("?")[2] in address
        rest = ana.get(address).text
        assert len(re.findall(r"<li(?: data-row| class=\"opened\")>", rest)) == rows
        assert "after=" not in rest


def test_the_note_is_kept_and_shown(ana: Visitor, desk: MemoryDesk) -> None:
    desk.add(case_of("rv_1"))
    ana.post(
        "/review/cases/rv_1/answer", {"version": "1", "choice": "create", "note": "  asked <b>Kim</b>\r\nby phone "}
    )
    given = desk.cases["rv_1"].answer
    assert given is not None
    assert given.note == "asked <b>Kim</b>\nby phone"
    assert "“asked &lt;b&gt;Kim&lt;/b&gt;⟨U+000A⟩by phone”" in ana.get("/review/cases/rv_1").text


def test_a_case_without_a_name_is_shown_by_its_id(ana: Visitor, desk: MemoryDesk) -> None:
    desk.add(replace(case_of("rv_1"), subject={}))
    assert "Which record is c_rv_1 ?" in text_of(ana.get("/review/cases/rv_1").text)
