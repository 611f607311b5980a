"""A process that may be another's child, found again by number and birth, never by number alone."""

import asyncio
import os
import select
import signal
from contextlib import suppress
from pathlib import Path

__all__ = ["Running", "birth"]


def birth(pid: int) -> str:
    """When a process began, as the boot and its clock ticks; "" when there is no such process."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        began = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""
    return f"{boot}/{began}"


class Running:
    """The process with this number and this birth; one that has ended when there is none."""

    def __init__(self, pid: int, born: str) -> None:
        self.pid, self.born = pid, born
        self._handle: int | None = None
        with suppress(OSError, ValueError, OverflowError):
            handle = os.pidfd_open(pid)
            # asked after opening: whoever has the number later, the handle stays this one's
            if born and birth(pid) == born:
                self._handle = handle
            else:
                os.close(handle)

    def __del__(self) -> None:
        if self._handle is not None:
            os.close(self._handle)

    @property
    def ended(self) -> bool:
        """Whether it has ended, be it reaped or not."""
        if self._handle is None:
            return True
        asked = select.poll()
        asked.register(self._handle, select.POLLIN)
        return bool(asked.poll(0))

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nothing to one that has ended."""
        if self._handle is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    async def wait(self, seconds: float) -> bool:
        """Whether it ended within so many seconds."""
        if self.ended or self._handle is None:
            return True
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._handle, over.set)
        try:
            await asyncio.wait_for(over.wait(), seconds)
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(self._handle)
        return True
