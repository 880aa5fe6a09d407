"""Runs the migrations on the connection that the journal hands over."""

from alembic import context

from facility.journal.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
