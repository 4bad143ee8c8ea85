"""Makes a fresh site one that a person can log in to: the setup wizard's answers, without the wizard."""

from __future__ import annotations

import sys

import frappe
from frappe.utils.scheduler import enable_scheduler

SYSTEM_SETTINGS = {
    "setup_complete": 1,
    "country": "United States",
    "language": "en",
    "time_zone": "Etc/UTC",
    "date_format": "yyyy-mm-dd",
    "number_format": "#,###.##",
    "enable_onboarding": 0,
}


def prepare(site: str) -> None:
    frappe.init(site=site)
    frappe.connect()
    settings = frappe.get_single("System Settings")
    settings.update(SYSTEM_SETTINGS)
    settings.flags.ignore_mandatory = True
    settings.save()
    frappe.db.set_default("desktop:home_page", "workspace")
    frappe.db.set_default("currency", "USD")
    frappe.db.set_default("country", "United States")
    enable_scheduler()
    frappe.db.commit()
    frappe.destroy()


if __name__ == "__main__":
    prepare(sys.argv[1])
