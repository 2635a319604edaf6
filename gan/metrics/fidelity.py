"""Class fidelity: does a classifier of real embryos put generated images into the class they were made
for?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gan.metrics.frechet import Features
from gan.metrics.images import Images


def class_fidelity(
    real: Features, real_set: Images, generated: Features, generated_set: Images, classes: Sequence[str]
) -> dict[str, float]:
    """Share of generated images assigned to their class: per class name and pooled (`all`), where the classes
    count by their shares among the real images.

    `classifier_accuracy` is the classifier's own balanced accuracy on real embryos that it had not seen
    (cross-validated by embryo): fidelity above it cannot be told from it. Empty where there are fewer than
    two classes or two embryos in a class.
    """
    labels, embryos = real_set.labels, np.asarray(real_set.embryos)
    present = np.unique(labels)
    fewest = min((len(np.unique(embryos[labels == k])) for k in present), default=0)
    if len(classes) < 2 or len(present) < 2 or fewest < 2:
        return {}
    # here: whoever does not ask for this score need not wait for scikit-learn
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, class_weight="balanced"))
    folds = StratifiedGroupKFold(min(5, fewest), shuffle=True, random_state=0)
    guessed = cross_val_predict(model, real, labels, groups=embryos, cv=folds)
    right = [float((guessed[labels == k] == k).mean()) for k in present]
    assigned = model.fit(real, labels).predict(generated)
    hit = assigned == generated_set.labels
    made = [k for k in range(len(classes)) if (generated_set.labels == k).any()]
    found = {k: float(hit[generated_set.labels == k].mean()) for k in made}
    shares = np.bincount(labels, minlength=len(classes))[made]
    result = {"classifier_accuracy": float(np.mean(right))}
    if shares.sum():
        result["all"] = float(np.average([found[k] for k in made], weights=shares))
    return result | {classes[k]: value for k, value in found.items()}
