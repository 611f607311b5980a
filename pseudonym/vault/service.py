"""The vault's process: opens its keys, tries itself, answers the linker."""

import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from pseudonym.card import Card, load_card
from pseudonym.contract.model import Contract
from pseudonym.errors import Refusal
from pseudonym.identifiers import Kind
from pseudonym.keyring import Keyring
from pseudonym.keys import open_zone_keyring, read_secret
from pseudonym.pack import open_header, read_identity
from pseudonym.selftest import prove
from pseudonym.serving import serve_socket, stop_on_signals
from pseudonym.vault import anchor
from pseudonym.vault.numbering import number
from pseudonym.vault.persons import Persons
from pseudonym.wire import (
    VAULT_REQUEST,
    Anchor,
    AskAnchor,
    Done,
    Identified,
    Identify,
    Ping,
    Reply,
    VaultRequest,
    frame_bytes,
)

__all__ = ["VaultDesk", "serve"]

_log = logging.getLogger("pseudonym")


def serve(
    zone: Path,
    socket: Path,
    secret_file: Path,
    kind: Kind,
    *,
    environ: Mapping[str, str] = os.environ,
    stop: threading.Event | None = None,
) -> None:
    """Serve the vault of an instance until SIGTERM (or `stop`).

    zone: the instance's folder `vault`; its card lies one folder up. Raises Refusal when any key,
    folder or page of its book is not as it must be: it then serves nothing.
    """
    stop = stop or threading.Event()
    stop_on_signals(stop)
    secret = read_secret(secret_file)
    keyring = open_zone_keyring(zone, environ)
    card = load_card(zone.parent / "card.json")
    if card.kind != kind or card.vault != keyring.public.hex():
        raise Refusal(
            "other_instance",
            "The vault's keys or kind are not those on the instance's card.",
            "Restore card.json and the vault's folder from the same backup.",
        )
    prove(zone, keyring)
    desk = VaultDesk(zone, keyring, card)
    _log.info("vault: ready")
    serve_socket(desk, socket, secret, stop)


class VaultDesk:
    """Answers the linker; one request at a time touches the book."""

    name: Final = "vault"
    form: TypeAdapter[VaultRequest] = VAULT_REQUEST

    def __init__(self, zone: Path, keyring: Keyring, card: Card) -> None:
        self._zone = zone
        self._keyring = keyring
        self._card = card
        self._persons = Persons(zone, keyring)
        self._lock = threading.Lock()

    def answer(self, request: VaultRequest) -> tuple[Reply, bytes]:
        """The reply and the bytes beside it."""
        match request:
            case Ping():
                return Done(), b""
            case AskAnchor():
                return anchor.ask(self._zone, self._keyring), b""
            case Anchor(number=count, sha256=sha256):
                with self._lock:
                    return anchor.keep(self._zone, self._keyring, count, sha256), b""
            case Identify():
                with self._lock:
                    return self._identify(request)

    def _identify(self, request: Identify) -> tuple[Reply, bytes]:
        path = Path(request.pack)
        header = open_header(path, self._card.instance, self._card.kind)
        if header.pack != request.id:
            raise Refusal(
                "tampered",
                "The pack changed while it was read.",
                "Send it again, and leave the file alone until the load is done.",
            )
        contract = Contract.from_json(header.contract)
        ids = read_identity(path, self._keyring.unseal)
        numbered = number(ids, contract, self._card.kind, self._persons)
        findings = [asdict(item.finding) for item in numbered.flags]
        reply = Identified(findings=findings, classes=numbered.classes)
        return reply, frame_bytes(numbered.frame)
