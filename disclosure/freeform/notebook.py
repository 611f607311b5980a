"""Notebooks: rebuilt as their sources and the plain text of their outputs; the rest is dropped."""

import json
from collections import Counter
from typing import Any

__all__ = ["notebook_text", "rebuilt_notebook"]

CELLS = 2000


def rebuilt_notebook(text: str) -> tuple[bytes, Counter[str]] | None:
    """The notebook with sources and text outputs alone, and what was dropped by kind; None where
    it is no notebook of version 4."""
    try:
        tree = json.loads(text)
        cells = [_cell(one) for one in tree["cells"][:CELLS]]
        if tree["nbformat"] != 4:
            return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    dropped = sum((counted for _, counted in cells), Counter[str]())
    dropped["cells"] += max(0, len(tree["cells"]) - CELLS)
    dropped["metadata"] += len(set(tree.get("metadata") or {}) - {"kernelspec", "language_info"})
    kept = [one | {"id": f"cell-{number}"} for number, (one, _) in enumerate(cells)]
    made = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": kept}
    return (json.dumps(made, indent=1, ensure_ascii=False) + "\n").encode(), +dropped


def notebook_text(content: bytes) -> str:
    """What a reader sees of a rebuilt notebook, one piece after the other; "" of anything else."""
    try:
        tree = json.loads(content)
        parts = []
        for one in tree["cells"]:
            parts.append(one["source"])
            parts += [_shown(output) for output in one.get("outputs", [])]
        return "\n\n".join(parts)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""


def _shown(output: dict[str, Any]) -> str:
    return str(output["text"] if "text" in output else output["data"]["text/plain"])


def _cell(cell: dict[str, Any]) -> tuple[dict[str, Any], Counter[str]]:
    kind = cell["cell_type"] if cell["cell_type"] in ("code", "markdown") else "raw"
    dropped: Counter[str] = Counter()
    dropped["attachments"] += len(cell.get("attachments") or {})
    made: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": _joined(cell["source"])}
    if kind != "code":
        return made, dropped
    made |= {"execution_count": None, "outputs": []}
    for output in cell.get("outputs") or []:
        if output["output_type"] == "stream":
            made["outputs"].append(
                {"output_type": "stream", "name": "stdout", "text": _joined(output["text"])}
            )
            continue
        data = output.get("data") or {}
        dropped["outputs"] += len(set(data) - {"text/plain"}) + (output["output_type"] == "error")
        if "text/plain" in data:
            told = {"text/plain": _joined(data["text/plain"])}
            made["outputs"].append({"output_type": "display_data", "metadata": {}, "data": told})
    return made, dropped


def _joined(text: Any) -> str:
    if isinstance(text, str):
        return text
    return "".join(str(one) for one in text)
