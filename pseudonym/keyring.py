"""A zone's keyring: one file sealed by a passphrase, opened into an object that cannot leak.

    keyring.json = {"v", "purposes", "public", "verify_key", "kdf", "nonce", "sealed"}

Everything but the last two is public and bound as associated data of AES-256-GCM, whose key is
Argon2id (RFC 9106, its second recommended setting) of the passphrase. Sealed inside: a root key
for wrapping, an X25519 and an Ed25519 private key.
"""

import hmac
import json
import os
import threading
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pseudonym import sealing
from pseudonym.durable import write_file
from pseudonym.errors import Refusal

__all__ = ["PURPOSES", "Keyring", "Secret", "public_halves"]

PURPOSES: Final = frozenset({"derive", "sign", "unseal", "wrap"})

Hex = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{2}){8,512}$")]
NONCE = 12
_ONE_AT_A_TIME = threading.Lock()


class Secret:
    """Raw key bytes that neither print nor pickle; `wrap` and `unwrap` use them as a GCM key."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("a key has 32 bytes")
        self._key = key

    @classmethod
    def random(cls) -> "Secret":
        """A new key from the operating system's generator."""
        return cls(os.urandom(32))

    def reveal(self) -> bytes:
        """The 32 bytes, for the one call that needs them."""
        return self._key

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """AES-256-GCM: nonce (12) ‖ ciphertext ‖ tag, bound to `context`."""
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self._key).encrypt(nonce, key, context)

    def unwrap(self, blob: bytes, context: bytes) -> bytes:
        """What `wrap` wrapped; Refusal("wrong_key") when key, context or bytes differ."""
        try:
            return AESGCM(self._key).decrypt(blob[:NONCE], blob[NONCE:], context)
        except (InvalidTag, ValueError):
            raise _wrong_key() from None

    def child(self, label: str) -> "Secret":
        """HKDF-SHA256 of this key for one purpose; never for what must be shredded alone."""
        # RFC 5869 for one block. Two calls of the standard library take a tenth of what an object
        # of `cryptography` takes, and a plan asks for a key a column and bucket.
        extracted = hmac.digest(b"\x00" * 32, self._key, "sha256")
        info = b"workbench key 1\x00" + label.encode()
        return Secret(hmac.digest(extracted, info + b"\x01", "sha256"))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("keys are not copied, pickled or sent")


class Keyring:
    """The opened keys of one zone. It can be used, not looked at."""

    __slots__ = ("_private", "_root", "_signer", "public", "purposes", "verify_key")

    def __init__(self, root: bytes, private: bytes, signer: bytes, purposes: frozenset[str]):
        self._root = Secret(root)
        self._private = private
        self._signer = Ed25519PrivateKey.from_private_bytes(signer)
        self.purposes = purposes
        self.public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
        self.verify_key = self._signer.public_key().public_bytes_raw()

    @classmethod
    def create(
        cls, path: Path, passphrase: bytes, purposes: Collection[str] = PURPOSES
    ) -> "Keyring":
        """Make new keys and seal them into `path`; Refusal("exists") when a keyring is there."""
        if path.exists():
            raise Refusal("exists", "This zone has a keyring already.", "Keep it: data hang on it.")
        unknown = set(purposes) - PURPOSES
        if unknown or not purposes:
            raise ValueError(f"purposes are some of {sorted(PURPOSES)}")
        secret = os.urandom(96)
        ring = cls(secret[:32], secret[32:64], secret[64:], frozenset(purposes))
        head = _Head(
            v=1,
            purposes=tuple(sorted(purposes)),
            public=ring.public.hex(),
            verify_key=ring.verify_key.hex(),
            kdf=_Kdf(salt=os.urandom(16).hex()),
        )
        nonce = os.urandom(NONCE)
        sealed = AESGCM(_stretch(passphrase, head.kdf)).encrypt(nonce, secret, _bound(head))
        body = head.model_dump() | {"nonce": nonce.hex(), "sealed": sealed.hex()}
        write_file(path, json.dumps(body, indent=1).encode())
        return ring

    @classmethod
    def open(cls, path: Path, passphrase: bytes) -> "Keyring":
        """Open a sealed keyring.

        Raises Refusal("no_keyring") when there is none, Refusal("damaged_keyring") when it is
        malformed, Refusal("wrong_key") when the passphrase is wrong or the file was changed.
        """
        file = _read(path)
        head = _Head.model_validate(file.model_dump(exclude={"nonce", "sealed"}))
        try:
            cipher = AESGCM(_stretch(passphrase, file.kdf))
            secret = cipher.decrypt(
                bytes.fromhex(file.nonce), bytes.fromhex(file.sealed), _bound(head)
            )
        except (InvalidTag, ValueError):
            raise _wrong_key() from None
        ring = cls(secret[:32], secret[32:64], secret[64:], frozenset(file.purposes))
        if (ring.public.hex(), ring.verify_key.hex()) != (file.public, file.verify_key):
            raise _wrong_key()
        return ring

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature (64 bytes)."""
        self._may("sign")
        return self._signer.sign(message)

    def unseal(self, blob: bytes, context: bytes) -> bytes:
        """Open bytes sealed to `public`; Refusal("tampered") otherwise."""
        self._may("unseal")
        return sealing.unseal(self._private, blob, context)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Wrap a key under the root key (AES-256-GCM), bound to `context`."""
        self._may("wrap")
        return self._root.wrap(key, context)

    def unwrap(self, blob: bytes, context: bytes) -> bytes:
        """What `wrap` wrapped; Refusal("wrong_key") when anything differs."""
        self._may("wrap")
        return self._root.unwrap(blob, context)

    def derive(self, label: str) -> bytes:
        """32 bytes by HKDF from the root key, for what is never shredded by itself."""
        self._may("derive")
        return self._root.child(label).reveal()

    def __repr__(self) -> str:
        return f"Keyring({', '.join(sorted(self.purposes))})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("keys are not copied, pickled or sent")

    def _may(self, purpose: str) -> None:
        if purpose not in self.purposes:
            raise Refusal(
                "key_purpose",
                f"This zone's keys are not for this use ({purpose}).",
                "Ask the zone that holds such keys.",
            )


def public_halves(path: Path) -> tuple[bytes, bytes]:
    """(X25519 public key, Ed25519 verify key) of a keyring file, without opening it."""
    file = _read(path)
    return bytes.fromhex(file.public), bytes.fromhex(file.verify_key)


class _Kdf(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Literal["argon2id"] = "argon2id"
    salt: Hex
    memory_kib: Annotated[int, Field(ge=19456, le=1 << 21)] = 65536
    iterations: Annotated[int, Field(ge=2, le=64)] = 3
    lanes: Annotated[int, Field(ge=1, le=16)] = 4


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    v: Literal[1]
    purposes: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)]
    public: Hex
    verify_key: Hex
    kdf: _Kdf


class _File(_Head):
    nonce: Hex
    sealed: Hex


def _read(path: Path) -> _File:
    try:
        return _File.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise Refusal(
            "no_keyring",
            f"The zone {path.parent.name} has no keyring.",
            "Create the instance's keys with `workbench init`, or restore them from backup.",
        ) from None
    except ValidationError:
        raise Refusal(
            "damaged_keyring",
            f"The keyring of the zone {path.parent.name} cannot be read.",
            "Restore keyring.json from backup; nothing else can replace it.",
        ) from None


def _stretch(passphrase: bytes, kdf: _Kdf) -> bytes:
    # OpenSSL's worker threads are shared: two derivations at a time wait for each other forever.
    with _ONE_AT_A_TIME:
        return Argon2id(
            salt=bytes.fromhex(kdf.salt),
            length=32,
            iterations=kdf.iterations,
            lanes=kdf.lanes,
            memory_cost=kdf.memory_kib,
        ).derive(passphrase)


def _bound(head: _Head) -> bytes:
    body: dict[str, Any] = head.model_dump()
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _wrong_key() -> Refusal:
    return Refusal(
        "wrong_key",
        "A key did not open: it is the wrong one, or the sealed bytes were changed.",
        "Check the zone's passphrase and that its files come from the same backup.",
    )
