"""The sentences for what is refused in imports: whole files, and rows."""

from trackflow.domain.errors import sentence as _


def sentences() -> dict[str, str]:
    """Return the sentence for each reason, with its blanks."""
    return _about_files() | _about_rows() | _about_cells()


def _about_files() -> dict[str, str]:
    return {
        "import_empty": _("There are no rows. The first line of a CSV file names its columns."),
        "import_too_long": _("There are {rows} rows. At most {most} are possible at once; split the file."),
        "import_too_big": _("The file is larger than {most} MB. Split it."),
        "import_spreadsheet": _("This is a spreadsheet. Save it as CSV and attach that."),
        "import_file_missing": _("The file can't be found. Attach it again."),
        "import_two_sources": _("Choose either a file or a pasted text."),
        "import_no_header": _(
            "The first line has to name the columns, for example destination_url,title. For URLs alone choose"
            " the format List of URLs."
        ),
        "import_no_destination": _(
            "There is no column for the destination among {columns}. Call it destination_url, or choose"
            " another format."
        ),
        "import_column_twice": _("The column {column} is there twice. Remove or rename one of them."),
    }


def _about_rows() -> dict[str, str]:
    return {
        "row_unreadable": _("The row can't be read: one of its cells is far too long."),
        "row_quote_open": _("A quotation mark is opened in this row and never closed. Close or remove it."),
        "row_too_long": _(
            "The row has {cells} cells, but there are {columns} columns. Put texts that contain the delimiter"
            " into quotation marks."
        ),
        "code_repeated": _("The short code {code} is that of line {line} already. Choose another one."),
        "code_taken": _("The short code {code} is taken by another link. Choose another one."),
        "name_unknown": _("{column}: there is no {value}. Create it first, or correct the name."),
    }


def _about_cells() -> dict[str, str]:
    return {
        "cell_too_long": _("{column} may have at most {longest} characters."),
        "cell_moment": _("{column}: {value} is not a time. Write it like 2025-01-31 or 2025-01-31 18:00."),
        "cell_whole": _("{column}: {value} is not a whole number."),
        "cell_check": _("{column}: {value} is neither yes nor no."),
        "cell_choice": _("{column}: {value} is not possible. Choose one of {options}."),
        "cell_object": _('{column}: enter names and values, for example {{"ref": "spring"}}.'),
    }
