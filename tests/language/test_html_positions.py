"""Where a value may stand in HTML: judged over the whole template, not by the text just before it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language_case import SIGNAL, compiled, value_of

IF = "{% if signal.score %}"
END = "{% endif %}"
T = "{{ signal.title }}"


@pytest.mark.parametrize(
    "text",
    [
        f"<a {T}>x</a>",
        f"<a {T}='x'>x</a>",
        f"<a b{T}='x'>x</a>",
        f"<{T}>",
        f"</{T}>",
        f"<b{T}>",
        f"<a title={T}>",
        f"<a title=x{T}>",
        f"<a title={IF}{T}{END}>x</a>",
        f"<script>{T}</script>",
        f"<SCRIPT>var a = '{T}'</script>",
        f"<style>{T}</style>",
        f"<style>b {{}}</style>{T}",
        f"<select><style><a onclick='</style>{T}'>",
        f"<svg><style><a title='</style><b onclick=\"{T}\"'>",
        f'<a onclick="{T}">',
        f"<a OnClick = '{T}'>",
        f'<p style="{T}">',
        f'<img srcset="{T}">',
        f'<img srcset="https://acme.example/a.png {T}">',
        f'<iframe srcdoc="{T}">',
        f'<base href="{T}">',
        f'<meta http-equiv="refresh" content="{T}">',
        f'<a href="j{T}">',
        f'<a href="javascript:{T}">',
        f'<a href="https://acme{T}">',
        f'<a href="&#106;{T}">',
        f'<a href="https://a&#47{T}">',
        f'<a href="//{T}">',
        f'<a href="{IF}j{END}{T}">',
        f'<a href="{IF}https://acme.example/{END}{T}">',
        f'<a href="{{% for tag in signal.tags ?? [] %}}{T}{{% endfor %}}">',
        f"<!-- {T} -->",
        f"<!doctype {T}>",
    ],
)
def test_a_value_is_refused_where_it_could_mean_more_than_text(text):
    outcome = compiled(text, kind="html")
    assert outcome.codes == ["QM273"]
    assert outcome.marked == "signal.title"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (f'{IF}<a title="{END}{T}', "signal.score"),
        (f'<a title="{IF}">{{% else %}}x{END}{T}">', "signal.score"),
        (f"<a {IF}on{END}click='x'>", "signal.score"),
        (f"{{% for tag in signal.tags ?? [] %}}<a title='{{% endfor %}}{T}", "signal.tags ?? []"),
        (f'{{% for tag in signal.tags ?? [] %}}{T}<a title="{{% endfor %}}', "signal.tags ?? []"),
    ],
)
def test_blocks_that_end_elsewhere_than_they_begin_are_one_finding_at_the_block(text, marked):
    outcome = compiled(text, kind="html")
    assert outcome.codes == ["QM273"]
    assert outcome.marked == marked


@pytest.mark.parametrize(
    ("text", "title", "result"),
    [
        (f'<a href="{IF}{T}{{% else %}}{T}{END}">', "javascript:alert(1)", '<a href="#">'),
        (f'<a href=" {T}">', "javascript:alert(1)", '<a href=" #">'),
        (f'<a href="{T}/x">', "https://a.no", '<a href="https://a.no/x">'),
        (f"<a HREF='{T}{T}'>", "https://a.no", "<a HREF='https://a.nohttps://a.no'>"),
        (f'<a href="https://a.no/?q={T}">', '"><b>', '<a href="https://a.no/?q=&quot;&gt;&lt;b&gt;">'),
        (f'<a href="mailto:{T}">', "a@b.no", '<a href="mailto:a@b.no">'),
        (f'<a href="https://a.no/{IF}b/{END}{T}">', "c", '<a href="https://a.no/b/c">'),
        (f'<b {IF}class="x" {END}title="{T}">{T}</b>', '"', '<b class="x" title="&quot;">&quot;</b>'),
        (f'<td data-a="{T}" aria-label="{T}">', "'", '<td data-a="&#x27;" aria-label="&#x27;">'),
        (f"<!-- a > b --!><p>{T}", "<", "<!-- a > b --!><p>&lt;"),
        (f"<!--><p>{T}", "<", "<!--><p>&lt;"),
        (f"1 < 2 {T}", "<", "1 < 2 &lt;"),
        (f"<p>{{% for tag in ['a', 'b'] %}}<b>{T}</b>{{% endfor %}}</p>", "x", "<p><b>x</b><b>x</b></p>"),
    ],
)
def test_a_value_between_tags_or_in_a_plain_attribute_is_escaped_and_an_address_is_checked(text, title, result):
    typed = compiled(text, kind="html").good()
    found = value_of(typed, {"signal": {**SIGNAL, "title": title}})
    assert found.replace("&#39;", "&#x27;") == result


def test_html_inside_a_markdown_text_takes_no_values_in_its_tags():
    assert compiled(f'<a href="{T}">x</a>', kind="markdown").codes == ["QM273"]
    assert compiled(f'<a title="{T}">x</a>', kind="markdown").codes == ["QM273"]
    compiled(f"[x]({T}) <b>{T}</b>", kind="markdown").good()


class _Seen(HTMLParser):
    """What a parser of its own makes of the result: its tags with their attributes, and no text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, attrs))


_LITERALS = ["<a", "<b>", "</a>", ">", " ", "=", '"', "'", "/", "href", "title", "onclick", "x", "<!--", "-->"]
_VALUES = [T, f"{IF}{T}{END}", f' title="{T}"', f'href="{T}"', f'href="https://a.no/{T}"']
_BRANCHES = [f"{IF}x{END}", f"{IF}>{{% else %}} title='a'>{END}", f"{IF} title='{T}' {{% else %}} {END}"]
_PIECES = st.sampled_from([*_LITERALS, *_VALUES, *_VALUES, *_BRANCHES])
_HOSTILE = ["javascript:x", "\" onclick=x y='", "' onclick=x y=\"", "<script>", "--><b onclick=x>", "x onclick=y"]


@given(st.lists(_PIECES, min_size=1, max_size=12).map("".join))
@settings(max_examples=600, deadline=None)
def test_no_value_changes_the_tags_of_an_accepted_template(text):
    outcome = compiled(text, kind="html")
    if outcome.typed is None:
        return
    shapes = set()
    for title in ("plain", *_HOSTILE):
        seen = _Seen()
        seen.feed(value_of(outcome.typed, {"signal": {**SIGNAL, "title": title}}))
        shapes.add(tuple((tag, tuple(name for name, _ in attrs)) for tag, attrs in seen.tags))
        for _, attrs in seen.tags:
            for name, given_ in attrs:
                if name == "href" and given_ is not None:
                    assert not given_.strip().lower().startswith("javascript:")
    assert len(shapes) == 1
