"""A kernel that works counts as used, however silent it is, so that its server is not idle."""

from jupyter_server._tz import utcnow
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.ioloop import PeriodicCallback

__all__ = ["WorkingKernels"]

LOOK = 2.0  # seconds between two looks


class WorkingKernels(AsyncMappingKernelManager):
    """Jupyter's own manager counts messages; a sealed run sends none for an hour and is no idler.

    What the hub's idle culler reads is the server's own word. A subverted server could always claim
    to be in use: it keeps itself alive, and no kernel beyond the limits that the gate daemon sets.
    """

    _looking: PeriodicCallback | None = None

    def start_watching_activity(self, kernel_id: str) -> None:
        """Watch this kernel as Jupyter does, and from the first one on look at all of them."""
        super().start_watching_activity(kernel_id)  # type: ignore[no-untyped-call] # Jupyter Server's is untyped
        if self._looking is None:
            self._looking = PeriodicCallback(self.look, LOOK * 1000)
            self._looking.start()

    def look(self) -> None:
        """If any kernel works now, the last activity is now."""
        kernels = [self._kernels[key] for key in self.list_kernel_ids()]
        if any(getattr(one, "execution_state", "") == "busy" for one in kernels):
            self.last_kernel_activity = utcnow()
