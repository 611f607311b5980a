"""What a plan costs before it is run, and when it need not be."""

import os
import statistics
import tempfile
import time
from pathlib import Path

import workbench.sdk as wb
from tests.bench.link import bytes_touched, plan
from tests.bench.linked import SMALL, LinkedView
from tests.bench.result import Result, median_seconds
from tests.lib.engine_world import World, attached
from workbench.plan import Schema, canonical, check, parse, pruned

VALIDATION, REPLAY = 1e-3, 20e-3
RUNS = 40


def plan_validation() -> Result:
    """Parse, prune and check the plan of `link_tabulate` against a view's schema."""
    view = LinkedView(SMALL)
    schema = Schema.from_view(view.describe())
    text = canonical(plan()).decode()
    seconds = median_seconds(lambda: check(pruned(parse(text)), schema), 200)
    parsing = median_seconds(lambda: parse(text), 200)
    return Result(
        name="plan_validation",
        value=seconds * 1e3,
        unit="ms",
        against="parsing alone",
        ratio=seconds / parsing,
        target=f"<= {VALIDATION * 1e3:g} ms",
        ok=seconds <= VALIDATION,
        notes=(
            f"parse, prune and check a plan of {len(text)} bytes over three datasets; "
            f"parsing alone {parsing * 1e3:.3f} ms"
        ),
    )


def replay() -> Result:
    """The same plan again, by a notebook's library over the engine's socket."""
    view = LinkedView(SMALL)
    with tempfile.TemporaryDirectory(prefix="wb-bench-") as folder:
        world = World(Path(folder))
        world.add(view)
        with world.served() as control:
            socket = attached(control, Path(folder), os.getuid(), view.project)
            with socket as path:
                cohort = _cohort(wb.open(path))
                start = time.perf_counter()
                first = cohort.crosstab("county", "age")
                computed = time.perf_counter() - start
                taken = []
                for _ in range(RUNS):
                    start = time.perf_counter()
                    again = cohort.crosstab("county", "age")
                    taken.append(time.perf_counter() - start)
                    if again.id != first.id:
                        raise SystemExit("a replay was another release")
    seconds = statistics.median(taken)
    return Result(
        name="replay",
        value=seconds * 1e3,
        unit="ms",
        against="the first answer",
        ratio=seconds / computed,
        target=f"<= {REPLAY * 1e3:g} ms",
        ok=seconds <= REPLAY,
        notes=(
            f"from a call of the library to its release, the permit checked and the replay audited "
            f"each time; the slowest of {RUNS} took {max(taken) * 1e3:.1f} ms, the first answer "
            f"over {view.size.rows:,} rows {computed * 1e3:.0f} ms; nothing of the "
            f"{bytes_touched(view) / 1e6:.0f} MB of the question is read again"
        ),
    )


def _cohort(project: wb.Project) -> wb.PersonFrame:
    population, episode = project["population"], project["episode"]
    cancer = episode.filter(episode.main_dx.str.starts_with("C"))
    return population.filter(population.birth_year < 1980, cancer.exists()).with_columns(
        age=population.birth_year.bins([1940, 1950, 1960, 1970])
    )
