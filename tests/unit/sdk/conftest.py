"""Frames over the test schema whose analyses are caught, not run."""

import pytest

from tests.lib.plain_view import described
from workbench.plan import Schema, nodes
from workbench.sdk.frames import EventFrame, PersonFrame
from workbench.sdk.release import Release


class Caught(Exception):
    """The analysis that would have been sent."""

    def __init__(self, analysis: nodes.Analysis) -> None:
        self.analysis = analysis


def catch(analysis: nodes.Analysis) -> Release:
    raise Caught(analysis)


SCHEMA = Schema.from_view(described(10) | {"closed": ["person.income"]})


@pytest.fixture
def person() -> PersonFrame:
    return PersonFrame(nodes.Dataset(name="person"), SCHEMA, catch)


@pytest.fixture
def visit() -> EventFrame:
    return EventFrame(nodes.Dataset(name="visit"), SCHEMA, catch)
