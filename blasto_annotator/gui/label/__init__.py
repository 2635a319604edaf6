"""The Label page: see a frame, grade it, move on."""
