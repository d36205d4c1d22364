"""procrastinate's tables (release 3.10). A newer one brings migrations of its own: run them in a new file."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply. There is no way back: a later migration mends what this one got wrong."""
    # The driver's own connection: the text holds colons and percent signs that are no parameters.
    op.get_bind().connection.driver_connection.execute(SchemaManager.get_schema())
    op.execute(
        """
        do $$ declare item text; begin
          for item in select tablename from pg_tables
            where schemaname = 'public' and tablename like 'procrastinate%'
          loop
            execute format('grant select, insert, update, delete on %I to handrail_service', item);
          end loop;
          for item in select sequencename from pg_sequences
            where schemaname = 'public' and sequencename like 'procrastinate%'
          loop execute format('grant usage, select on sequence %I to handrail_service', item); end loop;
        end $$
        """
    )
