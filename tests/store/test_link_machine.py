"""A stateful test of links and reviews: uniqueness and history hold under any order of operations, and crashes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from queast_runtime.ports.matches import AnotherOpen, ReviewAnswer, StaleVersion
from queast_runtime.ports.rows import LinkTaken, PairLinked, PairRejected, Rejection
from queast_runtime.ports.store import Transaction
from queast_runtime.security.sealing import open_sealer
from queast_runtime.store.open import SqlStore, open_store
from store.samples import NOON, FixedClock, link, review

A, OBJ = "hub-1", "companies"
OURS = st.sampled_from(["c_1", "c_2", "c_3"])
THEIRS = st.sampled_from(["901", "902", "903"])
STANDINGS = st.sampled_from(["established", "inferred"])
# How an operation ends: committed, rolled back midway, or with the process gone before the commit.
ENDS = st.sampled_from(["commit", "commit", "commit", "roll back", "crash"])


class RolledBack(Exception):
    pass


class Model:
    """What must be there: plain dictionaries, without a thought of SQL."""

    def __init__(self) -> None:
        self.links: dict[str, tuple[str, str, bool]] = {}
        self.history: list[tuple[str, str, str]] = []
        self.rejected: set[tuple[str, str]] = set()
        self.reviews: dict[str, dict[str, Any]] = {}
        self.steps: list[tuple[str, str]] = []

    def holder(self, theirs: str) -> str | None:
        return next((ours for ours, (held, _, _) in self.links.items() if held == theirs), None)

    def open_of(self, ours: str) -> str | None:
        found = (id_ for id_, one in self.reviews.items() if one["ours"] == ours and one["choice"] is None)
        return next(found, None)

    def copy(self) -> Model:
        other = Model()
        other.links, other.history = dict(self.links), list(self.history)
        other.rejected, other.steps = set(self.rejected), list(self.steps)
        other.reviews = {id_: dict(one) for id_, one in self.reviews.items()}
        return other


class Links(RuleBasedStateMachine):
    """Each example has a tenant of its own in the one database that `url` names."""

    url = ""
    keys = Path()
    examples = count(1)

    def __init__(self) -> None:
        super().__init__()
        self.tenant = f"t{next(self.examples)}"
        self.store = self.opened()
        self.model = Model()
        self.now: datetime = NOON

    def opened(self) -> SqlStore:
        return open_store(self.url, open_sealer(self.keys, FixedClock()))

    def teardown(self) -> None:
        self.store.close()

    def run(self, end: str, work: Callable[[Transaction, Model], None]) -> None:
        """Do the work on the store and on a copy of the model; keep both, or neither."""
        self.now += timedelta(seconds=1)
        tried = self.model.copy()
        try:
            with self.store.transaction() as tx:
                work(tx, tried)
                if end == "crash":
                    # As the process would leave it: nothing said to the database, the connection gone.
                    tx.connection.close()  # type: ignore[attr-defined]
                if end != "commit":
                    raise RolledBack
        except RolledBack:
            return
        except Exception as error:
            if end != "crash" or "closed" not in str(error):
                raise
            self.store.close()
            self.store = self.opened()
            return
        self.model = tried

    @rule(ours=OURS, theirs=THEIRS, standing=STANDINGS, end=ENDS)
    def link(self, ours: str, theirs: str, standing: str, end: str) -> None:
        def work(tx: Transaction, model: Model) -> None:
            new = link(queast_id=ours, partner_id=theirs, standing=standing, created_at=self.now)
            held = model.links.get(ours)
            if (ours, theirs) in model.rejected:
                with pytest.raises(PairRejected):
                    tx.put_link(self.tenant, new)
            elif held is not None and held[0] == theirs:
                assert not tx.put_link(self.tenant, new)
            elif held is not None or model.holder(theirs) is not None:
                with pytest.raises(LinkTaken):
                    tx.put_link(self.tenant, new)
            else:
                assert tx.put_link(self.tenant, new)
                model.links[ours] = (theirs, standing, False)
                model.history.append(("linked", ours, theirs))

        self.run(end, work)

    @rule(ours=OURS, end=ENDS)
    def unlink(self, ours: str, end: str) -> None:
        def work(tx: Transaction, model: Model) -> None:
            held = model.links.pop(ours, None)
            assert tx.remove_link(self.tenant, A, OBJ, ours, actor="ana", reason="", at=self.now) is (held is not None)
            if held is not None:
                model.history.append(("unlinked", ours, held[0]))

        self.run(end, work)

    @rule(ours=OURS, theirs=THEIRS, end=ENDS)
    def relink(self, ours: str, theirs: str, end: str) -> None:
        """Unlink and link in one transaction: both or neither."""

        def work(tx: Transaction, model: Model) -> None:
            held = model.links.get(ours)
            free = model.holder(theirs) in (None, ours) and (ours, theirs) not in model.rejected
            if held is None or not free:
                return
            tx.remove_link(self.tenant, A, OBJ, ours, actor="ana", reason="", at=self.now)
            assert tx.put_link(self.tenant, link(queast_id=ours, partner_id=theirs, rule="review", created_at=self.now))
            model.links[ours] = (theirs, "established", False)
            model.history += [("unlinked", ours, held[0]), ("linked", ours, theirs)]

        self.run(end, work)

    @rule(ours=OURS, end=ENDS)
    def confirm(self, ours: str, end: str) -> None:
        def work(tx: Transaction, model: Model) -> None:
            held = model.links.get(ours)
            does = held is not None and not held[2]
            assert tx.confirm_link(self.tenant, A, OBJ, ours, actor="ana", reason="", at=self.now) is does
            if held is not None and does:
                model.links[ours] = (held[0], "established", True)
                model.history.append(("confirmed", ours, held[0]))

        self.run(end, work)

    @rule(ours=OURS, theirs=THEIRS, end=ENDS)
    def reject(self, ours: str, theirs: str, end: str) -> None:
        def work(tx: Transaction, model: Model) -> None:
            no = Rejection(A, OBJ, ours, theirs, "ana", "", self.now)
            if model.links.get(ours, ("",))[0] == theirs:
                with pytest.raises(PairLinked):
                    tx.reject_pair(self.tenant, no)
                return
            assert tx.reject_pair(self.tenant, no) is ((ours, theirs) not in model.rejected)
            model.rejected.add((ours, theirs))

        self.run(end, work)

    @rule(ours=OURS, theirs=THEIRS, end=ENDS)
    def unreject(self, ours: str, theirs: str, end: str) -> None:
        def work(tx: Transaction, model: Model) -> None:
            assert tx.unreject_pair(self.tenant, A, OBJ, ours, theirs) is ((ours, theirs) in model.rejected)
            model.rejected.discard((ours, theirs))

        self.run(end, work)

    @rule(ours=OURS, end=ENDS)
    def ask(self, ours: str, end: str) -> None:
        def work(tx: Transaction, model: Model) -> None:
            id_ = tx.put_review(self.tenant, review(queast_id=ours, created_at=self.now))
            standing = model.open_of(ours)
            assert id_ == (standing or id_)
            if standing is None:
                assert id_ not in model.reviews
                model.reviews[id_] = {"ours": ours, "choice": None, "version": 1, "off": False}
                model.steps.append((id_, "opened"))

        self.run(end, work)

    @rule(
        which=st.integers(0, 9),
        behind=st.sampled_from([0, 0, 0, 1]),
        how=st.sampled_from(["link", "create", "reject", "withdrawn", "skip", "unsure", "change", "reopen"]),
        end=ENDS,
    )
    def decide(self, which: int, behind: int, how: str, end: str) -> None:
        """Any step about any review, sometimes by somebody who saw an older version."""
        if not self.model.reviews:
            return
        id_ = sorted(self.model.reviews)[which % len(self.model.reviews)]

        def work(tx: Transaction, model: Model) -> None:
            one = model.reviews[id_]
            version = one["version"] - behind
            is_open = one["choice"] is None
            other = model.open_of(one["ours"])
            call = step(tx, self.tenant, id_, version, how, self.now)
            nothing_to_do = is_open and not one["off"] if how == "reopen" else not is_open
            if behind or nothing_to_do:
                with pytest.raises(StaleVersion) as stale:
                    call()
                assert stale.value.review.version == one["version"]
                return
            if how == "reopen" and not is_open and other is not None:
                with pytest.raises(AnotherOpen):
                    call()
                return
            assert call().version == version + 1
            one["version"] += 1
            one["off"] = how in ("skip", "unsure") or (one["off"] and how != "reopen")
            one["choice"] = how if how in ("link", "create", "reject", "withdrawn") else None
            names = {"skip": "put_off", "unsure": "unsure", "change": "changed", "reopen": "undone"}
            model.steps.append((id_, names.get(how, "answered")))

        self.run(end, work)

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = self.opened()

    @invariant()
    def the_store_is_as_the_model_says(self) -> None:
        model = self.model
        with self.store.read() as snapshot:
            links = {
                one.queast_id: (one.partner_id, one.standing, one.confirmed_by is not None)
                for one in snapshot.links(self.tenant)
            }
            changes = snapshot.link_changes(self.tenant, 10_000)
            refused = {ours: snapshot.rejections(self.tenant, A, OBJ, ours) for ours in ("c_1", "c_2", "c_3")}
            reviews = {one.id: one for one in snapshot.reviews(self.tenant, still_open=False)}
            steps = snapshot.review_history(self.tenant, limit=10_000)
        rejected = {(ours, no) for ours, those in refused.items() for no in those}
        assert links == model.links
        assert len({theirs for theirs, _, _ in links.values()}) == len(links)
        assert rejected == model.rejected
        assert not rejected & {(ours, theirs) for ours, (theirs, _, _) in links.items()}
        assert [(c.action, c.link.queast_id, c.link.partner_id) for c in reversed(changes)] == model.history
        assert [change.number for change in changes] == list(range(len(changes), 0, -1))
        assert [(one.review_id, one.action) for one in reversed(steps)] == model.steps
        assert {
            id_: (one.queast_id, None if one.answer is None else one.answer.choice, one.version, bool(one.put_off_at))
            for id_, one in reviews.items()
        } == {id_: (one["ours"], one["choice"], one["version"], one["off"]) for id_, one in model.reviews.items()}


def step(tx: Transaction, tenant: str, id_: str, version: int, how: str, at: datetime) -> Callable[[], Any]:
    answer = ReviewAnswer(how, None, "ana", at, "reviewer")  # type: ignore[arg-type]
    match how:
        case "skip":
            return lambda: tx.put_off_review(tenant, id_, version, answer)
        case "unsure":
            return lambda: tx.mark_unsure(tenant, id_, version, answer)
        case "change":
            return lambda: tx.change_review(tenant, id_, version, reason="fewer", candidates=(), actor="ana", at=at)
        case "reopen":
            return lambda: tx.reopen_review(tenant, id_, version, "ana", at)
        case _:
            return lambda: tx.answer_review(tenant, id_, version, answer)


def run_links(url: str, keys: Path, examples: int, steps: int) -> None:
    machine = type("LinksHere", (Links,), {"url": url, "keys": keys})
    how = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(machine, settings=how)


def test_links_and_reviews_hold_under_any_order_of_operations_and_crashes(url: str, tmp_path: Path) -> None:
    """D3.4: one to one, remembered rejections, append-only history."""
    run_links(url, tmp_path, examples=20, steps=30)


@pytest.mark.soak
def test_links_and_reviews_hold_through_long_histories(url: str, tmp_path: Path) -> None:
    run_links(url, tmp_path, examples=400, steps=80)
