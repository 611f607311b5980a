"""Writes docs/reference/system-calls.md: `python -m tests.lib.system_calls_reference`."""

import errno
from collections.abc import Iterator, Mapping
from pathlib import Path

from kernels.host.seccomp.checks import CHECKED, OWN_FUTEX
from kernels.host.seccomp.families import ABSENT, ALLOWED, REFUSED, Family
from kernels.host.seccomp.numbers import NUMBERS

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/system-calls.md"
HEAD = """# System calls of a kernel

Made from `kernels/host/seccomp` by `python -m tests.lib.system_calls_reference`.

Every sandbox starts under a filter that allows what is listed here and nothing else; it cannot be
taken off. There is one table for two architectures: calls marked (x) exist on x86-64 only. A call
of another architecture (32-bit, x32) ends the process. A call that is younger than this table
fails as unknown (`ENOSYS`), any other that is not allowed with `EPERM`. The same table as a
profile for container engines: `workbench seccomp-profile`.
"""


def names(calls: str) -> str:
    both = NUMBERS["aarch64"]
    return ", ".join(f"`{call}`" + ("" if call in both else " (x)") for call in calls.split())


def section(title: str, words: str, families: Mapping[str, Family]) -> Iterator[str]:
    yield from (f"## {title}", "", words, "", "| family | why | calls |", "|---|---|---|")
    for name, family in families.items():
        yield f"| {name} | {family.reason} | {names(family.calls)} |"
    yield ""


def page() -> str:
    lines = [HEAD]
    lines += section("Allowed", "Whatever the arguments.", ALLOWED)
    lines += ["## Checked", "", "Allowed with some arguments only.", ""]
    lines += ["| call | allowed are | ways | otherwise |", "|---|---|---|---|"]
    for call, check in CHECKED.items():
        error = errno.errorcode[check.error]
        lines.append(f"| {names(call)} | {check.reason} | {len(check.ways)} | `{error}` |")
    lines += ["", f"In the Workbench lane `futex` is allowed {OWN_FUTEX.reason}. Otherwise whoever"]
    lines += ["waits is told to look again (`EINTR`), and whoever wakes `EINVAL`.", ""]
    lines += section("Absent", "As if the kernel had never heard of them (`ENOSYS`).", ABSENT)
    lines += section("Refused", "`EPERM`.", REFUSED)
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
