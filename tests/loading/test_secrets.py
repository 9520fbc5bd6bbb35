"""Secrets pasted into a file are refused wherever they stand, and no finding shows them."""

from __future__ import annotations

import base64
import hashlib
import random

import pytest

from queast_dsl.diagnostics.render.json import render as as_json
from queast_dsl.diagnostics.render.text import render
from queast_dsl.loading.secrets import literal_secrets

from .documents import CONNECTIONS, MAPPING, load

_RANDOM = random.Random(20261122)
_ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def _word(length: int, alphabet: str = _ALPHANUMERIC) -> str:
    return "".join(_RANDOM.choice(alphabet) for _ in range(length))


def _hex(length: int) -> str:
    return _word(length, "0123456789abcdef")


# Made at run time, so that no scanner takes this file for a leak.
KINDS = {
    "hubspot": lambda: f"pat-na1-{_hex(8)}-{_hex(4)}-{_hex(4)}-{_hex(4)}-{_hex(12)}",
    "hubspot eu": lambda: f"pat-eu1-{_hex(8)}-{_hex(4)}-{_hex(4)}-{_hex(4)}-{_hex(12)}",
    "webhook": lambda: f"whsec_{base64.b64encode(_RANDOM.randbytes(32)).decode()}",
    "webhook key": lambda: f"whsk_{base64.b64encode(_RANDOM.randbytes(32)).decode()}",
    "pipedrive": lambda: _hex(40),
    "stripe": lambda: f"sk_live_{_word(24)}",
    "restricted": lambda: f"rk_test_{_word(24)}",
    "short sk": lambda: f"sk_{_word(20)}",
    "dashed sk": lambda: f"sk-{_word(40)}",
    "github": lambda: f"ghp_{_word(36)}",
    "gitlab": lambda: f"glpat-{_word(20)}",
    "slack": lambda: f"xoxb-{_word(12)}-{_word(24)}",
    "aws": lambda: f"AKIA{_word(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}",
    "google": lambda: f"AIza{_word(35)}",
    "sendgrid": lambda: f"SG.{_word(22)}.{_word(43)}",
    "jwt": lambda: f"eyJ{_word(20)}.eyJ{_word(40)}.{_word(43)}",
    "pem": lambda: "-----BEGIN EC PRIVATE KEY-----",
    "url": lambda: f"https://anna:{_word(12)}@example.com/",
    "base64": lambda: base64.b64encode(_RANDOM.randbytes(32)).decode(),
    "hex": lambda: _hex(64),
    "bearer": lambda: f"Bearer {_word(12)}7",
    "name and password": lambda: f"Basic {base64.b64encode(f'Anna:{_word(9)}'.encode()).decode()}",
    "code of a function": lambda: f"https://x.example/in?code={_word(20)}",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "where",
    [
        "      x: {{const: '{}'}}\n",
        "      # note: {}\n",
        "      x: \"concat('{}', company.name)\"\n",
        "templates:\n  t: |\n    hello {} there\n",
        "description: {}\n",
    ],
)
def test_a_secret_is_refused_and_not_shown(kind: str, where: str) -> None:
    """D6.7: secrets never appear in YAML."""
    _RANDOM.seed(kind + where)
    secret = KINDS[kind]()
    documents, findings = load(MAPPING + where.format(secret))
    assert [finding.code for finding in findings] == ["QM111"], (kind, findings)
    assert documents.mappings == ()
    shown = render(findings)
    core = max(secret.replace("://", " ").replace("@", " ").replace(":", " ").split(), key=len)
    assert core not in shown
    assert findings[0].span is not None
    assert core not in findings[0].span.file.text


def test_a_secret_in_a_connection_is_refused() -> None:
    _, findings = load(connections=CONNECTIONS.replace("secret://hubspot-main", KINDS["hubspot"]()))
    assert [finding.code for finding in findings] == ["QM111"]


@pytest.mark.parametrize(
    "text",
    [
        f"      {hashlib.sha1(b'field').hexdigest()}: company.name\n",
        f"      '{hashlib.sha1(b'field').hexdigest()}': company.name\n",
        f"      # sha256:{hashlib.sha256(b'plan').hexdigest()}\n",
        "      x: company.website_url ?? company.linkedin_url ?? company.description\n",
        "      # https://developers.hubspot.com/docs/api/crm/companies-2026-03-overview\n",
        "      # ------------------------------------------------------------\n",
        "      # 123456789012345678901234567890\n",
        "      # internationalization_and_localization_of_everything_2026\n",
        "      # hs_v2_date_entered_12345678_customer_stage_and_time\n",
        "      # HubSpotCompanyLifecycleStageDate2026Quarter04\n",
        "      # 3f2504e0-4f89-41d3-9a0c-0305e82c3301\n",
        "      # Basic information of a company since 2026, and bearers\n",
        "      x: {const: 'Basic Package2 of 2026'}\n",
        "      # Bearer of news 2026, see https://x.example/?code=NO\n",
    ],
)
def test_names_digests_and_links_are_no_secrets(text: str) -> None:
    assert literal_secrets(MAPPING + text) == ()


def test_a_field_key_in_a_list_of_properties_is_no_secret() -> None:
    key = hashlib.sha1(b"domain").hexdigest()
    match = f"    match: {{company: {{domain: {{from: company.domain, to: [{key}]}}}}}}\n"
    assert load(connections=CONNECTIONS + match)[1] == ()


AT_ITS_PLACE = [
    "    auth: {token: plainword}\n",
    "    auth: {token: 'plainword'}\n",
    "    auth: {token: plainword, other: secret://b}\n",
    "    auth: {tokn: plainword}\n",
    "    auth: plainword\n",
    "    auth: [plainword]\n",
    "    auth:\n      token: plainword\n",
    "    auth:\n      token: >-\n        plainword\n",
    "    auth:\n      - plainword\n",
    "    auth: {token: plainword: x}\n",
    "    signing_secret: plainword\n",
    "    password: 'plainword\n",
    '    "api-key" : plainword\n',
]


@pytest.mark.parametrize("auth", AT_ITS_PLACE)
def test_what_stands_where_a_secret_belongs_is_not_shown(auth: str) -> None:
    """D6.7: a value of any look is refused there, and no finding quotes it, not even one about the same line."""
    text = CONNECTIONS.replace("    auth: {token: secret://hubspot-main}\n", auth)
    assert text != CONNECTIONS
    _, findings = load(connections=text)
    assert findings
    assert "plainword" not in render(findings)
    assert "plainword" not in as_json(findings)


@pytest.mark.parametrize("key", ["token", "api_key", "password", "sig", "access_token", "client-secret"])
def test_a_secret_in_the_query_of_an_address_is_refused_and_not_shown(key: str) -> None:
    line = f"      x: {{const: 'https://hooks.acme.example/in?{key}=plainword&team=a'}}\n"
    _, findings = load(MAPPING + line)
    assert [finding.code for finding in findings] == ["QM111"]
    assert "plainword" not in render(findings)


def test_an_address_with_an_ordinary_query_is_no_secret() -> None:
    assert literal_secrets("url: https://hooks.acme.example/in?team=a&page_token_count=3&keyword=x") == ()


def test_an_expression_of_a_property_with_a_telling_name_is_shown() -> None:
    _, findings = load(MAPPING + "      token_count: company.name +\n      secretary: company.name\n")
    assert "xxx" not in render(findings)
