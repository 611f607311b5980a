"""Completion inside quotes: names of variables and codes of code lists, with their labels.

After `cohort.crosstab("` come the cohort's variables, after `pop.county == "` the codes of that
variable, each with its label beside it. Outside quotes Python's own completion knows enough.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.sdk.frames import Frame
from workbench.sdk.project import Project

__all__ = ["Offer", "install", "offers"]

MOST = 500
_QUOTED = re.compile(r"""["']([^"'\\\n]*)$""")
_COMPARED = re.compile(r"""([A-Za-z_]\w*)\.(\w+)\s*(?:==|!=)\s*$""")
_LISTED = re.compile(
    r"""([A-Za-z_]\w*)\.(\w+)(?:\.str)?\.(?:is_in|as_code|starts_with)\(\s*\[?[^\[\]()]*$"""
)
_INDEXED = re.compile(r"""([A-Za-z_]\w*)\[\s*$""")
_CALLED = re.compile(r"""([A-Za-z_]\w*)\.[A-Za-z_]\w*\((?:[^()]|\([^()]*\))*$""")


@dataclass(frozen=True)
class Offer:
    """text: what would be written; label: what it means."""

    text: str
    label: str


def offers(before: str, namespace: Mapping[str, Any]) -> tuple[str, list[Offer]]:
    """The beginning that stands in the open quotes, and what could be meant by it.

    before: the code up to the cursor; namespace: the notebook's names. ("", []) outside quotes, or
    where nothing is known.
    """
    line = before.rsplit("\n", 1)[-1]
    quoted = _QUOTED.search(line)
    if quoted is None:
        return "", []
    begun, head = quoted.group(1), line[: quoted.start()]
    found = _offered(head, before[: len(before) - len(line) + quoted.start()], namespace)
    wanted = begun.casefold()
    fitting = [one for one in found if one.text.casefold().startswith(wanted)]
    fitting += [
        one for one in found if one not in fitting and wanted and wanted in one.label.casefold()
    ]
    return begun, fitting[:MOST]


def _offered(line: str, head: str, namespace: Mapping[str, Any]) -> list[Offer]:
    for pattern in (_COMPARED, _LISTED):
        match = pattern.search(line)
        frame = namespace.get(match.group(1)) if match else None
        if match and isinstance(frame, Frame):
            return [Offer(code, label) for code, label in frame.codes(match.group(2)).items()]
    indexed = _INDEXED.search(line)
    if indexed:
        return _names(namespace.get(indexed.group(1)))
    called = _CALLED.search(head)
    return _names(namespace.get(called.group(1))) if called else []


def _names(found: object) -> list[Offer]:
    if isinstance(found, (Project, Frame)):
        return [Offer(name, label) for name, label in found.labels().items()]
    return []


def install() -> None:
    """Let the notebook's completer know; nothing happens outside IPython."""
    import sys

    if "IPython" not in sys.modules:
        return
    from IPython.core.completer import SimpleCompletion, context_matcher
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None or any(one.__name__ == "quoted" for one in shell.Completer.custom_matchers):
        return

    @context_matcher(identifier="workbench")  # type: ignore[untyped-decorator]  # IPython's
    def quoted(context: Any) -> Any:
        text = context.full_text.split("\n")
        before = "\n".join([*text[: context.cursor_line], context.text_until_cursor])
        begun, found = offers(before, shell.user_ns)
        return {
            "completions": [SimpleCompletion(one.text, type=one.label) for one in found],
            "matched_fragment": begun,
            "suppress": bool(found),
        }

    shell.Completer.custom_matchers.append(quoted)
