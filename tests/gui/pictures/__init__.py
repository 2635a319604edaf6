"""Pictures of every state of the window: `python -m tests.gui.pictures OUT`."""
