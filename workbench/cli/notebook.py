"""`workbench notebook run`: a notebook's cells in a real kernel, through the hub's front door."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import nbformat
import typer
from rich.console import Console
from rich.text import Text

from kernels.cells import joined
from workbench.cli.account import password_of
from workbench.cli.house import house
from workbench.cli.rooms import KernelLine
from workbench.domain.errors import Refusal

__all__ = ["app", "run_cells", "run_sealed"]

_CELL = re.compile(r"\bcell ([1-9][0-9]{0,5})$")

_NBFORMAT: Any = nbformat  # its functions carry no types

app = typer.Typer(no_args_is_help=True, help="Run notebooks in a project's kernels.")


@app.callback()
def group() -> None:
    """Run notebooks in a project's kernels."""  # with a callback `run` keeps its own name


@app.command()
def run(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The notebook (.ipynb); it is not changed.")],
    project: Annotated[str, typer.Option(help="The project whose kernel runs it.")],
    user: Annotated[str, typer.Option(help="Your account at the hub.")],
    kernel: Annotated[str, typer.Option(help="workbench, or sealed.")] = "workbench",
    output: Annotated[
        Path | None, typer.Option(help="Where to write it (default: FILE.executed.ipynb).")
    ] = None,
) -> None:
    """Run every code cell, print what it shows, write the executed notebook.

    With --kernel sealed all code cells are one sealed run on the real rows: nothing is shown but
    its progress and its end, and files that it wrote to /outbox go to a disclosure officer.

    Signs in through the hub's login form like a browser; the password is asked for, or taken from
    WORKBENCH_PASSWORD. Stops at the first error, with exit status 1.

    Example: workbench notebook run table.ipynb --project diabetes --user kari
    """
    notebook = _read(file)
    target = output or file.with_suffix(".executed.ipynb")
    console = Console()
    hub = house(context).hub
    try:
        hub.sign_in(user, password_of(user, confirm=False))
        with console.status("Starting the project's server …"):
            hub.start_server(project)
        with hub.kernel(project, kernel) as line:
            run = run_sealed if kernel == "sealed" else run_cells
            good = run(notebook, line, console)
    finally:
        hub.close()
    _write(notebook, target)
    console.print(f"\nWritten: {target}")
    if not good:
        raise typer.Exit(1)


def run_cells(notebook: Any, kernel: KernelLine, console: Console) -> bool:
    """Run a notebook's code cells in place, showing outputs; False at the first error."""
    for cell in notebook.cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        first = cell.source.strip().splitlines()[0]
        console.print(Text(f"▸ {first}", style="dim"))
        done = kernel.execute(cell.source, lambda shown: _show(shown, console))
        cell.execution_count = done["execution_count"]
        cell.outputs = [_NBFORMAT.from_dict(one) for one in done["outputs"]]
        if done["status"] != "ok":
            return False
    return True


def run_sealed(notebook: Any, kernel: KernelLine, console: Console) -> bool:
    """Submit all code cells as one sealed run; each cell is told what became of it."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    code = joined([cell.source for cell in cells])
    done = kernel.execute(code, lambda shown: _show(shown, console))
    good = bool(done["status"] == "ok")
    error = next((one for one in done["outputs"] if one["output_type"] == "error"), None)
    found = _CELL.search(str(error["evalue"])) if error else None
    failed = int(found[1]) if found else None
    for number, cell in enumerate(cells, 1):
        cell.execution_count = None
        text = "Ran in the sealed run.\n" if good else "Ran or not: the run did not say where.\n"
        if failed is not None:
            text = "Ran in the sealed run.\n" if number < failed else "Not run.\n"
        told: Any = {"output_type": "stream", "name": "stdout", "text": text}
        cell.outputs = [_NBFORMAT.from_dict(error if number == failed else told)]
    if cells:
        said = [one for one in done["outputs"] if one["output_type"] == "stream"]
        cells[-1].outputs += [_NBFORMAT.from_dict(one) for one in said]
        if error and failed is None:
            cells[-1].outputs.append(_NBFORMAT.from_dict(error))
    return good


def _show(shown: Mapping[str, Any], console: Console) -> None:
    match shown.get("output_type"):
        case "stream":
            console.print(Text(str(shown.get("text", "")).rstrip("\n")))
        case "error":
            trace = "\n".join(shown.get("traceback", [])) or str(shown.get("evalue", ""))
            console.print(Text.from_ansi(trace))
        case "display_data" | "execute_result":
            plain = shown.get("data", {}).get("text/plain", "")
            console.print(Text("".join(plain)))


def _read(file: Path) -> Any:
    try:
        notebook = _NBFORMAT.reads(file.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(notebook)
    except FileNotFoundError:
        raise Refusal("no_notebook", f"There is no file {file}.", "Check the path.") from None
    except (nbformat.ValidationError, ValueError, TypeError, KeyError, AttributeError):
        raise Refusal(
            "bad_notebook",
            f"{file} is no Jupyter notebook.",
            "Open and save it in JupyterLab, then try again.",
        ) from None
    return notebook


def _write(notebook: Any, target: Path) -> None:
    draft = target.with_name(f".{target.name}.new")
    draft.write_text(_NBFORMAT.writes(notebook), encoding="utf-8")
    draft.replace(target)
