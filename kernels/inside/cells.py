"""Run the cells of a notebook one after another as the Workbench kernel would, showing nothing."""

import os
import re
from types import TracebackType
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from kernels.cells import Cell
from kernels.inside.missing import refuse_installers

__all__ = ["Place", "run_cells"]

Place = tuple[int | None, int | None]
"""The number of a cell and a line in it; None for what is not known."""
_NAME = re.compile(r"<cell (\d+)>")


class _Compiler(CachingCompiler):
    """Names code by its cell."""

    cell = 0

    def get_code_name(self, *_code: Any) -> str:
        """Of the cell that runs, whatever its code."""
        return f"<cell {self.cell}>"


class _Shell(InteractiveShell):
    """IPython without a terminal and without a kernel: nobody sees what it shows."""

    compiler_class = Type(_Compiler)
    left = False

    def ask_exit(self) -> None:
        """`exit` was said."""
        self.left = True

    def enable_gui(self, gui: Any = None) -> None:
        """There is no window to draw in."""

    def showtraceback(self, *_args: Any, **_options: Any) -> None:
        """Nobody would see it."""

    def showsyntaxerror(self, *_args: Any, **_options: Any) -> None:
        """Nobody would see it."""


def run_cells(cells: list[Cell]) -> Place | None:
    """Run cells until one fails; None when all ended well, else where it happened.

    Magics, top-level await and a last expression's display work as in a notebook. `exit` and
    SystemExit without a status end the run well.
    """
    # what ipykernel does for the Workbench kernel
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    shell = _shell()
    for position, cell in enumerate(cells):
        shell.compile.cell = position
        result = shell.run_cell(cell.code, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        if isinstance(error, SystemExit) and error.code in (None, 0):
            return None
        if error is not None:
            return _place(error, position, cells)
        if shell.left:
            return None
    return None


def _shell() -> Any:
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell: Any = _Shell.instance(config=config)
    refuse_installers(shell)
    shell.set_hook("show_in_pager", lambda *_args, **_options: None, 1)
    return shell


def _place(error: BaseException, position: int, cells: list[Cell]) -> Place:
    """The last place in the notebook's own code on the way to the error."""
    found = _own_line(error.__traceback__)
    if found is None and isinstance(error, SyntaxError) and error.lineno:
        found = position, error.lineno
    if found is None:
        return cells[position].number, None
    cell = cells[found[0]]
    # IPython runs a cell without its first empty lines
    empty = len(cell.code) - len(cell.code.lstrip())
    return cell.number, found[1] + cell.code[:empty].count("\n")


def _own_line(trace: TracebackType | None) -> tuple[int, int] | None:
    found = None
    while trace is not None:
        if name := _NAME.fullmatch(trace.tb_frame.f_code.co_filename):
            found = int(name[1]), trace.tb_lineno
        trace = trace.tb_next
    return found
