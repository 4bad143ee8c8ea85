"""What the people of the story do, chapter by chapter.

Every step first looks whether it has happened already, so a story that was interrupted goes on where it
stopped, and one that was told is not told twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urljoin

from dev.story import plot
from dev.story.browser import PREFETCH, VISITOR_COOKIE, Browser, headers_of
from dev.story.plot import Employee, Link, Visit, Visitor
from dev.story.site_client import Doc, Site, StoryError, wait_for


@dataclass
class Cast:
    """Who is logged in, the links they work with (by title), and the visitors' browsers."""

    admin: Site
    manager: Site
    salesperson: Site
    links: dict[str, Doc] = field(default_factory=dict)
    browsers: dict[Visitor, Browser] = field(default_factory=dict)

    def short_url(self, link: Link) -> str:
        return self.links[link.title]["short_url"]

    @property
    def link_names(self) -> list[str]:
        return [link["name"] for link in self.links.values()]


# ---------------------------------------------------------------- before the curtain


def hire(url: str, user: str, password: str) -> Cast:
    """The administrator gives the campaign manager and the salesperson a login with the role that they need."""
    admin = Site(url, user, password)
    for employee in (plot.MANAGER, plot.SALESPERSON):
        ensure_user(admin, employee)
    manager, salesperson = (
        Site(url, employee.email, plot.STAFF_PASSWORD) for employee in (plot.MANAGER, plot.SALESPERSON)
    )
    return Cast(admin, manager, salesperson)


def ensure_user(admin: Site, employee: Employee) -> None:
    """Who is there already may have lost the role: TrackFlow takes its own along when it is uninstalled."""
    profile = {
        "first_name": employee.first_name,
        "last_name": employee.last_name,
        "roles": [{"role": employee.role}],
        "new_password": plot.STAFF_PASSWORD,
        "send_welcome_email": 0,
    }
    name = admin.ensure("User", {"email": employee.email}, profile)
    roles = admin.get("User", name)["roles"]
    if employee.role not in [row["role"] for row in roles]:
        admin.update("User", name, {"roles": [*roles, {"role": employee.role}]})


def is_told(cast: Cast) -> bool:
    """The conversion of the won deal is the last thing that TrackFlow writes in this story."""
    lead = find_web_lead(cast.salesperson)
    deal = lead and cast.salesperson.find("CRM Deal", {"lead": lead["name"]})
    return bool(deal and _conversion(cast, "Deal Won", deal["name"]))


def tell(cast: Cast) -> None:
    publish_pages(cast.admin)
    name_the_office(cast.admin)
    maya_plans_campaigns(cast.manager)
    make_links(cast)
    people_click(cast)
    lead = vera_asks_for_a_demo(cast)
    samir_notes_a_phone_call(cast)
    samir_sells(cast, lead)


# ---------------------------------------------------------------- pages, campaigns, links


def publish_pages(admin: Site) -> None:
    """The form is an ordinary Web Form on CRM Lead: it needs no code to know where its leads come from."""
    fields = [
        {"fieldname": "first_name", "label": "First name", "fieldtype": "Data", "reqd": 1},
        {"fieldname": "last_name", "label": "Last name", "fieldtype": "Data"},
        {"fieldname": "email", "label": "Email", "fieldtype": "Data", "options": "Email", "reqd": 1},
        {"fieldname": "organization", "label": "Company", "fieldtype": "Data"},
    ]
    form = {"title": "Request a Demo", "doc_type": "CRM Lead", "module": "Website", "published": 1}
    admin.ensure("Web Form", {"route": plot.FORM_PAGE}, {**form, "web_form_fields": fields})
    text = f'<h1>An espresso machine for four weeks, free</h1><a href="/{plot.FORM_PAGE}">Ask for a demo</a>'
    page = {"title": "Spring Offer", "content_type": "HTML", "main_section_html": text, "published": 1}
    admin.ensure("Web Page", {"route": plot.OFFER_PAGE}, page)


def name_the_office(admin: Site) -> None:
    """Clicks from the firm's own network are kept but don't count."""
    ranges = admin.get("TrackFlow Settings", "TrackFlow Settings")["internal_ip_ranges"]
    if plot.OFFICE_NETWORK not in [row["ip_range"] for row in ranges]:
        office = {"ip_range": plot.OFFICE_NETWORK, "description": "Office"}
        admin.update("TrackFlow Settings", "TrackFlow Settings", {"internal_ip_ranges": [*ranges, office]})


def maya_plans_campaigns(manager: Site) -> None:
    for campaign in plot.CAMPAIGNS:
        values = {
            "campaign_type": campaign.kind,
            "source": campaign.source,
            "medium": campaign.medium,
            "budget": campaign.budget,
        }
        manager.ensure("Link Campaign", {"campaign_name": campaign.name}, values)


def make_links(cast: Cast) -> None:
    """TrackFlow makes the short codes. Once the story is told, this only finds the links again."""
    cast.links = {link.title: _make_link(cast.manager, link) for link in plot.LINKS}


def _make_link(manager: Site, link: Link) -> Doc:
    """A link to the site's own page is corrected if the site has moved to another port since it was made."""
    destination = urljoin(manager.url, link.destination)
    values = {
        "destination_url": destination,
        "campaign": link.campaign and link.campaign.name,
        "source": link.source,
        "medium": link.medium,
        "content": link.content,
    }
    made = manager.get("Tracked Link", manager.ensure("Tracked Link", {"title": link.title}, values))
    if made["destination_url"] != destination and made["destination_url"].endswith(link.destination):
        return manager.update("Tracked Link", made["name"], {"destination_url": destination})
    return made


# ---------------------------------------------------------------- people click


def people_click(cast: Cast) -> None:
    """Everybody comes with a browser of their own, which keeps TrackFlow's cookie from click to click."""
    _wait_until_counted(cast)
    seen = _recorded(cast)
    for visit in plot.VISITS:
        if _key(cast, visit) not in seen:
            _visit(cast, visit)
    _wait_until_counted(cast)
    _check_verdicts(cast)


def _visit(cast: Cast, visit: Visit) -> None:
    """A prefetch is refused, so that the real click comes through later; all others are sent on."""
    is_prefetch = visit.verdict == "prefetch"
    for _click in range(visit.clicks):
        answer = _browser_of(cast, visit.who).click(
            cast.short_url(visit.link), visit.link.seen_on, **(PREFETCH if is_prefetch else {})
        )
        expected = 503 if is_prefetch else 302
        if answer.status_code != expected:
            raise StoryError(f"{answer.url} answered {answer.status_code} where {expected} was expected.")


def _browser_of(cast: Cast, visitor: Visitor) -> Browser:
    """The one that the visitor has used before; the cookie outlives an interruption of the story, too."""
    if visitor not in cast.browsers:
        ids = [one["visitor_id"] for one in _events(cast) if one["ip_address"] == visitor.address]
        known = next(filter(None, ids), "")
        cast.browsers[visitor] = Browser(visitor, cast.manager.url, known)
    return cast.browsers[visitor]


def _wait_until_counted(cast: Cast) -> None:
    pending = {"status": "Pending", "tracked_link": ("in", cast.link_names)}
    wait_for("The end of the click queue", lambda: not cast.admin.count("Click Queue", pending))


def _recorded(cast: Cast) -> set[tuple[str, str, str]]:
    """(address, link, verdict) of the clicks so far. Addresses are for administrators' eyes only."""
    return {(event["ip_address"], event["tracked_link"], event["verdict"]) for event in _events(cast)}


def _events(cast: Cast) -> list[Doc]:
    own = {
        "tracked_link": ("in", cast.link_names),
        "ip_address": ("in", [one.who.address for one in plot.VISITS]),
    }
    return cast.admin.rows("Click Event", own, ["ip_address", "tracked_link", "verdict", "visitor_id"])


def _key(cast: Cast, visit: Visit) -> tuple[str, str, str]:
    return visit.who.address, cast.links[visit.link.title]["name"], visit.verdict


def _check_verdicts(cast: Cast) -> None:
    seen = _recorded(cast)
    for visit in plot.VISITS:
        if _key(cast, visit) not in seen:
            raise StoryError(f"The click on “{visit.link.title}” was not recorded as {visit.verdict}.")


# ---------------------------------------------------------------- a lead, and another one


def vera_asks_for_a_demo(cast: Cast) -> Doc:
    """Vera's browser has the cookie of her first click: that is how the lead learns where it came from."""
    if not find_web_lead(cast.salesperson):
        if _key(cast, plot.LAST_VISIT) not in _recorded(cast):
            _visit(cast, plot.LAST_VISIT)
        browser = _browser_of(cast, plot.VERA)
        form = browser.open(cast.links[plot.DEMO.title]["target_url"])
        browser.submit(form, plot.FORM, plot.WEB_LEAD)
    lead = find_web_lead(cast.salesperson)
    if not lead:
        raise StoryError("The web form made no lead with a visitor.")
    wait_for(f"The conversion of {lead['name']}", lambda: _conversion(cast, "Lead", lead["name"]))
    return cast.salesperson.get("CRM Lead", lead["name"])


def samir_notes_a_phone_call(cast: Cast) -> None:
    """Samir has clicked the link himself, so his browser has a visitor's cookie; his caller has none."""
    if find_phone_lead(cast.salesperson):
        return
    browser = cast.salesperson.session
    browser.get(cast.short_url(plot.OFFER), headers=headers_of(plot.OFFICE_PC), allow_redirects=False)
    if VISITOR_COOKIE not in browser.cookies:
        raise StoryError("The salesperson's browser got no visitor cookie.")
    values = {**plot.PHONE_LEAD, "lead_owner": plot.SALESPERSON.email, "source": "Cold Calling"}
    cast.salesperson.create("CRM Lead", values)


def find_web_lead(salesperson: Site) -> Doc | None:
    """The one with a visitor: a lead from before TrackFlow was uninstalled has lost its own."""
    with_visitor = {"email": plot.WEB_LEAD["email"], "trackflow_visitor_id": ("is", "set")}
    return salesperson.find("CRM Lead", with_visitor)


def find_phone_lead(salesperson: Site) -> Doc | None:
    return salesperson.find("CRM Lead", {"email": plot.PHONE_LEAD["email"]})


def _conversion(cast: Cast, kind: str, reference: str) -> list[Doc]:
    filters = {"conversion_type": kind, "reference_name": reference}
    return cast.manager.rows("Conversion", filters, ["name"])


# ---------------------------------------------------------------- a deal


def samir_sells(cast: Cast, lead: Doc) -> None:
    """From here on Samir only does his work in the CRM; TrackFlow watches."""
    samir = cast.salesperson
    if lead["status"] == "New":
        samir.update("CRM Lead", lead["name"], {"status": "Contacted", "lead_owner": samir.user})
    if not samir.find("CRM Deal", {"lead": lead["name"]}):
        samir.call("crm.fcrm.doctype.crm_lead.crm_lead.convert_to_deal", lead=lead["name"])
    deal = samir.find("CRM Deal", {"lead": lead["name"]})
    if not deal:
        raise StoryError(f"The conversion of {lead['name']} made no deal.")
    # Up to Frappe CRM 1.47 a deal is worth the one, from 1.48 on the other.
    worth = {"annual_revenue": plot.DEAL_WORTH, "deal_value": plot.DEAL_WORTH}
    samir.update("CRM Deal", deal["name"], worth)
    for stage in _stages_ahead(deal["status"]):
        samir.update("CRM Deal", deal["name"], {"status": stage})
    wait_for(f"The credit for {deal['name']}", lambda: _conversion(cast, "Deal Won", deal["name"]))


def _stages_ahead(stage: str) -> tuple[str, ...]:
    done = plot.STAGES.index(stage) + 1 if stage in plot.STAGES else 0
    return plot.STAGES[done:]
