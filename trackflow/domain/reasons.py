"""Why clicks got their verdicts: as it is stored, in English, and taken apart again for readers of other languages."""

from trackflow.domain.errors import sentence as _

OPTED_OUT = _("the visitor opted out of tracking")
INTERNAL = _("address in an internal range")
NO_USER_AGENT = _("no user agent")
PREVIEWER = _("link preview fetcher: {0}")
ROBOT = _("robot: {0}")
OWN_ROBOT = _("robot of your own list: {0}")
BURST = _("more than {0} links in a second from one address")
AGAIN = _("again within {0} s")
_SENTENCES = (OPTED_OUT, INTERNAL, NO_USER_AGENT, PREVIEWER, ROBOT, OWN_ROBOT, BURST, AGAIN)
_BLANK = "{0}"


def parts(reason: str) -> tuple[str, str]:
    """Return the sentence that ``reason`` was made of and what fills its blank; a reason of another kind is all blank."""
    for sentence in _SENTENCES:
        start, blank, end = sentence.partition(_BLANK)
        if reason == sentence or (blank and reason.startswith(start) and reason.endswith(end)):
            return sentence, reason[len(start) : len(reason) - len(end)]
    return _BLANK, reason
