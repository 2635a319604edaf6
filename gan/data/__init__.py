"""Reading a snapshot and sampling it."""
