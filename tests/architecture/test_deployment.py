"""Units and manifests keep the zones apart as docs/explanation/trust.md says."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ZONES = {
    "vault": {"vault"},
    "linker": {"store", "views", "inbox"},
    "engine": {"engine", "records", "views", "store/desk.secret"},
    "gated": {"gated", "spool", "views"},
    "hub": {"hub", "portal", "spool", "logs", "records", "views", "store/desk.secret"},
}
"""What each process sees of the instance, beside its card and its name."""
READ_ONLY = {
    ("engine", "views"),
    ("engine", "store/desk.secret"),
    ("gated", "views"),
    ("hub", "views"),
    ("hub", "store/desk.secret"),
}
JAILERS = {"gated", "hub"}


def paths(unit: str, key: str, under: str = "/var/lib/workbench/") -> set[str]:
    found = " ".join(re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)).split()
    return {path.removeprefix(under) for path in found}


@pytest.fixture(scope="module")
def manifests(root: Path) -> list[dict[str, Any]]:
    text = (root / "images/kubernetes/workbench.yaml").read_text(encoding="utf-8")
    return list(yaml.safe_load_all(text))


@pytest.fixture(scope="module")
def pod(manifests: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = (each for each in manifests if each["kind"] == "StatefulSet")
    spec: dict[str, Any] = found["spec"]["template"]["spec"]
    return spec


@pytest.mark.parametrize("service", ZONES)
def test_a_unit_sees_its_own_zones_and_changes_what_is_its_own(root: Path, service: str) -> None:
    unit = (root / f"images/systemd/workbench-{service}.service").read_text(encoding="utf-8")
    written = paths(unit, "BindPaths")
    shown = paths(unit, "BindReadOnlyPaths") - {"instance.toml", "card.json"}
    assert "TemporaryFileSystem=/var/lib/workbench:ro" in unit  # all else is hidden
    assert written | shown == ZONES[service]
    assert {(service, zone) for zone in shown} == {e for e in READ_ONLY if e[0] == service}


@pytest.mark.parametrize("service", ZONES)
def test_a_unit_has_no_privilege_and_no_network(root: Path, service: str) -> None:
    unit = (root / f"images/systemd/workbench-{service}.service").read_text(encoding="utf-8")
    for line in ("User=workbench", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "MemoryMax="):
        assert re.search(rf"^{line}", unit, re.MULTILINE), line
    assert re.search(r"^CapabilityBoundingSet=$", unit, re.MULTILINE)
    assert "IPAddressDeny=any" in unit
    assert ("PrivateNetwork=yes" in unit) == (service != "hub")
    assert ("RestrictNamespaces=yes" in unit) == (service not in JAILERS)


def test_a_container_mounts_its_own_zones_and_changes_what_is_its_own(pod: dict[str, Any]) -> None:
    for container in pod["containers"]:
        name = container["name"]
        mounts = [m for m in container["volumeMounts"] if m["mountPath"].startswith("/srv/")]
        zones = {m["mountPath"].removeprefix("/srv/instance/"): m for m in mounts}
        fixed = [zones.pop(each) for each in ("instance.toml", "card.json") if each in zones]
        assert all(each["readOnly"] for each in fixed)
        assert zones.keys() == ZONES.get(name, set()), name
        read_only = {(name, zone) for zone, mount in zones.items() if mount.get("readOnly")}
        assert read_only == {each for each in READ_ONLY if each[0] == name}


def test_every_container_is_read_only_unprivileged_and_filtered(pod: dict[str, Any]) -> None:
    assert {"vault", "linker", "engine", "gated", "hub", "tls"} == {
        each["name"] for each in pod["containers"]
    }
    for container in pod["containers"]:
        held = container["securityContext"]
        assert held["readOnlyRootFilesystem"] is True
        assert held["allowPrivilegeEscalation"] is False
        assert held["runAsNonRoot"] is True
        assert held["capabilities"] == {"drop": ["ALL"]}
        kind = "Localhost" if container["name"] in JAILERS else "RuntimeDefault"
        assert held["seccompProfile"]["type"] == kind
        assert (held.get("procMount") == "Unmasked") == (container["name"] in JAILERS)
        assert container["resources"]["limits"]["memory"]


def test_the_pod_has_no_token_shares_no_processes_and_nothing_of_the_node(
    pod: dict[str, Any],
) -> None:
    assert pod["automountServiceAccountToken"] is False
    assert pod["shareProcessNamespace"] is False
    assert pod["hostUsers"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    assert all("hostPath" not in volume for volume in pod["volumes"])


def test_nothing_calls_out_and_only_the_entrance_calls_in(manifests: list[dict[str, Any]]) -> None:
    rules = [each["spec"] for each in manifests if each["kind"] == "NetworkPolicy"]
    everything = [rule for rule in rules if rule["podSelector"] == {}]
    assert [set(rule["policyTypes"]) for rule in everything] == [{"Ingress", "Egress"}]
    assert all("egress" not in rule for rule in rules)
    ingress = [way for rule in rules for way in rule.get("ingress", [])]
    assert [way["ports"] for way in ingress] == [[{"protocol": "TCP", "port": 8443}]]
    assert all("namespaceSelector" in source for way in ingress for source in way["from"])


def test_the_images_come_from_this_host_and_the_lock_files_alone(root: Path) -> None:
    for path in (root / "images").glob("*/Containerfile"):
        text = path.read_text(encoding="utf-8")
        bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
        assert bases in (["scratch"], ["$PLATFORM"]), path
        installs = re.findall(r"pip install(?:[^&]|&(?!&))*", text)
        assert all("--no-index" in one and "--require-hashes" in one for one in installs)
        assert re.findall(r"^USER (\S+)", text, re.MULTILINE)[-1:] in ([], ["10001:10001"])
        assert "://" not in text
