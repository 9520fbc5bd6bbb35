"""An e-mail address is found in a text whatever stands around it, and whatever else may leave."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from queast_runtime.engine.addresses import Address, lines_of

SIGNS = st.text("kå.@-_ ßé0İ", max_size=8) | st.text(max_size=8)
WORDS = st.sampled_from(["kari", "Kåre", "n", "nordmann", "acme.no"])
HALF = st.lists(WORDS, min_size=1, max_size=3).flatmap(
    lambda words: st.sampled_from(".-+").map(lambda sign: sign.join(words))
)


@settings(max_examples=500, deadline=None)
@given(HALF | SIGNS, HALF | SIGNS, SIGNS, SIGNS, st.lists(WORDS | HALF | SIGNS, max_size=4))
def test_an_address_stands_in_every_text_that_holds_it(
    local: str, domain: str, before: str, after: str, may_leave: list[str]
) -> None:
    address = Address(f"{local}@{domain}", lines_of([local, domain, *may_leave]))
    for spelled in (address.value, address.value.upper(), f"{local} @ {domain}"):
        assert address.stands_in(f"{before}{spelled}{after}")


def test_a_value_that_is_no_address_stands_where_it_is_found() -> None:
    for value in ("kari", "kari@", "@acme.no", "@", "", "kari@---"):
        assert Address(value, "kari\nacme.no").stands_in(f"Kari: {value}")


def test_one_place_where_it_is_said_is_enough() -> None:
    address = Address("kari@acme.no", "kari\nacme.no")
    assert not address.stands_in("Kari (acme.no), Kari - acme.no")
    assert address.stands_in("Kari (acme.no), kari@acme.no, Kari - acme.no")
