"""The files that a single-user server keeps: notebooks and small texts, nothing else."""

import base64
import binascii
import os
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
from jupyter_server.services.contents.filemanager import AsyncFileContentsManager
from tornado.web import HTTPError

from kernels.server.specs import lanes, language, spec

__all__ = ["LIMIT", "SUFFIXES", "NotebooksOnly"]

SUFFIXES = frozenset({".ipynb", ".md", ".py", ".txt"})
LIMIT = 16 << 20
"""Bytes of one file; a notebook with pictures seldom has a tenth."""

Model = dict[str, Any]


class NotebooksOnly(AsyncFileContentsManager):
    """Jupyter's files in one folder, by REST: text of four kinds, of limited size, never trusted.

    There is no address under which the browser gets a file as a page or a download. What else lies
    in the folder is neither listed nor read. A refusal is an HTTP error with a sentence.
    """

    def get_extra_handlers(self) -> list[Any]:
        """None: the stock manager serves every file under /files."""
        return []

    async def get(
        self,
        path: str,
        content: bool = True,  # noqa: FBT001, FBT002 - the signature of jupyter_server
        type: str | None = None,  # noqa: A002 - the signature of jupyter_server
        format: str | None = None,  # noqa: A002 - the signature of jupyter_server
        require_hash: bool = False,  # noqa: FBT001, FBT002 - the signature of jupyter_server
    ) -> Model:
        """A folder's list, or a file; HTTPError 403 for other kinds, 413 for what is too large.

        A notebook that names a kernel which is not offered here is given the Workbench kernel.
        """
        if content and not self._is_folder(path):  # without content it is an entry of a list
            _check_name(path)
            if format == "base64":
                raise HTTPError(403, "Files are read as text.")
            place = self._place(path)
            if place.is_file() and place.stat().st_size > LIMIT:
                raise HTTPError(413, _TOO_LARGE)
        try:
            model: Model = await super().get(path, content, type, format, require_hash)  # type: ignore[no-untyped-call] # Jupyter Server's is untyped
        except HTTPError as error:
            if error.log_message and error.log_message.startswith("Unreadable Notebook"):
                raise HTTPError(400, _NO_NOTEBOOK) from None  # Jupyter's quotes the file
            raise
        if model["type"] == "notebook" and content:
            _offer(model["content"])
        if model["type"] == "directory" and content:
            model["content"] = [
                one for one in model["content"] if one["type"] == "directory" or _known(one["name"])
            ]
        return model

    async def save(self, model: Model, path: str = "") -> Model:
        """Write a file or make a folder; HTTPError 403 or 413."""
        if model.get("type") != "directory":
            _check_name(path)
            if "chunk" in model:
                raise HTTPError(
                    403, "A file is sent in one piece; a text of more than 1 MiB is not."
                )
            if model.get("format") == "base64":  # how JupyterLab uploads whatever is no notebook
                model = model | {"format": "text", "content": _text(model.get("content"))}
            content = model.get("content")
            if not isinstance(content, dict if model.get("type") == "notebook" else str | None):
                raise HTTPError(400, "What was sent is neither a notebook nor a text.")
            if _written(model.get("type"), content, path) > LIMIT:
                raise HTTPError(413, _TOO_LARGE)
        saved: Model = await super().save(model, path)  # type: ignore[no-untyped-call] # Jupyter Server's is untyped
        return saved

    async def rename_file(self, old_path: str, new_path: str) -> None:
        """Move a file or folder; HTTPError 403 when a file's new name is of another kind."""
        if not self._is_folder(old_path):
            _check_name(old_path)
            _check_name(new_path)
        await super().rename_file(old_path, new_path)  # type: ignore[no-untyped-call] # Jupyter Server's is untyped

    async def trust_notebook(self, path: str) -> None:  # noqa: ARG002 - the signature of jupyter_server
        """Never: a file cannot tell where its outputs come from. They are shown sanitised."""
        raise HTTPError(403, "Notebooks are never trusted here; run the cells instead.")

    def check_and_sign(self, nb: Any, path: str = "", **_more: Any) -> None:
        """Nothing is signed."""

    def mark_trusted_cells(self, nb: Any, path: str = "") -> None:  # noqa: ARG002 - the signature of jupyter_server
        """Every output from a file is untrusted, whatever the file says of itself."""
        self.notary.mark_cells(nb, False)  # type: ignore[no-untyped-call] # Jupyter Server's is untyped  # noqa: FBT003 - the library's signature

    def _is_folder(self, path: str) -> bool:
        return self._place(path).is_dir()

    def _place(self, path: str) -> Path:
        return Path(self._get_os_path(path.strip("/")))  # type: ignore[no-untyped-call] # Jupyter Server's is untyped


_TOO_LARGE = f"A file has at most {LIMIT >> 20} MiB. Clear large outputs, or split the notebook."
_NO_NOTEBOOK = "This file is no notebook: its content is not a notebook's JSON."


def _offer(notebook: dict[str, Any]) -> None:
    """Name the Workbench kernel where a notebook made elsewhere names one that is not here.

    Otherwise JupyterLab asks, and proposes the first by name: a sealed one.
    """
    metadata = notebook.get("metadata")
    if not isinstance(metadata, dict):
        return  # no valid notebook; JupyterLab says so
    said = metadata.get("kernelspec")
    if said is None and not notebook.get("cells"):
        return  # a new one: the launcher says which kernel it shall have
    if not isinstance(said, dict) or said.get("name") not in lanes(os.environ):
        ours = spec("workbench", language(os.environ))
        metadata["kernelspec"] = {"name": "workbench"} | {
            name: ours[name] for name in ("display_name", "language")
        }


def _written(kind: object, content: object, path: str) -> int:
    """Bytes of a file as it would be written; HTTPError 403 for a notebook that is none."""
    if kind == "notebook" and isinstance(content, dict):
        # indented, it is longer than what was sent; what is kept must be readable again
        try:
            content = nbformat.writes(nbformat.from_dict(content))  # type: ignore[no-untyped-call] # nbformat is untyped
        except Exception:  # noqa: BLE001 - whatever nbformat makes of garbage
            raise HTTPError(403, _NO_NOTEBOOK) from None
    elif isinstance(content, str) and PurePosixPath(path).suffix.lower() == ".ipynb":
        try:
            nbformat.reads(content, as_version=4)  # type: ignore[no-untyped-call] # nbformat is untyped
        except Exception:  # noqa: BLE001 - whatever nbformat makes of garbage
            raise HTTPError(403, _NO_NOTEBOOK) from None
    return len(content.encode()) if isinstance(content, str) else 0


def _known(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in SUFFIXES


def _check_name(path: str) -> None:
    if not _known(path):
        kinds = ", ".join(sorted(SUFFIXES))
        raise HTTPError(403, f"Only these kinds of files are kept here: {kinds}.")


def _text(encoded: object) -> str:
    try:
        return base64.b64decode(str(encoded)).decode("utf-8")
    except (binascii.Error, ValueError):
        raise HTTPError(403, "Only text is kept here, in UTF-8.") from None
