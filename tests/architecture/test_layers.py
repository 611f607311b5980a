"""The directions of the house hold: import-linter's contracts, seen by pytest too."""

import subprocess
import sys
from pathlib import Path


def test_every_import_contract_is_kept(root: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:]
