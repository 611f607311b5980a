"""Seal bytes to one reader's public key: X25519, HKDF-SHA256, ChaCha20-Poly1305.

    blob = 0x01 ‖ ephemeral public key (32) ‖ ciphertext and tag

A fresh ephemeral key for every blob gives a fresh symmetric key, so the nonce may be constant;
the version byte, both public keys and the context are bound into the key and the associated data
(the base mode of RFC 9180 in shape, without its suite negotiation).
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pseudonym.errors import Refusal

__all__ = ["OVERHEAD", "generate", "seal", "unseal"]

VERSION = b"\x01"
KEY = 32
TAG = 16
OVERHEAD = len(VERSION) + KEY + TAG
"""How many bytes a sealed blob is longer than its plaintext."""

_NONCE = bytes(12)
_LABEL = b"workbench sealing 1\x00"


def generate() -> tuple[bytes, bytes]:
    """A new reader: (private key, public key), 32 raw bytes each."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def seal(public: bytes, plaintext: bytes, context: bytes) -> bytes:
    """Encrypt for the holder of `public`'s private key; `context` says what the bytes are for.

    Opening under any other context fails. Raises Refusal("bad_key") when `public` is no usable
    X25519 public key.
    """
    ephemeral = X25519PrivateKey.generate()
    sender = ephemeral.public_key().public_bytes_raw()
    try:
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:  # wrong length, or a point of low order
        raise Refusal(
            "bad_key",
            "The public key to seal for is not a usable X25519 key.",
            "Fetch the instance card (card.json) again from the platform.",
        ) from None
    head = VERSION + sender
    cipher = _cipher(shared, sender, public, context)
    return head + cipher.encrypt(_NONCE, plaintext, head + context)


def unseal(private: bytes, blob: bytes, context: bytes) -> bytes:
    """Open a sealed blob.

    Raises Refusal("tampered") for every failure alike: wrong key, wrong context, truncated,
    changed, unknown version. One answer for all is no oracle for any.
    """
    head = blob[: len(VERSION) + KEY]
    if len(blob) < OVERHEAD or head[:1] != VERSION:
        raise _tampered()
    sender = head[1:]
    reader = X25519PrivateKey.from_private_bytes(private)
    try:
        shared = reader.exchange(X25519PublicKey.from_public_bytes(sender))
        cipher = _cipher(shared, sender, reader.public_key().public_bytes_raw(), context)
        return cipher.decrypt(_NONCE, blob[len(head) :], head + context)
    except (InvalidTag, ValueError):
        raise _tampered() from None


def _cipher(shared: bytes, sender: bytes, reader: bytes, context: bytes) -> ChaCha20Poly1305:
    key = HKDF(SHA256(), KEY, salt=sender + reader, info=_LABEL + context).derive(shared)
    return ChaCha20Poly1305(key)


def _tampered() -> Refusal:
    return Refusal(
        "tampered",
        "The sealed bytes were changed, cut short, or sealed for someone else.",
        "Make the file anew with the current instance card and send it again.",
    )
