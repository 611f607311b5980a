"""A permit that closes ends the servers that run under it."""

import time

import pytest

from kernels.protocol import Revoke
from tests.lib.hub_world import grant, permit
from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.domain.permit import PermitState

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def test_a_suspended_permit_ends_its_servers_and_lets_none_start(world):
    grant(world.records, permit("asthma-two", "ola"))
    event = AuditEvent(What.PERMIT_SUSPEND, "os:test", "project/asthma-two")
    with world.client("ola") as ola:
        ola.start_server("asthma-two")
        with ola.kernel("asthma-two") as kernel:
            assert kernel.execute("1")["status"] == "ok"
        world.records.permits.set_state("asthma-two", PermitState.SUSPENDED, event)

        end = time.monotonic() + 30
        while ola._ready("asthma-two"):
            assert time.monotonic() < end
            time.sleep(0.2)
        assert Revoke(project="asthma-two", user="ola", why="suspended") in world.gate.asked
        with pytest.raises(Refusal) as refused:
            ola.start_server("asthma-two")
        assert "satt på vent" in refused.value.reason
