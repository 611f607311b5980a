"""One person's flood of kernels is refused, and takes no place of another's."""

from contextlib import ExitStack

import pytest

from kernels.errors import Refusal
from kernels.host.admission import Admission
from kernels.host.config import Limits
from tests.unit.kernels.test_grants import Ticks, grant


def test_only_so_many_run_at_once_and_an_ended_one_makes_room() -> None:
    admission = Admission(Limits(kernels_at_once=2), Ticks())
    with ExitStack() as held:
        held.enter_context(admission.place(grant()))
        with admission.place(grant()):
            with pytest.raises(Refusal, match="2 kernels running"), admission.place(grant()):
                pass
            with admission.place(grant(user="bob")), admission.place(grant(project="beta")):
                pass
        with admission.place(grant()):
            pass


def test_only_so_many_start_in_a_minute() -> None:
    ticks = Ticks()
    admission = Admission(Limits(launches_a_minute=3), ticks)
    for _ in range(3):
        with admission.place(grant()):
            pass
    with pytest.raises(Refusal, match="within a minute"), admission.place(grant()):
        pass
    with admission.place(grant(user="bob")):
        pass
    ticks.now += 61
    with admission.place(grant()):
        pass


def test_a_kernel_that_fails_to_start_gives_its_place_back() -> None:
    admission = Admission(Limits(kernels_at_once=1), Ticks())
    with pytest.raises(ZeroDivisionError), admission.place(grant()):
        raise ZeroDivisionError
    with admission.place(grant()):
        pass
