"""The report's files."""

from __future__ import annotations

import csv
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import Realism, Verdict
from blasto_annotator.reports.figures import RESEARCH_USE
from blasto_annotator.reports.review_table import review_table
from blasto_annotator.reports.review_writers import WRITERS, write_report
from blasto_annotator.store import Project
from tests.reports.conftest import BATCH, item


class Page(HTMLParser):
    """Text and references of a page; complains of tags that do not nest."""

    void = ("meta", "br")

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
