"""Signed folders: a manifest with every file's hash, and an Ed25519 signature over the manifest.

The signature shows that the folder is as the holder of the key wrote it. It does not show who that is, unless
the key's fingerprint was told by another way, and not that the labels are right.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from blasto_annotator.domain.errors import UserError

KEY = "signing_key.pem"
MANIFEST = "manifest.json"
SIGNATURE = "signature.json"
FORMAT = "blasto-annotator-export"
_RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw


@dataclass(frozen=True)
class Signed:
    """A folder whose signature holds."""

    fingerprint: str
    """Of the public key: compare it with what the sender told you."""
    files: int
    manifest: Mapping[str, Any]


class SigningKey:
    """A project's own key pair."""

    def __init__(self, private: Ed25519PrivateKey, is_new: bool) -> None:
        self._private = private
        self.is_new = is_new

    @classmethod
    def of_project(cls, folder: Path) -> SigningKey:
        """The key in the project's folder; made on first use, readable by its owner alone.

        Raises:
            UserError: it cannot be read, written, or is no key.
        """
        path = folder / KEY
        try:
            if not path.exists():
                return cls(_make(path), True)
            found = serialization.load_pem_private_key(path.read_bytes(), None)
        except OSError as error:
            raise UserError(
                f"The key {path} cannot be used ({error.strerror}): check permissions."
            ) from error
        except (ValueError, TypeError) as error:
            raise UserError(f"{path} is no key: move it aside, and a new one is made.") from error
        if not isinstance(found, Ed25519PrivateKey):
            raise UserError(f"{path} is no Ed25519 key: move it aside, and a new one is made.")
        return cls(found, False)

    @property
    def fingerprint(self) -> str:
        """What tells the key from others."""
        return fingerprint(self._private.public_key())

    def secret(self, purpose: str) -> bytes:
        """Bytes that only the key's holder can compute, the same each time."""
        seed = self._private.private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )
        return hashlib.sha256(purpose.encode() + b"\0" + seed).digest()

    def sign(self, folder: Path, facts: Mapping[str, Any]) -> None:
        """Writes manifest and signature into a folder that is complete otherwise."""
        files = [
            {
                "path": path.relative_to(folder).as_posix(),
                "sha256": _sha256(path),
                "bytes": path.stat().st_size,
            }
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        ]
        manifest = json.dumps({"format": FORMAT, "version": 1, **facts, "files": files}, indent=1)
        (folder / MANIFEST).write_bytes(manifest.encode())
        public = self._private.public_key().public_bytes(*_RAW)
        signature = {
            "algorithm": "Ed25519",
            "signed": MANIFEST,
            "public_key": public.hex(),
            "signature": self._private.sign(manifest.encode()).hex(),
        }
        (folder / SIGNATURE).write_text(json.dumps(signature, indent=1), encoding="utf-8")


def verify(folder: Path, expected: str = "") -> Signed:
    """Checks signature, hashes and that no file is missing or more; `expected` is the known fingerprint.

    Raises:
        UserError: something does not hold; the sentence names it.
    """
    try:
        manifest = (folder / MANIFEST).read_bytes()
        told = json.loads((folder / SIGNATURE).read_bytes())
        facts = json.loads(manifest)
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(told["public_key"]))
        public.verify(bytes.fromhex(told["signature"]), manifest)
        files = {entry["path"]: entry["sha256"] for entry in facts["files"]}
    except OSError as error:
        raise UserError(f"{folder} is no signed export ({error.strerror}: {error.filename}).") from error
    except InvalidSignature as error:
        raise UserError(f"The signature of {folder} does not fit its manifest: it was changed.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{folder} is no signed export: its manifest or signature is damaged.") from error
    mark = fingerprint(public)
    if expected and mark != expected.replace(" ", "").lower():
        raise UserError(f"{folder} was signed with the key {mark}, not with {expected}.")
    _check_files(folder, files)
    return Signed(mark, len(files), facts)


def fingerprint(public: Ed25519PublicKey) -> str:
    """SHA-256 of the public key, the first 32 hexadecimal digits."""
    return hashlib.sha256(public.public_bytes(*_RAW)).hexdigest()[:32]


def _make(path: Path) -> Ed25519PrivateKey:
    made = Ed25519PrivateKey.generate()
    text = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return made


def _check_files(folder: Path, files: Mapping[str, str]) -> None:
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    there -= {MANIFEST, SIGNATURE}
    for name in sorted(there.symmetric_difference(files)):
        state = "is missing from" if name in files else "was added to"
        raise UserError(f"{name} {state} the export {folder}.")
    for name, expected in files.items():
        if _sha256(folder / name) != expected:
            raise UserError(f"{name} in the export {folder} was changed after it was signed.")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
