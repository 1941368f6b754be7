"""What a person is told when something cannot go on.

It lives in the bottom room so that every room can raise it: one sentence form, one exit code, one
place that prints it (`sloyfe.cli`). The three parts are written for someone who has to mend it, and
they never carry data from a record: a column name, a file and a row number, never a value.
"""


class Problem(Exception):
    """Something the user can mend.

    what: what is wrong, one clause. where: file, line, field, site or process. mend: what to do.
    """

    def __init__(self, what: str, where: str, mend: str) -> None:
        super().__init__(what, where, mend)
        self.what = what
        self.where = where
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.what} ({self.where}). {self.mend}"
