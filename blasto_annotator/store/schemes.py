"""The grading schemes that ship with the application."""

from __future__ import annotations

from sqlalchemy import select

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.schemes import Scheme, parse_scheme
from blasto_annotator.store.audit import Act, append_acts
from blasto_annotator.store.database import Database
from blasto_annotator.store.models import ProjectRecord
from blasto_annotator.store.rights import check_administers
from gan.contract.resources import resource

DEFAULT_SCHEME = "gardner-3group"


def scheme_names() -> list[str]:
    """Names of the shipped schemes, the default first."""
    names = {path.stem for path in resource("schemes").glob("*.toml")}
    return [DEFAULT_SCHEME, *sorted(names - {DEFAULT_SCHEME})]


def load_scheme(name: str) -> Scheme:
    """The scheme called `name`.

    Raises:
        UserError: there is none; the sentence lists the names.
    """
    names = scheme_names()
    if name not in names:
        raise UserError(f"There is no grading scheme “{name}”; choose one of {', '.join(names)}.")
    return parse_scheme(resource("schemes", f"{name}.toml").read_text(encoding="utf-8"))


def store_scheme(database: Database, name: str, who: str) -> None:
    """Writes down which scheme the project uses from now on, and who chose it; no label is touched.

    Raises:
        UserError: `who` may not (`rights`).
    """
    with database.writing() as session:
        check_administers(session, who)
        project = session.scalars(select(ProjectRecord).with_for_update()).one()
        if project.scheme == name:
            return
        before, project.scheme = {"scheme": project.scheme}, name
        session.flush()
        append_acts(session, [Act(who, "scheme", f"project:{project.id}", before, {"scheme": name})])
