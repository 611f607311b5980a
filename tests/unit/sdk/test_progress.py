"""What a notebook shows while a plan waits and runs."""

import pytest

from kernels.protocol import Progress
from workbench.sdk.client import _Meter


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (1, "1st in the queue"),
        (2, "2nd in the queue"),
        (3, "3rd in the queue"),
        (4, "4th in the queue"),
        (11, "11th in the queue"),
        (13, "13th in the queue"),
        (22, "22nd in the queue"),
        (112, "112th in the queue"),
    ],
)
def test_a_plan_that_waits_tells_its_place(
    place: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _Meter().at(Progress(id=1, done=0, total=0, queued=place))

    assert capsys.readouterr().err.strip() == said
