"""Bytes for a child process as a file that has no name."""

import os

__all__ = ["memory_file"]


def memory_file(content: bytes) -> int:
    """A descriptor from which `content` can be read from its start; the caller closes it."""
    descriptor = os.memfd_create("workbench", os.MFD_CLOEXEC)
    with os.fdopen(os.dup(descriptor), "wb") as memory:
        memory.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
