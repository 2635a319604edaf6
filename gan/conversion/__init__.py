"""Reading checkpoints of other tools as data, without running anything in them."""
