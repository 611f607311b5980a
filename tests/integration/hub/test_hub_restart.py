"""A hub that is killed and comes back: nobody notices much; nothing goes on that is not watched."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from tests.integration.hub.test_lifecycle import KERNEL, SERVER, gate_of, text, within
from tests.integration.hub.test_sessions import Tab
from tests.lib.hub_world import PASSWORD, World, grant, hub_world, permit
from tests.lib.processes import below
from workbench.adapters.hub.client import HubClient
from workbench.adapters.hub.kernel_line import WebKernel
from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.domain.permit import PermitState

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]
PEOPLE = {"kari": "heart", "ola": "lung"}
CELL = "import time\nheld = {!r}\ntime.sleep(8)\nprint(held)"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with hub_world(tmp_path_factory.mktemp("back") / "instance", real_gate=True) as found:
        for user, project in PEOPLE.items():
            grant(found.records, permit(project, user))
            (found.instance.zone("views") / project / "v1" / "twin").mkdir(parents=True)
        yield found


@pytest.fixture(scope="module")
def people(world: World) -> Iterator[dict[str, HubClient]]:
    """Two people, each with a running server."""
    with ExitStack() as stack:
        found = {user: stack.enter_context(world.client(user)) for user in PEOPLE}
        for user, project in PEOPLE.items():
            found[user].start_server(project)
        yield found


def servers(client: HubClient) -> dict[str, bool]:
    """Each server of the person, and whether the hub says that it answers."""
    model = client._ask("GET", f"/hub/api/users/{client.user}").json()
    return {name: bool(one["ready"]) for name, one in model["servers"].items()}


def processes(world: World, project: str) -> list[int]:
    """The single-user servers of a project of this instance."""
    wanted = {
        f"WORKBENCH_PROJECT={project}".encode(),
        f"WORKBENCH_GATED_SOCKET={world.instance.socket('gated')}".encode(),
    }
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            told = (process / "environ").read_bytes().split(b"\0")
            line = (process / "cmdline").read_bytes()
            if wanted <= set(told) and SERVER.encode() in line:
                found.append(int(process.name))
    return found


def proxies(world: World) -> list[int]:
    """This instance's proxy, by the port in its line."""
    marks = {b"--port", str(world.instance.port).encode()}
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (process / "cmdline").read_bytes().split(b"\0")
            if marks <= set(line) and line[0].endswith(b"/node"):
                found.append(int(process.name))
    return found


def own_token(world: World, project: str) -> str:
    """By which the project's server speaks to the hub."""
    (server,) = processes(world, project)
    told = Path(f"/proc/{server}/environ").read_bytes().split(b"\0")
    return dict(one.split(b"=", 1) for one in told if one)[b"JUPYTERHUB_API_TOKEN"].decode()


def known(world: World, token: str) -> bool:
    me = f"{world.instance.url}/hub/api/user"
    return httpx.get(me, headers={"Authorization": f"token {token}"}).status_code == 200


def test_the_cells_of_two_people_end_as_if_the_hub_had_not_been_killed_meanwhile(
    world: World, people: dict[str, HubClient]
) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(2) as at_once:
        lines = {
            user: stack.enter_context(people[user].kernel(project))
            for user, project in PEOPLE.items()
        }
        (proxy,) = proxies(world)
        cells = {u: at_once.submit(line.execute, CELL.format(u)) for u, line in lines.items()}
        time.sleep(1)
        world.kill_hub()
        world.start_hub()
        for user, cell in cells.items():
            ended = cell.result(60)
            assert ended["status"] == "ok"
            assert [one["text"] for one in ended["outputs"]] == [f"{user}\n"]
        assert proxies(world) == [proxy]
        assert {user: text(line, "print(held)") for user, line in lines.items()} == {
            user: f"{user}\n" for user in PEOPLE
        }
    for user, project in PEOPLE.items():  # by the token of before, so that nobody was signed out
        assert servers(people[user]) == {project: True}
        with people[user].kernel(project) as another:
            assert another.execute("1")["status"] == "ok"


def test_a_browser_finds_its_kernel_again_when_the_proxy_was_lost_as_well(
    world: World, people: dict[str, HubClient]
) -> None:
    tab = Tab(world.instance.url)
    tab.sign_in("kari")
    assert tab.opens("/user/kari/heart/lab")
    kernel = people["kari"].api("POST", "heart", "/api/kernels", {"name": "workbench"})
    channel = f"/user/kari/heart/api/kernels/{kernel['id']}/channels"
    address = world.instance.url.replace("http", "ws") + channel
    with_token = {"Authorization": f"token {people['kari'].token}"}
    before = WebKernel(address, with_token)
    before.ready()
    before.execute("held = 41")

    world.kill_hub()
    for proxy in proxies(world):
        os.kill(proxy, signal.SIGKILL)
    with pytest.raises(Refusal):
        before.execute("1")
    world.start_hub()

    after = WebKernel(address, with_token)
    after.ready()
    assert text(after, "print(held + 1)") == "42\n"
    after.close()
    assert tab.opens("/user/kari/heart/lab")
    assert tab.opens("/hub/home")
    # signing out spares the server's own token, though this hub did not make it
    tab.http.get("/hub/logout")
    assert known(world, own_token(world, "heart"))
    people["kari"].sign_in("kari", PASSWORD)
    other = Tab(world.instance.url)
    other.sign_in("kari")
    assert other.opens("/user/kari/heart/lab")
    assert other.opens("/user/kari/heart/api/status")
    people["kari"].ask_server("DELETE", "heart", f"/api/kernels/{kernel['id']}")


def test_a_permit_suspended_while_there_is_no_hub_ends_server_and_kernels_of_it_alone(
    world: World, people: dict[str, HubClient]
) -> None:
    people["ola"].api("POST", "lung", "/api/kernels", {"name": "workbench"})
    assert within(10, lambda: len(below(gate_of(world), KERNEL)) == 1)
    world.kill_hub()
    event = AuditEvent(What.PERMIT_SUSPEND, "os:test", "project/lung")
    world.records.permits.set_state("lung", PermitState.SUSPENDED, event)
    begun = time.monotonic()
    world.start_hub()

    assert within(30, lambda: not below(gate_of(world), KERNEL) and not processes(world, "lung"))
    assert time.monotonic() - begun < 60
    assert servers(people["kari"]) == {"heart": True}


def test_a_server_of_an_earlier_hub_is_stopped_as_its_own_are(
    world: World, people: dict[str, HubClient]
) -> None:
    token = own_token(world, "heart")
    assert known(world, token)

    people["kari"].stop_server("heart")

    assert within(10, lambda: not processes(world, "heart"))
    assert within(10, lambda: servers(people["kari"]) == {})
    assert not known(world, token)  # nothing of it is left


def test_the_end_of_what_watches_over_the_hub_ends_all_at_once(
    world: World, people: dict[str, HubClient]
) -> None:
    people["kari"].start_server("heart")
    assert proxies(world)
    world.stop_serving()

    assert within(8, lambda: not processes(world, "heart") and not proxies(world))
