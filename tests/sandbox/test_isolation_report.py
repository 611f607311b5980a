"""The isolation report: the same acts inside and outside, as root and as an ordinary user."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kernels.errors import Refusal
from kernels.host.config import GateConfig
from kernels.host.gated import Daemon
from kernels.host.proof.layers import LAYERS
from kernels.host.proof.probe import can_isolate
from kernels.host.proof.report import SHORT, Act, isolation_report
from kernels.host.sandbox import spawn
from kernels.host.seccomp.numbers import NUMBERS
from kernels.inside.acts.table import table
from tests.lib.ordinary_user import run_as_user
from workbench.cli.isolation import app

pytestmark = pytest.mark.sandbox
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def acts() -> list[Act]:
    return isolation_report()


def test_more_than_two_hundred_acts_are_tried_and_all_are_blocked_inside(acts: list[Act]) -> None:
    assert len(acts) >= 200
    assert len({act.name for act in acts}) == len(acts)
    assert [act.name for act in acts if act.inside != "BLOCKED"] == []


def test_outside_the_acts_can_be_done_so_that_the_report_means_something(acts: list[Act]) -> None:
    outside = {act.name for act in acts if act.outside == "ALLOWED"}
    for name in SHORT:
        if os.geteuid() == 0 or name not in {"become root", "write to /"}:
            assert name in outside
    assert len(outside) >= (0.85 if os.geteuid() == 0 else 0.7) * len(acts)


def test_every_act_names_a_layer_and_every_layer_an_act() -> None:
    acts = table(NUMBERS[os.uname().machine])
    assert {act.layer for act in acts.values()} == {layer.name for layer in LAYERS}
    for layer in LAYERS:
        assert acts[layer.act].layer == layer.name
        assert acts[layer.act].needs in {"", layer.needs}


def test_the_daemon_serves_nobody_where_an_act_could_be_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = spawn.resource_limits
    monkeypatch.setattr(
        spawn,
        "resource_limits",
        lambda *given: {name: most for name, most in whole(*given).items() if name != "DATA"},
    )
    config = GateConfig(*[tmp_path / name for name in ("r", "zone", "views", "spool", "engine")])

    async def serve() -> None:
        async with Daemon(config):
            pytest.fail("somebody would have been served")

    with pytest.raises(Refusal) as refused:
        asyncio.run(serve())
    assert refused.value.code == "no_isolation"
    assert "map more memory than allowed" in refused.value.reason
    assert not config.gated_socket.exists()


def test_the_command_prints_the_agreed_json() -> None:
    result = CliRunner().invoke(app, ["--json", "--short"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)["acts"]
    assert {act["name"] for act in found} == set(SHORT)
    assert set(found[0]) == {"name", "inside", "outside", "layer"}


def test_this_host_lacks_nothing_that_is_needed() -> None:
    assert [each.what for each in can_isolate() if each.needed] == []


CHECK = """
from kernels.host.proof.report import isolation_report
from tests.lib.gate_house import GateHouse
import os
print([act.name for act in isolation_report() if act.inside != "BLOCKED"])
house = GateHouse()
notebook = house.notebook()
print(notebook.run("import os; print(os.getuid())").text.strip() == str(os.getuid()))
notebook.close()
sealed = house.notebook(lane="sealed")
print(sealed.run("open('/outbox/a', 'w').write(open('/data/rows.txt').read())").reply["status"])
sealed.close()
house.close()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as an ordinary user already")
def test_an_ordinary_user_has_the_same_jail() -> None:
    done = run_as_user(["-c", CHECK], PROJECT)
    assert done.stdout.split("\n") == ["[]", "True", "ok", ""], done.stderr[-2000:]
