"""What the people of the story do, chapter by chapter.

Every step first looks whether it has happened already, so a story that was interrupted goes on where it
stopped, and one that was told is not told twice.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

from dev.story import plot, sales, weeks
from dev.story.cast import Cast, follow, key, recorded, wait_until_counted
from dev.story.plot import Campaign, Employee, Link
from dev.story.site_client import Doc, Site, StoryError, wait_for

# ---------------------------------------------------------------- before the curtain


def hire(url: str, user: str, password: str, folder: Path | None = None) -> Cast:
    """The administrator gives the campaign manager and the salesperson a login with the role that they need.

    folder: of the site, where it lies on this machine.
    """
    admin = Site(url, user, password)
    for employee in (plot.MANAGER, plot.SALESPERSON):
        ensure_user(admin, employee)
    manager, salesperson = (
        Site(url, employee.email, plot.STAFF_PASSWORD) for employee in (plot.MANAGER, plot.SALESPERSON)
    )
    return Cast(admin, manager, salesperson, folder=folder)


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
    lead = sales.find_web_lead(cast.salesperson)
    deal = lead and cast.salesperson.find("CRM Deal", {"lead": lead["name"]})
    return bool(deal and sales.conversion(cast, "Deal Won", deal["name"]))


def tell(cast: Cast) -> None:
    publish_pages(cast.admin)
    name_the_office(cast.admin)
    prepare(cast)
    if cast.folder:
        the_weeks_before(cast, cast.folder)
    people_click(cast)
    if cast.folder:
        sales.prospects_become_leads(cast)
    lead = sales.vera_asks_for_a_demo(cast)
    sales.samir_notes_a_phone_call(cast)
    sales.samir_sells(cast, lead)


def prepare(cast: Cast) -> None:
    """What Maya has made. Once the story is told, this only finds it again."""
    maya_plans_campaigns(cast.manager)
    make_links(cast)
    cast.manager.ensure("Link Template", {"template_name": plot.TEMPLATE_NAME}, plot.TEMPLATE)


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
        manager.ensure("Link Campaign", {"campaign_name": campaign.name}, _plan_of(campaign))


def _plan_of(campaign: Campaign) -> Doc:
    return {
        "campaign_type": campaign.kind,
        "source": campaign.source,
        "medium": campaign.medium,
        "budget": campaign.budget,
        "amount_spent": campaign.spent,
        "start_date": str(date.today() + timedelta(days=campaign.starts)),
        "end_date": str(date.today() + timedelta(days=campaign.ends)),
    }


def make_links(cast: Cast) -> None:
    """TrackFlow makes the short codes."""
    cast.links = {link.title: _make_link(cast.manager, link) for link in plot.LINKS}
    for link in plot.LINKS:
        _make_variants(cast.manager, link, cast.links[link.title])


def _make_link(manager: Site, link: Link) -> Doc:
    """A link to the site's own page is corrected if the site has moved to another port since it was made."""
    destination = urljoin(manager.url, link.destination)
    values = {
        "destination_url": destination,
        "campaign": link.campaign and link.campaign.name,
        "source": link.source,
        "medium": link.medium,
        "content": link.content,
        "targeting_rules": list(link.rules),
    }
    made = manager.get("Tracked Link", manager.ensure("Tracked Link", {"title": link.title}, values))
    if made["destination_url"] != destination and made["destination_url"].endswith(link.destination):
        return manager.update("Tracked Link", made["name"], {"destination_url": destination})
    return made


def _make_variants(manager: Site, link: Link, made: Doc) -> None:
    """Half of the visitors each."""
    for name, destination in link.variants:
        key = {"tracked_link": made["name"], "variant_name": name}
        values = {"destination_url": made["destination_url"] + destination, "weight": 50}
        manager.ensure("Campaign Link Variant", key, values)


# ---------------------------------------------------------------- people click


def the_weeks_before(cast: Cast, folder: Path) -> None:
    oldest = {"tracked_link": cast.links[plot.WINTER.title]["name"]}
    if not weeks.is_waiting(folder) and not cast.manager.count("Click Event", oldest):
        weeks.write(folder, cast.links, datetime.now())


def people_click(cast: Cast) -> None:
    """Everybody comes with a browser of their own, which keeps TrackFlow's cookie from click to click."""
    wait_until_counted(cast)
    seen = recorded(cast)
    for visit in plot.VISITS:
        if key(cast, visit) not in seen:
            follow(cast, visit)
    if cast.folder:
        # These clicks have set a worker to work, which begins with the file.
        wait_for("The end of the file of clicks", lambda: not weeks.is_waiting(cast.folder))
    wait_until_counted(cast)
    _check_verdicts(cast)


def _check_verdicts(cast: Cast) -> None:
    seen = recorded(cast)
    for visit in plot.VISITS:
        if key(cast, visit) not in seen:
            raise StoryError(f"The click on “{visit.link.title}” was not recorded as {visit.verdict}.")
