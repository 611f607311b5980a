"""Every cause of an end has a sentence in both languages, with what to do and no loose ends."""

import pytest

from kernels.host.endings import Ending, ending_of, sentence

FACTS = {"code": 3, "gib": 4, "time": "12 h"}


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("ending", Ending)
def test_every_ending_is_told_in_whole_sentences(ending: Ending, language: str) -> None:
    told = sentence(ending, language, **FACTS)
    assert told.endswith(".")
    assert told.count(".") >= 2  # what happened, and what to do
    assert "{" not in told


def test_the_languages_differ_and_an_unknown_one_is_english() -> None:
    for ending in Ending:
        assert sentence(ending, "en", **FACTS) != sentence(ending, "nb", **FACTS)
        assert sentence(ending, "xx", **FACTS) == sentence(ending, "en", **FACTS)


@pytest.mark.parametrize(
    ("status", "ending"),
    [(0, None), (-9, None), (3, Ending.EXITED), (139, Ending.CRASHED), (134, Ending.ABORTED),
     (137, Ending.KILLED)],
)  # fmt: skip
def test_a_status_is_read_as_the_shell_reads_it(status: int, ending: Ending | None) -> None:
    assert ending_of(status) is ending
