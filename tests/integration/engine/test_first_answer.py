"""From a notebook's question to its released table, over the NAFLD study: within a second."""

import os
import time
from pathlib import Path

import workbench.sdk as wb
from tests.lib.engine_world import World, attached
from tests.lib.nafld_view import nafld_view


def test_a_first_table_over_three_registries_comes_within_a_second(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.add(nafld_view(buckets=4))
    taken = []
    with world.served() as control, attached(control, tmp_path, os.getuid()) as path:
        p = wb.open(path)
        person, lab, dx = p["nafld_person"], p["nafld_measurement"], p["nafld_diagnosis"]
        for edge in (45, 55, 65):
            began = time.perf_counter()
            cohort = person.with_columns(
                old=person.age.bins([edge]),
                diabetes=dx.filter(dx.event == "diabetes", dx.days <= 0).exists(),
                often=lab.filter(lab.test == "sbp").count().bins([10]),
            )
            assert cohort.crosstab("old", "diabetes", "often").id
            taken.append(time.perf_counter() - began)

    assert min(taken) <= 1.0, taken
