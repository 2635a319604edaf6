"""Where a project's database is: the file in its folder, or a PostgreSQL server for several seats."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from blasto_annotator.domain.errors import UserError
from gan.contract.jsonfile import write_text

DATABASE = "project.db"
LINK = "database.toml"
"""In a seat's folder: names the server's database. Never holds a password."""
DRIVER = "postgresql+psycopg"
_SCHEMES = ("postgresql", "postgres", DRIVER)
_PORT = 5432


@dataclass(frozen=True)
class Location:
    """A project's folder and, for a project on a server, the database's address."""

    folder: Path
    url: URL | None = None
    read_only: bool = False
    """Whether the file is only looked at: an archive, or a folder that this user may not write."""

    @property
    def path(self) -> Path:
        """The file that stands for the database in the folder: SQLite's, or the link to the server."""
        return self.folder / (DATABASE if self.url is None else LINK)

    @property
    def name(self) -> str:
        """For sentences."""
        return str(self.path) if self.url is None else server_name(self.url)


def find_location(folder: Path) -> Location:
    """Where the project in this folder keeps its database.

    Raises:
        UserError: the link to the server cannot be read.
    """
    path = folder / LINK
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Location(folder)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    try:
        url = tomllib.loads(text)["url"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise UserError(
            f'{path} is damaged: it should hold one line, url = "{DRIVER}://USER@SERVER/DATABASE".'
        ) from error
    return Location(folder, parse_url(str(url)))


def write_link(folder: Path, url: URL) -> None:
    """Makes the folder a seat of the database at `url`, at once or not at all; a password is left out."""
    text = without_password(url).render_as_string(hide_password=False)
    path = folder / LINK
    write_text(path, f"# The labels of this project are on a PostgreSQL server.\nurl = {json.dumps(text)}\n")


def parse_url(text: str) -> URL:
    """The address of a PostgreSQL database.

    Raises:
        UserError: it is none, or names no database.
    """
    example = f"write it as {DRIVER}://USER@SERVER/DATABASE"
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError) as error:
        raise UserError(f"“{_hidden(text)}” is no database address: {example}.") from error
    if url.drivername not in _SCHEMES:
        raise UserError(f"“{url.drivername}” is no kind of database that can be used: {example}.")
    if not url.database:
        raise UserError(f"The address of {url.host or 'the server'} names no database: {example}.")
    return url.set(drivername=DRIVER)


def without_password(url: URL) -> URL:
    """The address as it may be stored and shown."""
    return URL.create(url.drivername, url.username, None, url.host, url.port, url.database, _open_query(url))


def has_password(url: URL) -> bool:
    """Whether the address itself holds a password."""
    return url.password is not None or "password" in url.query


def server_name(url: URL) -> str:
    """Such as `the database embryos on lab-server`."""
    host = url.host or str(url.query.get("host", "this computer"))
    port = "" if url.port in (None, _PORT) else f":{url.port}"
    return f"the database {url.database} on {host}{port}"


def password_line(url: URL) -> str:
    """The line of PostgreSQL's password file that opens this database."""
    host = url.host or "localhost"
    return f"{host}:{url.port or _PORT}:{url.database}:{url.username or '*'}:PASSWORD"


def password_file() -> str:
    """Where PostgreSQL's client looks for passwords.

    Source: PostgreSQL documentation, “The Password File”.
    """
    return r"%APPDATA%\postgresql\pgpass.conf" if os.name == "nt" else "~/.pgpass"


def _open_query(url: URL) -> dict[str, str | tuple[str, ...]]:
    return {key: value for key, value in url.query.items() if key not in ("password", "sslpassword")}


def _hidden(text: str) -> str:
    """An address that could not be read may still hold a password."""
    return "…@" + text.rpartition("@")[2] if "@" in text else text
