"""The pages over the real store: what people answer there is what the store then holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from queast_runtime.delivery.reviewing.linking import open_sample
from queast_runtime.delivery.reviewing.today import Today
from queast_runtime.matching.evidence import Evidence as Seen
from queast_runtime.ports.matches import Review
from queast_runtime.ports.rows import Link, MirrorCard, MirrorRecord
from queast_runtime.ports.store import Store, Transaction
from queast_runtime.security.sealing import open_sealer
from queast_runtime.web.desk import MatchFilter, QueueFilter
from queast_runtime.web.store_desk import StoreDesk, StoreDesks
from reviewing.samples import candidate, new_review
from schema_copy import open_copy
from web.memory_desk import START, MovedClock
from web.visiting import House, Visitor, house_over

ASKED = {"asked": [{"owner": "team:sales", "note": "Kim"}], "partner_id": "77", "account": "w", "object": "companies"}
CALLED = {"name": "Nordic Data", "inbound": ASKED}


@dataclass(slots=True)
class Kept:
    """A store with the pages over it."""

    store: Store
    house: House
    desks: StoreDesks
    bookmarked: list[tuple[str, str | None]]

    @property
    def desk(self) -> StoreDesk:
        return self.desks("acme")

    def put(self, *candidates: dict[str, Any], **changes: Any) -> str:
        self.house.clock.move(seconds=1)
        with self.store.transaction() as tx:
            return tx.put_review("acme", new_review(*candidates, **{"created_at": self.house.clock.now(), **changes}))

    def case(self, case_id: str) -> Review:
        with self.store.read() as view:
            found = view.review("acme", case_id)
        assert found is not None
        return found

    def link(self, queast_id: str) -> Link | None:
        with self.store.read() as view:
            return view.link("acme", "1", "companies", queast_id)

    def put_link(self, queast_id: str, partner_id: str, **changes: Any) -> Link:
        link = Link(
            "1", "companies", queast_id, partner_id, "crm", "name", "inferred", {}, 0.97, "sha256:0", "engine",
            self.house.clock.now(), False,
        )  # fmt: skip
        with self.store.transaction() as tx:
            tx.put_link("acme", replace(link, **changes))
        return replace(link, **changes)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    clock = MovedClock()
    store = open_copy(tmp_path / "queast.db", open_sealer(tmp_path, clock))
    bookmarked: list[tuple[str, str | None]] = []

    def on_inbound(_: Transaction, tenant: str, review: Review, company_id: str | None) -> None:
        assert tenant == "acme"
        bookmarked.append((review.queast_id, company_id))

    desks = StoreDesks(
        store,
        clock,
        lambda _, review: Today(False, "link", f"{review.queast_id} would be linked from 0.88 on"),
        lambda _, link, actor: f"2 fields of {link.partner_id} are restored for {actor}",
        on_inbound,
    )
    yield Kept(store, house_over(clock, desks), desks, bookmarked)
    store.close()


@pytest.fixture
def ana(kept: Kept) -> Visitor:
    return kept.house.visitor(subject="Ana")


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2].partition("</main>")[0]).split())


def test_a_case_is_shown_as_it_was_opened(kept: Kept, ana: Visitor) -> None:
    case_id = kept.put(candidate("h1", 0.91), candidate("h2", 0.62, url="https://crm.example/2"))
    page = ana.get(f"/review/cases/{case_id}").text
    said = words(page)
    assert "Which record is Nordic Data AS ?" in said
    assert "City [differs: Oslo ] [differs: Bergen ] differs" in said
    assert "Name +0.91 nordic data ~ compared with nordic datas" in said
    assert "By the rules in force now this would be linked without asking: c_1 would be linked from 0.88 on." in said
    assert "https://crm.example/2" in ana.get(f"/review/cases/{case_id}?candidate=h2").text


def test_the_evidence_of_matching_is_told_in_the_words_of_the_page(kept: Kept, ana: Visitor) -> None:
    seen = (
        Seen("name", "nordic data", "nordic datas", 0.9, "differs"),
        Seen("country", "no", "no", 0.0, "agrees"),
        Seen("city", "oslo", "", 0.0, "unknown"),
        Seen("domain", "a.example", "b.example", -0.9, "vetoes"),
        Seen("runner_up", "nordic data", "nordisk", 0.0, "differs"),
    )
    case_id = kept.put(candidate("h1", 0.9, evidence=[each.as_json() for each in seen]))
    page = ana.get(f"/review/cases/{case_id}").text
    said = words(page).partition("Why this score")[2]
    for each in (
        "Name +0.90 nordic data ~ compared with nordic datas",
        "Country no ~ compared with no agrees",
        "City oslo ~ compared with – not known",
        "Domain forbids it a.example ~ compared with b.example",
        "Next record nordic data ~ compared with nordisk far enough",
    ):
        assert each in said, each
    assert re.findall(r'<rect width="([0-9.]+)"', page) == ["90.0", "90.0"]


def test_accepting_links_and_undoing_takes_the_link_down(kept: Kept, ana: Visitor) -> None:
    case_id = kept.put(candidate("h1", 0.91), candidate("h2", 0.62))
    assert ana.answer(case_id, 1, "link", "h2").status_code == 303
    link = kept.link("c_1")
    assert link is not None
    assert (link.partner_id, link.rule, link.standing, link.actor) == ("h2", "review", "established", "web:Ana")
    version = kept.case(case_id).version
    said = words(ana.get(f"/review/cases/{case_id}").text)
    assert "Accepted by web:Ana (reviewer), just now" in said
    assert "linked to companies h2 by review" in said
    came = ana.post(f"/review/cases/{case_id}/undo", {"version": str(version), "revert": "yes"})
    assert came.status_code == 303
    assert "2 fields of h2 are restored for web:Ana" in words(ana.get(f"/review/cases/{case_id}").text)
    assert kept.link("c_1") is None
    assert kept.case(case_id).answer is None


def test_a_rejected_candidate_leaves_and_can_come_back(kept: Kept, ana: Visitor) -> None:
    case_id = kept.put(candidate("h1", 0.91), candidate("h2", 0.62))
    ana.answer(case_id, 1, "reject", "h1")
    page = ana.get(f"/review/cases/{case_id}").text
    assert 'value="h2"' in page
    assert "candidate=h1" not in page
    with kept.store.read() as view:
        assert view.rejections("acme", "1", "companies", "c_1") == {"h1"}
    ana.get(f"/review/cases/{case_id}")
    assert "A candidate was rejected here. Take that back" in words(ana.get(f"/review/cases/{case_id}").text)
    ana.post(f"/review/cases/{case_id}/undo", {"version": str(kept.case(case_id).version)})
    assert "candidate=h1" in ana.get(f"/review/cases/{case_id}").text


def test_the_second_of_two_people_is_shown_the_first_answer(kept: Kept, ana: Visitor) -> None:
    case_id = kept.put(candidate("h1", 0.91))
    kept.house.visitor("tenant_admin", subject="Ben").answer(case_id, 1, "link", "h1")
    came = ana.answer(case_id, 1, "create")
    assert came.status_code == 409
    assert "web:Ben answered Nordic Data AS just now : accepted Nordic Datas AS" in words(came.text)
    assert kept.case(case_id).version == 2


def test_a_record_that_stands_for_another_company_is_refused_with_which(kept: Kept, ana: Visitor) -> None:
    kept.put_link("c_9", "h1", rule="domain", standing="established")
    case_id = kept.put(candidate("h1", 0.91))
    came = ana.answer(case_id, 1, "link", "h1")
    assert came.status_code == 422
    assert "Companies h1 stands for c_9 already, linked by domain; if that is wrong, unlink it first." in words(
        came.text
    )


def test_the_queue_puts_what_was_put_off_last_and_pages_through_all(kept: Kept, ana: Visitor) -> None:
    ids = [kept.put(candidate("h1", 0.9), queast_id=f"c_{number}") for number in range(7)]
    kept.house.clock.move(minutes=1)
    ana.answer(ids[0], 1, "unsure")
    kept.house.clock.move(minutes=1)
    ana.answer(ids[1], 1, "skip")
    order = [*ids[2:], ids[0], ids[1]]
    seen: list[str] = []
    after: str | None = None
    while True:
        page = kept.desk.queue(QueueFilter(), after, 3)
        seen += [each.id for each in page.rows]
        after = page.next
        if after is None:
            break
    assert seen == order
    assert [each.id for each in kept.desk.queue(QueueFilter(unsure=True), None, 3).rows] == [ids[0]]
    around = kept.desk.around(ids[3], QueueFilter(connection="crm"))
    assert (around.position, around.total, around.previous, around.next) == (2, 7, ids[2], ids[4])
    assert kept.desk.around(ids[1], QueueFilter()).next is None
    assert kept.desk.around(ids[0], QueueFilter(unsure=True)).total == 1
    ana.answer(ids[3], 1, "create")
    decided = kept.desk.around(ids[3], QueueFilter())
    assert (decided.position, decided.total, decided.next) == (None, 6, ids[4])


def test_the_unsure_filter_reads_past_whole_chunks_of_others(kept: Kept) -> None:
    with kept.store.transaction() as tx:
        for number in range(450):
            tx.put_review("acme", new_review(queast_id=f"c_{number}", created_at=START + timedelta(seconds=number)))
    with kept.store.read() as view:
        last = view.reviews("acme")[-1]
    kept.house.visitor().answer(last.id, 1, "unsure")
    assert [each.id for each in kept.desk.queue(QueueFilter(unsure=True), None, 50).rows] == [last.id]
    assert kept.desk.around(last.id, QueueFilter()).total == 450


def test_a_blind_sample_hides_what_was_linked_until_it_is_answered(kept: Kept, ana: Visitor) -> None:
    """D3.4"""
    link = kept.put_link("c_1", "h1")
    with kept.store.transaction() as tx:
        case_id = open_sample(tx, "acme", link, new_review(candidate("h1", 0.97), candidate("h2", 0.61)))
    page = ana.get(f"/review/cases/{case_id}").text
    for trace in ("0.97", "0.61", "engine linked", "by name", "What happened", "Why this score"):
        assert trace not in page
    assert "linked" not in kept.desk.case(case_id).subject  # type: ignore[union-attr]
    for elsewhere in ("/review/matches", "/review/history"):
        said = words(ana.get(elsewhere).text)
        assert "under blind review" in said
        assert "h1" not in said
        assert "0.97" not in said
    one = ana.get("/review/matches/one?account=1&object=companies&id=c_1")
    assert (one.status_code, one.headers["location"]) == (303, f"/review/cases/{case_id}")
    ana.answer(case_id, 1, "link", "h1")
    assert "h1" in words(ana.get("/review/matches").text)
    said = words(ana.get(f"/review/cases/{case_id}").text)
    assert "The engine had linked record h1 by name with score 0.97: you agreed." in said
    confirmed = kept.link("c_1")
    assert confirmed is not None
    assert (confirmed.standing, confirmed.confirmed_by) == ("established", "web:Ana")


def test_a_call_from_outside_ends_in_a_bookmark_or_in_nothing(kept: Kept, ana: Visitor) -> None:
    first = kept.put(candidate("c_7", 0.9), kind="inbound", queast_id="m_1", account="calls", subject=CALLED)
    second = kept.put(candidate("c_7", 0.9), kind="inbound", queast_id="m_2", account="calls")
    page = ana.get(f"/review/cases/{first}").text
    assert "Which of our companies is Nordic Data ?" in words(page)
    assert "team:sales" not in page
    assert "The sender names its own record: companies 77 of account w . Accepting links that record" in words(page)
    ana.answer(first, 1, "link", "c_7")
    ana.answer(second, 1, "reject", "c_7")
    assert kept.bookmarked == [("m_1", "c_7"), ("m_2", None)]


def test_the_empties_come_from_what_the_store_knows(kept: Kept, ana: Visitor) -> None:
    case_id = kept.put()
    assert "Not looked up yet" in words(ana.get(f"/review/cases/{case_id}").text)
    with kept.store.transaction() as tx:
        tx.start_mirror("acme", "1", "companies", START)
        tx.put_mirror_page("acme", "1", "companies", [], None, START)
    assert "No candidate" in words(ana.get(f"/review/cases/{case_id}").text)


def test_several_cases_are_answered_at_once_each_for_itself(kept: Kept, ana: Visitor) -> None:
    one = kept.put(candidate("h1", 0.9), queast_id="c_1")
    two = kept.put(candidate("h2", 0.9), candidate("h3", 0.8), queast_id="c_2")
    three = kept.put(candidate("h4", 0.9), queast_id="c_3")
    picks: list[str] = [f"{each}:1" for each in (one, two, three)]
    preview = words(ana.post("/review/bulk", {"pick": picks, "choice": "link"}).text)
    assert "Accept the only candidate: 2 cases?" in preview
    assert "c_1 is linked to companies h1" in preview
    assert "several candidates are left, so one must be named" in preview
    assert kept.link("c_1") is None
    ana.answer(three, 1, "skip")
    done = words(ana.post("/review/bulk/answer", {"pick": picks, "choice": "link"}).text)
    assert "Accept the only candidate: 1 of 3 done" in done
    assert "somebody else answered it in the meantime" in done
    assert [kept.link(each) is None for each in ("c_1", "c_2", "c_3")] == [False, True, True]


def test_matches_are_listed_with_names_and_taken_down(kept: Kept, ana: Visitor) -> None:
    """D3.2"""
    with kept.store.transaction() as tx:
        tx.put_entity("acme", "company", "c_1", 1, b'{"id": "c_1", "name": "Acme Ltd"}', START)
        card = MirrorCard("Acme Limited", "GB", None, "acme.example")
        tx.put_mirror_record("acme", "1", "companies", MirrorRecord("h1", {}, card, ()))
    kept.put_link("c_1", "h1", evidence={"rule": "name", "event": "e_1", "found": "acme.example"})
    for number in range(2, 6):
        kept.put_link(f"c_{number}", f"h{number}", rule="domain", standing="established")
    said = words(ana.get("/review/matches").text)
    assert "Acme Ltd linked to → Acme Limited crm · companies · Name · engine" in said
    page = kept.desk.matches(MatchFilter(), None, 3)
    rest = kept.desk.matches(MatchFilter(), page.next, 3)
    assert [each.queast_id for each in (*page.rows, *rest.rows)] == ["c_1", "c_2", "c_3", "c_4", "c_5"]
    assert rest.next is None
    assert [each.queast_id for each in kept.desk.matches(MatchFilter(rule="name"), None, 9).rows] == ["c_1"]
    assert len(kept.desk.matches(MatchFilter(standing="established"), "no cursor", 9).rows) == 4
    one = words(ana.get("/review/matches/one?account=1&object=companies&id=c_1").text)
    assert "Acme Ltd is Acme Limited" in one
    assert "Found acme.example ~ compared with – agrees" in one
    assert "e_1" not in one
    form: dict[str, str | list[str]] = {"account": "1", "object": "companies", "id": "c_1", "partner": "h1"}
    came = ana.post("/review/matches/unlink", {**form, "revert": "yes", "note": "another company"})
    assert came.status_code == 303
    told = words(ana.get("/review/matches").text)
    assert "The link to companies h1 is taken down, and remembered as wrong" in told
    assert "2 fields of h1 are restored for web:Ana" in told
    assert kept.link("c_1") is None
    with kept.store.read() as view:
        assert view.rejections("acme", "1", "companies", "c_1") == {"h1"}


def test_both_histories_are_told_as_one_newest_first_without_loss(kept: Kept, ana: Visitor) -> None:
    for number in range(5):
        case_id = kept.put(candidate(f"h{number}", 0.9), queast_id=f"c_{number}")
        kept.house.clock.move(minutes=1)
        ana.answer(case_id, 1, "link", f"h{number}")
        kept.house.clock.move(minutes=1)
    whole = kept.desk.steps(None, None, 100)
    assert whole.next is None
    assert len(whole.rows) == 15
    assert [each.at for each in whole.rows] == sorted((each.at for each in whole.rows), reverse=True)
    assert {each.action for each in whole.rows} == {"opened", "answered", "linked"}
    seen = []
    after: str | None = None
    while True:
        page = kept.desk.steps(None, after, 4)
        seen += page.rows
        after = page.next
        if after is None:
            break
    assert tuple(seen) == whole.rows
    assert kept.desk.steps(None, "no.cursor", 100) == whole
    assert "web:Ana" in words(ana.get("/review/history").text)


def test_figures_are_those_of_the_store(kept: Kept, ana: Visitor) -> None:
    one = kept.put(candidate("h1", 0.9), queast_id="c_1")
    kept.put(candidate("h2", 0.9), queast_id="c_2")
    kept.house.clock.move(seconds=40)
    ana.answer(one, 1, "link", "h1")
    kept.house.clock.move(seconds=60)
    said = words(ana.get("/review").text)
    assert "1 open, 1 answered, decided after 41 s in the middle." in said
    assert kept.desk.connections() == ("crm",)


def test_another_tenant_sees_and_changes_nothing(kept: Kept) -> None:
    case_id = kept.put(candidate("h1", 0.91))
    kept.put_link("c_5", "h5")
    theirs = kept.house.visitor(tenant="nordlys")
    assert theirs.get(f"/review/cases/{case_id}").status_code == 404
    assert theirs.answer(case_id, 1, "link", "h1").status_code == 404
    assert theirs.post(f"/review/cases/{case_id}/undo", {"version": "1"}).status_code == 404
    form: dict[str, str | list[str]] = {"account": "1", "object": "companies", "id": "c_5", "partner": "h5"}
    assert theirs.post("/review/matches/unlink", form).status_code == 404
    assert "Nothing waits for you" in theirs.get("/review").text
    assert "No matches yet" in theirs.get("/review/matches").text
    assert "Nothing happened yet" in theirs.get("/review/history").text
    assert "there is no such case" in words(
        theirs.post("/review/bulk", {"pick": f"{case_id}:1", "choice": "skip"}).text
    )
    assert kept.case(case_id).version == 1
    assert kept.link("c_5") is not None


def test_a_link_that_was_taken_down_is_shown_as_it_was_with_its_history(kept: Kept, ana: Visitor) -> None:
    kept.put_link("c_1", "h1")
    at = "/review/matches/one?account=1&object=companies&id=c_1"
    assert "Take it down" in words(ana.get(at).text)
    form = {"account": "1", "object": "companies", "id": "c_1", "partner": "h1"}
    assert ana.post("/review/matches/unlink", form).status_code == 303
    said = words(ana.get(at).text)
    assert "c_1 was h1" in said
    assert "This link was taken down." in said
    assert "Take it down" not in said
    assert "unlinked" in said
    assert ana.get("/review/matches/one?account=1&object=companies&id=c_2").status_code == 404
