"""HTML from a kernel: tables and text stay, whatever acts or fetches goes."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.host.relay.html import HTML_LIMIT, clean_html

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://elsewhere.example/pixel.png'>",
    "<img src='//elsewhere.example/pixel.png'>",
    "<img src='data:image/svg+xml;base64,PHN2Zy8+'>",
    "<img srcset='https://elsewhere.example/a 1x'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='https://elsewhere.example'>x</a>",
    "<a href=' jav\tascript:alert(1)'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='x'></object><embed src='x'>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table>",
    "<form action='/hub/logout'><button>log in again</button><input name=password></form>",
    "<meta http-equiv=refresh content='0;url=https://elsewhere.example'>",
    "<link rel=stylesheet href='https://elsewhere.example/x.css'>",
    "<base href='https://elsewhere.example'>",
    "<div style='background:url(https://elsewhere.example/x)'>x</div>",
    "<div style='position:fixed;top:0;left:0;z-index:9'>x</div>",
    "<div style='background-color:\\75rl(x)'>x</div>",
    "<button data-commandlinker-command='terminal:open'>x</button>",
    "<div class='jp-Dialog lm-Widget' id='main' name='x'>x</div>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><script>alert(1)</script>",
    "<video src='https://elsewhere.example/v'></video><audio autoplay src=x></audio>",
    "<style>@import 'https://elsewhere.example/x.css';</style>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<template><script>alert(1)</script></template>",
    "<p onclick=alert(1) onmouseover=alert(1) formaction=x background=x>x</p>",
    "<table background='https://elsewhere.example/x'><td>x</table>",
    "<details ontoggle=alert(1) open>x</details>",
]
HARMLESS = {
    "align", "alt", "border", "class", "colspan", "dir", "headers", "height", "high", "href",
    "lang", "low", "max", "min", "open", "optimum", "rowspan", "scope", "span", "src", "start",
    "style", "title", "valign", "value", "width",
}  # fmt: skip
REFUSED_TAGS = {
    "script", "style", "iframe", "object", "embed", "svg", "math", "form", "input", "button",
    "meta", "link", "base", "video", "audio", "template", "textarea", "noscript", "select",
}  # fmt: skip


class Reader(HTMLParser):
    """What a reader of the result finds: tags and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def harmless(text: str) -> None:
    found = Reader(text)
    assert not REFUSED_TAGS & set(found.tags), text
    for name, value in found.attributes:
        assert name in HARMLESS, text
        if name == "src":
            assert value.startswith("data:image/"), text
            assert "svg" not in value, text
        if name == "href":
            assert value.startswith("#"), text
        if name == "style":
            for word in ("url", "position", "z-index", "\\", "expression", "@"):
                assert word not in value, text
        if name == "class":
            allowed = {"dataframe", "wb-release", "wb-legend", "wb-finding", "wb-certificate"}
            assert set(value.split()) <= allowed


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_acts_or_fetches_is_left(attack: str) -> None:
    cleaned = clean_html(f"<p>before</p>{attack}<p>after</p>")
    assert cleaned is not None
    harmless(cleaned)
    assert "before" in cleaned


PIECES = st.sampled_from(
    [
        "<", ">", "</", "/>", "'", '"', "&lt;", "&#x3c;", "<!--", "-->", "<![CDATA[", "]]>", "=",
        " ", "\x00", "script", "style", "svg", "math", "img", " src=x", " onerror=alert(1)",
        "table", "mglyph", "title", "noscript", "p", "a href=javascript:1", "form", "select",
        "template", "x", "foreignObject", "annotation-xml", "</p", "</svg>", "<br>",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("".join))
@settings(max_examples=250, derandomize=True, deadline=None)
def test_no_jumble_of_markup_gets_through(text: str) -> None:
    cleaned = clean_html(text)
    assert cleaned is not None
    harmless(cleaned)
    again = clean_html(cleaned)
    assert again is not None
    harmless(again)


def test_a_table_of_numbers_stays_as_it_is() -> None:
    table = (
        '<div><table border="1" class="dataframe"><thead><tr style="text-align: right;"><th>n</th>'
        "</tr></thead><tbody><tr><td>12</td></tr></tbody></table></div>"
    )
    assert clean_html(table) == table


def test_the_style_sheet_of_a_data_frame_goes_with_its_text() -> None:
    cleaned = clean_html("<div><style scoped>.dataframe {color: red}</style><p>x</p></div>")
    assert cleaned == "<div><p>x</p></div>"


def test_mathematics_cannot_name_an_address() -> None:
    cleaned = clean_html(r"$\href{javascript:alert(1)}{x} \frac{1}{2}$")
    assert cleaned is not None
    assert "\\href" not in cleaned
    assert "\\frac" in cleaned


def test_html_over_the_limit_is_not_parsed_at_all() -> None:
    assert clean_html("x" * (HTML_LIMIT + 1)) is None


def test_nothing_looks_like_the_line_that_tells_the_lane() -> None:
    cleaned = clean_html('<div class="wb-banner wb-lane-sealed dataframe wb-insert">rows</div>')
    assert cleaned == '<div class="dataframe">rows</div>'
