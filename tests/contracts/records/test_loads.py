"""The book of loads."""

from dataclasses import replace

import pytest

from tests.lib import samples
from workbench.domain.errors import Refusal
from workbench.ports import Records


def test_loads_are_listed_newest_first(records: Records) -> None:
    for number in (2, 1, 3):
        records.loads.add(samples.load(number), samples.event())

    assert records.loads.all() == (samples.load(3), samples.load(2), samples.load(1))
    assert records.loads.find(samples.load(2).id) == samples.load(2)
    assert records.loads.find("0" * 16) is None


def test_a_load_is_noted_once(records: Records) -> None:
    records.loads.add(samples.load(), samples.event())
    records.loads.add(samples.load(state="refused"), samples.event())

    assert records.loads.all() == (samples.load(),)
    assert len(list(records.audit.entries())) == 1


def test_what_became_of_a_load_is_noted(records: Records) -> None:
    records.loads.add(samples.load(), samples.event())
    records.loads.set_state(samples.load().id, "published", samples.event())

    assert records.loads.find(samples.load().id) == replace(samples.load(), state="published")
    with pytest.raises(Refusal) as refused:
        records.loads.set_state("0" * 16, "published", samples.event())
    assert refused.value.code == "no_load"
