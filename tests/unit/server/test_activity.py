"""What works counts as used; what is idle does not."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from jupyter_server._tz import utcnow

from kernels.server.activity import WorkingKernels


@pytest.mark.parametrize(("state", "used"), [("busy", True), ("idle", False), ("dead", False)])
def test_only_a_kernel_that_works_is_a_use(state, used):
    kernels = WorkingKernels()
    old = utcnow() - timedelta(hours=4)
    kernels.last_kernel_activity = old
    kernels._kernels["one"] = SimpleNamespace(execution_state=state)

    kernels.look()

    assert (kernels.last_kernel_activity > old) == used
    kernels._kernels.clear()
