"""The mirror's cards and tokens: sealed, found again, and counted without drift."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queast_runtime.ports.matches import OWN_ACCOUNT, OWN_COMPANIES
from queast_runtime.ports.rows import IndexedRecord, MirrorCard, MirrorRecord
from queast_runtime.store import mirror, mirror_writes
from queast_runtime.store.mirror import COUNTED_SIZE, HELD_SIZE
from queast_runtime.store.open import SqlStore, SqlTransaction
from queast_runtime.store.sql import Sql
from store.samples import NOON

T, A, OBJ = "acme", "hub-1", "companies"
CARD = MirrorCard("Nordlys AS", "NO", "Tromsø", "nordlys.example")


def test_a_record_is_found_by_its_token_with_its_card(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.start_mirror(T, A, OBJ, NOON)
        page = [
            MirrorRecord("1", {"domain": ("nordlys.example",)}, CARD, ("nordlys",)),
            MirrorRecord("2", {}, MirrorCard("Nordlys Bank Bank"), ("nordlys", "bank", "bank")),
            MirrorRecord("3", {"domain": ("none.example",)}),
        ]
        tx.put_mirror_page(T, A, OBJ, page, None, NOON)
        assert tx.mirror_card(T, A, OBJ, "1") == CARD
        assert tx.mirror_cards(T, A, OBJ, ["1", "3", "9"]) == {"1": CARD}
        # A token that a name has twice counts once, but stays twice in the record.
        assert tx.token_counts(T, A, OBJ, ["nordlys", "bank", "gone"]) == {"nordlys": 2, "bank": 1}
        bank = IndexedRecord("2", MirrorCard("Nordlys Bank Bank"), ("nordlys", "bank", "bank"))
        assert tx.mirror_with_token(T, A, OBJ, "bank", 10) == (("2", ("nordlys", "bank", "bank")),)
        assert [one for one, _ in tx.mirror_with_token(T, A, OBJ, "nordlys", 1)] == ["1"]
        assert tuple(tx.mirror_indexed(T, A, OBJ)) == (IndexedRecord("1", CARD, ("nordlys",)), bank)
        tx.put_mirror_record(T, A, OBJ, MirrorRecord("1", {}))
        assert tx.mirror_card(T, A, OBJ, "1") is None
        assert tx.token_counts(T, A, OBJ, ["nordlys"]) == {"nordlys": 1}


def test_of_a_record_that_a_page_lists_twice_the_last_stays(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.start_mirror(T, A, OBJ, NOON)
        page = [MirrorRecord("1", {"name": (name,)}, MirrorCard(name), (name,)) for name in ("old", "new")]
        tx.put_mirror_page(T, A, OBJ, page, None, NOON)
        assert tx.token_counts(T, A, OBJ, ["old", "new"]) == {"new": 1}
        assert [tx.mirror_find(T, A, OBJ, "name", name) for name in ("old", "new")] == [(), ("1",)]


@pytest.mark.parametrize("token", ["", "two words", " nordlys", "a\tb"])
def test_a_token_with_a_space_in_it_is_refused(sqlite_store: SqlStore, token: str) -> None:
    with sqlite_store.transaction() as tx, pytest.raises(ValueError, match="record 1 is empty or has a space"):
        tx.put_mirror_record(T, A, OBJ, MirrorRecord("1", {}, None, (token,)))


def test_the_walk_over_all_records_reads_on_where_a_stride_ended(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "STRIDE", 3)
    with store.transaction() as tx:
        for number in range(10):
            tx.put_mirror_record(T, A, OBJ, MirrorRecord(f"r{number}", {}, CARD, (f"t{number}",)))
        assert [one.partner_id for one in tx.mirror_indexed(T, A, OBJ)] == [f"r{number}" for number in range(10)]


def test_our_own_companies_are_found_by_domain(store: SqlStore) -> None:
    """D3.1, for calls that come in: the same index serves both ways."""
    with store.transaction() as tx:
        tx.put_mirror_record(T, OWN_ACCOUNT, OWN_COMPANIES, MirrorRecord("c_1", {"domain": ("acme.example",)}))
        tx.put_mirror_record(T, A, OBJ, MirrorRecord("901", {"domain": ("acme.example",)}))
        assert tx.mirror_find(T, OWN_ACCOUNT, OWN_COMPANIES, "domain", "acme.example") == ("c_1",)
        assert tx.mirror_find(T, OWN_ACCOUNT, OWN_COMPANIES, "domain", "other.example") == ()


IDS = st.sampled_from(["1", "2", "3", "4"])
RECORDS = st.builds(
    MirrorRecord,
    IDS,
    st.fixed_dictionaries({"name": st.lists(st.sampled_from(["x", "y", "z"]), max_size=2).map(tuple)}),
    st.sampled_from([None, CARD]),
    st.lists(st.sampled_from(["nord", "bank", "group"]), max_size=4).map(tuple),
)
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("start")),
        st.tuples(st.just("page"), st.lists(RECORDS, max_size=4), st.booleans()),
        st.tuples(st.just("put"), RECORDS),
        st.tuples(st.just("remove"), IDS),
        st.tuples(st.just("roll back"), RECORDS),
    ),
    max_size=14,
)


def check_counts(store: SqlStore, operations: list[Any], tenant: str) -> None:
    records: dict[str, MirrorRecord] = {}
    met: set[str] = set()
    filling = False
    for operation in operations:
        try:
            with store.transaction() as tx:
                match operation:
                    case ("start",):
                        tx.start_mirror(tenant, A, OBJ, NOON)
                        filling, met = True, set()
                    case ("page", list(page), last) if filling:
                        tx.put_mirror_page(tenant, A, OBJ, page, None if last else "next", NOON)
                        records |= {one.partner_id: one for one in page}
                        met |= {one.partner_id for one in page}
                        if last:
                            records = {id_: one for id_, one in records.items() if id_ in met}
                            filling = False
                    case ("put", MirrorRecord() as one):
                        tx.put_mirror_record(tenant, A, OBJ, one)
                        records[one.partner_id] = one
                        met.add(one.partner_id)
                    case ("remove", str(id_)):
                        assert tx.remove_mirror_record(tenant, A, OBJ, id_) is (id_ in records)
                        records.pop(id_, None)
                    case ("roll back", MirrorRecord() as one):
                        tx.put_mirror_record(tenant, A, OBJ, one)
                        raise KeyError("on purpose")
        except KeyError:
            pass
    recount = Counter(token for one in records.values() for token in set(one.tokens))
    with store.transaction() as tx:
        assert isinstance(tx, SqlTransaction)
        assert tx.token_counts(tenant, A, OBJ, ["nord", "bank", "group"]) == dict(recount)
        stored = tx.all(Sql("SELECT count(*) FROM mirror_token_counts WHERE tenant = :tenant"), tenant=tenant)
        # One row for each token, and one for how many records there are once there were any.
        assert stored in ([(len(recount),)], [(len(recount) + 1,)])
        assert tx.mirror_size(tenant, A, OBJ) == len(records)
        assert tx.all(COUNTED_SIZE, tenant=tenant, account=A, object=OBJ) == [(len(records),)]
        found = {one.partner_id: one.tokens for one in tx.mirror_indexed(tenant, A, OBJ)}
        assert found == {id_: one.tokens for id_, one in records.items() if one.tokens}
        for name in ("x", "y", "z"):
            holders = sorted(id_ for id_, one in records.items() if name in one.keys["name"])
            assert list(tx.mirror_find(tenant, A, OBJ, "name", name)) == holders
        for token in ("nord", "bank", "group"):
            listed = {one for one, _ in tx.mirror_with_token(tenant, A, OBJ, token, 99)}
            assert listed == {id_ for id_, one in records.items() if token in one.tokens}


def test_a_mirror_whose_size_was_never_kept_is_counted_and_then_kept(store: SqlStore) -> None:
    with store.transaction() as tx:
        assert isinstance(tx, SqlTransaction)
        for number in range(5):
            tx.put_mirror_record(T, A, OBJ, MirrorRecord(str(number), {}))
        tx.change(Sql("DELETE FROM mirror_token_counts WHERE token = ' records'"))
        assert tx.mirror_size(T, A, OBJ) == 5
        tx.put_mirror_record(T, A, OBJ, MirrorRecord("6", {}))
        assert tx.all(HELD_SIZE, tenant=T, account=A, object=OBJ) == [(6,)]
        assert tx.remove_mirror_record(T, A, OBJ, "6")
        assert tx.mirror_size(T, A, OBJ) == 5


EXAMPLES = iter(range(1, 1_000_000))


@given(OPERATIONS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_counts_equal_a_recount_after_any_order_of_writes(store: SqlStore, operations: list[Any]) -> None:
    check_counts(store, operations, f"t{next(EXAMPLES)}")


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (mirror_writes._HELD_KEYS, "mirror_keys_by_record"),
        (mirror_writes._HELD_TOKENS, "partner_id=?"),
        (mirror_writes._DROP_TOKEN, "token=? AND partner_id=?"),
        (mirror_writes._DROP_KEY, "value=?"),
        (mirror._COUNTS, "token=?"),
        (mirror._WITH_TOKEN, "token=?"),
    ],
)
def test_a_page_is_written_and_a_token_found_without_a_walk_over_the_mirror(
    sqlite_store: SqlStore, statement: Sql, index: str
) -> None:
    names = {"tenant": T, "account": A, "object": OBJ, "partner_ids": "[]", "tokens": "[]", "limit": 1}
    names |= {"token": "bank", "partner_id": "1", "kind": "name", "value": "x"}
    with sqlite_store.transaction() as tx:
        assert isinstance(tx, SqlTransaction)
        plan = [row[3] for row in tx.connection.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", names).fetchall()]
    assert any(index in one for one in plan), plan
    assert not [one for one in plan if one.startswith("SCAN mirror")], plan


@pytest.mark.soak
def test_a_mirror_of_a_hundred_thousand_records_is_filled_in_pages_and_not_slower_at_its_end(
    sqlite_store: SqlStore,
) -> None:
    import time

    def fill(first: int, last: int) -> float:
        started = time.process_time()
        for start in range(first, last, 100):
            page = [
                MirrorRecord(str(n), {"domain": (f"{n}.example",)}, CARD, (f"t{n % 30_011}", f"u{n % 997}", "group"))
                for n in range(start, start + 100)
            ]
            with sqlite_store.transaction() as tx:
                tx.put_mirror_page(T, A, OBJ, page, None if start + 100 == 100_000 else str(start), NOON)
        return time.process_time() - started

    with sqlite_store.transaction() as tx:
        tx.start_mirror(T, A, OBJ, NOON)
    fill(0, 10_000)
    early, _, late = fill(10_000, 20_000), fill(20_000, 90_000), fill(90_000, 100_000)
    with sqlite_store.read() as snapshot:
        assert snapshot.token_counts(T, A, OBJ, ["group"]) == {"group": 100_000}
        assert snapshot.mirror_size(T, A, OBJ) == 100_000
    assert late < 4 * early + 0.5
