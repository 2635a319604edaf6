"""PINs are stored as salted scrypt hashes: slow to guess, and never to be read back."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_COST, _BLOCK, _LANES = 1 << 14, 8, 1
"""About 16 MB and 50 ms a guess. Source: RFC 7914, section 2."""
_KIND = "scrypt"


def hashed(pin: str) -> str:
    """A new hash of this PIN, with its own salt and the parameters beside it."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(pin, salt, _COST, _BLOCK, _LANES)
    return f"{_KIND}:{_COST}:{_BLOCK}:{_LANES}:{salt.hex()}:{digest.hex()}"


def fits(pin: str, stored: str) -> bool:
    """Whether this is the PIN; takes as long for a wrong one as for the right one."""
    kind, cost, block, lanes, salt, digest = stored.split(":")
    if kind != _KIND:
        raise ValueError(f"no such hash as {kind!r}")
    found = _scrypt(pin, bytes.fromhex(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(found, bytes.fromhex(digest))


def mark(stored: str) -> str:
    """What tells one stored hash from another without telling either; empty where there is no PIN."""
    return hashlib.sha256(stored.encode()).hexdigest()[:32] if stored else ""


def _scrypt(pin: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    room = 2 * 128 * cost * block
    return hashlib.scrypt(pin.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=room)
