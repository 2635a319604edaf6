"""The steps of a round in their order, and what each will do, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from blasto_annotator.rounds.record import Round, RoundWish
from blasto_annotator.store import Project

SNAPSHOT, TRAINING, CONTROL, EVALUATION = "snapshot", "training", "control", "evaluation"
SCORER, BATCH, REVIEW = "scorer", "batch", "review"
TRAININGS = (TRAINING, CONTROL)
TEACH_FROM = 4
"""So many times as many images are generated as are reviewed where those that teach most are looked for."""
LOOK_BACK = 3
"""Earlier rounds that say how long a step takes."""


@dataclass(frozen=True)
class Step:
    """A step as a person sees it."""

    name: str
    title: str
    doing: str
    """What happens while it is under way."""


STEPS = {
    SNAPSHOT: Step(SNAPSHOT, "Training set", "Writing the training set"),
    TRAINING: Step(TRAINING, "Training", "Training the generator"),
    CONTROL: Step(CONTROL, "Control", "Training the control, without the reward"),
    EVALUATION: Step(EVALUATION, "Evaluation", "Comparing generated images with real ones"),
    SCORER: Step(SCORER, "Expert scorer", "Learning from the verdicts"),
    BATCH: Step(BATCH, "Images", "Generating images to review"),
    REVIEW: Step(REVIEW, "Review", "Mixing the blind review"),
}
USUAL = (SNAPSHOT, TRAINING, EVALUATION, SCORER, BATCH, REVIEW)
REWARDED = (SNAPSHOT, SCORER, TRAINING, CONTROL, EVALUATION, BATCH, REVIEW)
"""The scorer first: the training goes by it."""


def steps_of(wish: RoundWish) -> tuple[Step, ...]:
    """The steps of a round that was wished so."""
    return tuple(STEPS[name] for name in (REWARDED if wish.reward else USUAL))


def readers_of(project: Project, wish: RoundWish) -> tuple[str, ...]:
    """Who reviews: who was named, else who reviewed before, else who asks."""
    known = sorted({review.reviewer for review in project.reviews.current()})
    return wish.readers or tuple(known) or ((wish.who,) if wish.who else ())


def ahead(wish: RoundWish, readers: Sequence[str]) -> dict[str, str]:
    """What each step after the training will do, before it has."""
    real = "a fifth of it real frames of held-out embryos where there are any"
    return {
        SNAPSHOT: "Writes these images into a training set that never changes.",
        CONTROL: "The same training again without the reward: same start, same chance, same length.",
        EVALUATION: "Measures how near generated images come to real ones.",
        SCORER: _scorer_ahead(wish),
        BATCH: _batch_ahead(wish),
        REVIEW: f"A blind review for {', '.join(readers) or 'you'}, {real}.",
    }


def expected_seconds(earlier: Sequence[Round], wish: RoundWish) -> Mapping[str, float]:
    """How long each step but the training took in the newest rounds of the same preset; none: not known."""
    alike = [known for known in earlier if known.wish.preset == wish.preset][:LOOK_BACK]
    found: dict[str, list[float]] = {}
    for known in alike:
        for name, seconds in known.seconds.items():
            share = images_of(wish) / images_of(known.wish) if name == BATCH else 1.0
            found.setdefault(name, []).append(seconds * share)
    return {name: median(values) for name, values in found.items() if name not in TRAININGS}


def images_of(wish: RoundWish) -> int:
    """Images of a class that a round generates."""
    return wish.per_class * (TEACH_FROM if wish.teach else 2 if wish.reward else 1)


def _scorer_ahead(wish: RoundWish) -> str:
    if wish.reward:
        return "Learns from the verdicts what you call perfect; without a useful scorer the round ends here."
    return "Learns from the verdicts what you call perfect; it is used only where it is better than chance."


def _batch_ahead(wish: RoundWish) -> str:
    if wish.reward:
        return f"{wish.per_class} images of each class by either model, unfiltered."
    if wish.teach:
        return (
            f"{TEACH_FROM * wish.per_class} images of each class, of which the {wish.per_class} are reviewed "
            "whose verdicts teach the scorer most."
        )
    return f"{wish.per_class} images of each class, chosen by the scorer where it is of use."
