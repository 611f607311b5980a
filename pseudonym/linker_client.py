"""Ask the linker, over its socket: what owners and case handlers may do with the store."""

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from pseudonym.errors import Refusal
from pseudonym.line import call, expect
from pseudonym.wire import (
    AskContract,
    Build,
    Built,
    ContractTold,
    DatasetOrder,
    Done,
    Load,
    Loaded,
    Message,
    Ping,
    Publish,
    Rollback,
)

__all__ = ["LinkerClient"]

T = TypeVar("T", bound=Message)


class LinkerClient:
    """A caller of the linker; a new connection for every question.

    Every method raises Refusal("not_running") when the linker does not answer, ("not_trusted")
    when the secret is not the one it knows, what the linker refused, or Fault.
    """

    def __init__(self, socket_path: Path, secret: bytes) -> None:
        self._socket = socket_path
        self._secret = secret

    def ping(self) -> None:
        """Whether the linker answers."""
        self._ask(Ping(), Done)

    def load(self, pack: Path) -> dict[str, Any]:
        """Stage a pack: {"load", "registry", "dataset", "version", "state", "report"}."""
        return self._ask(Load(pack=str(pack.resolve())), Loaded).model_dump(exclude={"k"})

    def publish(self, dataset: str, version: str) -> None:
        """Make a staged version the current one."""
        self._ask(_made(lambda: Publish(dataset=dataset, version=version)), Done)

    def rollback(self, dataset: str) -> str:
        """Back to the version published before; returns it."""
        return self._ask(_made(lambda: Rollback(dataset=dataset)), Done).version

    def contract(self, dataset: str) -> dict[str, Any]:
        """The contract of the current version, as JSON; Refusal("not_published") without one."""
        return self._ask(_made(lambda: AskContract(dataset=dataset)), ContractTold).contract

    def build_view(self, permit: Mapping[str, Any]) -> dict[str, Any]:
        """Build or re-use a permit's view: {"version", "path", "report"}.

        Of the permit only "project" and "datasets" (dataset, version, variables) are told.
        """
        order = _made(
            lambda: Build(
                project=permit["project"],
                datasets=[
                    DatasetOrder(
                        dataset=item["dataset"],
                        version=item.get("version", "latest"),
                        variables=list(item["variables"]),
                    )
                    for item in permit["datasets"]
                ],
            )
        )
        return self._ask(order, Built).model_dump(exclude={"k"})

    def _ask(self, request: Message, kind: type[T]) -> T:
        with contextlib.closing(call(self._socket, "linker", self._secret)) as line:
            return expect(line, request, kind)[0]


def _made(make: Callable[[], T]) -> T:
    """A message from a caller's words; Refusal that repeats none of them."""
    try:
        return make()
    except (ValidationError, KeyError, TypeError, AttributeError):
        raise Refusal(
            "bad_request",
            "A name, a version or the permit's list of datasets is not well-formed.",
            "Names are lower-case (nafld_person), versions have three numbers (1.0.0).",
        ) from None
