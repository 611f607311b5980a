"""`workbench output`: the airlock from a terminal, through the real portal."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from disclosure.acro import read_package
from disclosure.certificate import Chain, Statement, build, content_sha256
from tests.lib.portal_line import PortalLine
from tests.lib.portal_world import World, add_output, build_world
from tests.lib.records_house import FakeHouse
from workbench.adapters.portal_client import PortalHttp
from workbench.cli.output import app
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputRequest
from workbench.portal import create_app
from workbench.ports import SignIn

CSV = b"sex,n\nF,3811\n"


class PortalHouse(FakeHouse):
    """Signs in for real, to the portal of a world."""

    world: World

    def portal(self, signin: SignIn) -> PortalHttp:
        self.signins.append(signin)
        token = signin.token or f"is-{signin.user}"
        services = create_app(self.world.services, self.world.signin)
        return PortalHttp(signin.url, token, transport=PortalLine(services))


@pytest.fixture
def house(tmp_path: Path) -> PortalHouse:
    house = PortalHouse(tmp_path)
    house.world = build_world(tmp_path)
    return house


@pytest.fixture
def request_(house: PortalHouse) -> OutputRequest:
    return add_output(house.world, "a" * 16, {"table.csv": CSV}, "blocking")


def run(house: PortalHouse, *arguments: str, **env: str) -> Result:
    environment = {"COLUMNS": "200", "WORKBENCH_PASSWORD": "secret", **env}
    return CliRunner().invoke(app, arguments, obj=house, env=environment)


def refused(result: Result) -> str:
    assert isinstance(result.exception, Refusal), result.output
    return result.exception.code


def test_an_officer_lists_shows_and_approves(house: PortalHouse, request_: OutputRequest) -> None:
    listed = run(house, "list", "--user", "officer").output
    shown = run(house, "show", request_.id, "--user", "officer").output
    approve = ("approve", request_.id, "--user", "officer", "--content", request_.content)

    assert request_.id in listed
    assert "Two columns look like counts." in shown
    assert request_.content in shown
    assert refused(run(house, *approve)) == "comment_missing"
    assert "released" in run(house, *approve, "--comment", "Whole numbers.").output


def test_an_author_sees_no_files_before_release(
    house: PortalHouse, request_: OutputRequest
) -> None:
    shown = run(house, "show", request_.id, "--user", "researcher").output

    assert "submitted" in shown
    assert "table.csv" not in shown
    assert refused(run(house, "approve", request_.id, "--user", "researcher")) == "not_permitted"


@pytest.mark.parametrize(("verb", "state"), [("return", "returned"), ("reject", "rejected")])
def test_an_officer_returns_or_rejects_with_words(
    house: PortalHouse, request_: OutputRequest, verb: str, state: str
) -> None:
    assert run(house, verb, request_.id, "--user", "officer").exit_code == 2
    assert refused(run(house, verb, request_.id, "--user", "officer", "--comment", " ")) == (
        "comment_missing"
    )
    done = run(house, verb, request_.id, "--user", "officer", "--comment", "merge groups")
    assert state in done.output
    assert "merge groups" in run(house, "show", request_.id, "--user", "researcher").output


def test_a_released_request_is_taken_home_with_its_certificate(
    house: PortalHouse, request_: OutputRequest, tmp_path: Path
) -> None:
    run(house, "approve", request_.id, "--user", "officer", "--comment", "Whole numbers.")
    download = ("download", request_.id, "--user", "researcher", "--to", str(tmp_path / "home"))

    assert run(house, *download).exit_code == 0
    assert (tmp_path / "home/table.csv").read_bytes() == CSV
    certificate = json.loads((tmp_path / "home/certificate.json").read_text())
    assert certificate["statement"]["content_sha256"] == request_.content
    assert refused(run(house, *download)) == "file_exists"


def test_nothing_is_taken_home_before_release(
    house: PortalHouse, request_: OutputRequest, tmp_path: Path
) -> None:
    result = run(
        house, "download", request_.id, "--user", "researcher", "--to", str(tmp_path / "home")
    )

    assert refused(result) == "not_released"
    assert not (tmp_path / "home").exists()


def test_a_token_of_the_environment_signs_in_and_a_named_user_comes_first(
    house: PortalHouse, request_: OutputRequest
) -> None:
    run(house, "list", WORKBENCH_TOKEN="is-officer", WORKBENCH_URL="http://there")
    run(house, "list", "--user", "officer", WORKBENCH_TOKEN="is-officer")

    first, second = house.signins
    assert (first.url, first.token, first.user) == ("http://there", "is-officer", "")
    assert (second.url, second.token, second.user) == ("http://portal", "", "officer")
    assert second.password == "secret"


def test_a_password_is_asked_for_and_not_shown(house: PortalHouse) -> None:
    result = CliRunner().invoke(
        app, ["list", "--user", "officer"], obj=house, input="typed\n",
        env={"WORKBENCH_PASSWORD": ""},
    )  # fmt: skip

    assert house.signins[0].password == "typed"
    assert "typed" not in result.output


def test_an_officer_reads_the_code_and_no_character_of_it_steers_the_terminal(
    house: PortalHouse, request_: OutputRequest
) -> None:
    place = house.world.services.spool / "collected" / request_.run
    place.mkdir(parents=True)
    code = house.world.blobs.put(b"x = '\x1b[2J[bold]'\n")
    told = {
        "v": 1, "run": request_.run, "project": "p", "user": "u", "kernel": "k", "started": 1,
        "ended": 2, "outcome": "ok", "line": None, "code_sha256": code, "files": [],
    }  # fmt: skip
    (place / "run.json").write_text(json.dumps(told))

    shown = run(house, "show", request_.id, "--code", "--user", "officer").output

    assert "x = '\\x1b[2J[bold]'" in shown
    assert refused(run(house, "show", request_.id, "--code", "--user", "researcher"))


def test_a_request_whose_code_was_not_kept_says_so(
    house: PortalHouse, request_: OutputRequest
) -> None:
    shown = run(house, "show", request_.id, "--code", "--user", "officer").output
    assert "Its code was not kept." in shown


def test_releases_and_requests_are_exported_as_one_package_of_acro(
    house: PortalHouse, request_: OutputRequest, tmp_path: Path
) -> None:
    body = {
        "kind": "count", "explained": "Count the persons.", "dimensions": [], "findings": [],
        "statistics": ["n"], "cells": [{"codes": [], "values": {"n": 1200}, "mark": ""}],
    }  # fmt: skip
    statement = Statement(
        kind="table", release="b" * 16, project="p", plan_sha256=None, policy_sha256=None,
        content_sha256=content_sha256(body), data_versions={}, code_version="1", findings=[],
        proof={}, rho="0", reviewers=["gate"], chain=Chain(position=0, head=""),
        issued="2026-11-25T20:00:00Z",
    )  # fmt: skip
    certificate = tmp_path / "certificate.json"
    told = {"certificate": {"statement": build(statement)}, "body": body}
    certificate.write_text(json.dumps(told))
    package = tmp_path / "package"
    export = ("export", str(certificate), request_.id, "--acro", str(package), "--user", "officer")

    assert run(house, *export).exit_code == 0
    read = read_package((package / "results.json").read_bytes())
    assert read is not None
    assert {name: one.status for name, one in read.files.items()} == {
        f"{'b' * 16}_table.csv": "pass",
        "table.csv": "fail",
    }
    assert (package / "table.csv").read_bytes() == CSV
    assert (package / "checksums/table.csv.txt").is_file()
    assert refused(run(house, *export)) == "file_exists"
    certificate.write_text(json.dumps(told | {"body": body | {"kind": "crosstab"}}))
    assert refused(run(house, *export[:2], *export[3:4], str(tmp_path / "x"))) == (
        "certificate_tampered"
    )
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".acro-")] == []
