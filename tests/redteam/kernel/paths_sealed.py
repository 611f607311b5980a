"""A sealed run: whatever its script says, an outcome, a place and a sentence are told."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from kernels.errors import Refusal
from kernels.host.egress.outbox import collect
from kernels.host.sandbox.status import End
from tests.redteam.kernel.path import CANARY, NUMBER, Path
from tests.redteam.kernel.removals import of_module
from tests.redteam.kernel.stage import Stage, ends

_RUN = "kernels.host.lanes.sealed_run"


def _says(*words: Any, status: int = 0) -> Callable[[Stage], None]:
    told = [word if isinstance(word, bytes) else json.dumps(word).encode() for word in words]

    def setup(stage: Stage) -> None:
        stage.ground.script = ends(*told, status=status)

    return setup


def _believed(said: bytes) -> End:
    """Without the closed schema: whatever stands in the word is a line."""
    text = said.decode(errors="replace")
    return End.model_construct(k="end", outcome="error", line=text, cell=None)


def _words(stage: Stage) -> AbstractContextManager[Any]:
    """Neither the schema nor the bound of a line to the script's own lines."""
    return _both(
        patch("kernels.host.sandbox.status.StatusChannel._parse", staticmethod(_believed)),
        patch(f"{_RUN}.exists", lambda *_: True),
        patch("kernels.host.sandbox.status._LIMIT", 4096),
    )


class _both:  # noqa: N801 - reads as a word
    def __init__(self, *patches: Any) -> None:
        self._patches = patches

    def __enter__(self) -> None:
        for each in self._patches:
            each.start()

    def __exit__(self, *_reason: object) -> None:
        for each in self._patches:
            each.stop()


def word(name: str, *words: Any, mark: bytes = CANARY.encode()) -> Path:
    return Path(name, None, _words, mark, setup=_says(*words))


WORDS = [
    word("a text beside the outcome", {"k": "end", "outcome": "ok", "text": CANARY}),
    word("an outcome of another name", {"k": "end", "outcome": CANARY}),
    word("a line that is a text", {"k": "end", "outcome": "error", "line": CANARY}),
    word("a word of another kind", {"k": CANARY}),
    word("a check that failed", {"k": "failed", "check": CANARY}),
    word("a word that is no JSON", CANARY.encode()),
    word(
        "a word longer than any", b'{"k":"end","outcome":"ok","x":"' + b"x" * 99 + CANARY.encode()
    ),
    Path(
        "a line that the script has not",
        None,
        of_module(f"{_RUN}.exists", lambda *_: True),
        b"731900",
        setup=_says({"k": "end", "outcome": "error", "line": 731_900}),
    ),
    Path(
        "a cell that the notebook has not",
        None,
        of_module(f"{_RUN}.exists", lambda *_: True),
        b"cell 731",
        setup=_says({"k": "end", "outcome": "error", "line": 1, "cell": 731}),
    ),
]


def _status_told(end: tuple[Any, int], *_given: Any) -> Any:
    return "error", None, end[1]


async def _why(_runs: Any, sandbox: Any) -> tuple[tuple[()], str]:
    try:
        collect(sandbox.status.outbox, lambda _content: "0" * 64)
    except Refusal as refusal:
        return (), refusal.reason
    return (), ""


async def _names(_runs: Any, sandbox: Any) -> tuple[tuple[()], str]:
    return (), str(
        [file.name for file in collect(sandbox.status.outbox, lambda _content: "0" * 64)]
    )


def _holds(name: str) -> Callable[[Stage], None]:
    def setup(stage: Stage) -> None:
        (stage.root / "outbox" / name).touch()

    return setup


def _uses(stage: Stage) -> None:
    stage.ground.used = NUMBER


_COLLECT = f"{_RUN}.SealedRuns._collect"
OTHER = [
    Path(
        "the exit status",
        None,
        of_module(f"{_RUN}._told", _status_told),
        str(NUMBER).encode(),
        setup=_says(b'{"k":"end","outcome":"ok"}', status=NUMBER),
    ),
    Path("why an outbox is not taken", None, of_module(_COLLECT, _why), b"other characters",
         setup=_holds(".hidden")),
    Path("the names of files", None, of_module(_COLLECT, _names), setup=_holds(f"{CANARY}.csv")),
    Path(
        "the memory to the byte",
        None,
        of_module(f"{_RUN}._quarter", lambda peak, _limit: peak << 30),
        f"{NUMBER:g}".encode(),
        setup=_uses,
    ),
]  # fmt: skip

PATHS: list[Path] = [*WORDS, *OTHER]
