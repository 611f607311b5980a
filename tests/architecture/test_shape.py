"""The shape of the tree: small modules, each with one sentence of purpose."""

import ast
import statistics
from pathlib import Path

TOP = {
    "README.md", "Makefile", "pyproject.toml", "hub_config.py", "LICENSE", "CHANGELOG.md",
    "CONTRIBUTING.md", "workbench", "kernels", "disclosure", "pseudonym", "policies", "images",
    "tests", "docs",
}  # fmt: skip
BUILT = {"var", "node_modules"}
FORBIDDEN_NAMES = {"utils", "util", "common", "helpers", "helper", "manager", "misc"}


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_the_top_level_is_as_drawn(root: Path) -> None:
    found = {
        path.name
        for path in root.iterdir()
        if not path.name.startswith(".") and not path.name.endswith(".egg-info")
    }

    assert found - BUILT == TOP


def test_no_module_is_over_400_lines(root: Path) -> None:
    everything = [
        path
        for folder in ("workbench", "kernels", "disclosure", "pseudonym", "tests")
        for path in (root / folder).rglob("*.py")
    ]

    assert [str(path) for path in everything if lines(path) > 400] == []


def test_the_median_module_is_at_most_120_lines(modules: list[Path]) -> None:
    assert statistics.median(lines(path) for path in modules) <= 120


def test_every_module_says_its_purpose(modules: list[Path]) -> None:
    silent = [
        str(path)
        for path in modules
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert silent == []


def test_no_module_is_called_after_nothing(modules: list[Path]) -> None:
    assert [str(path) for path in modules if path.stem in FORBIDDEN_NAMES] == []


def test_no_guard_is_an_assert(modules: list[Path]) -> None:
    asserts = [
        f"{path}:{node.lineno}"
        for path in modules
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assert)
    ]

    assert asserts == []


def test_the_hub_configuration_only_sets_values(root: Path) -> None:
    tree = ast.parse((root / "hub_config.py").read_text(encoding="utf-8"))
    defined = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]

    assert defined == []
    assert imported == ["workbench.wiring"]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]


def test_untrusted_bytes_are_never_unpickled(modules: list[Path]) -> None:
    words = ("import pickle", "cloudpickle", "marshal.loads", "eval(", "exec(")
    # What runs a researcher's own code does so inside the sandbox, and nowhere else.
    # dask unpickles in any case: in that module it is made to know a closed list of names.
    allowed = {"kernels/inside/sealed.py", "workbench/engine/cluster/closed_pickle.py"}

    found = [
        (path.as_posix(), word)
        for path in modules
        for word in words
        if any(
            line.lstrip().startswith(word) or f" {word}" in line or f"={word}" in line
            for line in path.read_text(encoding="utf-8").splitlines()
        )
        and not any(path.as_posix().endswith(name) for name in allowed)
    ]

    assert found == []
