"""What the domain refuses, in the reader's language and with what to change."""

from typing import NoReturn

import frappe
from frappe import _
from frappe.utils import escape_html

from trackflow import template_messages
from trackflow.domain.errors import Refused


def explain(refused: Refused) -> str:
    """Return the sentence for ``refused``."""
    details = {name: _detail(value) for name, value in refused.details.items()}
    sentences = _sentences() | template_messages.sentences()
    return sentences[refused.reason].format(**details)


def _detail(value: object) -> str:
    """Return a detail as HTML; one refusal may be the reason for another."""
    return explain(value) if isinstance(value, Refused) else escape_html(str(value))


def throw(refused: Refused, title: str) -> NoReturn:
    """Show ``refused`` to the user and end the request; nothing is saved."""
    frappe.throw(explain(refused), title=title)


def _sentences() -> dict[str, str]:
    return {
        "code_malformed": _(
            "The short code {code} can't be used. Use 1 to {longest} letters (a to z), digits, - and _."
        ),
        "code_reserved": _("The short code {code} is reserved. Choose another one."),
        "destination_missing": _("Enter where the link goes to, for example https://example.com/page."),
        "destination_too_long": _("The destination has {length} characters. At most {longest} are possible."),
        "destination_unsafe": _(
            "The destination {url} contains a space, a backslash or a control character. Encode or remove it."
        ),
        "destination_malformed": _("The destination {url} is not a complete address. Check the host name."),
        "destination_scheme": _(
            "The destination {url} can't be used. It must begin with http:// or https://."
        ),
        "destination_credentials": _(
            "The destination contains a user name or password before the @. Anybody who clicks could read it;"
            " remove it."
        ),
        "destination_self": _(
            "The destination is itself a short link on {host}, so visitors could go round in circles. Enter the"
            " page that they should see in the end."
        ),
        "ip_range": _("{text} is not an address or range. Enter it like 192.168.0.0/16 or 2001:db8::/32."),
        "model_type": _("There is no attribution model of the type {model_type}."),
    }
