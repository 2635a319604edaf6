"""Label, curate and generate images of human blastocysts. Research use only."""

__version__ = "0.1.0"
