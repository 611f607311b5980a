"""The book of output requests and their reviews."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from workbench.adapters.sql.schema import outputs, reviews
from workbench.adapters.sql.store import Store
from workbench.adapters.sql.text import check_words, json_of, json_text, time_of, time_text
from workbench.domain.audit import AuditEvent
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputFile, OutputRequest, OutputState, Review
from workbench.domain.transitions import check_output_move, check_submission

__all__ = ["SqlOutputBook"]


class SqlOutputBook:
    """ports.OutputBook."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def submit(self, request: OutputRequest, event: AuditEvent) -> None:
        """Add a request; a second submission of the same run changes nothing."""
        check_submission(request)
        with self._store.write() as writing:
            known = select(outputs.c.id).where(outputs.c.run == request.run)
            if writing.connection.execute(known).one_or_none() is not None:
                return
            writing.connection.execute(
                insert(outputs).values(
                    id=request.id,
                    project=request.project,
                    author=request.author,
                    run=request.run,
                    state=str(request.state),
                    files=json_text([_file_json(file) for file in request.files]),
                    content=request.content,
                    created=time_text(request.created),
                    certificate=None,
                    **writing.anchored(event),
                )
            )

    def move(
        self,
        request: str,
        expected: OutputState,
        state: OutputState,
        event: AuditEvent,
        *,
        review: Review | None = None,
        certificate: Mapping[str, Any] | None = None,
    ) -> None:
        """Change state if it is still `expected`; Refusal("moved_on") otherwise.

        Refusal as well for what `check_output_move` does not carry, whoever asks.
        """
        with self._store.write() as writing:
            connection = writing.connection
            found = _requests(connection, outputs.c.id == request)
            if not found:
                raise Refusal(
                    "no_request", "There is no such output request.", "Look at the list again."
                )
            if found[0].state is not expected:
                raise Refusal(
                    "moved_on",
                    f"The request is {found[0].state} by now.",
                    "Open it again to see what happened.",
                )
            check_output_move(found[0], state, review, certificate)
            anchored = writing.anchored(event)
            values: dict[str, Any] = {"state": str(state), **anchored}
            if certificate is not None:
                values["certificate"] = json_text(dict(certificate))
            connection.execute(update(outputs).where(outputs.c.id == request).values(**values))
            if review is not None:
                _add_review(connection, request, review, anchored)

    def find(self, request: str) -> OutputRequest | None:
        """A request by id."""
        with self._store.read() as connection:
            found = _requests(connection, outputs.c.id == request)
        return found[0] if found else None

    def waiting(self) -> Sequence[OutputRequest]:
        """Submitted requests, oldest first."""
        return self.in_state(OutputState.SUBMITTED)

    def in_state(self, state: OutputState) -> Sequence[OutputRequest]:
        """Requests that stand in a state, oldest first."""
        with self._store.read() as connection:
            return _requests(connection, outputs.c.state == str(state))

    def of_project(self, project: str) -> Sequence[OutputRequest]:
        """All requests of a project, newest first."""
        with self._store.read() as connection:
            return _requests(connection, outputs.c.project == project)[::-1]


def _add_review(
    connection: Connection, request: str, review: Review, anchored: Mapping[str, Any]
) -> None:
    check_words(review.officer, review.comment)
    earlier = select(func.count()).select_from(reviews).where(reviews.c.request == request)
    connection.execute(
        insert(reviews).values(
            request=request,
            position=connection.execute(earlier).scalar_one(),
            officer=review.officer,
            decision=str(review.decision),
            comment=review.comment,
            content=review.content,
            at=time_text(review.at),
            **anchored,
        )
    )


def _requests(connection: Connection, where: ColumnElement[bool]) -> tuple[OutputRequest, ...]:
    """Requests with their reviews, oldest first."""
    rows = connection.execute(
        select(outputs).where(where).order_by(outputs.c.created, outputs.c.id)
    ).all()
    said: dict[str, list[Review]] = {row.id: [] for row in rows}
    query = select(reviews).join(outputs).where(where)
    for row in connection.execute(query.order_by(reviews.c.request, reviews.c.position)):
        said[row.request].append(
            Review(
                row.officer, OutputState(row.decision), row.comment, row.content, time_of(row.at)
            )
        )
    return tuple(_request(row, said[row.id]) for row in rows)


def _request(row: Row[Any], said: Iterable[Review]) -> OutputRequest:
    return OutputRequest(
        id=row.id,
        project=row.project,
        author=row.author,
        run=row.run,
        state=OutputState(row.state),
        files=tuple(
            OutputFile(f["name"], f["sha256"], f["size"], tuple(f["findings"]))
            for f in json_of(row.files)
        ),
        content=row.content,
        created=time_of(row.created),
        reviews=tuple(said),
        certificate=None if row.certificate is None else json_of(row.certificate),
    )


def _file_json(file: OutputFile) -> dict[str, Any]:
    findings = [dict(finding) for finding in file.findings]
    return {"name": file.name, "sha256": file.sha256, "size": file.size, "findings": findings}
