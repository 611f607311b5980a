"""The answers that the picture book is drawn from are those that an engine gives today."""

import os
from typing import Any

import pytest

from tests.lib.picture_book import QUESTIONS, answer, answers

pytestmark = pytest.mark.skipif(
    not os.environ.get("WORKBENCH_LONG"), reason="a minute or two: see make gallery"
)
RECORDED = answers()


def told(body: dict[str, Any]) -> Any:
    """What is drawn of a body: its blocks, or the cells of one that has none."""
    return body["explained"], body.get("blocks") or body["cells"]


NOISY = sorted(name for name in QUESTIONS if name.startswith("dp_"))


@pytest.mark.parametrize("name", sorted(set(QUESTIONS) - set(NOISY)))
def test_an_engine_answers_as_it_is_recorded(name: str) -> None:
    assert told(answer(name)) == told(RECORDED[name]), "python -m tests.lib.picture_book --ask"


@pytest.mark.parametrize("name", NOISY)
def test_noise_is_drawn_anew_for_the_same_categories(name: str) -> None:
    new, old = answer(name), RECORDED[name]

    assert new["explained"] == old["explained"]
    assert new["noise"] == old["noise"]
    assert shape(new) == shape(old)


def shape(body: dict[str, Any]) -> Any:
    """What is there, without the numbers."""
    cells = [cell["codes"] for cell in body.get("cells", ())]
    return cells, [(one["columns"], len(one["rows"])) for one in body.get("blocks", ())]
