"""Alembic's entry. Connections come from `app.migration`, which holds the lock and the owner's role."""

from alembic import context

from app.migration import ours
from app.models import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    include_object=ours,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
