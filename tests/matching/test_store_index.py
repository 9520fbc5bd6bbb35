"""The index that the store keeps decides like a look at every record, and a crowded word links nothing (D3.1, D3.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.test_index import NAMES
from queast_runtime.delivery.naming import MOST_OF_A_WORD, company_of, decide_by_name
from queast_runtime.matching.companies import IndexRow
from queast_runtime.matching.fuzzy import FuzzyLinked, FuzzyReview, Thresholds, decide_fuzzy
from queast_runtime.matching.name_score import CountedRarity
from queast_runtime.ports.rows import MirrorCard, MirrorRecord
from queast_runtime.security.sealing import open_sealer
from queast_runtime.store.open import SqlStore, open_store
from queast_runtime.worker.clock import SystemClock

CARDS = st.builds(
    MirrorCard,
    NAMES,
    st.sampled_from([None, "NO", "Norway", "SE", "nowhere"]),
    st.sampled_from([None, "Oslo", "Bergen"]),
    st.sampled_from([None, "acme.no", "nordic.com", "gmail.com"]),
)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    folder: Path = tmp_path_factory.mktemp("store")
    opened = open_store(f"sqlite:///{folder / 'queast.db'}", open_sealer(folder, SystemClock()))
    yield opened
    opened.close()


def record(partner_id: str, card: MirrorCard) -> MirrorRecord:
    return MirrorRecord(partner_id, {}, card, company_of(card).postings)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(CARDS, min_size=1, max_size=14),
    CARDS,
    st.sampled_from([Thresholds(), Thresholds(scoring="plain"), Thresholds(review=0.5), Thresholds(auto_link=0.7)]),
)
def test_the_store_decides_like_a_look_at_every_record(
    store: SqlStore, theirs: list[MirrorCard], ours: MirrorCard, thresholds: Thresholds
) -> None:
    account = uuid4().hex
    with store.transaction() as tx:
        for number, card in enumerate(theirs):
            tx.put_mirror_record("acme", account, "companies", record(str(number), card))
        found = decide_by_name(tx, "acme", account, "companies", company_of(ours), thresholds)
    rows = [IndexRow(str(number), company_of(card)) for number, card in enumerate(theirs)]
    counts = Counter(posting for row in rows for posting in row.company.postings)
    assert found == decide_fuzzy(company_of(ours), rows, CountedRarity(len(rows), counts), thresholds)


def test_a_word_that_too_many_have_links_nothing(store: SqlStore) -> None:
    account = uuid4().hex
    twin = MirrorCard("Nordic Partners", "NO")
    with store.transaction() as tx:
        tx.start_mirror("acme", account, "companies", NOW)
        crowd = [record(f"r{n}", MirrorCard(f"Nordic Partners {n}x", "NO")) for n in range(MOST_OF_A_WORD + 50)]
        tx.put_mirror_page("acme", account, "companies", [*crowd, record("z", twin)], None, NOW)
        loose = Thresholds(margin=0.0)
        found = decide_by_name(tx, "acme", account, "companies", company_of(twin), loose)
        strange = decide_by_name(tx, "acme", account, "companies", company_of(MirrorCard("Partners Nordic Co")), loose)
        exact = decide_by_name(
            tx, "acme", account, "companies", company_of(twin), Thresholds(margin=0.0), frozenset(), ("z",)
        )
    assert isinstance(found, FuzzyReview)
    assert found.is_crowded
    # What was not looked at may be there: that is no absence, and the record of exactly this name is shown.
    assert isinstance(strange, FuzzyReview)
    assert strange.is_crowded
    assert isinstance(exact, FuzzyReview)
    assert exact.candidates[0].record == "z"


def test_a_rejected_record_is_no_candidate(store: SqlStore) -> None:
    account = uuid4().hex
    card = MirrorCard("Solvik Maskin AS", "NO")
    with store.transaction() as tx:
        for number, name in enumerate(("Solvik Maskin", "Fjell Kraft", "Hav Data", "Blue Stone", "Oslo Bygg")):
            tx.put_mirror_record("acme", account, "companies", record(str(number), MirrorCard(name, "NO")))
        ours = company_of(card)
        found = decide_by_name(tx, "acme", account, "companies", ours, Thresholds())
        without = decide_by_name(tx, "acme", account, "companies", ours, Thresholds(), frozenset({"0"}))
    assert isinstance(found, FuzzyLinked)
    assert not isinstance(without, FuzzyLinked | FuzzyReview)
