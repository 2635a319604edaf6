"""What an embryo's frames span, kept beside it: a typed filter need not look at millions of frames."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from blasto_annotator.store.summaries import summarise_all

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column and fills it once."""
    op.add_column("embryo", sa.Column("summary", sa.JSON(), nullable=True))
    with Session(op.get_bind(), join_transaction_mode="conditional_savepoint") as session:
        summarise_all(session)
        session.flush()


def downgrade() -> None:
    """Never: later rows would lose theirs."""
    raise NotImplementedError("restore a backup copy instead")
