import re
import unicodedata

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from trackflow import campaigns, counters, links
from trackflow.domain import budgets
from trackflow.domain.campaigns import expected_revenue

COUNTERS = ("total_clicks", "unique_visitors", "conversions", "credited_conversions", "won_deals", "revenue")
RATIOS = ("conversion_rate", "cost_per_click", "cost_per_acquisition", "roi_percentage")
# What the links of a campaign take over from it.
INHERITED = ("source", "medium", "campaign_id")


class LinkCampaign(Document):
    """A marketing campaign: its links, what it costs and what it earned."""

    def validate(self) -> None:
        self.campaign_id = _slug(self.campaign_id or self.campaign_name)
        if not self.campaign_id:
            frappe.throw(_("Enter a Campaign ID of letters and digits: none can be made from the name."))
        self._check_dates()
        self._follow_dates()
        self.expected_revenue = expected_revenue(self.budget, self.expected_roi)
        self.budget_state = budgets.state(self.budget, self.amount_spent)
        counters.keep_counters(self, COUNTERS)
        # Written by ``anomalies``, maybe while this form was open.
        self.last_unusual_day = frappe.db.get_value(self.doctype, self.name, "last_unusual_day")

    def on_update(self) -> None:
        counters.refresh_ratios(self.name)
        self.update(frappe.db.get_value(self.doctype, self.name, RATIOS, as_dict=True))
        if any(self.has_value_changed(fieldname) for fieldname in INHERITED):
            links.refresh_campaign(self.name)
        self._pause_or_resume_links()

    def _check_dates(self) -> None:
        if self.start_date and self.end_date and getdate(self.end_date) < getdate(self.start_date):
            frappe.throw(_("The campaign ends before it starts. Change one of the two dates."))

    def _follow_dates(self) -> None:
        before = self.get_doc_before_save()
        chosen, was = self.status, before.status if before else self.status
        moved = bool(before) and any(
            getdate(self.get(day) or "0001-01-01") != getdate(before.get(day) or "0001-01-01")
            for day in ("start_date", "end_date")
        )
        self.status = campaigns.status_of(self, dates_changed=moved and chosen == was)
        if chosen not in (was, self.status):
            frappe.msgprint(
                _(
                    "The dates of the campaign make it {0}, not {1}. Change them, or pause the campaign."
                ).format(_(self.status), _(chosen))
            )

    def _pause_or_resume_links(self) -> None:
        held, holds = campaigns.holds_links(self.get_doc_before_save()), campaigns.holds_links(self)
        if holds and not held:
            paused = campaigns.pause_links(self.name)
            frappe.msgprint(_("{0} links were paused.").format(paused), alert=True)
        elif held and not holds:
            resumed = campaigns.resume_links(self.name)
            frappe.msgprint(_("{0} links run again.").format(resumed), alert=True)


def _slug(text: str) -> str:
    """Return ``text`` as it looks well in a URL: lower case, words joined by hyphens, accents taken off."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9._-]+", "-", plain.lower()).strip("-")[:140]
