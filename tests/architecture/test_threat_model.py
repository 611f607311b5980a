"""Each line of the threat model names a module that exists and a test that exists."""

import re
from pathlib import Path

ROW = re.compile(r"^\| (?P<threat>[^|]+) \| `(?P<module>[^`]+)` \| `(?P<test>[^`]+)` \|$")


def rows(root: Path) -> list[re.Match[str]]:
    text = (root / "docs/explanation/threat-model.md").read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("| ") and "`" in line]
    matches = [ROW.match(line) for line in table]
    assert None not in matches, [line for line, m in zip(table, matches, strict=True) if m is None]
    return [match for match in matches if match]


def test_the_threat_model_has_its_lines(root: Path) -> None:
    assert len(rows(root)) >= 25


def test_every_line_names_a_module_that_exists(root: Path) -> None:
    missing = [match["module"] for match in rows(root) if not (root / match["module"]).exists()]

    assert missing == []


def test_every_line_names_a_test_that_exists(root: Path) -> None:
    missing = []
    for match in rows(root):
        file, _, name = match["test"].partition("::")
        path = root / file
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if f"def {name}(" not in text:
            missing.append(match["test"])

    assert missing == []
