"""`near-copies`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project, operator
from blasto_annotator.cli.console import out, out_json
from blasto_annotator.cli.reviews import batch_named
from blasto_annotator.domain.errors import UserError

if TYPE_CHECKING:
    from blasto_annotator.curation.near_copies import NearCopies, Nearest

_EPILOG = epilog(
    "blasto-annotator near-copies study",
    'blasto-annotator near-copies study --allow images/20260401-101500-00007.png --why "another embryo"',
    text="A marked image stays out of every training set until a person has looked at both and lets it pass.",
)


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("near-copies", epilog=_EPILOG)(near_copies)


def near_copies(
    project: ProjectFolder,
    batch: Annotated[str, typer.Option(metavar="ID", help="A batch's id, or latest.")] = "latest",
    allow: Annotated[
        list[str] | None, typer.Option("--allow", metavar="IMAGE", help="Let an image pass; repeatable.")
    ] = None,
    refuse: Annotated[
        list[str] | None, typer.Option("--refuse", metavar="IMAGE", help="Take that back; repeatable.")
    ] = None,
    why: Annotated[str, typer.Option(metavar="TEXT", help="The reason, for the audit trail.")] = "",
    as_json: AsJson = False,
) -> None:
    """Find generated images that are too like a training frame, in any of eight orientations."""
    from blasto_annotator.curation.near_copies import allowed, decide, find_near_copies

    with open_project(project) as opened:
        name = batch_named(opened, batch) or ""
        found = find_near_copies(opened, name)
        if found is None:
            raise UserError(
                "No snapshot here holds training frames of two embryos: there is nothing to compare with."
            )
        for images, let_pass in ((allow or [], True), (refuse or [], False)):
            if images:
                decide(opened, [_named(found, image) for image in images], let_pass, operator(), why)
        passed = allowed(opened)
    if as_json:
        rows = [{**asdict(image), "allowed": image.sha256 in passed} for image in found.images]
        out_json({**asdict(found), "images": rows})
        return
    out(
        f"{len(found.suspicious)} of {len(found.images)} images of batch {found.batch} come nearer to one of "
        f"{found.searched} training frames than frames of different embryos to one another "
        f"(distance below {found.threshold:.4f})."
    )
    for first, second in found.same:
        out(f"  Training frames of embryos {first} and {second} are the same picture: is it one embryo?")
    for image in found.suspicious:
        fate = "let pass" if image.sha256 in passed else "kept out"
        out(f"  {image.image}  {image.distance:.4f}  like {image.real} (embryo {image.embryo}): {fate}")


def _named(found: NearCopies, image: str) -> Nearest:
    one = next((known for known in found.images if image in (known.image, known.sha256)), None)
    if one is None:
        raise UserError(f"Batch {found.batch} has no image {image}: name it as the list does.")
    return one
