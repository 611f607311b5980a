"""The portal's heartbeat: finished runs come in, approvals are released, failures are outlived."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable

import pytest

from tests.functional.portal.conftest import Browse
from tests.lib.portal_world import NOW, PEOPLE, PROJECT, World, add_output
from workbench.domain.output import OutputState, request_id
from workbench.portal import collecting as heartbeat
from workbench.portal.collecting import collecting
from workbench.services.review import approve

RUN = "0123456789abcdef"
CODE = b"# %% cell 1\nprint('<b>')\n"


def beat_until(world: World, done: Callable[[], bool], seconds: float = 5.0) -> None:
    """Let the heart beat fast until something is true; fails when it never is."""

    async def live() -> None:
        async with collecting(world.services, every=0.01):
            for _ in range(int(seconds / 0.01)):
                if done():
                    return
                await asyncio.sleep(0.01)

    asyncio.run(live())
    assert done()


def leave_run(world: World) -> None:
    """A finished run in the spool, as the gate daemon leaves it."""
    place = world.services.spool / "incoming" / RUN
    place.mkdir(parents=True)
    content = b"sex,n\nF,3811\n"
    file = {"name": "t.csv", "sha256": world.blobs.put(content), "size": len(content)}
    told = {
        "v": 1, "run": RUN, "project": PROJECT, "user": "researcher", "kernel": "k1",
        "started": NOW.isoformat(), "ended": NOW.isoformat(), "outcome": "ok", "line": None,
        "code_sha256": world.blobs.put(CODE), "files": [file],
    }  # fmt: skip
    (place / "run.json").write_text(json.dumps(told))


def state(world: World, request: str) -> OutputState | None:
    found = world.records.outputs.find(request)
    return found.state if found else None


def test_a_finished_run_becomes_an_output_request(world: World) -> None:
    leave_run(world)
    beat_until(world, lambda: state(world, request_id(RUN)) is OutputState.SUBMITTED)


def test_the_officer_reads_the_code_that_made_the_file_and_nobody_else_does(
    world: World, browse: Browse
) -> None:
    leave_run(world)
    beat_until(world, lambda: state(world, request_id(RUN)) is OutputState.SUBMITTED)
    page = browse("officer").page(f"review/{request_id(RUN)}")
    assert "# %% cell 1\nprint(&#39;&lt;b&gt;&#39;)" in page
    events = [entry.event for entry in world.records.audit.entries()]
    seen = [event for event in events if event.details.get("what") == "code"]
    assert [(event.who, event.details["sha256"]) for event in seen] == [
        ("officer", hashlib.sha256(CODE).hexdigest())
    ]
    for name in ("researcher", "colleague", "nobody", "member-officer"):
        answer = browse(name).get(f"api/v1/outputs/{request_id(RUN)}/code")
        assert answer.status_code in {401, 403, 404}
        assert "cell 1" not in answer.text


def test_an_approval_is_released_once_the_engine_answers(world: World) -> None:
    request = add_output(world, "a" * 16, {"t.csv": b"n\n100\n"})
    clock, officer = world.services.clock, PEOPLE["officer"]
    approve(world.records, clock, officer, request.id, content=request.content, comment="Fine.")
    beat_until(world, lambda: state(world, request.id) is OutputState.RELEASED)


def test_a_failing_round_is_logged_once_without_its_message_and_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rounds: list[int] = []
    real = heartbeat.collect

    def failing(*args: object, **kwargs: object) -> object:
        rounds.append(1)
        if len(rounds) < 4:
            raise OSError("01417012345")
        return real(*args, **kwargs)

    monkeypatch.setattr(heartbeat, "collect", failing)
    leave_run(world)
    with caplog.at_level(logging.ERROR):
        beat_until(world, lambda: state(world, request_id(RUN)) is not None)
    assert caplog.text.count("round failed: OSError") == 1
    assert "01417012345" not in caplog.text
