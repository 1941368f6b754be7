"""The warehouse as a load sees it: one writer, one transaction, a bound on memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from privacy.problem import Problem

_MEMORY = "2GB"
"""What DuckDB may hold of a delivery; the rest waits in temporary files beside the warehouse."""


@contextmanager
def in_one_transaction(
    warehouse: Path, workspace: Path, dry_run: bool
) -> Iterator[DuckDBPyConnection]:
    """A site's warehouse in one transaction: committed at the end, undone by anything else.

    A dry run is undone in any case; where there is no warehouse yet, it gets one in `workspace`.
    A warehouse that was made for a delivery that failed is removed again.
    """
    is_new = not warehouse.exists()
    path = workspace / "warehouse.duckdb" if dry_run and is_new else warehouse
    is_kept = False
    try:
        connection = duckdb.connect(path)
    except (duckdb.IOException, duckdb.ConnectionException):
        raise Problem(
            "the warehouse is in use by another process, or is no DuckDB file",
            str(path),
            "Wait until the other run is over, or stop it; only one may write at a time.",
        ) from None
    path.chmod(0o600)  # made by DuckDB for everyone to read
    try:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.begin()
        try:
            yield connection
            if dry_run:
                connection.rollback()
            else:
                connection.commit()
                is_kept = True
        except RuntimeError as error:  # how DuckDB passes on Ctrl-C while a statement runs
            if str(error) == "Query interrupted":
                raise KeyboardInterrupt from None
            raise
        except duckdb.Error as error:
            # DuckDB's texts quote values; the kind of error is all that may be told.
            raise Problem(
                f"the warehouse refused the delivery ({type(error).__name__})",
                str(path),
                "Nothing was changed. See that the disk has room and the warehouse is whole.",
            ) from None
    finally:
        connection.close()
        if is_new and not is_kept:
            for left in (path, path.with_name(f"{path.name}.wal")):
                left.unlink(missing_ok=True)
