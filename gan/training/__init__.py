"""The training loop: ticks, checkpoints, events and STOP."""
