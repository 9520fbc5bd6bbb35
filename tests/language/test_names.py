"""The normaliser of company names: what it makes of names, and what holds of any text."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queast_dsl.functions import REGISTRY
from queast_dsl.names import MAX_NORMAL, read_company_name, read_person_name
from queast_dsl.names.countries import read_country
from queast_dsl.names.legal_forms import forms_conflict

# Pieces that names are made of, put together in every order.
PIECES = st.sampled_from(
    [
        "the",
        "a",
        "b",
        "co",
        "Ltd.",
        "OOO",
        "株式会社",
        "acme",
        "&",
        "s",
        "S.A.",
        "nv",
        "and",
        "PT",
        "ı",
        "Ａ",
        "Ａb",
        "-",
        "GmbH",
        "KG",
        "l'",
        "spol",
        "r",
        "o",
        "\u200b",
        "ﬃ",
        "한국",
        "주식회사",
        "٣",
        "Ǆ",
        "ß",
        "İ",
        "𝐚",
        "公司",
        "有限公司",
    ]
)
NAMES = st.text(max_size=300) | st.lists(PIECES, max_size=80).map(" ".join) | st.lists(PIECES, max_size=80).map("".join)


@pytest.mark.parametrize(
    ("name", "normal", "forms"),
    [
        ("Société d’Énergie, S.A.", "societe denergie", ("sa",)),
        ("The Coca-Cola Company", "coca cola", ("co",)),
        ("Merck & Co., Inc.", "merck", ("co", "inc")),
        ("A.P. Møller - Mærsk A/S", "ap moller maersk", ("as",)),
        ("S&P Global", "sp global", ()),
        ("U.S. Steel", "us steel", ()),
        ("株式会社トヨタ", "toyota", ("kk",)),
        ("北京汽车股份有限公司", "beijingqiche", ("cn", "ltd")),
        ("ООО Газпром", "gazprom", ("llc",)),
        ("Ｓｏｎｙ", "sony", ()),
        ("Grupo Bimbo SAB de CV", "grupo bimbo", ("sabcv",)),
    ],
)
def test_a_name_is_its_words_without_legal_form(name: str, normal: str, forms: tuple[str, ...]) -> None:
    read = read_company_name(name)
    assert (read.normal, read.forms) == (normal, forms)


@pytest.mark.parametrize("name", ["AG Insurance", "Limited Brands", "SA Water", "Co-op", "Ltd"])
def test_a_legal_form_counts_as_one_only_at_the_end_and_behind_another_word(name: str) -> None:
    assert read_company_name(name).forms == ()


@pytest.mark.parametrize("name", ["Αcme", "раypal", "𝐚pple", "app\uff29e", "huƅspot", "strıpe", "Odesа University"])
def test_a_name_with_letters_of_another_alphabet_among_its_own_is_disguised(name: str) -> None:
    assert read_company_name(name).disguised == name


@pytest.mark.parametrize(
    "name", ["Газпром", "株式会社MORESCO", "Ｓｏｎｙ", "Škoda", "Nestlé", "Yapı ve Kredi Bankası A.Ş.", "Łódź"]
)
def test_an_honest_name_in_any_script_is_not(name: str) -> None:
    assert read_company_name(name).disguised is None


@pytest.mark.parametrize(
    ("ours", "theirs", "conflict"),
    [
        (("ltd",), ("plc",), True),
        (("as",), ("asa",), True),
        (("gmbh",), ("ag",), True),
        (("llc",), ("inc",), True),
        (("inc",), ("corp",), False),
        (("kk",), ("co", "ltd"), False),
        (("ltd", "pte"), ("ltd",), False),
        ((), ("ag",), False),
    ],
)
def test_legal_forms_conflict_where_one_company_cannot_have_both(
    ours: tuple[str, ...], theirs: tuple[str, ...], conflict: bool
) -> None:
    assert forms_conflict(ours, theirs) is conflict
    assert forms_conflict(theirs, ours) is conflict


@settings(max_examples=400, deadline=None)
@given(NAMES)
def test_normalising_is_idempotent_bounded_plain_and_never_fails(name: str) -> None:
    normal = read_company_name(name).normal
    assert len(normal) <= MAX_NORMAL
    assert normal.isascii()
    assert read_company_name(normal).normal == normal


@settings(max_examples=150, deadline=None)
@given(NAMES)
def test_the_language_s_function_gives_the_same(name: str) -> None:
    function = REGISTRY["normal_company_name"]
    assert function.max_length == MAX_NORMAL
    assert function.python(name) == (read_company_name(name).normal or None)


@settings(max_examples=100, deadline=None)
@given(NAMES)
def test_any_text_can_be_read_as_a_person_or_a_country(name: str) -> None:
    assert all(part and part.isascii() for part in read_person_name(name).parts)
    country = read_country(name)
    assert country is None or len(country) == 2


def test_the_tables_are_not_loaded_before_a_name_is_read() -> None:
    program = (
        "import sys, queast_dsl.functions, queast_runtime.matching.fuzzy, queast_runtime.cli.app\n"
        "slow = {'fingerprints', 'normality', 'anyascii', 'confusable_homoglyphs', 'phonenumbers'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_person_s_titles_are_no_part_of_the_name() -> None:
    assert read_person_name("Dr. Kari A. Nordmann").parts == ("kari", "a", "nordmann")
    assert read_person_name("Nordmann, Kari").parts == ("nordmann", "kari")


@pytest.mark.parametrize("name", ["Norway", "NO", "norge", "Norwegen", " no "])
def test_a_country_has_one_code_whatever_it_is_called(name: str) -> None:
    assert read_country(name) == "NO"


def test_what_is_no_country_has_none() -> None:
    assert read_country("Atlantis") is None
    assert read_country("The Netherlands") == "NL"
    assert read_country("U.S.") == "US"
