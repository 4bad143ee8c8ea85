"""What TrackFlow Settings take, what they refuse in which sentence, and how old rows are cleared away."""

from __future__ import annotations

from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import factory
from tests.site.factory import make_link, new_visitor, save_settings
from trackflow import settings
from trackflow.setup import install
from trackflow.trackflow.doctype.click_queue.click_queue import ClickQueue

REFUSED = [
    ({"short_code_length": 3}, "Short codes can have from 4 to 32 characters."),
    ({"short_code_length": 33}, "Short codes can have from 4 to 32 characters."),
    ({"attribution_window_days": 0}, "The attribution window must be at least one day."),
    ({"attribution_window_days": -5}, "The attribution window must be at least one day."),
    ({"cookie_expires_days": 0}, "The cookie must be kept for at least one day."),
    ({"custom_attribution_settings": "{"}, "take these names with numbers: time_decay_half_life_days"),
    ({"custom_attribution_settings": "[]"}, "take these names with numbers"),
    ({"custom_attribution_settings": '{"other": 1}'}, "take these names with numbers"),
    (
        {"trusted_proxies": "10.0.0.0/33"},
        "10.0.0.0/33 is not an address or range. Enter it like 192.168.0.0/16",
    ),
    ({"trusted_proxies": "proxy.example"}, "proxy.example is not an address or range"),
    ({"internal_ranges": ["192.168.0.0/16", "office"]}, "office is not an address or range"),
    ({"internal_ranges": ["1.2.3.4.5"]}, "1.2.3.4.5 is not an address or range"),
]


@pytest.mark.parametrize(("values", "sentence"), REFUSED, ids=[str(values) for values, _ in REFUSED])
def test_settings_that_make_no_sense_are_refused_in_a_sentence(values, sentence):
    before = settings.load_policy()
    with pytest.raises(frappe.ValidationError, match=sentence.replace(".", r"\.")):
        save_settings(**values)
    frappe.db.rollback()
    assert settings.load_policy() == before


def test_an_attribution_model_that_does_not_exist_is_refused():
    with pytest.raises(frappe.LinkValidationError):
        save_settings(default_attribution_model="Horoscope")


def test_ranges_are_kept_as_networks():
    with factory.settings(internal_ranges=["192.168.7.9/16", " 10.1.2.3 ", "2001:DB8::1/32"]) as doc:
        kept = [row.ip_range for row in doc.internal_ip_ranges]
    assert kept == ["192.168.0.0/16", "10.1.2.3/32", "2001:db8::/32"]


def test_several_proxies_may_be_named_in_any_layout():
    with factory.settings(trusted_proxies="10.0.0.0/8, ::1\n192.168.1.1;172.16.0.0/12") as doc:
        assert doc.trusted_proxies


def test_settings_work_as_they_are_installed():
    doc = frappe.get_doc("TrackFlow Settings")
    assert (doc.enable_tracking, doc.auto_generate_short_codes, doc.exclude_internal_traffic) == (1, 1, 1)
    assert doc.attribution_window_days > 0 and doc.cookie_expires_days > 0 and doc.short_code_length >= 4
    assert frappe.db.exists("Attribution Model", doc.default_attribution_model)


# ---------------------------------------------------------------- old rows


def processed_days_ago(days, link):
    (name,) = factory.put_clicks(link, [new_visitor()], at=now_datetime() - timedelta(days=days))
    factory.drain()
    frappe.db.set_value("Click Queue", name, "processed_at", now_datetime() - timedelta(days=days))
    frappe.db.commit()
    return name


def test_a_setting_that_came_with_an_update_shows_its_default():
    with factory.settings():
        frappe.db.delete("Singles", {"doctype": "TrackFlow Settings", "field": "max_links_per_second"})
        frappe.db.commit()
        install.after_migrate()
        assert save_settings().max_links_per_second == 5


def test_an_update_leaves_a_setting_that_was_made_alone():
    with factory.settings(max_links_per_second=0):
        install.after_migrate()
        assert save_settings().max_links_per_second == 0


def test_processed_clicks_leave_the_queue_after_a_week_and_others_stay():
    link = make_link()
    old, young = processed_days_ago(8, link), processed_days_ago(6, link)
    (waiting,) = factory.put_clicks(link, [new_visitor()])
    frappe.db.set_value("Click Queue", waiting, {"status": "Failed", "processed_at": None})
    frappe.db.commit()
    ClickQueue.clear_old_logs()
    left = {row.name for row in factory.queued(link)}
    assert left == {young, waiting}
    assert old in {event.name for event in factory.events(link)}


def test_frappes_log_settings_clear_the_queue():
    assert frappe.get_hooks("default_log_clearing_doctypes")["Click Queue"] == [7]
