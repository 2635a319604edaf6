"""The report's files."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blasto_annotator.curation.near_copies import Nearest, Neighbour
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import Realism, Verdict
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.reports.evidence import Evidence, Grid
from blasto_annotator.reports.figures import RESEARCH_USE, references
from blasto_annotator.reports.nearest import HOUSE
from blasto_annotator.reports.nearest_page import MOST
from blasto_annotator.reports.pdf import pdf_blocks
from blasto_annotator.reports.review_table import review_table
from blasto_annotator.reports.review_writers import WRITERS, as_html, write_report
from blasto_annotator.store import Project
from gan.contract.batch_folder import PROVENANCE_COLUMNS, PROVENANCE_FILE
from tests.reports.conftest import BATCH, item, rate_mixed


class Page(HTMLParser):
    """Text and references of a page; complains of tags that do not nest."""

    void = ("meta", "br", "img")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []
        self.references: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.references += [str(value) for name, value in attrs if name in ("src", "href")]
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())


def test_csv_holds_a_line_a_row_with_counts_and_bounds(source_review: Project, tmp_path: Path) -> None:
    file = tmp_path / "review.csv"

    write_report(review_table(source_review), file)

    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["class"] for row in rows] == ["good", "average", "poor", "pooled"]
    pooled = rows[-1]
    assert (pooled["batch"], pooled["reviewer"], pooled["kind"], pooled["n"]) == (
        BATCH,
        "Ana",
        "generated",
        "300",
    )
    assert (pooled["perfect"], pooled["wrong_class"]) == ("104", "22")
    assert float(pooled["perfect_low"]) == pytest.approx(0.295, abs=5e-4)  # domain.md: 29.5-40.2
    assert float(pooled["perfect_high"]) == pytest.approx(0.402, abs=5e-4)


def test_json_is_for_scripts_and_holds_what_csv_holds(source_review: Project, tmp_path: Path) -> None:
    file = tmp_path / "review.json"

    write_report(review_table(source_review), file)

    value = json.loads(file.read_text(encoding="utf-8"))
    pooled = value["sections"][0]["generated"][-1]
    assert (pooled["class"], pooled["n"], pooled["perfect"]["count"]) == ("pooled", 300, 104)
    assert value["research_use"] == RESEARCH_USE
    assert value["batches"][0]["model"] == "ab12" * 16


def test_the_page_stands_alone_and_says_where_its_figures_come_from(
    source_review: Project, tmp_path: Path
) -> None:
    file = tmp_path / "review.html"

    write_report(review_table(source_review), file)

    page = Page(file.read_text(encoding="utf-8"))
    assert page.open == []
    assert page.references == []
    assert {RESEARCH_USE, "104 (34.7 %, 29.5–40.2)", "Ana", "300", "Wrong class"} <= set(page.words)
    assert any("model ab12ab12ab12" in word for word in page.words)


def test_names_from_people_cannot_become_markup(project: Project, tmp_path: Path) -> None:
    project.reviews.import_many([(item(0, "good"), Verdict(Realism.PERFECT))], BATCH, "<b>Ana|</b>")
    table = review_table(project)

    write_report(table, tmp_path / "review.html")
    assert "<b>" not in (tmp_path / "review.html").read_text(encoding="utf-8")


def test_markdown_has_the_same_cells(source_review: Project, tmp_path: Path) -> None:
    write_report(review_table(source_review), tmp_path / "review.md")

    text = (tmp_path / "review.md").read_text(encoding="utf-8")
    assert RESEARCH_USE in text
    assert "| Pooled | 300 | 104 (34.7 %, 29.5–40.2) | 178 (59.3 %, 53.7–64.7) |" in text


@pytest.mark.parametrize("ending", WRITERS)
def test_every_format_can_say_that_nothing_rated_realism(
    project: Project, tmp_path: Path, ending: str
) -> None:
    project.reviews.import_many([(item(0, "good"), Verdict(None, wrong_class=True))], BATCH, "Ana")

    write_report(review_table(project), tmp_path / f"r{ending}")

    assert "NaN" not in (tmp_path / f"r{ending}").read_text(encoding="utf-8")


def test_another_ending_is_refused_with_those_there_are(source_review: Project, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"report\.docx: end its name in \.csv, \.json, \.md, \.html"):
        write_report(review_table(source_review), tmp_path / "report.docx")


def test_a_place_that_cannot_be_written_is_named(source_review: Project, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        write_report(review_table(source_review), tmp_path / "absent" / "report.csv")


def searched(project: Project, images: int) -> None:
    """What a search for near copies leaves beside the batch, and the pictures that it names."""
    folder = project.batches / BATCH
    (folder / "images").mkdir()
    (project.snapshots / "s1").mkdir()
    rows, provenance = [], [",".join(PROVENANCE_COLUMNS)]
    for number in range(images):
        made = item(number, "good")
        real = Neighbour("snapshots/s1/real.png", f"E{number}", 0.2 + number / 1000, 5)
        further = (
            Neighbour("snapshots/s1/real.png", "E900", 0.6),
            Neighbour("snapshots/s1/gone.png", "E901", 0.7),
        )
        near = Nearest(
            made.image, made.sha256, real.real, real.embryo, real.distance, number == 0, real.view, further
        )
        rows.append(asdict(near))
        provenance.append(f"{made.image},{made.sha256},0,good,{number}")
        Image.fromarray(np.full((64, 64), 40 + number % 200, np.uint8)).save(folder / made.image)
    Image.fromarray(np.arange(4096, dtype=np.uint8).reshape(64, 64)).save(
        project.snapshots / "s1" / "real.png"
    )
    (folder / PROVENANCE_FILE).write_text("\n".join(provenance) + "\n")
    said = {"v": 1, "batch": BATCH, "threshold": 0.2005, "searched": 70, "images": rows, "method": 2}
    (folder / "near_copies.json").write_text(json.dumps(said))


def test_every_generated_image_stands_beside_its_nearest_real_frames(
    source_review: Project, tmp_path: Path
) -> None:
    searched(source_review, 3)
    file = tmp_path / "review.html"

    write_report(review_table(source_review), file, lambda path: decode_grey(source_review.folder / path))

    text = file.read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert len(page.references) == 3 * 3  # the fourth picture is gone, and said to be
    assert all(reference.startswith("data:image/jpeg;base64,") for reference in page.references)
    assert text.count("real: gone") == 3
    assert {"embryo E0", "distance 0.200", "distance 0.600"} <= set(page.words)
    assert any("near copy, kept out" in words for words in page.words)
    assert any("Ana: perfect" in words for words in page.words)
    assert any(HOUSE in words for words in page.words)


def test_a_page_of_many_images_stays_small(source_review: Project, tmp_path: Path) -> None:
    searched(source_review, MOST + 20)
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8)
    file = tmp_path / "review.html"

    write_report(review_table(source_review), file, lambda path: noise)  # the worst to compress

    assert file.stat().st_size < 16e6
    assert f"The {MOST} nearest of {MOST + 20} generated images" in file.read_text(encoding="utf-8")


def test_without_pictures_a_page_shows_no_real_frame(source_review: Project, tmp_path: Path) -> None:
    searched(source_review, 3)
    file = tmp_path / "review.html"

    write_report(review_table(source_review), file)

    assert Page(file.read_text(encoding="utf-8")).references == []
    assert "Near copies of training frames" in file.read_text(encoding="utf-8")


def test_the_nearest_frames_are_a_table_beside_the_csv(source_review: Project, tmp_path: Path) -> None:
    searched(source_review, 3)

    write_report(review_table(source_review), tmp_path / "review.csv")

    with (tmp_path / "review-nearest.csv").open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["distance"] for row in rows] == ["0.2", "0.201", "0.202"]
    assert (rows[0]["near_copy"], rows[0]["let_pass"], rows[1]["near_copy"]) == ("1", "0", "0")
    assert [rows[0][f"embryo_{at}"] for at in (1, 2, 3)] == ["E0", "E900", "E901"]
    assert (rows[0]["class"], rows[0]["verdicts"]) == ("good", "Ana: perfect")


def test_every_source_that_is_cited_stands_in_full_with_its_formula(source_review: Project) -> None:
    rate_mixed(source_review, "Ana", BATCH, "b2", (20, 30))
    rate_mixed(source_review, "Ben", BATCH, "b2", (10, 30))
    table = review_table(source_review)

    told = {row[0] for row in references(table).grids[0].rows}

    cited = " ".join(figure.source for part in table.evidence for figure in part.figures)
    names = set(re.findall(r"[A-Z][a-z]+(?: and [A-Z][a-z]+| et al\.)? (?:19|20)\d\d", cited))
    assert names
    assert names <= told
    assert "1 − Σ w o / Σ w e" in as_html(table)


def test_tables_and_notes_come_with_the_figures_as_csv(source_review: Project, tmp_path: Path) -> None:
    write_report(review_table(source_review), tmp_path / "r.csv")

    with (tmp_path / "r-tables.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    published = [row for row in rows if row["question"] == "Beside the published review"]
    assert {"Verdict", "Here", "Published", "Difference"} <= {row["column"] for row in published}
    assert rows[-1]["value"].startswith("Research use only")


@pytest.mark.usefixtures("qapp")
def test_a_table_longer_than_a_page_is_parted_in_the_pdf() -> None:
    rows = tuple((f"row {n}", "1") for n in range(45))

    pieces = pdf_blocks(Evidence("Long", grids=(Grid("A table", ("Name", "n"), rows),)))

    assert sum(block.count("<td") for block in pieces) == 90
    assert max(block.count("<td") for block in pieces) <= 40
    assert all("Name" in block for block in pieces)
