"""The Audit page: who did what, when, what was before and what came after."""
