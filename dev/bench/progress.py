"""One line a step, with its time: a person who waits wants to know for what."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

# A step does its work and may return a word on how it went ("ready": there was nothing to do).
Step = tuple[str, Callable[[], "str | None"]]

_WIDTH = 34


def run_steps(steps: list[Step]) -> None:
    for number, (title, work) in enumerate(steps, start=1):
        label = f"[{number:2}/{len(steps)}] {title} "
        sys.stdout.write(label.ljust(_WIDTH + 8, ".") + " ")
        sys.stdout.flush()
        started = time.monotonic()
        try:
            note = work()
        except BaseException as error:
            print("interrupted" if isinstance(error, KeyboardInterrupt) else "failed", flush=True)
            raise
        print(f"{time.monotonic() - started:6.1f} s" + (f"  {note}" if note else ""), flush=True)
