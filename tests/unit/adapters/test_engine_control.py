"""The airlock's question to the engine, over a real socket."""

import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from kernels.protocol import (
    Certified,
    CertifyOutput,
    EngineRequest,
    Failed,
    Ok,
    Overlapped,
    Overlapping,
    Refused,
    pack,
    read_frame,
    unpack,
)
from workbench.adapters.engine_control import EngineControl
from workbench.domain.errors import Fault, Refusal

REQUEST: TypeAdapter[Any] = TypeAdapter(EngineRequest)


@pytest.fixture
def engine(tmp_path: Path):
    """`engine(reply)` listens once and gives the control and what was asked."""
    opened: list[Any] = []

    def start(reply: bytes) -> tuple[EngineControl, list[Any]]:
        place = tmp_path / "engine.sock"
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(place))
        listening.listen()
        asked: list[Any] = []

        def serve() -> None:
            line, _ = listening.accept()
            with line:
                asked.append(unpack(REQUEST, read_frame(line) or b""))
                line.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        opened.extend((listening, thread))
        return EngineControl(place, seconds=2), asked

    yield start
    for listening, thread in zip(opened[::2], opened[1::2], strict=True):
        thread.join(5)
        listening.close()


def test_a_certificate_arrives(engine: Any) -> None:
    control, asked = engine(pack(Certified(certificate={"signature": "00"})))

    assert control.certify_output("0" * 16) == {"signature": "00"}
    assert asked == [CertifyOutput(request="0" * 16)]


def test_overlaps_arrive(engine: Any) -> None:
    control, asked = engine(pack(Overlapped(overlaps={"releases": []})))

    assert control.overlaps("alpha") == {"releases": []}
    assert asked == [Overlapping(project="alpha")]


def test_a_refusal_arrives_as_it_was_said(engine: Any) -> None:
    control, _ = engine(pack(Refused(id=0, code="not_approved", reason="No.", remedy="Ask.")))

    with pytest.raises(Refusal) as refused:
        control.certify_output("0" * 16)
    assert (refused.value.code, refused.value.remedy) == ("not_approved", "Ask.")


def test_a_fault_keeps_its_incident(engine: Any) -> None:
    control, _ = engine(pack(Failed(id=0, incident="abcd")))

    with pytest.raises(Fault) as fault:
        control.certify_output("0" * 16)
    assert fault.value.incident == "abcd"


@pytest.mark.parametrize(
    "reply",
    [b"", b"\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x02{}", pack(Ok())],
    ids=["nothing", "half", "too-large", "malformed", "something-else"],
)
def test_anything_else_certifies_nothing(engine: Any, reply: bytes) -> None:
    control, _ = engine(reply)

    with pytest.raises(Refusal):
        control.certify_output("0" * 16)


def test_an_engine_that_is_down_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        EngineControl(tmp_path / "none.sock").certify_output("0" * 16)
    assert refused.value.code == "not_running"
