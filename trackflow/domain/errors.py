"""How the domain says no."""


class Refused(ValueError):
    """Input that breaks a rule.

    ``reason`` is a stable key, for example ``"destination_scheme"``; ``details`` fill the blanks of the
    sentence that ``trackflow.messages`` makes of it in the reader's language.
    """

    def __init__(self, reason: str, **details: object):
        super().__init__(f"{reason} {details}" if details else reason)
        self.reason = reason
        self.details = details


def sentence(text: str) -> str:
    """Mark ``text``, as ``_``, for those who collect what is to be translated. It is translated when it is shown."""
    return text
