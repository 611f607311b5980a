"""A Workbench kernel: a full Python for the researcher, and nothing of the world around it."""

import os
import time

import pytest

from kernels.host.config import Limits
from kernels.host.sandbox import landlock_abi
from tests.lib.gate_house import GateHouse, Notebook
from tests.lib.waiting import within

pytestmark = pytest.mark.sandbox
ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def limits() -> Limits:
    return Limits(processes=128)


def test_cells_print_answer_and_fail_as_in_any_notebook(notebook: Notebook) -> None:
    cell = notebook.run("print('hello')\n6 * 7")
    assert cell.text == "hello\n"
    assert cell.of("execute_result")[0]["data"] == {"text/plain": "42"}
    failed = notebook.run("1 / 0")
    assert failed.reply["ename"] == "ZeroDivisionError"
    assert "ZeroDivisionError" in failed.of("error")[0]["traceback"][-1]


def test_the_relays_numbers_of_cells_are_the_kernels_own(notebook: Notebook) -> None:
    for code, options in (("7", {}), ("1 / 0", {}), ("8", {"store_history": False}), ("9", {})):
        cell = notebook.run(code, **options)
        (begun,), shown = cell.of("execute_input"), cell.of("execute_result")
        assert begun["code"] == code
        states = [one["execution_state"] for one in cell.of("status")]
        assert states == ["busy", "idle"]
        if not options:  # else IPython itself shows another number than it answers
            numbers = {cell.reply["execution_count"], *(one["execution_count"] for one in shown)}
            assert numbers == {begun["execution_count"]}


def test_a_name_is_completed_and_inspected(notebook: Notebook) -> None:
    notebook.run("long_name_of_mine = 1")
    found = notebook.client.complete("long_na", reply=True, timeout=20)["content"]
    assert found["matches"] == ["long_name_of_mine"]
    shown = notebook.client.inspect("len", reply=True, timeout=20)["content"]
    assert "Return the number of items" in shown["data"]["text/plain"]


def test_data_frames_of_every_kind_work(notebook: Notebook) -> None:
    cell = notebook.run(
        "import numpy, pandas, polars, pyarrow\n"
        "a = polars.DataFrame({'x': [1, 2, 2]}).lazy().group_by('x').len().collect()\n"
        "b = pandas.DataFrame({'x': numpy.ones(3)}).groupby('x').size()\n"
        "c = pyarrow.table({'x': [1, 2]}).num_rows\n"
        "print(len(a), int(b.iloc[0]), c)"
    )
    assert cell.text == "2 3 2\n", cell.reply


def test_children_may_be_started_and_their_prints_are_seen(notebook: Notebook) -> None:
    cell = notebook.run(
        "import multiprocessing, subprocess, sys\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    print(pool.map(abs, [-1, -2]))\n"
        "print(subprocess.run([sys.executable, '-c', 'print(3)'], capture_output=True).stdout)"
    )
    assert cell.text == "[1, 2]\nb'3\\n'\n", cell.reply


def test_a_table_is_shown_without_what_could_act(notebook: Notebook) -> None:
    cell = notebook.run(
        "from IPython.display import HTML, Javascript, display\n"
        "display(HTML('<b>bold</b><script>alert(1)</script><img src=//x.example/y>'))\n"
        "display(Javascript('alert(1)'))"
    )
    first, second = cell.of("display_data")
    assert first["data"]["text/html"] == "<b>bold</b><img>"
    assert "application/javascript" not in second["data"]


def test_the_sdk_can_be_imported_and_the_rest_of_the_platform_cannot(notebook: Notebook) -> None:
    cell = notebook.run(
        "import importlib\n"
        "for name in ['kernels.protocol', 'workbench.sdk', 'workbench.engine',"
        " 'workbench.settings', 'kernels.host', 'kernels.server', 'disclosure', 'pseudonym']:\n"
        "    try:\n"
        "        importlib.import_module(name); print(name)\n"
        "    except ImportError:\n"
        "        pass"
    )
    assert cell.text.split() == ["kernels.protocol", "workbench.sdk"], cell.reply


def test_the_twin_is_there_and_no_other_project_or_row(notebook: Notebook) -> None:
    cell = notebook.run(
        "import os\n"
        "print(os.listdir('/twin'), open('/twin/person.txt').read())\n"
        "print([p for p in ('/data', '/root', '/home', '/etc/passwd', '/sys', '/mnt') "
        "if os.path.exists(p)])\n"
        "open('/twin/person.txt', 'a')"
    )
    assert cell.text == "['person.txt'] twin of alpha\n[]\n"
    assert cell.reply["ename"] in {"OSError", "PermissionError"}


def test_there_is_no_network(notebook: Notebook) -> None:
    cell = notebook.run(
        "import socket\n"
        "for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_VSOCK):\n"
        "    try:\n"
        "        socket.socket(family, socket.SOCK_DGRAM); print('made')\n"
        "    except OSError as error:\n"
        "        print(error.errno)"
    )
    assert cell.text.split() == ["97"] * 4  # EAFNOSUPPORT


def test_the_kernel_runs_under_an_account_of_its_own(house: GateHouse, notebook: Notebook) -> None:
    other = house.notebook("beta")
    try:
        uids = {each.run("import os; print(os.getuid())").text for each in (notebook, other)}
    finally:
        other.close()
    assert "0\n" not in uids
    assert len(uids) == (2 if ROOT else 1)


def test_the_environment_holds_nothing_of_ours(notebook: Notebook) -> None:
    cell = notebook.run("import os; print(sorted(os.environ))")
    names = set(eval(cell.text))  # our own list of strings, printed
    allowed = {
        "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "GIT_PAGER", "HOME", "IPYTHONDIR", "LANG",
        "LD_LIBRARY_PATH", "MPLBACKEND", "MPLCONFIGDIR", "PAGER", "PATH", "PWD", "PYTHONPATH",
        "PYTHONDONTWRITEBYTECODE", "PYTHONNOUSERSITE", "TERM", "TZ", "USER", "WORKBENCH_ENGINE",
        "WORKBENCH_LANE", "WORKBENCH_TWIN", "_RJEM_MALLOC_CONF",
    }  # fmt: skip
    assert names <= allowed


def test_only_its_own_processes_are_seen(notebook: Notebook) -> None:
    cell = notebook.run("import os; print([p for p in os.listdir('/proc') if p.isdigit()])")
    assert len(eval(cell.text)) <= 4  # our own list of strings, printed
    if landlock_abi.abi():
        assert notebook.run("open('/proc/1/cmdline')").reply["ename"] == "PermissionError"


OF_ITSELF = """
import ctypes, os
def opened(name):
    try:
        os.close(os.open(f"/proc/self/{name}", os.O_RDONLY))
    except PermissionError:
        return False
    return True
libc, told = ctypes.CDLL(None), ctypes.create_string_buffer(256)
libc.pthread_self.restype = ctypes.c_void_p
known = libc.pthread_getattr_np(ctypes.c_void_p(libc.pthread_self()), told) == 0
names = {name for name in os.listdir("/proc/self") if os.path.isfile(f"/proc/self/{name}")}
names -= {"exe"}  # a link to the interpreter
print(known, "smaps" in names, [name for name in names if opened(name)])
"""


@pytest.mark.skipif(not landlock_abi.abi(), reason="needs Landlock")
def test_of_itself_a_kernel_reads_its_map_only_and_so_knows_where_its_stack_ends(
    notebook: Notebook,
) -> None:
    assert notebook.run(OF_ITSELF).text == "True True ['maps']\n"


def test_children_know_that_nothing_is_measured_in_proc(notebook: Notebook) -> None:
    cell = notebook.run(
        "import importlib.util, subprocess, sys\n"
        'child = \'import importlib.util as u; print("psutil" in __import__("sys").modules)\'\n'
        "print(subprocess.run([sys.executable, '-c', child], capture_output=True).stdout)\n"
        "from joblib import Parallel, delayed\n"
        "print(Parallel(2)(delayed(abs)(each) for each in (-1, -2)))"
    )
    assert cell.text == "b'True\\n'\n[1, 2]\n", cell.reply


def test_the_engine_is_reached_and_knows_whose_kernel_it_is(
    house: GateHouse, notebook: Notebook
) -> None:
    cell = notebook.run(
        "import os, socket, struct\n"
        "engine = socket.socket(socket.AF_UNIX); engine.connect('/run/engine/engine.sock')\n"
        'hello = b\'{"k":"hello","version":1}\'\n'
        "engine.sendall(struct.pack('>I', len(hello)) + hello)\n"
        "print(engine.recv(4096)[4:].decode(), os.getuid())\n"
        "os.rename('/run/engine/engine.sock', '/run/engine/mine')"
    )
    assert '"project":"alpha"' in cell.text
    assert int(cell.text.split()[-1]) in house.engine.peers
    assert cell.reply["ename"] in {"OSError", "PermissionError"}
    attached = [each for each in house.engine.attached() if each.project == "alpha"]
    assert attached[0].user == "ada"


def test_a_display_that_names_a_release_is_filled_by_the_engine(
    house: GateHouse, notebook: Notebook
) -> None:
    house.engine.releases["alpha", "aaaa0000aaaa0000"] = "the real table"
    house.engine.releases["beta", "bbbb0000bbbb0000"] = "another project's table"
    show = (
        "from IPython.display import display\n"
        "display({{'application/vnd.workbench.release+json': {{'release': '{}'}},"
        " 'text/html': 'forged', 'text/plain': 'forged'}}, raw=True)"
    )
    (shown,) = notebook.run(show.format("aaaa0000aaaa0000")).of("display_data")
    assert shown["data"]["text/plain"] == "the real table"
    assert shown["data"]["text/html"] == "<b>the real table</b>"
    (shown,) = notebook.run(show.format("bbbb0000bbbb0000")).of("display_data")
    assert shown["data"] == {"text/plain": "[no such release in this project]"}


def test_nobody_is_asked_for_input(notebook: Notebook) -> None:
    assert notebook.run("input('name?')").reply["ename"] == "StdinNotImplementedError"


def test_a_long_cell_is_interrupted(notebook: Notebook) -> None:
    message = notebook.client.execute("import time; time.sleep(60)")
    time.sleep(0.5)
    request = notebook.client.session.msg("interrupt_request", {})
    notebook.client.control_channel.send(request)
    assert notebook.reply_to(message)["ename"] == "KeyboardInterrupt"

    def status() -> str:
        return str(notebook.run("'still here'").reply["status"])

    # what is asked while the kernel still drops its queue is aborted
    assert within(20, lambda: status() == "ok")


def test_processes_are_limited(notebook: Notebook) -> None:
    cell = notebook.run(
        "import os, signal, time\n"
        "children = []\n"
        "try:\n"
        "    while len(children) < 5000:\n"
        "        child = os.fork()\n"
        "        if child == 0:\n"
        "            signal.pause()\n"
        "        children.append(child)\n"
        "except OSError:\n"
        "    pass\n"
        "for child in children:\n"
        "    os.kill(child, 9); os.waitpid(child, 0)\n"
        "print(len(children))"
    )
    assert 20 < int(cell.text) <= 128


def test_disk_is_limited(notebook: Notebook) -> None:
    cell = notebook.run(
        "import os\n"
        "written = 0\n"
        "try:\n"
        "    for number in range(40):\n"
        "        with open(f'/tmp/fill{number}', 'wb') as file:\n"
        "            os.posix_fallocate(file.fileno(), 0, 64 << 20)\n"
        "            written += 64\n"
        "except OSError:\n"
        "    pass\n"
        "for name in os.listdir('/tmp'):\n"
        "    if name.startswith('fill'): os.unlink('/tmp/' + name)\n"
        "print(written)"
    )
    assert 0 < int(cell.text) <= 512


def test_memory_is_limited_and_the_kernel_lives_on(notebook: Notebook) -> None:
    cell = notebook.run("big = bytearray(6 << 30)")
    assert cell.reply["ename"] == "MemoryError"
    assert notebook.run("'still here'").reply["status"] == "ok"


LOCKS = """
import multiprocessing, time
from concurrent.futures import ProcessPoolExecutor
from joblib import Parallel, delayed
context = multiprocessing.get_context("fork")
lock, found = context.Lock(), context.Queue()
def work():
    found.put("began")
    with lock:
        found.put("had the lock")
lock.acquire()
child = context.Process(target=work)
child.start()
print(found.get(timeout=10), end="; ")
began = time.monotonic()
print(lock.acquire(timeout=0.3), 0.2 < time.monotonic() - began < 5, end="; ")
lock.release()
print(found.get(timeout=10), end="; ")
child.join(10)
with ProcessPoolExecutor(2, mp_context=context) as pool:
    print(sum(pool.map(abs, [-1, -2])), end="; ")
print(sum(Parallel(2)(delayed(abs)(n) for n in [-3, 4])))
"""


def test_processes_of_one_notebook_wait_for_each_other(notebook: Notebook) -> None:
    said = notebook.run(LOCKS)
    assert said.text == "began; False True; had the lock; 3; 7\n", said.of("error")
