"""The hub as a person meets it: the login form, a project's server, kernels over the websocket."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from workbench.adapters.hub.kernel_line import WebKernel
from workbench.domain.errors import Refusal

__all__ = ["HubClient"]

DONE, BUSY = 204, 500
START = 90.0  # seconds that a server may take to start
FIELD = re.compile(r'name="_xsrf"\s+value="([^"]+)"')


class HubClient:
    """One person's way through the hub; a context manager that signs out at its end.

    url: where people open the workbench, such as http://127.0.0.1:8000.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.user = ""
        self.token = ""
        self._token_id = ""
        self._http = httpx.Client(base_url=self.url, timeout=60.0, trust_env=False)

    def __enter__(self) -> "HubClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def sign_in(self, user: str, password: str) -> None:
        """Fill in the hub's own login form, then take a token of one hour for the rest.

        Raises Refusal("not_signed_in" | "not_running").
        """
        self._http.cookies.clear()
        self._http.headers.pop("Authorization", None)
        field = FIELD.search(self._ask("GET", "/hub/login").text)
        if field is None:
            raise Refusal(
                "not_running",
                f"{self.url} shows no login form.",
                "Check the address; see `workbench doctor`.",
            )
        form = {"username": user, "password": password, "_xsrf": field[1]}
        answer = self._ask("POST", "/hub/login", data=form)
        if answer.status_code != 302:
            raise Refusal(
                "not_signed_in",
                f"The hub did not accept the account {user} with this password.",
                "Check both; after five failures an account is locked for a while.",
            )
        self._ask("GET", "/hub/home")  # binds the XSRF cookie to the session
        cross = next((c.value or "" for c in self._http.cookies.jar if c.name == "_xsrf"), "")
        wish = {"note": "workbench client", "expires_in": 3600}
        path = f"/hub/api/users/{quote(user)}/tokens"
        answer = self._ask("POST", path, json=wish, headers={"X-XSRFToken": cross})
        told = _checked(answer)
        self.user, self.token, self._token_id = user, told["token"], told["id"]
        self._http.cookies.clear()
        self._http.headers["Authorization"] = f"token {self.token}"

    def start_server(self, project: str) -> None:
        """Start the project's server unless it runs, and wait until it answers.

        Raises Refusal("server_refused") with the hub's sentence, Refusal("server_failed") else.
        """
        path = f"/hub/api/users/{quote(self.user)}/servers/{quote(project, safe='')}"
        end, asked = time.monotonic() + START, False
        while (ready := self._ready(project)) is not True or not self._answers(project):
            if ready is None and not asked:
                answer = self._ask("POST", path, json={})
                if answer.status_code not in (201, 202):
                    raise Refusal("server_refused", _sentence(answer), "See the project's page.")
                asked = True
            elif ready is None or time.monotonic() > end:
                raise Refusal(
                    "server_failed",
                    "The project's server did not start.",
                    "Ask the operator to read its log.",
                )
            time.sleep(0.2)

    def stop_server(self, project: str) -> None:
        """Stop the project's server if it runs; its kernels end with it."""
        path = f"/hub/api/users/{quote(self.user)}/servers/{quote(project, safe='')}"
        self._ask("DELETE", path)

    @contextmanager
    def kernel(self, project: str, name: str = "workbench") -> Iterator[WebKernel]:
        """Start a kernel in the project's server and wait for it; it is shut down at the end.

        Raises Refusal("kernel_refused") with the gate's sentence, Refusal("kernel_ended").
        """
        told = self.api("POST", project, "/api/kernels", {"name": name})
        address = urlsplit(self.url)._replace(scheme="ws" if "http:" in self.url else "wss")
        path = f"/user/{quote(self.user)}/{quote(project)}/api/kernels/{told['id']}"
        line = WebKernel(
            f"{address.geturl()}{path}/channels", {"Authorization": f"token {self.token}"}
        )
        try:
            line.ready()
            yield line
        finally:
            line.close()
            with suppress(Refusal):
                self._end_kernel(path)

    def _end_kernel(self, path: str) -> None:
        """Until it is gone: a server that is just restarting a dead kernel overhears the first."""
        end = time.monotonic() + START
        while self._ask("DELETE", path).status_code in (DONE, BUSY) and time.monotonic() < end:
            time.sleep(0.1)

    def put(self, project: str, name: str, content: Mapping[str, Any]) -> None:
        """Lay a notebook into the project's folder; one of that name is left as it is."""
        path = f"/api/contents/{quote(name)}"
        if self.ask_server("GET", project, f"{path}?content=0").status_code == 404:
            body = {"type": "notebook", "format": "json", "content": content}
            self.api("PUT", project, path, body)

    def api(self, method: str, project: str, path: str, body: Any = None) -> Any:
        """Ask the project's server and return its JSON (None without any).

        Raises Refusal("kernel_refused") with the server's sentence.
        """
        answer = self.ask_server(method, project, path, body)
        if answer.status_code >= 400:
            raise Refusal("kernel_refused", _sentence(answer), "See the project's page.")
        return answer.json() if answer.content else None

    def ask_server(self, method: str, project: str, path: str, body: Any = None) -> httpx.Response:
        """Ask the project's server; the answer as it is."""
        place = f"/user/{quote(self.user)}/{quote(project)}{path}"
        return self._ask(method, place, json=body)

    def close(self) -> None:
        """Give the token back and hang up."""
        if self._token_id:
            with suppress(Refusal):
                self._ask("DELETE", f"/hub/api/users/{quote(self.user)}/tokens/{self._token_id}")
        self._token_id = self.token = ""
        self._http.close()

    def _ready(self, project: str) -> bool | None:
        """Whether the server answers; None when there is none, not even one that starts."""
        answer = self._ask("GET", f"/hub/api/users/{quote(self.user)}")
        server = _checked(answer).get("servers", {}).get(project)
        return None if server is None else bool(server["ready"])

    def _answers(self, project: str) -> bool:
        """Not so for a server that died and that the hub has not missed yet."""
        return self.ask_server("GET", project, "/api").status_code < BUSY

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **more)
        except httpx.HTTPError:
            raise Refusal(
                "not_running", f"Nobody answers at {self.url}.", "Start it: `workbench up`."
            ) from None


def _checked(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code >= 400:
        raise Refusal("hub_refused", _sentence(answer), "Sign in again.")
    told: dict[str, Any] = answer.json()
    return told


def _sentence(answer: httpx.Response) -> str:
    """What the hub or a server said; both answer with {"message": …}."""
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return f"The hub answered with status {answer.status_code}."
