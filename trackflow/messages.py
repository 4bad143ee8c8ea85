"""What the domain refuses, in the reader's language and with what to change."""

from html import unescape
from typing import NoReturn

import frappe
from frappe.model.document import Document
from frappe.utils import escape_html

from trackflow.attribution import messages as attribution_messages
from trackflow.domain import reasons
from trackflow.domain.errors import Refused
from trackflow.domain.errors import sentence as _
from trackflow.imports import messages as import_messages
from trackflow.link_templates import messages as template_messages
from trackflow.qr import messages as qr_messages


def explain(refused: Refused) -> str:
    """Return the sentence for ``refused``."""
    details = {name: _detail(value) for name, value in refused.details.items()}
    sentences = (
        _sentences()
        | template_messages.sentences()
        | qr_messages.sentences()
        | import_messages.sentences()
        | attribution_messages.sentences()
    )
    # One of a hundred is shown, so they are marked and only that one is translated.
    return frappe._(sentences[refused.reason]).format(**details)


def plain(refused: Refused) -> str:
    """Return the sentence for ``refused`` as text, where no HTML is expected."""
    return unescape(explain(refused))


def verdict_reason(reason: str | None) -> str:
    """Return why a click got its verdict, which is stored in English, as text in the reader's language."""
    sentence, detail = reasons.parts(reason or "")
    return frappe._(sentence).format(detail)


def show_reasons(doc: Document, *fieldnames: str) -> None:
    """Let the form of ``doc`` show what these fields give as a reason in the reader's language."""
    stored = [doc.get(name) for name in fieldnames if doc.get(name)]
    doc.set_onload("reasons", {reason: verdict_reason(reason) for reason in stored})


def _detail(value: object) -> str:
    """Return a detail as HTML; one refusal may be the reason for another."""
    return explain(value) if isinstance(value, Refused) else escape_html(str(value))


def throw(refused: Refused, title: str) -> NoReturn:
    """Show ``refused`` to the user and end the request; nothing is saved."""
    frappe.throw(explain(refused), title=title)


def _sentences() -> dict[str, str]:
    return {
        "bot_pattern_short": _(
            "The user agent {pattern} is too short to tell robots. Enter at least {shortest} characters."
        ),
        "bot_pattern_ordinary": _(
            "Ordinary browsers have {pattern} in their user agents, so people's clicks would not count any more. Enter"
            " something that only the robot says of itself."
        ),
        "page_origin": _(
            "Pages of {origin} may not tell of themselves. Enter its host name under Websites in TrackFlow Settings."
        ),
        "page_url": _("{url} is not the address of a page of {host}."),
        "website": _("{website} is no host name. Enter one a line, for example www.example.com."),
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
        "destination_macro_host": _(
            "The destination {url} has a macro in its host name. Macros can stand behind the host only."
        ),
        "app_scheme": _(
            "{url} opens no app. Enter an address like myapp://product/1, or an https:// address that the app"
            " has claimed."
        ),
        "rule_empty": _(
            "Targeting rule {number} has no condition, so the rules below it, the variants and the link's own"
            " destination would never be used. Add a condition or delete the rule."
        ),
        "rule_value_alone": _(
            "Targeting rule {number} has the parameter value {value} but no parameter. Enter its name as Query"
            " Parameter."
        ),
        "rule_dates": _(
            "Targeting rule {number} ends before it starts, so it would never be used. Change one of its two dates."
        ),
        "rule_before_link": _(
            "Targeting rule {number} ends before the link starts, so it would never be used. Change its dates or"
            " the link's."
        ),
        "rule_after_link": _(
            "Targeting rule {number} starts after the link expires, so it would never be used. Change its dates or"
            " the link's."
        ),
        "rule_impossible_device": _(
            "Targeting rule {number} would never be used: there is no {device} with {system}. Change the device or"
            " the operating system."
        ),
        "rule_shadowed": _(
            "Targeting rule {number} would never be used, because rule {earlier} above it already takes all of its"
            " visitors. Move rule {number} above rule {earlier}, change its conditions or delete it."
        ),
        "rule_language": _(
            "{text} is no language code. Enter codes as browsers send them, separated by commas: de, en-GB."
        ),
        "rule_country": _(
            "{text} is no country. Enter two letters as in ISO 3166, for example DE, or the name."
        ),
        "geoip_missing": _(
            "There is no file {path}. Enter the full path of a MaxMind database on the server, or the address of an"
            " uploaded one."
        ),
        "geoip_unreadable": _(
            "{path} can't be read as a MaxMind database ({error}). Enter the path of a .mmdb file."
        ),
        "geoip_kind": _(
            "This database is a {kind}, which knows no countries. Enter a Country or City database."
        ),
        "rule_names": _("Two targeting rules are called {name}. Give each a name of its own."),
        "header_name": _("{name} is no header name. Use letters, digits and -, as in Referrer-Policy."),
        "header_own": _("The header {name} is set by TrackFlow or the web server. Remove it."),
        "header_twice": _("The header {name} is there twice. Remove one."),
        "header_value": _(
            "The header {name} needs a value in one line of at most {longest} plain characters (no accents)."
        ),
        "css_too_long": _("The custom CSS is too long. At most {longest} characters are possible."),
        "css_markup": _("The custom CSS contains HTML, such as </style>. Remove it."),
        "css_import": _(
            "The custom CSS can't import other style sheets. Paste their rules instead of @import."
        ),
        "domain_settings": _("The tracking settings take these names with true or false: {names}."),
        "ip_range": _("{text} is not an address or range. Enter it like 192.168.0.0/16 or 2001:db8::/32."),
        "model_type": _("There is no attribution model of the type {model_type}."),
    }
