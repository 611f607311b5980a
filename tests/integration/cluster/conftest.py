"""One cluster of two workers for all tests here; whoever breaks it waits until it is mended."""

from collections.abc import Iterator

import pytest

from tests.lib.cluster import Cluster, cluster
from tests.lib.waiting import within


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture
def crew(running: Cluster) -> Cluster:
    assert within(30, lambda: running.crew.workers() == 2)
    return running
