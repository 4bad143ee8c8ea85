"""What the answers of a destination say about it, check after check."""

UNKNOWN, REACHABLE, MISSING_ONCE, MISSING = "", "Reachable", "Not Found Once", "Not Found"
_GONE = frozenset({404, 410})


def state_after(state: str, answer: int | None) -> str:
    """Return the state after a check, given the one before it and the HTTP status of the answer.

    A page is Not Found once it was missing in two checks in a row, since pages are also away for a moment. No
    answer (None) and an error of the server (5xx) say nothing about the page: the state stays as it was.
    """
    if answer is None or answer >= 500:
        return state
    if answer not in _GONE:
        return REACHABLE
    return MISSING if state in (MISSING_ONCE, MISSING) else MISSING_ONCE
