"""Run by Alembic: `store.migrate` hands over an open connection."""

from alembic import context

from blasto_annotator.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
