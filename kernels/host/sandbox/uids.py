"""Accounts for kernels: each running kernel has one of its own, of which nothing else knows."""

import os
import pwd

from kernels.errors import Refusal

__all__ = ["Uids"]


class Uids:
    """Hands out uids in turn when the platform is root; otherwise there is only our own."""

    def __init__(self, reserved: range) -> None:
        self._reserved = reserved
        self._used = {account.pw_uid for account in pwd.getpwall()}  # never those of somebody
        self._next = 0

    def take(self) -> int:
        """A uid that no running kernel and no account of the host has; Refusal when all are."""
        if os.geteuid() != 0:
            return os.geteuid()
        for _ in self._reserved:
            uid = self._reserved[self._next % len(self._reserved)]
            self._next += 1
            if uid not in self._used:
                self._used.add(uid)
                return uid
        raise Refusal(
            "too_many_kernels",
            "All kernel accounts of this host are in use.",
            "Shut down kernels that you no longer need, or try again later.",
        )

    def give_back(self, uid: int) -> None:
        """The kernel with this uid has ended."""
        self._used.discard(uid)
