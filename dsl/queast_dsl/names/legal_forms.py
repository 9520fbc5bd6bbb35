"""Legal forms of companies as they end a name (some begin it), in the words that `read_words` makes of them.

The forms come from the tables of `fingerprints`, the predecessor of rigour by the same curators: rigour's own need
PyICU, which has to be compiled against ICU on every machine. What those tables hold beyond legal forms is left out
here, what they lack is added.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from queast_dsl.names.words import read_words

# Trades, trade words and names of single companies among the table's forms: they tell companies apart.
_NO_FORMS: Final = frozenset(
    {"intl", "imp", "exp", "exp corp", "imp and", "ent.", "loj", "san", "san tic", "san ve", "tes", "tes tek dis"}
    | {
        "tic",
        "tpb",
        "up",
        "ins",
        "ins oto san tic",
        "gnpp",
        "jscb",
        "ca",
        "na",
        "is",
        "nl",
        "im",
        "cs",
        "pc",
        "os",
        "ei",
    }
    | {"eu", "et", "dp", "pe", "pp", "rp", "np", "sp", "pr", "jp", "pse", "psu", "peec", "ik", "ii", "ed", "es", "ep"}
    | {"fie", "htx", "lo", "ok", "rs", "sep", "sem", "uk", "xk", "xt", "qk", "cp", "coop", "koop", "jv", "up"}
)
# A form of one's own: what it is called elsewhere. Each says the same of a company.
_SUPPLEMENT: Final[dict[str, tuple[str, ...]]] = {
    "inc": ("inc", "incorporated", "incorporation", "incorporacion"),
    "corp": ("corp", "corporation", "corporacion", "cor"),
    "co": ("co", "company", "compagnie", "cie", "cia", "companhia", "compania"),
    "ltd": ("ltd", "limited", "ltee", "limitee", "limitada", "ltda", "lda", "lmt", "limted", "l t d"),
    "plc": ("plc", "public limited company", "public co", "public company", "p l c"),
    "llc": ("llc", "limited liability company", "limited liability co", "ltd liability co", "l l c", "ооо", "тов"),
    "llp": ("llp", "l l p"),
    "lp": ("lp", "l p"),
    "pty": ("pty", "proprietary"),
    "pte": ("pte", "private", "pvt", "p"),
    "bhd": ("bhd", "berhad"),
    "sdn": ("sdn", "sendirian"),
    "pt": ("tbk", "terbuka", "persero"),
    "ag": ("ag", "aktiengesellschaft", "aktienges"),
    "gmbh": ("gmbh", "ges m b h", "gesellschaft mbh", "mbh", "gesellschaft mit beschrankter haftung", "ggmbh"),
    "kg": ("kg", "co kg"),
    "kgaa": ("kgaa", "co kgaa", "kommanditgesellschaft auf aktien"),
    "se": ("se", "societas europaea"),
    "ohg": ("ohg",),
    "ev": ("e v", "eingetragener verein"),
    "sa": ("sa", "s a", "societe anonyme", "sociedad anonima", "sociedade anonima"),
    "sas": ("sas", "s a s", "societe par actions simplifiee", "sasu"),
    "sarl": ("sarl", "s a r l", "societe a responsabilite limitee"),
    "sabcv": ("sab de cv", "sab de c v", "sabcv"),
    "sadecv": ("sa de cv", "s a de c v", "sapi de cv"),
    "sl": ("sl", "s l", "slu", "sociedad limitada"),
    "srl": ("srl", "s r l", "societa a responsabilita limitata", "s de rl de cv", "s de rl"),
    "spa": ("spa", "societa per azioni"),
    "saa": ("saa",),
    "nv": ("nv", "n v", "naamloze vennootschap"),
    "bv": ("bv", "b v"),
    "ab": ("ab", "aktiebolag", "aktiebolaget", "publ"),
    "as": ("as", "a s", "aksjeselskap", "anonim sirketi", "anonim ortakligi", "aktieselskab"),
    "asa": ("asa", "allmennaksjeselskap"),
    "aps": ("aps",),
    "oy": ("oy", "osakeyhtio"),
    "oyj": ("oyj", "abp", "julkinen osakeyhtio"),
    "hf": ("hf", "ehf"),
    "kk": ("kk", "kabushiki kaisha", "kabushiki gaisha", "株式会社", "有限会社", "合同会社", "주식회사"),
    "ltd cn": ("有限公司", "股份有限公司", "有限责任公司", "股份公司"),
    "jsc": (
        *("jsc", "pjsc", "ojsc", "cjsc", "psc", "qpsc", "qsc", "ksc", "kscp", "sjsc", "saog", "sao", "saoc", "saoe"),
        *("оао", "зао", "пао", "ао", "joint stock company", "joint stock", "public joint stock company"),
    ),
    "sae": ("sae", "s a e"),
    "zrt": ("zrt", "nyrt", "rt"),
    "kft": ("kft",),
    "doo": ("doo", "dooel"),
    "dd": ("dd",),
    "ad": ("ad", "ead"),
    "sro": ("sro", "s r o", "spol s r o"),
    "spzoo": ("sp z o o", "sp z oo", "sp zoo", "spolka z oo", "spolka z ograniczona odpowiedzialnoscia"),
    "sp": ("spolka akcyjna",),
}
# Forms that English gives to any company of a country: within one country none of them tells two companies apart.
_INTERCHANGEABLE: Final = frozenset({"inc", "corp", "co", "ltd"})
_LIMITED: Final = frozenset({"pte", "pty", "pvt"})
# Forms that come first where they are used at all.
_LEADING: Final = ("ооо", "оао", "зао", "пао", "ао", "тов", "ooo", "oao", "zao", "pao", "ojsc", "pjsc", "cjsc", "jsc")
_LEADING_MORE: Final = ("pt", "株式会社", "有限会社", "주식회사", "aktiebolaget", "uab", "sia")


@dataclass(frozen=True, slots=True)
class LegalForms:
    """`by_words`: the words of a form, joined by spaces, to its canonical name. `endings`: last words of forms, with
    the number of words of the longest form that ends so."""

    by_words: dict[str, str]
    endings: dict[str, int]
    leading: dict[str, str]


@cache
def legal_forms() -> LegalForms:
    """Read the tables, once a process."""
    from fingerprints.types.data import TYPES

    by_words: dict[str, str] = {}
    for canonical, forms in _SUPPLEMENT.items():
        for form in forms:
            by_words.setdefault(" ".join(read_words(form).words), canonical)
    for entry in TYPES["types"]:
        main = entry["main"]
        if main in _NO_FORMS:
            continue
        name = " ".join(read_words(main).words)
        canonical = by_words.get(name, name)
        for form in (main, *entry["forms"]):
            words = " ".join(read_words(form).words)
            if words and words not in _NO_FORMS:
                by_words.setdefault(words, canonical)
    endings: dict[str, int] = {}
    for words in by_words:
        split = words.split()
        endings[split[-1]] = max(endings.get(split[-1], 0), len(split))
    leading = {" ".join(read_words(form).words): "" for form in (*_LEADING, *_LEADING_MORE)}
    return LegalForms(by_words, endings, {form: by_words.get(form, form) for form in leading})


def without_forms(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`("the", "acme", "co", "ltd")`  ->  `("acme",), ("co", "ltd")`. One word always stays, whatever it is."""
    forms = legal_forms()
    end = len(words)
    found: list[str] = []
    while end > 1 and (longest := forms.endings.get(words[end - 1])):
        for start in range(max(1, end - longest), end):
            canonical = forms.by_words.get(" ".join(words[start:end]))
            if canonical is not None:
                found += canonical.split()
                end = start
                break
        else:
            break
    start = 0
    while end - start > 1:
        canonical = forms.leading.get(words[start])
        if canonical is not None:
            found += canonical.split()
        elif words[start] != "the":
            break
        start += 1
    return words[start:end], tuple(sorted(set(found)))


def forms_conflict(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Say whether two companies cannot be one by their forms: both have some, and none in common.

    `ltd` and `plc` conflict, as do `as` and `asa`; `inc` and `corp` do not, nor does `kk` with any translation of it.
    """
    if not ours or not theirs:
        return False
    return _families(ours).isdisjoint(_families(theirs))


def _families(forms: tuple[str, ...]) -> set[str]:
    families = set(forms)
    if not families.isdisjoint(_INTERCHANGEABLE) or "kk" in families:
        families |= _INTERCHANGEABLE
    if not families.isdisjoint(_LIMITED):
        families.add("ltd")
    return families
