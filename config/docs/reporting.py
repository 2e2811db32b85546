"""docs/reporting.md: the views for business intelligence, column by column, from their one declaration."""

from __future__ import annotations

from config.reporting.views import SCHEMA, VIEWS, Column

ABOVE = f"""# Reporting

Programs for business intelligence read the schema `{SCHEMA}` on PostgreSQL: views of complaints, rounds, limits, cases,
penalties and rankings. They hold no text that somebody typed, no customer, no telephone number and no employee's name.
A person is a pseudonym, keyed, the same in every view until the key of the blind index is changed. A comment in the
database says of each column what stands here.

## Setting it up

As a database administrator, once, a role of its own that is a member of no other:

    CREATE ROLE shouwen_bi LOGIN PASSWORD '…' CONNECTION LIMIT 5;
    ALTER ROLE shouwen_bi SET statement_timeout = '60s';
    ALTER ROLE shouwen_bi SET default_transaction_read_only = on;

Where there is a standby (docs/scale.md), give the program the standby's address: what is made here is there too.

At each release, as the owner (docs/deploy.md):

    python manage.py reporting --remove      # before migrate: a view holds the columns that it reads
    python manage.py reporting --role shouwen_bi

The command makes everything anew in one transaction; doing it twice is harmless. The role may read these views and
nothing else: the command refuses one with any other right to read, write or make something, or to run what runs with
another's rights. It refuses too where somebody built on these views, since theirs would go with ours. The views run
with their owner's rights behind a security barrier, so the role needs no right to a table, and a function in its query
sees no row that a view leaves out. `--remove` alone takes the schema away for good. Backups leave it out.

**Give the role as you give marketing's office.** It reads every unit's cases and penalties, those that the unit doesn't
know of yet too, and who knows when somebody was penalised recognises the pseudonym.
"""


def reporting() -> str:
    parts = [ABOVE]
    for view in VIEWS:
        parts.append(f"\n## `{SCHEMA}.{view.name}`\n\n{view.says}\n\n| column | what it says |\n|---|---|")
        parts += [f"| `{column.name}` | {_says(column)} |" for column in view.columns]
    return "\n".join(parts) + "\n"


def _says(column: Column) -> str:
    values = ", ".join(
        f"`{value}` {label}" if str(value) != str(label) else f"`{value}`" for value, label in column.choices if value
    )
    return f"{column.says}: {values}" if values else column.says
