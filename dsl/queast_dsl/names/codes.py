"""Which codes of countries and currencies there are, and which one a text means."""

from __future__ import annotations

from typing import Final

from queast_dsl.names.countries import read_country

# ISO 3166-1 alpha-2, and XK, which the standard leaves to its users and everybody uses for Kosovo.
_COUNTRIES: Final = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
# ISO 4217, with those that were withdrawn in the last years and still stand in older figures.
_CURRENCIES: Final = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD
KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR
NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN
SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG
XAU XCD XCG XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMW ZWG ZWL
"""
COUNTRIES: Final = frozenset(_COUNTRIES.split())
CURRENCIES: Final = frozenset(_CURRENCIES.split())


def is_code(text: str, form: str | None) -> bool:
    """Say whether a text can be a value of the form `country` or `currency`; of any other form it can."""
    match form:
        case "country":
            return text in COUNTRIES
        case "currency":
            return text in CURRENCIES
        case _:
            return True


def meant_code(text: str, form: str | None) -> str | None:
    """Return the code that a text stands for, None where that is not clear.

    `UK`, `Great Britain`  ->  `GB`;  `Norway`  ->  `NO`;  `eur`  ->  `EUR`;  `NOR` as a currency  ->  None
    """
    if form == "country":
        found = read_country(text)
        return found if found in COUNTRIES else None
    return text.upper() if form == "currency" and text.upper() in CURRENCIES else None
