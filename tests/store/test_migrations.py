"""A database of an earlier version keeps what it holds, and says of it what is known."""

from __future__ import annotations

from pathlib import Path

from queast_runtime.ports.rows import MirrorRecord
from queast_runtime.security.sealing import open_sealer
from queast_runtime.store.dialects import database
from queast_runtime.store.migrations import upgrade
from queast_runtime.store.open import open_store
from store.samples import DIGEST, NOON, FixedClock, review
from store.test_rows import run_raw

T, A, OBJ = "acme", "hub-1", "companies"
LINK = f"'901', '{{rule}}', '{{{{}}}}', NULL, '{DIGEST}', 'engine', 1, 0"


def test_links_keys_and_reviews_of_the_revision_before_matching_are_carried_over(bare_url: str, tmp_path: Path) -> None:
    url = bare_url
    where = database(url)
    upgrade(where.url, where.begin_write, "0004")
    sealer = open_sealer(tmp_path, FixedClock())
    candidates = sealer.seal(T, ("reviews", "r1", "candidates"), b'[{"partner_id": "901"}]').hex()
    blob = f"X'{candidates}'" if url.startswith("sqlite") else f"'\\x{candidates}'"
    for rule, ours, theirs in (("domain", "c_1", "901"), ("name", "c_2", "902")):
        link = LINK.format(rule=rule).replace("901", theirs)
        run_raw(url, f"INSERT INTO links VALUES ('{T}', '{A}', '{OBJ}', '{ours}', {link})")
        run_raw(
            url,
            f"INSERT INTO link_history VALUES ('{T}', {ours[-1]}, 'linked', '{A}', '{OBJ}', '{ours}', {link},"
            " 'engine', '', 1)",
        )
    run_raw(url, f"INSERT INTO mirror_records VALUES ('{T}', '{A}', '{OBJ}', '901', 1)")
    run_raw(url, f"INSERT INTO mirror_keys VALUES ('{T}', '{A}', '{OBJ}', 'domain', 'acme.example', '901')")
    run_raw(
        url,
        f"INSERT INTO reviews VALUES ('{T}', 'r1', '{A}', '{OBJ}', 'c_3', 'why', {blob}, 'queast', 'e1', 7,"
        " NULL, NULL, NULL, NULL)",
    )
    store = open_store(url, sealer)
    try:
        with store.transaction() as tx:
            standings = {one.queast_id: (one.standing, one.connection) for one in tx.links(T)}
            assert standings == {"c_1": ("established", ""), "c_2": ("inferred", "")}
            assert [one.link.standing for one in tx.link_changes(T, 9)] == ["inferred", "established"]
            assert tx.mirror_find(T, A, OBJ, "domain", "acme.example") == ("901",)
            tx.put_mirror_record(T, A, OBJ, MirrorRecord("901", {"domain": ("new.example",)}, None, ("acme",)))
            assert tx.mirror_find(T, A, OBJ, "domain", "acme.example") == ()
            (waiting,) = tx.reviews(T)
            assert (waiting.kind, waiting.version, waiting.subject) == ("match", 1, {})
            assert waiting.candidates == ({"partner_id": "901"},)
            assert tx.put_review(T, review(queast_id="c_3", created_at=NOON)) == "r1"
    finally:
        store.close()
