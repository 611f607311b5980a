"""What the sandbox costs a computation: numpy, polars and plain Python inside and outside."""

import secrets
import statistics
import time
from contextlib import ExitStack

from jupyter_client.blocking.client import BlockingKernelClient

from tests.bench import direct_kernel
from tests.bench.gate_process import gate_process
from tests.bench.result import Result
from tests.lib.gate_house import client_of

TARGET = 1.02
PREPARE = """
import subprocess, sys, time, numpy, polars
_rng = numpy.random.default_rng(1)
_a = _rng.random((420, 420)); _v = _rng.random(400_000)
_t = polars.DataFrame({"g": _rng.integers(0, 200, 400_000), "x": _v})
def _numpy():
    for _ in range(6): _a @ _a; numpy.sort(_v[:150_000]); numpy.exp(_v).sum()
def _polars():
    for _ in range(6): _t.group_by("g").agg(polars.col("x").mean(), polars.len()).sort("g")
_source = '''
import sys, time
def work(much):
    seen = {}
    for n in range(int(120_000 * much)): seen[n % 997] = seen.get(n % 997, 0) + n * n % 7
    with open("/dev/shm/.overhead", "w") as out:
        for n in range(int(2_000 * much)): out.write(str(n) + chr(10)); out.flush()
cpu, wall = time.process_time(), time.perf_counter()
work(float(sys.argv[1]))
print(time.process_time() - cpu, time.perf_counter() - wall)
'''
def _python(much=1.0):
    command = [sys.executable, "-I", "-S", "-c", _source, str(much)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return tuple(map(float, told.split()))
def _larger(): return _python(1.04)
def _timed(work):
    cpu, wall = time.process_time(), time.perf_counter()
    own = work()
    return own or (time.process_time() - cpu, time.perf_counter() - wall)
for _each in (_numpy, _polars, _python) * 3: _timed(_each)
"""
WORKLOADS = {"numpy": 12, "polars": 12, "python": 30}
"""How many pairs a launch."""
LARGER = ("larger", "python")
"""The control: 4 % more work inside than outside; if that is not seen, nothing is proved."""


def sandbox_overhead(launches: int = 4) -> Result:
    """Ratio of processor times, taken by the kernel itself; the worst of three workloads counts.

    Processor time of all threads, system calls included: wall time on a busy machine measures the
    others. Wall times are told beside it. Several launches, and each time a new process of Python,
    since where a process comes to lie in memory makes it up to 3 % faster or slower for its life.
    """
    taken: dict[str, list[tuple[Taken, Taken]]] = {name: [] for name in (*WORKLOADS, LARGER[0])}
    for _ in range(launches):
        with ExitStack() as stack:
            clients = _both(stack)
            for name, pairs in WORKLOADS.items():
                taken[name] += _in_turn(clients, (name, name), pairs)
            taken[LARGER[0]] += _in_turn(clients, LARGER, WORKLOADS["python"])
    # of each pair the ratio, since a machine's pace drifts slower than one pair takes
    cpu, wall = ({name: _ratio(both, which) for name, both in taken.items()} for which in (0, 1))
    worst = max(WORKLOADS, key=cpu.__getitem__)
    told = ", ".join(f"{name} {cpu[name]:.3f} (wall {wall[name]:.3f})" for name in WORKLOADS)
    return Result(
        name="sandbox_overhead",
        value=statistics.median(inside[0] for inside, _ in taken[worst]) * 1000,
        unit=f"ms ({worst})",
        against="the same kernel outside",
        ratio=cpu[worst],
        target=f"<= {TARGET}",
        ok=cpu[worst] <= TARGET and cpu[LARGER[0]] > TARGET,
        notes=(
            f"processor time, median ratio of pairs in turn over {launches} launches inside and "
            f"outside, python in a new process each time: {told}. As a control, python with 4 % "
            f"more work inside: {cpu[LARGER[0]]:.3f}"
        ),
    )


Taken = tuple[float, ...]
Clients = tuple[BlockingKernelClient, BlockingKernelClient]


def _both(stack: ExitStack) -> Clients:
    """A kernel inside and one outside, ready to work; they end with the stack."""
    launched = stack.enter_context(gate_process()).launch()
    stack.callback(launched.connection.close)
    key = secrets.token_hex(16)
    process, prefix = direct_kernel.start_direct(key)
    stack.callback(process.wait)
    stack.callback(process.kill)
    clients = (client_of(launched), direct_kernel.client_of(prefix, key))
    for client in clients:
        client.start_channels()
        stack.callback(client.stop_channels)
        client.wait_for_ready(timeout=60)
        _value(client, PREPARE + "\n0, 0")
    return clients


def _ratio(both: list[tuple[Taken, Taken]], which: int) -> float:
    """Median over the pairs; which: 0 processor time, 1 wall time."""
    return statistics.median(inside[which] / outside[which] for inside, outside in both)


def _in_turn(clients: Clients, work: tuple[str, str], pairs: int) -> list[tuple[Taken, Taken]]:
    """work: what runs inside, and what outside."""
    (inside, outside), (here, there) = clients, (f"_timed(_{name})" for name in work)
    taken = []
    for number in range(pairs):
        if number % 2:
            first, second = _value(inside, here), _value(outside, there)
        else:
            second, first = _value(outside, there), _value(inside, here)
        taken.append((first, second))
    return taken


def _value(client: BlockingKernelClient, code: str) -> Taken:
    asked = client.execute(code)
    value: Taken | None = None
    end = time.monotonic() + 120
    while time.monotonic() < end:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") != asked:
            continue
        content = message["content"]
        if message["msg_type"] == "execute_result":
            value = tuple(map(float, content["data"]["text/plain"].strip("()").split(",")))
        if message["msg_type"] == "error":
            raise SystemExit(f"the workload failed: {content['ename']}")
        if content.get("execution_state") == "idle" and value is not None:
            return value
    raise SystemExit("the workload did not end")
