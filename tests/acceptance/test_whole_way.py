"""The whole way once: what `make demo` promises, seen from outside."""

import json
from pathlib import Path

import pytest

from tests.lib.demo_world import Demo


def test_every_step_went_well_and_was_timed(demo: Demo) -> None:
    steps = json.loads((demo.home / "summary.json").read_text())["steps"]

    assert {"instance", "services", "load nafld_person", "project", "notebook", "certificate"} <= {
        step["step"] for step in steps
    }
    assert all(step["ok"] and step["seconds"] >= 0 for step in steps)


def test_the_screen_shows_the_table_what_was_withheld_and_the_certificate(demo: Demo) -> None:
    shown = (demo.home / "demo.log").read_text()

    assert "Total" in shown
    assert "withheld" in shown
    assert "Merge categories" in shown
    assert "certificate.json" in shown
    assert demo.url in shown
    for account in ("researcher", "officer", "owner", "owner-lab", "owner-dx"):
        assert account in shown


def test_a_further_study_lies_beside_the_example_in_the_researchers_folder(demo: Demo) -> None:
    folder = demo.instance / "hub/notebooks/researcher" / demo.project

    assert {"nafld-mortality.ipynb", "nafld-risk-factors.ipynb"} <= {
        path.name for path in folder.iterdir()
    }


def test_the_certificate_verifies_offline(demo: Demo) -> None:
    done = demo.command("verify", str(demo.home / "certificate.json"))

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("field", ["project", "plan_sha256", "content_sha256", "policy_sha256"])
def test_a_certificate_with_one_changed_word_is_refused(
    demo: Demo, tmp_path: Path, field: str
) -> None:
    certificate = json.loads((demo.home / "certificate.json").read_text())
    text = json.dumps(certificate)
    value = _find(certificate, field)
    forged = tmp_path / "forged.json"
    forged.write_text(text.replace(value, value[:-1] + ("0" if value[-1] != "0" else "1")))

    done = demo.command("verify", str(forged))

    assert done.returncode == 2
    assert "tampered" in done.stderr


def test_the_audit_log_is_whole(demo: Demo) -> None:
    done = demo.command("audit", "verify")

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_certificate_of_a_stranger_is_refused(demo: Demo, tmp_path: Path) -> None:
    stranger = tmp_path / "card.json"
    card = json.loads((demo.instance / "card.json").read_text())
    card["signers"] = dict.fromkeys(card["signers"], "00" * 32)
    stranger.write_text(json.dumps(card))

    done = demo.command("verify", str(demo.home / "certificate.json"), "--key", str(stranger))

    assert done.returncode == 2


def test_no_log_and_no_screen_holds_an_identifier(demo: Demo) -> None:
    extract = (demo.home / "extracts/nafld_person.csv").read_text(encoding="utf-8")
    identifiers = {line.split(";")[0] for line in extract.splitlines()[1:]}
    assert len(identifiers) == 17_549
    texts = [demo.home / "demo.log", *(demo.instance / "logs").glob("*.log")]

    for path in texts:
        words = path.read_text(errors="replace").replace('"', " ").replace(":", " ").split()
        assert not identifiers & set(words), path.name


def test_outside_the_owners_files_no_identifier_lies_in_clear(demo: Demo) -> None:
    extract = (demo.home / "extracts/nafld_person.csv").read_text(encoding="utf-8")
    sample = [line.split(";")[0].encode() for line in extract.splitlines()[1:400]]

    for path in demo.instance.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            assert not any(one in content for one in sample), path.relative_to(demo.instance)


def test_each_registry_is_published_by_its_owner(demo: Demo) -> None:
    listed = demo.command("registry", "list")

    assert listed.returncode == 0
    assert listed.stdout.count("published") == 3


def _find(tree: object, name: str) -> str:
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == name and isinstance(value, str):
                return value
            found = _find(value, name)
            if found:
                return found
    return ""
