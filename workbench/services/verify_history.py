"""Verify an exported history offline: chain, certificates, and all releases together."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from disclosure.certificate import parse
from disclosure.history import Checked, check_history
from workbench.domain.errors import Refusal

__all__ = ["end_of", "verify_history"]


def verify_history(
    lines: Iterable[bytes],
    trusted: Collection[bytes],
    noted: Mapping[int, str] | None = None,
    seen: Callable[[int], None] = lambda _bytes: None,
) -> Checked:
    """Verify a history file; raises Refusal that names the first damaged place.

    lines: of the file; noted: ends of the log that the reader kept, position to hash; seen: told
    the bytes of each line that was read.
    """
    return check_history(_parsed(lines, seen), trusted, noted)


def end_of(first: bytes) -> dict[int, str]:
    """The end of the log that a history file names in its first line, position to hash.

    What it says is no reason to trust it: a history is checked against it, not it against a key.
    """
    try:
        end = parse(first)["checkpoint"]["statement"]
        return {int(end["position"]): str(end["head"])}
    except (KeyError, TypeError, ValueError):
        raise Refusal(
            "not_a_history",
            "The earlier file is no exported history.",
            "Name a file that `workbench audit export` made.",
        ) from None


def _parsed(lines: Iterable[bytes], seen: Callable[[int], None]) -> Iterator[Any]:
    for number, line in enumerate(lines, 1):
        try:
            yield parse(line)
        except Exception as problem:
            if not hasattr(problem, "remedy"):
                raise
            raise Refusal(
                "not_verified",
                f"Line {number} of the history cannot be read.",
                "Get the file again, and check that it came whole.",
            ) from None
        seen(len(line))
