"""`python3 -m dev.bench COMMAND`. The Makefile has the names that people use."""

import os
import shutil
import sys


def use_supported_python():
    """This file alone must be readable by any Python 3: an older one looks for a newer one here."""
    if sys.version_info >= (3, 10):  # noqa: UP036
        return
    for name in ("python3.12", "python3.11", "python3.10"):
        if shutil.which(name):
            os.execvp(name, [name, "-m", "dev.bench", *sys.argv[1:]])
    sys.exit("Python 3.10, 3.11 or 3.12 is needed; found only {}.{}.".format(*sys.version_info[:2]))


if __name__ == "__main__":
    use_supported_python()
    from dev.bench import cli

    sys.exit(cli.main(sys.argv[1:]))
