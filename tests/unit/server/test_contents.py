"""The server keeps notebooks and small texts, and trusts no file's word about itself."""

import asyncio
import base64
import json

import pytest
from tornado.web import HTTPError

from kernels.server.contents import LIMIT, NotebooksOnly


@pytest.fixture
def files(tmp_path):
    return NotebooksOnly(root_dir=str(tmp_path))


def run(awaitable):
    return asyncio.run(awaitable)


def refused(awaitable) -> int:
    with pytest.raises(HTTPError) as error:
        run(awaitable)
    return error.value.status_code


def text(content: str = "x", **more: str) -> dict:
    return {"type": "file", "format": "text", "content": content, **more}


OTHERS = ["a.html", "a.svg", "a.csv", "a.parquet", "a", "a.ipynb.html", "a.py.exe", "page.HTM"]


@pytest.mark.parametrize("name", ["a.ipynb", "a.py", "a.md", "a.txt", "deep.name.PY"])
def test_notebooks_and_texts_are_kept(files, name):
    model = text() if not name.endswith("ipynb") else {"type": "notebook", "content": NOTEBOOK}
    run(files.save(model, name))

    assert run(files.get(name))["name"] == name


@pytest.mark.parametrize("name", OTHERS)
def test_no_other_kind_of_file_is_written(files, tmp_path, name):
    assert refused(files.save(text(), name)) == 403
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", OTHERS)
def test_no_other_kind_of_file_is_read_or_listed_though_it_lies_there(files, tmp_path, name):
    (tmp_path / name).write_text("x")
    (tmp_path / "folder").mkdir()

    assert refused(files.get(name)) == 403
    assert run(files.get(name, content=False))["content"] is None
    assert [one["name"] for one in run(files.get(""))["content"]] == ["folder"]


def test_a_file_does_not_become_another_kind_by_a_new_name_or_a_copy(files, tmp_path):
    run(files.save(text("<script>"), "a.txt"))

    assert refused(files.rename_file("a.txt", "a.html")) == 403
    assert refused(files.copy("a.txt", "a.html")) == 403
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]


def test_bytes_that_are_no_text_are_not_kept(files, tmp_path):
    encoded = base64.b64encode(b"\x7fELF\xff\xfe").decode()

    assert refused(files.save(text(encoded) | {"format": "base64"}, "a.py")) == 403
    assert refused(files.save(text(chunk=1), "a.py")) == 403
    assert list(tmp_path.iterdir()) == []


def test_a_text_is_kept_as_jupyterlab_uploads_it(files):
    encoded = base64.b64encode("blå".encode()).decode()
    run(files.save(text(encoded) | {"format": "base64"}, "a.md"))

    assert run(files.get("a.md"))["content"] == "blå"


def test_nothing_is_read_as_bytes(files):
    run(files.save(text(), "a.txt"))

    assert refused(files.get("a.txt", format="base64")) == 403


def test_a_file_beyond_the_limit_is_neither_written_nor_read(files, tmp_path):
    (tmp_path / "old.txt").write_bytes(b"x" * (LIMIT + 1))

    assert refused(files.save(text("x" * (LIMIT + 1)), "a.txt")) == 413
    assert refused(files.get("old.txt")) == 413


def test_no_address_serves_files_as_pages(files):
    assert files.get_extra_handlers() == []


NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [
        {
            "cell_type": "code",
            "id": "a",
            "source": "",
            "execution_count": 1,
            "metadata": {"trusted": True},
            "outputs": [
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {"text/html": "<script>alert(1)</script>"},
                }
            ],
        }
    ],
}


def test_a_notebook_that_says_it_is_trusted_is_not(files, tmp_path):
    run(files.save({"type": "notebook", "content": NOTEBOOK}, "saved.ipynb"))
    (tmp_path / "sent.ipynb").write_text(json.dumps(NOTEBOOK))

    for name in ("saved.ipynb", "sent.ipynb"):
        cell = run(files.get(name))["content"]["cells"][0]
        assert cell["metadata"].get("trusted", False) is False


def test_a_notebook_cannot_be_trusted_by_asking(files):
    run(files.save({"type": "notebook", "content": NOTEBOOK}, "a.ipynb"))

    assert refused(files.trust_notebook("a.ipynb")) == 403


WRITTEN = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "Written elsewhere."}],
}


@pytest.mark.parametrize(
    "said", [None, {}, "python3", {"name": "python3"}, {"name": "workbnech"}, {"name": "sealed"}]
)
def test_a_notebook_made_elsewhere_opens_with_the_workbench_kernel(files, tmp_path, said):
    metadata = {} if said is None else {"kernelspec": said}
    (tmp_path / "a.ipynb").write_text(json.dumps(WRITTEN | {"metadata": metadata}))

    spec = run(files.get("a.ipynb"))["content"]["metadata"]["kernelspec"]
    assert spec == {"name": "workbench", "display_name": "Workbench", "language": "python"}


def test_a_new_notebook_is_left_to_the_launcher(files):
    run(files.save({"type": "notebook", "content": WRITTEN | {"cells": []}}, "a.ipynb"))

    assert "kernelspec" not in run(files.get("a.ipynb"))["content"]["metadata"]


def test_a_notebook_keeps_the_kernel_that_the_permit_opens(files, monkeypatch):
    monkeypatch.setenv("WORKBENCH_LANES", "workbench sealed")
    spec = {"name": "sealed", "display_name": "Sealed run"}
    run(
        files.save(
            {"type": "notebook", "content": NOTEBOOK | {"metadata": {"kernelspec": spec}}},
            "a.ipynb",
        )
    )

    assert run(files.get("a.ipynb"))["content"]["metadata"]["kernelspec"] == spec


def test_a_file_that_is_no_notebook_is_told_so_without_its_content(files, tmp_path):
    (tmp_path / "a.ipynb").write_text("secret words")
    with pytest.raises(HTTPError) as error:
        run(files.get("a.ipynb"))

    assert error.value.status_code == 400
    assert "secret" not in str(error.value)
    assert refused(files.save(text("secret words"), "b.ipynb")) == 403


def test_what_is_kept_can_be_opened_again(files, tmp_path):
    """A notebook of many short numbers is twice as long on the disk as on the wire."""
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"application/json": [0] * (LIMIT // 4)},
    }
    cell = {
        "cell_type": "code",
        "id": "a",
        "source": "",
        "execution_count": None,
        "metadata": {},
        "outputs": [output],
    }

    assert len(json.dumps(cell)) < LIMIT
    assert (
        refused(
            files.save({"type": "notebook", "content": NOTEBOOK | {"cells": [cell]}}, "a.ipynb")
        )
        == 413
    )
    assert list(tmp_path.iterdir()) == []
