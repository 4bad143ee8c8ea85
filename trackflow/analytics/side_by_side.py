"""What campaigns or the like earned under several models, as rows."""

from collections.abc import Sequence

from frappe import _

from trackflow.analytics import labels
from trackflow.analytics.credit import Earned, Key


def rows(found: Sequence[dict[Key, Earned]], by: str) -> list[dict]:
    """Return a row for whatever earned under any of several models, most under the first one first.

    ``found``: for each model what ``credit.earned`` says. A row has ``key``, ``label``, ``link`` and, for the model in
    place n, ``amount_n`` and ``share_n``.
    """
    keys: dict[Key, None] = {key: None for one in found for key in one}
    titles = labels.of_links(name for name, _link in keys) if by == "link" else {}
    made = [named(key, by, titles) | _figures(key, found) for key in keys]
    return sorted(made, key=lambda row: (-row["amount_0"], row["label"], row["link"]))


def named(key: Key, by: str, titles: dict[str, str]) -> dict:
    """Return what a key is called: ``key``, ``label`` for people, and ``link`` for links and variants."""
    name, link = key[0], key[1] or (key[0] if by == "link" else "")
    label = titles.get(name, name) if by == "link" else name
    return {"key": name, "label": label or _("none"), "link": link}


def _figures(key: Key, found: Sequence[dict[Key, Earned]]) -> dict:
    figures = {}
    for place, one in enumerate(found):
        own = one.get(key, Earned())
        figures |= {f"amount_{place}": own.amount, f"share_{place}": own.share}
    return figures
