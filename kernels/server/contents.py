"""The files that a single-user server keeps: notebooks and small texts, nothing else."""

import base64
import binascii
from pathlib import Path, PurePosixPath
from typing import Any

from jupyter_server.services.contents.filemanager import AsyncFileContentsManager
from tornado.web import HTTPError

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
        """A folder's list, or a file; HTTPError 403 for other kinds, 413 for what is too large."""
        if content and not self._is_folder(path):  # without content it is an entry of a list
            _check_name(path)
            if format == "base64":
                raise HTTPError(403, "Files are read as text.")
            place = self._place(path)
            if place.is_file() and place.stat().st_size > LIMIT:
                raise HTTPError(413, _TOO_LARGE)
        model: Model = await super().get(path, content, type, format, require_hash)  # type: ignore[no-untyped-call] # Jupyter Server's is untyped
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
            if isinstance(content, str) and len(content) > LIMIT:
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


_TOO_LARGE = f"A file has at most {LIMIT >> 20} MiB."


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
