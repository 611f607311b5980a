"""A noisy grouped count of five million persons, against OpenDP's own polars route."""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

from pseudonym.keyring import Keyring
from tests.bench.gate import timed
from tests.bench.linked import COUNTIES, LinkedView, Size
from tests.bench.result import Result
from workbench.adapters.clock import SystemClock
from workbench.adapters.sql.records import open_records
from workbench.domain.audit import AuditEvent, What
from workbench.domain.permit import DatasetGrant, Member, Permit
from workbench.engine.local import LocalExecutor
from workbench.engine.run import Engine
from workbench.engine.views import Views
from workbench.plan import Plan, canonical, nodes
from workbench.services.policy_folder import PolicyFolder
from workbench.wiring import POLICIES

ROOT = Path(__file__).resolve().parents[2]
OPENDP = ROOT / ".venv-opendp/bin/python"
PERSONS, RHO, FASTER = 5_000_000, "1/10", 8
SIZE = Size(PERSONS, 80, 80, 8)
AXES = {"county": COUNTIES, "sex": ("F", "M")}
RUNS, OTHER_RUNS = 9, 3
QUESTION = nodes.DpCount(cohort=nodes.Dataset(name="population"), by=tuple(AXES), rho=RHO)


def dp_vs_opendp_polars() -> Result:
    """Plan text to recorded, certified release, against OpenDP's query alone."""
    view = LinkedView(SIZE)
    with tempfile.TemporaryDirectory() as folder, _opendp(view) as other:
        ask = _asking(view, Path(folder))
        ask(), other()  # the first of each reads from the disk
        ours, theirs = [], []
        body: dict[str, Any] = {}
        told: dict[str, Any] = {}
        for _ in range(OTHER_RUNS):
            for _ in range(RUNS // OTHER_RUNS):
                seconds, body = timed(ask)
                ours.append(seconds)
            told = other()
            theirs.append(told["seconds"])
    cells = [one["values"]["n"] for one in body["cells"]]
    near = body["noise"]["accuracy_95"] * len(cells)
    right = len(cells) == told["groups"] and abs(sum(cells) - PERSONS) <= near
    value, against = statistics.median(ours), statistics.median(theirs)
    return Result(
        name="dp_vs_opendp_polars",
        value=value,
        unit="s",
        against="OpenDP 0.16.0 with polars, grouped count with keys",
        ratio=against / value,
        target=f">= {FASTER}",
        ok=right and against >= FASTER * value,
        notes=(
            f"{PERSONS:,} persons by {len(cells)} groups at ρ = {RHO} (zCDP, one row a person, "
            "keys public: the same guarantee). Ours is the whole way from plan text to the "
            "recorded release with certificate, over an encrypted view, discrete Gaussian noise; "
            "OpenDP's is its query alone over the plain columns in memory, without truncation by a "
            f"person's key, which makes it some five times slower: {against:.2f} s. Medians of "
            f"{RUNS} and {OTHER_RUNS} runs in turn, each with a new database"
        ),
    )


def _asking(view: LinkedView, folder: Path) -> Callable[[], dict[str, Any]]:
    """Asks the question of an engine whose project has released nothing."""
    keys = Keyring.create(folder / "keyring.json", b"passphrase of a benchmark")
    clock, number = SystemClock(), count()
    permit = Permit(
        project=view.project,
        title="A benchmark",
        purpose="To measure",
        valid_from=date(2020, 1, 1),
        valid_until=date(2090, 1, 1),
        members=(Member(user="researcher"),),
        datasets=(DatasetGrant(dataset="population", variables=tuple(AXES)),),
        budget_rho="1",
    )
    event = AuditEvent(What.PERMIT_GRANT, "os:bench", permit.project)
    text = canonical(Plan(analysis=QUESTION)).decode()

    def fresh() -> Engine:
        records = open_records(f"sqlite:///{folder}/{next(number)}.sqlite", clock)
        records.permits.grant(permit, event)
        records.permits.set_view(permit.project, view.version, event)
        policies = PolicyFolder(POLICIES)
        views = Views(view.views, lambda _path: view)
        return Engine(records, clock, views, policies, keys, LocalExecutor())

    made = [fresh() for _ in range(RUNS + 1)]

    def ask() -> dict[str, Any]:
        answer = made.pop().run(
            permit.project, "researcher", text, cancelled=Event(), progress=lambda done, total: None
        )
        if answer["replayed"] or "signature" not in answer["certificate"]:
            raise SystemExit("an answer was no release of its own")
        return dict(answer["body"])

    return ask


@contextmanager
def _opendp(view: LinkedView) -> Iterator[Callable[[], dict[str, Any]]]:
    """Runs OpenDP's query once a call, in its own environment."""
    subprocess.run([ROOT / "images/setup", "opendp"], check=True, stdout=sys.stderr)
    script = Path(__file__).with_name("opendp_grouped.py")
    axes = [f"{name}={','.join(codes)}" for name, codes in AXES.items()]
    command = [str(OPENDP), str(script), view.plain("population"), "0.1", *axes]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        asked, said = process.stdin, process.stdout
        if asked is None or said is None:
            raise SystemExit("OpenDP has no pipes")

        def query() -> dict[str, Any]:
            asked.write("run\n")
            asked.flush()
            return dict(json.loads(said.readline()))

        try:
            if json.loads(said.readline())["version"] != "0.16.0":
                raise SystemExit("OpenDP is of another version")
            yield query
        finally:
            asked.close()
