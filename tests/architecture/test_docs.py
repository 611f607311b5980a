"""The documents keep up with the code."""

import json
import re
import tomllib
from pathlib import Path

from kernels.host.proof.layers import IN_TIME
from tests.lib import cli_reference, isolation_page, system_calls_reference


def test_the_command_reference_is_current(root: Path) -> None:
    """Mend with: .venv/bin/python -m tests.lib.cli_reference"""

    assert (root / "docs/reference/cli.md").read_text(encoding="utf-8") == cli_reference.page()


def test_the_table_of_system_calls_is_current(root: Path) -> None:
    """Mend with: .venv/bin/python -m tests.lib.system_calls_reference"""
    page = (root / "docs/reference/system-calls.md").read_text(encoding="utf-8")

    assert page == system_calls_reference.page()


def test_the_page_of_layers_is_current_and_names_tests_that_exist(root: Path) -> None:
    """Mend with: .venv/bin/python -m tests.lib.isolation_page"""
    page = (root / "docs/explanation/isolation.md").read_text(encoding="utf-8")

    assert page == isolation_page.page()
    for layer in IN_TIME:
        file, _, name = layer.test.partition("::")
        assert f"def {name}(" in (root / file).read_text(encoding="utf-8")


def test_every_rule_stands_in_the_reference(root: Path) -> None:
    text = (root / "docs/reference/rules.md").read_text(encoding="utf-8")
    rules = [
        path.stem for path in (root / "disclosure/rules").glob("*.py") if path.stem != "__init__"
    ]

    assert rules
    assert [rule for rule in rules if f"`{rule}`" not in text] == []


def test_the_readme_shows_the_two_commands(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")

    assert "make demo" in text
    assert "make test" in text


def test_links_between_documents_lead_somewhere(root: Path) -> None:
    pages = [root / "README.md", root / "CONTRIBUTING.md", *(root / "docs").rglob("*.md")]
    broken = []
    for page in pages:
        targets = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
        broken += [
            f"{page.relative_to(root)} -> {target}"
            for target in targets
            if "://" not in target and not (page.parent / target).exists()
        ]

    assert broken == []


def test_no_lock_file_names_a_registry(root: Path) -> None:
    locks = [*(root / "images").rglob("*.txt"), *(root / "images").rglob("package-lock.json")]

    assert locks
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text, lock.name
        assert "index-url" not in text, lock.name


def test_every_locked_package_has_its_hash(root: Path) -> None:
    """Without hashes an index could hand out another file under the same version."""
    locks = [path for path in (root / "images/lock").glob("*.txt") if path.name != "overrides.txt"]

    assert locks
    for lock in locks:
        lines = lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        packages = [line for line in lines if line.strip() and not line.startswith("#")]
        assert packages, lock.name
        bare = [line.split()[0] for line in packages if " --hash=sha256:" not in line]
        assert bare == [], lock.name
        assert all("==" in line.split()[0] for line in packages), lock.name
    assert "--require-hashes" in (root / "images/setup").read_text(encoding="utf-8")


def test_the_example_notebook_is_kept_without_outputs(root: Path) -> None:
    for path in (root / "docs").rglob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        assert all(not cell.get("outputs") for cell in notebook["cells"]), path.name


def test_the_version_is_that_of_the_changelog_or_still_unreleased(root: Path) -> None:
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"## {version}" in text or "## Unreleased" in text
