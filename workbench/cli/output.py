"""`workbench output`: the airlock from a terminal, by the portal's API like any other client."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from workbench.cli.house import house
from workbench.domain.errors import Refusal
from workbench.ports import PortalClient, SignIn
from workbench.services.export_acro import of_certificate, of_request, write_package

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    help="Output requests: files of sealed runs on their way through a disclosure officer.\n\n"
    "Every command signs in to the portal: with WORKBENCH_TOKEN, or with --user and a password "
    "(asked for, or WORKBENCH_PASSWORD).",
)
out = Console()

Request = Annotated[str, typer.Argument(help="The request's id, 16 hexadecimal digits.")]
User = Annotated[str, typer.Option(help="Your account, when there is no WORKBENCH_TOKEN.")]
Url = Annotated[
    str, typer.Option(envvar="WORKBENCH_URL", help="The workbench (default: this instance's).")
]
Comment = Annotated[str, typer.Option(help="What the author shall read.")]
Content = Annotated[
    str, typer.Option(help="The content hash that `show` told; anything else is refused.")
]


@contextmanager
def _portal(context: typer.Context, user: str, url: str) -> Iterator[PortalClient]:
    rooms = house(context)
    token = "" if user else os.environ.get("WORKBENCH_TOKEN", "")
    password = os.environ.get("WORKBENCH_PASSWORD", "")
    if user and not password:
        password = typer.prompt(f"Password of {user}", hide_input=True)
    signin = SignIn(url or rooms.instance.url, token, user, password)
    with closing(rooms.portal(signin)) as portal:
        yield portal


@app.command("list")
def listing(context: typer.Context, user: User = "", url: Url = "") -> None:
    """Show the requests that you may see: your projects', or those that you may review.

    Example: workbench output list --user officer
    """
    with _portal(context, user, url) as portal:
        found = portal.outputs()
    table = Table(Column("id", no_wrap=True), "project", "author", "state", "created", "files",
                  "findings")  # fmt: skip
    for request in found:
        columns = ("id", "project", "author", "state", "created", "file_count", "finding_count")
        table.add_row(*(_cell(request, column) for column in columns))
    out.print(table)


@app.command("show")
def show(
    context: typer.Context,
    request: Request,
    code: Annotated[
        bool, typer.Option("--code", help="Also the code that wrote the files, for an officer.")
    ] = False,
    user: User = "",
    url: Url = "",
) -> None:
    """Show one request: files and findings for an officer, state and comments for its author.

    Example: workbench output show 6f1d… --code --user officer
    """
    with _portal(context, user, url) as portal:
        _tell(portal.output(request))
        if code:
            text = portal.output_code(request)
            out.print()
            out.print(
                "Its code was not kept." if text is None else escape(_plain(text)), soft_wrap=True
            )


@app.command("approve")
def approve(
    context: typer.Context,
    request: Request,
    comment: Comment = "",
    content: Content = "",
    user: User = "",
    url: Url = "",
) -> None:
    """Approve a request's files exactly as they are; they are certified and released at once.

    A blocking finding asks for --comment: why it is no risk.

    Example: workbench output approve 6f1d… --user officer
    """
    with _portal(context, user, url) as portal:
        _tell(portal.decide(request, "approve", comment, content))


@app.command("return")
def return_(
    context: typer.Context, request: Request, comment: Comment, user: User = "", url: Url = ""
) -> None:
    """Send a request back; the comment tells the author what to change.

    Example: workbench output return 6f1d… --comment "table.csv: merge the two oldest groups"
    """
    with _portal(context, user, url) as portal:
        _tell(portal.decide(request, "return", comment, ""))


@app.command("reject")
def reject(
    context: typer.Context, request: Request, comment: Comment, user: User = "", url: Url = ""
) -> None:
    """Refuse a request for good.

    Example: workbench output reject 6f1d… --comment "rows of single persons"
    """
    with _portal(context, user, url) as portal:
        _tell(portal.decide(request, "reject", comment, ""))


@app.command("download")
def download(
    context: typer.Context,
    request: Request,
    folder: Annotated[Path, typer.Option("--to", help="The folder to write to.")] = Path(),
    user: User = "",
    url: Url = "",
) -> None:
    """Take a released request home: every file, and certificate.json that binds them.

    Example: workbench output download 6f1d… --to results --user researcher
    """
    with _portal(context, user, url) as portal:
        told = portal.output(request)
        certificate = portal.output_certificate(request)
        files = {
            _safe(file["name"]): portal.output_file(request, file["sha256"])
            for file in told.get("files", [])
        }
    files["certificate.json"] = json.dumps(certificate, indent=2).encode() + b"\n"
    taken = [name for name in files if (folder / name).exists()]
    if taken:
        raise Refusal(
            "file_exists",
            f"{len(taken)} file(s) of these names lie in {folder} already.",
            "Name an empty folder with --to.",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
            out.print(f"{folder / name}", markup=False)
    except OSError:
        raise Refusal(
            "not_written", f"{folder} cannot be written.", "Name another folder with --to."
        ) from None


@app.command("export")
def export(
    context: typer.Context,
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Requests by id, and releases by the file that .save_certificate() or "
            ".download() wrote."
        ),
    ],
    acro: Annotated[Path, typer.Option("--acro", help="The folder of the package; a new one.")],
    user: User = "",
    url: Url = "",
) -> None:
    """Write releases and requests as a package of ACRO, which SACRO-Viewer opens.

    Example: workbench output export certificate.json 6f1d… --acro package
    """
    outputs = [of_certificate(Path(one)) for one in sources if Path(one).is_file()]
    requests = [one for one in sources if not Path(one).is_file()]
    if requests:
        with _portal(context, user, url) as portal:
            for one in requests:
                told = portal.output(one)
                files = {
                    _safe(file["name"]): portal.output_file(one, file["sha256"])
                    for file in told.get("files", [])
                }
                outputs += of_request(told, files) if files else []
    if not outputs:
        raise Refusal(
            "nothing_to_export",
            "There are no files that you may see.",
            "Name a released request of yours, or one that you review.",
        )
    for place in write_package(outputs, acro):
        out.print(f"{place}", markup=False)


def _safe(name: object) -> str:
    """A name that stays in the folder it is written to."""
    text = str(name)
    if Path(text).name != text or text.startswith(".") or text == "certificate.json":
        raise Refusal(
            "bad_name", "A file of the request has a name of no file.", "Tell the operator."
        )
    return text


def _plain(text: str) -> str:
    """Code as a terminal may show it: no character steers it."""
    return "".join(
        one if one.isprintable() or one in "\n\t" else f"\\x{ord(one):02x}" for one in text
    )


def _cell(request: Mapping[str, Any], key: str) -> str:
    return escape(str(request.get(key, "")))


def _tell(request: Mapping[str, Any]) -> None:
    out.print(
        f"[bold]{_cell(request, 'id')}[/] {_cell(request, 'project')}: {_cell(request, 'state')}"
    )
    for review in request.get("reviews", []):
        out.print(f"  {_cell(review, 'decision')}: {_cell(review, 'comment')}")
    if "content" in request:
        out.print(f"  content {_cell(request, 'content')}")
    for file in request.get("files", []):
        out.print(f"  {_cell(file, 'name')}  {_cell(file, 'size')} bytes  {_cell(file, 'sha256')}")
        for finding in file.get("findings", []):
            weight = _cell(finding, "severity")
            out.print(f"    {weight}: {escape(str(finding.get('text', {}).get('en', '')))}")
