"""Model cards, and what is known of a model when it is put into use."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import Realism, Verdict
from blasto_annotator.reports.evidence_questions import evidence
from blasto_annotator.reports.model_card import model_card
from blasto_annotator.reports.promotion import newest_choice, promote, promotion_words
from blasto_annotator.reports.review_writers import write_card
from blasto_annotator.store import Project
from blasto_annotator.training.models import previous_model
from blasto_annotator.training.runs import CONTROL, ORIGIN, REWARDED
from gan.contract.batch_folder import read_batch, write_batch
from gan.contract.config import RunConfig, write_config
from gan.contract.events import encode
from gan.contract.jsonfile import write_json
from gan.contract.result import RunResult, write_result
from tests.reports.conftest import item, make_batch, rate_mixed

OLD, NEW = "20260401-101500", "20260501-101500"


def checkpoint(project: Project, run: str, model: str, start_from: str | None = None) -> Path:
    """A checkpoint's description as the trainer writes it, with one evaluation in the run's record."""
    folder = project.runs / run / "checkpoints" / "kimg-000002.000"
    folder.mkdir(parents=True)
    said = {
        "v": 1,
        "family": "stylegan2",
        "resolution": 64,
        "channels": 1,
        "classes": ["good", "poor"],
        "kimg": 2.0,
        "run": run,
        "snapshot": "",
        "preset": "cpu",
        "networks_sha256": model * 16,
        "start_from": start_from,
        "created_utc": "2026-04-01T10:00:00+00:00",
    }
    (folder / "checkpoint.json").write_text(json.dumps(said))
    write_config(project.runs / run / "config.json", RunConfig(data="data", resolution=64))
    record = encode("metric", {"kimg": 2.0, "name": "kernel_distance", "value": 0.0123, "n": 500})
    (project.runs / run / "events.jsonl").write_text(record)
    return folder


def reviewed(project: Project, batch: str, model: str, perfect: int, total: int) -> None:
    make_batch(project, batch)
    info = read_batch(project.batches / batch)
    write_batch(project.batches / batch, replace(info, model=model * 16))
    salt = "" if batch == OLD else "x"
    rows = [
        (item(n, "good", salt=salt), Verdict(Realism.PERFECT if n < perfect else Realism.IMPLAUSIBLE))
        for n in range(total)
    ]
    project.reviews.import_many(rows, batch, "Ann")


def facts(project: Project, path: Path) -> dict[str, str]:
    return {row[0]: row[1] for row in model_card(project, path).grids[0].rows}


def test_a_card_says_where_a_model_comes_from_and_who_looked_at_it(project: Project) -> None:
    first = checkpoint(project, "run-a", "aaaa")
    second = checkpoint(project, "run-b", "bbbb", "../run-a/checkpoints/kimg-000002.000")
    project.models.promote(first, "Ann")
    reviewed(project, NEW, "bbbb", perfect=30, total=100)

    card = facts(project, second)

    assert card["Line"] == "run-a, 2 kimg"
    assert card["Rated perfect"] == "30.0 % (21.9 to 39.6)"
    assert "100 verdicts by Ann" in card["Reviewed"]
    assert card["Kernel distance"] == "0.0123 at 2 kimg, n 500"
    assert (card["In use"], facts(project, first)["In use"]) == ("no", "yes")
    assert "no patient" in card["Limits"]


def test_a_card_tells_that_a_scorer_rewarded_the_model_or_one_before_it(project: Project) -> None:
    first = checkpoint(project, "run-a", "aaaa")
    second = checkpoint(project, "run-b", "bbbb", "../run-a/checkpoints/kimg-000002.000")
    for path, weight in ((first, 0.3), (second, 0.0)):
        said = json.loads((path / "checkpoint.json").read_text())
        said["reward"] = {"scorer": "c0ffee" * 8, "weight": weight}
        (path / "checkpoint.json").write_text(json.dumps(said))

    assert facts(project, first)["Reward"].startswith("expert scorer c0ffeec0ffee, weight 0.3")
    assert "Reward" not in facts(project, second)  # it was only asked
    assert facts(project, second)["Line"] == "run-a, 2 kimg, rewarded"


def test_a_card_is_written_as_a_page_or_as_markdown(project: Project, tmp_path: Path) -> None:
    card = model_card(project, checkpoint(project, "run-a", "aaaa"))

    write_card(card, tmp_path / "card.html")
    write_card(card, tmp_path / "card.md")

    assert "by nobody yet" in (tmp_path / "card.html").read_text(encoding="utf-8")
    assert "# Model card: run-a" in (tmp_path / "card.md").read_text(encoding="utf-8")
    with pytest.raises(UserError, match=r"\.md or \.html"):
        write_card(card, tmp_path / "card.docx")


def test_promotion_states_the_blind_comparison_or_that_there_was_none(project: Project) -> None:
    first, second = checkpoint(project, "run-a", "aaaa"), checkpoint(project, "run-b", "bbbb")
    assert promotion_words(project, second) == "No model was in use to compare it with."
    project.models.promote(first, "Ann")
    assert "Nobody has compared it blind" in promotion_words(project, second)

    reviewed(project, OLD, "aaaa", perfect=20, total=60)
    reviewed(project, NEW, "bbbb", perfect=45, total=60)
    assert "Nobody has compared it blind" in promotion_words(project, second)  # not in one session
    rate_mixed(project, "Ann", OLD, NEW, (20, 45))

    words, compared = promotion_words(project, second), "Rated perfect, this model less the one in use: "
    assert words.startswith(f"{compared}0.42 (")
    assert "60 and 60 verdicts of 1 reader" in words
    project.models.promote(second, "Ann")
    assert promotion_words(project, first).startswith(f"{compared}-0.42 (")


def test_batches_that_were_not_made_alike_are_no_evidence_of_the_models(project: Project) -> None:
    first, second = checkpoint(project, "run-a", "aaaa"), checkpoint(project, "run-b", "bbbb")
    project.models.promote(first, "Ann")
    reviewed(project, OLD, "aaaa", perfect=0, total=1)
    reviewed(project, NEW, "bbbb", perfect=0, total=1)
    rate_mixed(project, "Ann", OLD, NEW, (20, 45))
    folder = project.batches / NEW
    write_batch(folder, replace(read_batch(folder), truncation=0.5, scorer={"id": "s", "accept": 0.4}))

    words = promotion_words(project, second)

    assert "No evidence of the models: their truncation differs (1 and 0.5)" in words
    assert f"an expert scorer chose the images of {NEW}, and not of both alike" in words


def trial(project: Project) -> tuple[Path, Path]:
    """The two trained sides of a trial of the reward, the control newest, and a batch of each."""
    sides = [("run-c", "aaaa", CONTROL), ("run-b", "bbbb", REWARDED)]
    for hour, (run, model, side) in enumerate(sides):
        path = checkpoint(project, run, model)
        write_json(project.runs / run / ORIGIN, {"created_utc": f"2026-05-01T1{9 - hour}:00", "trial": side})
        write_result(project.runs / run / "result.json", RunResult("finished", 2.0, path.name, 60.0))
    reviewed(project, OLD, "aaaa", perfect=0, total=1)
    reviewed(project, NEW, "bbbb", perfect=0, total=1)
    return newest_checkpoint(project, "run-b"), newest_checkpoint(project, "run-c")


def newest_checkpoint(project: Project, run: str) -> Path:
    return project.runs / run / "checkpoints" / "kimg-000002.000"


@pytest.mark.parametrize(("perfect", "side"), [((20, 45), 0), ((45, 20), 1)])
def test_the_newest_model_after_a_trial_is_the_one_that_readers_prefer(
    project: Project, perfect: tuple[int, int], side: int
) -> None:
    sides = trial(project)  # rewarded, control
    with pytest.raises(UserError, match=r"nobody has judged both to the end yet.*run-b.*or run-c"):
        newest_choice(project)
    rate_mixed(project, "Ann", OLD, NEW, perfect)

    assert newest_choice(project) == sides[side]


def test_a_trial_that_is_not_decided_promotes_neither_side(project: Project) -> None:
    trial(project)
    rate_mixed(project, "Ann", OLD, NEW, (30, 31))
    with pytest.raises(UserError, match=r"Not decided: the difference lies between.*name the one"):
        newest_choice(project)

    rate_mixed(project, "Ben", OLD, NEW, (0, 60), until=119)  # an unfinished session decides nothing
    with pytest.raises(UserError, match="Not decided"):
        newest_choice(project)


def test_half_a_trial_promotes_nothing(project: Project) -> None:
    trial(project)
    (project.runs / "run-b" / "result.json").unlink()

    with pytest.raises(UserError, match="other side is not there yet"):
        newest_choice(project)


def test_verdicts_of_an_unfinished_session_are_on_no_card(project: Project) -> None:
    path = checkpoint(project, "run-a", "aaaa")
    reviewed(project, OLD, "aaaa", perfect=0, total=2)
    reviewed(project, NEW, "bbbb", perfect=0, total=1)
    rate_mixed(project, "Ben", OLD, NEW, (60, 60), until=119)

    card = facts(project, path)

    assert card["Under way"].startswith("Ben 119 of 120; these verdicts are counted when")
    assert card["Reviewed"].startswith("2 verdicts by Ann")
    assert card["Rated perfect"].startswith("0.0 %")


def test_going_back_twice_goes_back_two_models(project: Project) -> None:
    models = [checkpoint(project, f"run-{name}", name * 4) for name in "abc"]
    for model in models:
        promote(project, model, "Ann", "")
    promote(project, previous_model(project), "Ann", "went back")

    assert previous_model(project) == models[0]
    promote(project, models[2], "Ann", "after all")
    assert previous_model(project) == models[1]


def test_the_trail_keeps_how_a_model_compared_when_it_was_put_into_use(project: Project) -> None:
    promote(project, checkpoint(project, "run-a", "aaaa"), "Ann", "fewer merged zonae")

    assert project.models.history()[-1].why == "fewer merged zonae. No model was in use to compare it with."


def evaluate(project: Project, run: str, model: str, extractor: str = "encoder") -> None:
    """What `python -m gan evaluate --out` leaves in a run's folder."""

    def scores(name: str, recall: float) -> dict[str, object]:
        values = {"frechet_distance": 12.5, "kernel_distance": 0.031, "precision": 0.71, "recall": recall}
        intervals = {"frechet_distance": [11.0, 14.25]}
        return {
            "name": name, "n_real": 90, "n_generated": 200, "embryos": 30, "values": values,
            "intervals": intervals, "notes": [],
        }  # fmt: skip

    found = [scores("pooled", 0.42), scores("good", 0.55), scores("poor", 0.31)]
    said = {"generated": model * 16, "extractor": {"name": extractor}, "scores": found}
    (project.runs / run / "evaluation.json").write_text(json.dumps(said))


def test_a_card_has_the_scores_of_its_own_evaluation_by_class(project: Project) -> None:
    path = checkpoint(project, "run-a", "aaaa")
    evaluate(project, "run-a", "aaaa")

    card = model_card(project, path)

    rows = {row[0]: row[1] for row in card.grids[0].rows}
    assert rows["Evaluated"] == "encoder, n 200 generated, 90 real"
    assert (rows["Recall"], rows["Fréchet distance"]) == ("0.42", "12.5 (11 to 14.2)")
    head, by_class = card.grids[1].head, {row[0]: row for row in card.grids[1].rows}
    assert by_class["poor"][head.index("Recall")] == "0.31"
    assert any("Kynkäänniemi" in note for note in card.notes)


def test_an_evaluation_of_another_checkpoint_is_not_this_ones(project: Project) -> None:
    path = checkpoint(project, "run-a", "aaaa")
    evaluate(project, "run-a", "bbbb")

    assert facts(project, path)["Kernel distance"] == "0.0123 at 2 kimg, n 500"


def test_fid_is_said_of_inception_features_only(project: Project) -> None:
    path = checkpoint(project, "run-a", "aaaa")
    evaluate(project, "run-a", "aaaa", "inception")

    assert facts(project, path)["FID"] == "12.5 (11 to 14.2)"


def test_rounds_report_recall_and_precision_by_class(project: Project) -> None:
    for run, model, batch in (("run-a", "aaaa", OLD), ("run-b", "bbbb", NEW)):
        checkpoint(project, run, model)
        reviewed(project, batch, model, perfect=30, total=60)
        info = read_batch(project.batches / batch)
        write_batch(project.batches / batch, replace(info, run=run))
    evaluate(project, "run-b", "bbbb")

    part = next(p for p in evidence(project) if p.title.startswith("The models’ variety"))

    pooled = {row[0]: dict(zip(part.grids[0].head, row, strict=True)) for row in part.grids[0].rows}
    assert (pooled[NEW]["Recall"], pooled[NEW]["Precision"], pooled[NEW]["n"]) == ("0.42", "0.71", "200")
    assert (pooled[OLD]["Recall"], pooled[OLD]["Kernel distance"]) == ("–", "0.0123")  # as it trained
    assert part.grids[1].title == "Recall by class"
    assert part.grids[1].rows[-1] == (NEW, "0.55", "0.31")
    assert any("different features" in note for note in part.notes)
