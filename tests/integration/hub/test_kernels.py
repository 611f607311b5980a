"""Cells through the hub: the websocket, outputs, a death in the middle, a restart."""

import threading
import time

import pytest

from kernels.protocol import Launch
from tests.lib.plain_gate import PlainGate
from workbench.domain.errors import Refusal

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def test_a_cell_runs_and_its_outputs_come_back_as_they_are_made(kari):
    seen = []
    code = "print('a'); display({'text/plain': 'b'}, raw=True); print('c'); 6 * 7"
    with kari.kernel("diabetes") as kernel:
        done = kernel.execute(code, seen.append)

    assert done["status"] == "ok"
    assert done["execution_count"] == 1
    kinds = [one["output_type"] for one in done["outputs"]]
    assert kinds == ["stream", "display_data", "stream", "execute_result"]
    assert [one["output_type"] for one in seen] == kinds
    assert done["outputs"][-1]["data"]["text/plain"] == "42"


def test_an_error_is_an_error(kari):
    with kari.kernel("diabetes") as kernel:
        done = kernel.execute("1 / 0")
        after = kernel.execute("print('still here')")

    assert done["status"] == "error"
    assert done["outputs"][-1]["ename"] == "ZeroDivisionError"
    assert after["status"] == "ok"


def test_updated_and_cleared_displays_are_shown_as_they_end(kari):
    code = (
        "from IPython.display import clear_output, display\n"
        "print('gone'); clear_output()\n"
        "h = display({'text/plain': '1'}, raw=True, display_id=True)\n"
        "h.update({'text/plain': '2'}, raw=True)"
    )
    with kari.kernel("diabetes") as kernel:
        done = kernel.execute(code)

    assert [one["data"]["text/plain"] for one in done["outputs"]] == ["2"]


def test_the_gate_learns_which_lane_and_gets_a_key_of_its_own(world, kari):
    before = len([one for one in world.gate.asked if isinstance(one, Launch)])
    for _ in range(2):
        with kari.kernel("diabetes"):
            pass
    launches = [one for one in world.gate.asked if isinstance(one, Launch)][before:]

    assert [one.lane for one in launches] == ["workbench", "workbench"]
    assert launches[0].front_key != launches[1].front_key
    assert launches[0].kernel != launches[1].kernel


def test_a_kernel_that_dies_in_a_cell_is_told_and_not_waited_for(world, kari):
    with kari.kernel("diabetes") as kernel:
        started = time.monotonic()
        with pytest.raises(Refusal) as refused:
            kernel.execute("import os; os._exit(3)")

    assert refused.value.code == "kernel_ended"
    assert time.monotonic() - started < 30


def test_a_restarted_kernel_is_found_again_by_the_same_line(kari):
    with kari.kernel("diabetes") as kernel:
        (running,) = kari.api("GET", "diabetes", "/api/kernels")
        kernel.execute("x = 1")
        kari.api("POST", "diabetes", f"/api/kernels/{running['id']}/restart", {})
        kernel.ready()

        assert kernel.execute("'x' in dir()")["outputs"][0]["data"]["text/plain"] == "False"


def test_a_running_cell_can_be_interrupted(kari):
    with kari.kernel("diabetes") as kernel:
        (running,) = kari.api("GET", "diabetes", "/api/kernels")
        path = f"/api/kernels/{running['id']}/interrupt"
        threading.Timer(1.5, kari.ask_server, ("POST", "diabetes", path)).start()
        done = kernel.execute("import time; time.sleep(60)")

    assert done["status"] == "error"
    assert done["outputs"][-1]["ename"] == "KeyboardInterrupt"


def test_at_the_end_no_kernel_is_left(world, kari):
    with kari.kernel("diabetes"):
        assert len(kari.api("GET", "diabetes", "/api/kernels")) == 1

    assert kari.api("GET", "diabetes", "/api/kernels") == []
    end = time.monotonic() + 10
    while any(one.poll() is None for one in world.gate.kernels.values()):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_server_finds_the_gate_again_after_the_gate_was_restarted(world, kari):
    old = world.gate
    old.close()
    assert (
        kari.ask_server("POST", "diabetes", "/api/kernels", {"name": "workbench"}).status_code
        == 503
    )

    world.gate = PlainGate(world.instance.socket("gated"), world.instance.socket("admin"))
    world.gate.grants.update(old.grants)
    with kari.kernel("diabetes") as kernel:
        assert kernel.execute("1")["status"] == "ok"
