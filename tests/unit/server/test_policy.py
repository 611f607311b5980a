"""A page is held to its own server's paths, and no script stands in it but JupyterLab's own."""

import pytest

from kernels.server.policy import HEADERS, inline_hashes, policy

HERE = "lab.example.org:8000/user/kari/diabetes/"


def rules(host: str = "lab.example.org:8000", base: str = "/user/kari/diabetes/") -> dict:
    text = policy(host, base, inline_hashes())
    return dict(rule.split(" ", 1) for rule in text.split("; "))


def test_scripts_are_jupyterlabs_files_and_its_one_inline_script():
    sources = rules()["script-src"].split()

    assert [one for one in sources if not one.startswith("'sha256-")] == [
        f"{HERE}static/",
        f"{HERE}lab/extensions/",
    ]
    assert len(inline_hashes()) == 1


def test_no_script_is_inline_or_compiled_from_text():
    assert not any(word in rules()["script-src"] for word in ("unsafe", "data:", "blob:", "*"))


def test_the_page_talks_to_its_own_server_and_to_no_neighbour_of_the_same_origin():
    assert rules()["connect-src"].split() == [HERE, f"ws://{HERE}", f"wss://{HERE}"]
    assert "'self'" not in policy("lab.example.org", "/user/kari/diabetes/")


@pytest.mark.parametrize("rule", ["default-src", "base-uri", "form-action", "frame-ancestors"])
def test_frames_plugins_media_workers_forms_and_bases_are_nobodys(rule):
    assert rules()[rule] == "'none'"
    assert not set(rules()) & {"frame-src", "object-src", "media-src", "worker-src", "child-src"}


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("evil.example.org; script-src *", "/user/kari/diabetes/"),
        ("a b", "/user/kari/diabetes/"),
        ("", "/user/kari/diabetes/"),
        ("*", "/user/kari/diabetes/"),
        ("ok.example.org", "/user/kari/diabetes"),
        ("ok.example.org", "/user/kari/; script-src */"),
        ("ok.example.org", "//evil.example.org, */"),
    ],
)
def test_a_host_or_path_that_is_none_opens_nothing(host, base):
    found = rules(host, base)

    assert found["connect-src"] == "'none'"
    assert all(one.startswith("'sha256-") for one in found["script-src"].split())
    assert not any("evil" in value or "*" in value for value in found.values())


def test_a_page_may_use_no_camera_microphone_place_or_device():
    assert "camera=()" in HEADERS["Permissions-Policy"]
    assert HEADERS["Cross-Origin-Opener-Policy"] == "same-origin"
    assert HEADERS["Cross-Origin-Resource-Policy"] == "same-origin"
