"""The project folder and its database."""

from blasto_annotator.store.frames import Frames
from blasto_annotator.store.labels import Labels
from blasto_annotator.store.project import Project
from blasto_annotator.store.schemes import load_scheme, scheme_names

__all__ = ["Frames", "Labels", "Project", "load_scheme", "scheme_names"]
