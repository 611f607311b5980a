"""Where an instance computes: read from its file, refused by name, told by the doctor."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.lib.cluster import INSTANCE, Derives
from workbench.cli.symptoms import _computing
from workbench.domain.errors import Refusal
from workbench.engine.cluster.certificates import certify_roles
from workbench.engine.executors import CLUSTER
from workbench.settings import Computing, Instance
from workbench.wiring import Rooms


def instance(root: Path, engine: str) -> Instance:
    Instance.create(root, "test")
    with (root / "instance.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[engine]\n{engine}\n")
    return Instance.open(root)


def test_an_instance_computes_in_its_engine_unless_it_says_otherwise(tmp_path: Path) -> None:
    assert Instance.create(tmp_path, "test").computing == Computing()
    asked = instance(tmp_path, 'executor = "dask"\nworkers = 3\nmemory_mb = 512').computing

    assert asked == Computing("dask", 3, "", 512)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"executor": "spark"}, "executor"),
        ({"workers": -1}, "workers"),
        ({"workers": True}, "workers"),
        ({"scheduler": "tcp://10.0.0.5:8786"}, "scheduler"),
        ({"scheduler": 8786}, "scheduler"),
        ({"memory_mb": 1}, "memory_mb"),
        ({"encryption": False}, "encryption"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(Refusal) as refused:
        Computing.read(wrong)

    assert refused.value.code == "bad_setting"
    assert repr(named) in refused.value.reason


@dataclass
class Standing:
    """A clock that stands."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def test_the_doctor_tells_when_the_certificates_of_the_cluster_end(tmp_path: Path) -> None:
    place = instance(tmp_path, 'executor = "dask"\nworkers = 2')
    rooms: Any = Rooms(tmp_path)
    rooms.clock = Standing(datetime(2026, 1, 1, tzinfo=UTC))
    assert not _computing(rooms).ok

    certify_roles(place.zone("engine") / CLUSTER, INSTANCE, Derives(), rooms.clock.now())
    assert _computing(rooms).ok
    assert "good for 365 days" in _computing(rooms).text

    rooms.clock.at = datetime(2027, 6, 1, tzinfo=UTC)
    assert "have ended" in _computing(rooms).text


def test_the_doctor_tells_when_nobody_answers_at_the_schedulers_address(tmp_path: Path) -> None:
    place = instance(tmp_path, 'executor = "dask"\nscheduler = "tls://127.0.0.1:9"')
    rooms: Any = Rooms(tmp_path)
    certify_roles(place.zone("engine") / CLUSTER, INSTANCE, Derives(), rooms.clock.now())

    assert "nobody answers" in _computing(rooms).text
