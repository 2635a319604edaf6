"""What a PostgreSQL server's errors mean to a person."""

from __future__ import annotations

import logging

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from blasto_annotator.domain.errors import UnreachableError, UserError
from blasto_annotator.store.location import password_file, password_line, server_name

log = logging.getLogger(__name__)
_LOST = ("08", "57P01", "57P02", "57P03", "25P03")
"""SQLSTATE classes and codes (PostgreSQL documentation, appendix A) of a connection that is no more."""
_PASSWORD_WORDS = ("no password supplied", "password authentication failed", "fe_sendauth")
_SENTENCES = {
    "28000": "{server} does not let {user} in: ask its administrator for access (pg_hba.conf).",
    "3D000": "There is {server_cut}: ask its administrator to make it (CREATE DATABASE …).",
    "42501": "{user} may not do this in {server}: ask its administrator to make {user} its owner.",
    "42P01": "{server} is damaged (a table of the project is missing): ask its administrator to restore a "
    "backup.",
    "53100": "The disk of {server} is full: nothing was saved. Ask its administrator to free some space.",
    "53300": "{server} has too many connections: close a window elsewhere, or ask its administrator.",
    "55P03": "Another seat has been writing to {server} for ten seconds. Try again in a moment.",
    "57014": "{server} took too long: nothing was saved. Try again in a moment.",
    "25006": "{server} may only be read at the moment (a standby, or under maintenance): nothing was saved.",
}


def told(error: DBAPIError, url: URL) -> UserError | None:
    """The sentence as an error to raise; None where it is a programming error."""
    state: str | None = getattr(error.orig, "sqlstate", None)
    words = str(error.orig)
    if state == "28P01" or any(part in words for part in _PASSWORD_WORDS):
        return UserError(_password_sentence(url))
    found = _SENTENCES.get(state or "") or _connecting(words)
    if found is not None:
        return UserError(_filled(found, url))
    if _is_lost(error, state):
        log.warning("lost %s: %s", server_name(url), " ".join(words.split()))
        server = _capital(server_name(url))
        return UnreachableError(f"{server} does not answer: check the network, or ask whether it runs.")
    return None


def _connecting(words: str) -> str | None:
    """Failures to connect carry no SQLSTATE, only the server's words."""
    if "does not exist" in words and 'database "' in words:
        return _SENTENCES["3D000"]
    if "too many" in words and "FATAL" in words:
        return _SENTENCES["53300"]
    if "no pg_hba.conf entry" in words or ('role "' in words and "does not exist" in words):
        return _SENTENCES["28000"]
    return None


def _is_lost(error: DBAPIError, state: str | None) -> bool:
    if error.connection_invalidated:
        return True
    if state is not None:
        return state.startswith(_LOST)
    return isinstance(error, OperationalError | InterfaceError)


def _filled(sentence: str, url: URL) -> str:
    server = server_name(url)
    filled = sentence.format(
        server=server, server_cut=server.replace("the", "no", 1), user=url.username or "this user"
    )
    return _capital(filled)


def _password_sentence(url: URL) -> str:
    return (
        f"{_capital(server_name(url))} asks for the password of {url.username or 'this user'}, and none that "
        f"fits was found: put the line {password_line(url)} into {password_file()} "
        "(readable by you alone), or set PGPASSWORD."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
