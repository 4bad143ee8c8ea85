"""Credit: from journeys to what leads show and what deals and campaigns earned.

The only writer of the trackflow_ fields of leads and deals. Runs in background jobs, on request (``attribution.requests``);
working the same thing out twice changes nothing.
"""

from collections.abc import Callable, Collection, Iterable

import frappe
from frappe.utils import add_days, now_datetime

from trackflow import colleagues, identity, ingest, jobs, organizations
from trackflow.attribution import deal_journeys, deals, lead_credit, references, requests
from trackflow.attribution.requests import DEAL, LEAD, Request
from trackflow.integrations import crm

# How far back the hourly job looks for what was never asked for.
CATCH_UP_DAYS = 7


def work_off(doctype: str, name: str, page_url: str = "") -> None:
    """Background job: do what was requested for a lead, deal, contact or organization, until nothing is left to do.

    ``page_url`` is the page whose form created the lead, if it was one.
    """
    jobs.begin(requests.METHOD, doctype=doctype, name=name)
    # The click that brought the visitor here may still wait in the queue.
    ingest.drain()
    with jobs.alone(f"{doctype} {name}") as is_mine:
        # Who is at work on it already looks again before it ends.
        while is_mine:
            frappe.db.commit()
            request = requests.find(doctype, name)
            _do(request, page_url or request.page_url)
            if not requests.settle(request):
                break


def credit_lead(lead: str, page_url: str = "") -> None:
    work_off(LEAD, lead, page_url)


def credit_deal(deal: str) -> None:
    work_off(DEAL, deal)


def catch_up() -> None:
    """Hourly: do what lost or failed jobs left and what nobody could ask for, each lead and deal on its own."""
    if not crm.is_installed():
        return
    for find in (requests.overdue, _forgotten_leads, _forgotten_deals, _just_closed_deals, _revisited_deals):
        attempt(_work_off_all, find)


def _work_off_all(find: Callable[[], Iterable[tuple[str, str]]]) -> None:
    for doctype, name in list(find()):
        attempt({LEAD: credit_lead, DEAL: credit_deal}.get(doctype) or _credit_deals_of(doctype), name)


def again(visitors: Collection[str]) -> None:
    """Credit the leads and deals of ``visitors`` again once the transaction is committed: their clicks changed."""
    if not (visitors and crm.is_installed()):
        return
    leads, found = identity.people_of(visitors)
    again_for(leads, {*found, *deal_journeys.with_visitors(visitors)}, reread=requests.CLICKS)


def again_for(leads: Iterable[str], found: Iterable[str], *, reread: str = "") -> None:
    """Credit these leads and deals again once the transaction is committed. ``reread``: see ``requests.Request``."""
    for lead in sorted(leads):
        requests.request(LEAD, lead)
    for deal in sorted(found):
        requests.request(DEAL, deal, reread=reread)


def again_for_address(address: str) -> None:
    """Credit whoever has this email address again once the transaction is committed: an email to it was clicked."""
    if crm.is_installed():
        again_for(*identity.people_with_address(address))


def is_pending(deal: str) -> bool:
    """Say whether the credit of ``deal`` is being recomputed, or will be soon."""
    state = requests.state(DEAL, deal)
    return bool(state and not state.failed_at) or bool(models_being_rebuilt())


def state(deal: str) -> dict:
    """Return ``{"is_pending", "failed_at", "message"}``: whether the credit of ``deal`` is being recomputed, and if
    that failed when and why. It is tried again hourly."""
    due = requests.state(DEAL, deal) or {}
    return {
        "is_pending": is_pending(deal),
        "failed_at": due.get("failed_at"),
        "message": due.get("error_message") or "",
    }


def attempt(work: Callable[..., None], name: object, *more: object) -> bool:
    """Do one piece of the work and say whether it is done; what can't be done must not hold up the rest."""
    is_done = False
    try:
        work(name, *more)
        is_done = True
    except Exception:
        frappe.db.rollback()
        frappe.log_error(f"TrackFlow: {work.__name__} failed for {name}")
    # Each stands on its own, and the row locks should not add up.
    frappe.db.commit()
    return is_done


@jobs.retried
def credit_deal_under(deal: str, models: Collection[str]) -> None:
    """Credit ``deal`` again under ``models`` only, and leave the campaigns' figures to who calls this.

    If that fails, it is due for the next hour.
    """
    with jobs.alone(f"{DEAL} {deal}", seconds=60):
        request = requests.find(DEAL, deal)
        _noting_failure(request, lambda: deals.credit(deal, models))


@jobs.retried
def credit_lead_again(lead: str) -> None:
    """Note on ``lead`` what the default model and the window now say."""
    with jobs.read_committed():
        lead_credit.credit(lead)


@jobs.retried
def _do(request: Request, page_url: str) -> None:
    _noting_failure(request, lambda: _work(request, page_url))


def _noting_failure(request: Request, work: Callable[[], None]) -> None:
    try:
        with jobs.read_committed():
            unfinished = work()
        if unfinished:
            # What could be done is done and committed.
            raise unfinished
    except frappe.QueryDeadlockError:
        # Begun anew by who called this.
        raise
    except Exception as error:
        frappe.db.rollback()
        requests.fail(request, error)
        frappe.db.commit()
        raise


def _work(request: Request, page_url: str) -> Exception | None:
    if request.formerly:
        references.move(request.doctype, request.formerly, request.name)
    if request.deleted_at:
        references.purge(request.doctype, request.name, request.deleted_at)
    if request.doctype == DEAL:
        organizations.enqueue(frappe.db.get_value(DEAL, request.name, "organization"))
        return deals.credit(request.name, reread=request.reread)
    if request.doctype == LEAD:
        lead_credit.credit(request.name, page_url)
        organizations.enqueue(frappe.db.get_value(LEAD, request.name, "organization"))
        if request.reread or request.deleted_at or request.formerly:
            request_deals({"lead": request.name})
            again_for([], identity.deals_through(request.name))
    else:
        _request_deals_of(request.doctype, request.name)
    return None


def request_deals(filters: dict) -> None:
    for deal in frappe.get_all(DEAL, filters, pluck="name", order_by="name asc"):
        requests.request(DEAL, deal)


def _credit_deals_of(doctype: str) -> Callable[[str], None]:
    def credit_deals(name: str) -> None:
        work_off(doctype, name)

    return credit_deals


def _request_deals_of(doctype: str, name: str) -> None:
    """Ask for the credit of the deals that a contact stands behind, and of those that an organization's people do."""
    deals: set[str] = set()
    firms = {name}
    if doctype == "Contact":
        deals, firms = set(identity.deals_of_contacts([name])), colleagues.organizations_of([name])
    again_for([], {*deals, *colleagues.open_deals(firms)})
    for firm in sorted(firms):
        organizations.enqueue(firm)


def models_being_rebuilt() -> list[str]:
    """Return the active models under which all deals are being credited again."""
    return frappe.get_all(
        "Attribution Model", {"pending_change": ("is", "set"), "is_active": 1}, pluck="name"
    )


def _forgotten_leads() -> list[tuple[str, str]]:
    """Return leads of the last days that have a visitor and no conversion."""
    since = add_days(now_datetime(), -CATCH_UP_DAYS)
    recent = {"creation": (">", since), "trackflow_visitor_id": ("is", "set")}
    names = frappe.get_all(LEAD, recent, pluck="name", order_by="name asc")
    converted = frappe.get_all(
        "Conversion",
        {"reference_doctype": LEAD, "reference_name": ("in", names or [""])},
        pluck="reference_name",
    )
    return [(LEAD, name) for name in sorted(set(names) - set(converted))]


def _just_closed_deals() -> list[tuple[str, str]]:
    """Ask for what was closed lately once more: what is frozen now stays."""
    found = deal_journeys.just_closed()
    for deal in found:
        requests.request(DEAL, deal, reread=requests.CLICKS)
    return [(DEAL, deal) for deal in found]


def _revisited_deals() -> list[tuple[str, str]]:
    """Return open deals whose people were seen since: nobody asks for that with each click or page view."""
    failing = requests.states(DEAL)
    return [(DEAL, deal) for deal in deal_journeys.revisited() if deal not in failing]


def _forgotten_deals() -> list[tuple[str, str]]:
    """Return deals that were changed in the last days and not credited since."""
    deal, journey = frappe.qb.DocType(DEAL), frappe.qb.DocType("Deal Journey")
    query = frappe.qb.from_(deal).left_join(journey).on(journey.deal_id == deal.name).select(deal.name)
    query = query.where(deal.modified > add_days(now_datetime(), -CATCH_UP_DAYS))
    query = query.where(journey.credited_at.isnull() | (journey.credited_at < deal.modified))
    return [(DEAL, name) for (name,) in query.orderby(deal.name).run()]
