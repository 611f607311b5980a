"""Two languages with the same keys, chosen by the visitor, else by the browser."""

import re
from pathlib import Path

import pytest

from tests.functional.portal.conftest import Browse
from tests.lib.portal_world import (
    PROJECT,
    REGISTRY,
    World,
    add_load,
    add_output,
    add_release,
    release_now,
)
from workbench.portal.language import LANGUAGES, choose, words

PORTAL = Path(__file__).resolve().parents[3] / "workbench/portal"


def test_both_languages_have_the_same_keys() -> None:
    assert words("nb").keys() == words("en").keys()


def test_both_languages_fill_the_same_places() -> None:
    places = {
        language: {
            key: sorted(re.findall(r"\{(\w+)\}", words(language).get(key) or ""))
            for key in sorted(words(language).keys())
        }
        for language in LANGUAGES
    }
    assert places["nb"] == places["en"]


def test_every_key_is_used_and_every_used_key_exists() -> None:
    """A key counts as used when a template or module names it, or the stem it is built from."""
    sources = [*PORTAL.rglob("*.html"), *PORTAL.rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    literal = set(
        re.findall(r"""\b(?:t|words|here\.words|get)\(\s*["']([a-z_.]+)["']\s*[,)]""", text)
    )
    counted = set(re.findall(r"""count\(["']([a-z_.]+)["'],""", text))
    empty = set(re.findall(r"""empty\(["']([a-z_.]+)["']\)""", text))
    stems = set(re.findall(r"""["']([a-z_.]+\.)["'] ~""", text))
    stems |= set(re.findall(r"""f["']([a-z_.]+\.)\{""", text)) | {"release.statistic."}
    literal |= {f"{key}.{number}" for key in counted for number in ("one", "many")}
    literal |= {f"{key}.{part}" for key in empty for part in ("title", "text")}
    known = words("en").keys()
    assert {key for key in literal if "." in key or key in known} <= known
    unused = {key for key in known - literal if not any(key.startswith(stem) for stem in stems)}
    assert not unused
    assert not {stem for stem in stems if not any(key.startswith(stem) for key in known)}


@pytest.mark.parametrize(
    ("cookie", "header", "language"),
    [
        ("", "nb-NO,nb;q=0.9,en;q=0.8", "nb"),
        ("", "nn", "nb"),
        ("", "de,en;q=0.5,nb;q=0.4", "en"),
        ("", "nb;q=0", "en"),
        ("", "", "en"),
        ("", "nb;q=bad", "en"),
        ("nb", "en", "nb"),
        ("xx", "nb", "nb"),
    ],
)
def test_the_visitors_choice_comes_before_the_browsers(
    cookie: str, header: str, language: str
) -> None:
    assert choose(cookie, header) == language


def test_the_switch_is_kept_in_a_cookie_and_stays_on_the_page(browse: Browse) -> None:
    visitor = browse("")
    answer = visitor.get("register?lang=nb")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/services/portal/register"
    assert '<html lang="nb">' in visitor.page("register")


def test_every_page_is_whole_in_norwegian(browse: Browse, world: World) -> None:
    waiting = add_output(world, "a" * 16, {"t.csv": b"n\n100\n", "x.bin": b"\x00\x01"})
    done = release_now(world, add_output(world, "b" * 16, {"t.csv": b"n\n100\n"}))
    release, load = add_release(world), add_load(world, "1.2.0", "staged")
    pages = {
        "": ["", "verify", "register", "api"],
        "nobody": [""],
        "researcher": ["", f"projects/{PROJECT}", f"projects/{PROJECT}/outputs/{done.id}",
                       f"projects/{PROJECT}/releases/{release.id}"],
        "officer": ["", "review", f"review/{waiting.id}", f"review/{waiting.id}/return"],
        "owner-lab": ["", "registries", f"registries/{REGISTRY}", f"loads/{load.id}",
                      f"loads/{load.id}/publish"],
    }  # fmt: skip
    for who, paths in pages.items():
        for path in paths:
            page = browse(who).page(path, headers={"accept-language": "nb"})
            assert '<html lang="nb">' in page
            assert "Hopp til innholdet" in page
