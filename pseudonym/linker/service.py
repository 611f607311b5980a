"""The linker's process: opens the store, tries itself, answers owners and case handlers."""

import hashlib
import logging
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from pseudonym.card import Card, load_card
from pseudonym.errors import Refusal
from pseudonym.identifiers import Kind
from pseudonym.keyring import Keyring
from pseudonym.keys import open_zone_keyring, read_secret
from pseudonym.linker.loading import Loader
from pseudonym.linker.vault_line import VaultLine
from pseudonym.selftest import prove
from pseudonym.serving import serve_socket, stop_on_signals
from pseudonym.store.versions import Shelf
from pseudonym.views import ViewBuilder
from pseudonym.wire import (
    LINKER_REQUEST,
    AskContract,
    Build,
    Built,
    ContractTold,
    Done,
    LinkerRequest,
    Load,
    Ping,
    Publish,
    Reply,
    Rollback,
)

__all__ = ["LinkerDesk", "VaultDoor", "serve"]

_log = logging.getLogger("pseudonym")
VAULT_SECONDS = 20.0


@dataclass(frozen=True)
class VaultDoor:
    """Where the vault listens, and the secret shared with it."""

    socket: Path
    secret_file: Path


def serve(
    zone: Path,
    views: Path,
    socket: Path,
    secret_file: Path,
    vault: VaultDoor,
    kind: Kind,
    *,
    environ: Mapping[str, str] = os.environ,
    stop: threading.Event | None = None,
) -> None:
    """Serve the store and linker of an instance until SIGTERM (or `stop`).

    zone: the instance's folder `store`; its card lies one folder up. Waits up to 20 seconds for
    the vault. Raises Refusal when a key, a folder, a published manifest or the vault's memory of
    the pointer is not as it must be: it then serves nothing.
    """
    stop = stop or threading.Event()
    stop_on_signals(stop)
    secret = read_secret(secret_file)
    keyring = open_zone_keyring(zone, environ)
    card = load_card(zone.parent / "card.json")
    mine = (keyring.public.hex(), keyring.verify_key.hex())
    if card.kind != kind or (card.store, card.signers.get("store")) != mine:
        raise Refusal(
            "other_instance",
            "The store's keys or kind are not those on the instance's card.",
            "Restore card.json and the store's folder from the same backup.",
        )
    prove(zone, keyring)
    line = VaultLine(vault.socket, read_secret(vault.secret_file))
    _await(line, stop)
    desk = LinkerDesk(zone, views, keyring, line, card)
    desk.prove()
    _log.info("linker: ready")
    serve_socket(desk, socket, secret, stop)


class LinkerDesk:
    """Answers one request at a time: the store has one writer."""

    name: Final = "linker"
    form: TypeAdapter[LinkerRequest] = LINKER_REQUEST

    def __init__(
        self, zone: Path, views: Path, keyring: Keyring, vault: VaultLine, card: Card
    ) -> None:
        self._shelf = Shelf(zone, keyring)
        self._vault = vault
        self._loader = Loader(self._shelf, keyring, vault, card)
        self._views = ViewBuilder(zone, self._shelf, views, bytes.fromhex(card.engine))
        self._lock = threading.Lock()

    def prove(self) -> None:
        """Remove drafts of a killed process; verify the pointer and every published manifest."""
        self._shelf.sweep()
        self._views.sweep()
        self._anchor()
        for dataset, history in self._shelf.pointer().datasets.items():
            for entry in history:
                self._shelf.manifest(dataset, entry.version)

    def answer(self, request: LinkerRequest) -> tuple[Reply, bytes]:
        """The reply; nothing goes beside it."""
        if isinstance(request, Ping):
            return Done(), b""
        with self._lock:
            return self._answer(request), b""

    def _answer(self, request: Load | Publish | Rollback | AskContract | Build) -> Reply:
        self._anchor()
        match request:
            case Load(pack=pack):
                return self._loader.load(Path(pack))
            case Publish(dataset=dataset, version=version):
                self._shelf.publish(dataset, version)
                self._anchor()
                return Done(version=version)
            case Rollback(dataset=dataset):
                version = self._shelf.rollback(dataset)
                self._anchor()
                return Done(version=version)
            case AskContract(dataset=dataset):
                _, manifest = self._shelf.published(dataset)
                return ContractTold(contract=manifest.read_contract().to_json())
            case Build():
                built = self._views.build(request)
                return Built(version=built.version, path=str(built.path), report=built.report)

    def _anchor(self) -> None:
        """Let the vault keep the pointer's number; Refusal("rolled_back") for an old pointer."""
        content = self._shelf.pointer_bytes()
        number = self._shelf.pointer().number
        self._vault.anchor(number, hashlib.sha256(content).hexdigest())


def _await(vault: VaultLine, stop: threading.Event) -> None:
    """Both processes start together: give the vault the time to open its keys."""
    end = time.monotonic() + VAULT_SECONDS
    while not stop.is_set():
        try:
            return vault.ping()
        except Refusal as refusal:
            if refusal.code != "not_running" or time.monotonic() > end:
                raise
            stop.wait(0.1)
    return None
