"""What a person is told when something cannot go on.

It lives in the bottom room so that every room can raise it: one sentence form, one exit code, one
place that prints it (`sloyfe.cli`). The three parts are written for someone who has to mend it, and
they never carry data from a record: a column name, a file and a row number, never a value.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem(Exception):
    """Something the user can mend.

    what: what is wrong, one clause. where: file, line, field, site or process. mend: what to do.
    """

    what: str
    where: str
    mend: str

    def __str__(self) -> str:
        return f"{self.what} ({self.where}). {self.mend}"
