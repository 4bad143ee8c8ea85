"""Whoever writes for Frappe must not notice that the engine has another name. Only on the local bench."""

from __future__ import annotations

import re

import pytest

from tests import harness

pytestmark = pytest.mark.skipif(not harness.bench(), reason="TRACKFLOW_BENCH does not name a local bench")


def test_a_module_is_the_same_under_both_names(site):
    import criscostack.utils.data
    import frappe.utils.data

    assert frappe.utils.data is criscostack.utils.data
    assert site.utils.data.__name__ == site.utils.data.__spec__.name == "criscostack.utils.data"


def test_classes_have_their_old_names(site):
    from frappe.frappeclient import FrappeClient
    from frappe.tests.utils import FrappeTestCase

    assert FrappeClient.__name__ == "CriscoClient"
    assert FrappeTestCase.__name__ == "CriscoTestCase"


def test_dotted_paths_and_templates_speak_of_frappe(site):
    assert site.get_attr("frappe.client.get_count") is site.get_attr("criscostack.client.get_count")
    assert site.call("frappe.client.get_count", doctype="User") >= 2
    assert site.render_template("{{ frappe.session.user }}", {}) == "Administrator"
    assert site.get_app_path("frappe").endswith("criscostack")


def test_an_apps_catalogues_are_read_as_newer_frappe_reads_them(site):
    from frappe.translate import get_translations_from_apps

    german = get_translations_from_apps("de", ["trackflow"])
    assert german["Tracked Link"] == "Tracking-Link"
    assert (german["Open"], german["Open:Access"]) == ("Offen", "Öffnen")
    assert get_translations_from_apps("xx", ["trackflow"]) == {}


def test_a_required_app_is_found_without_asking_anyone(site):
    from frappe.installer import parse_app_name

    assert [parse_app_name(name) for name in ("frappe", "frappe/crm", "trackflow")] == [
        "criscostack",
        "crm",
        "trackflow",
    ]


def test_jobs_run_by_frappes_names(site, wait_until):
    subject = site.generate_hash()
    site.enqueue("frappe.client.insert", doc={"doctype": "ToDo", "description": subject})
    name = wait_until(lambda: site.db.get_value("ToDo", {"description": subject}))
    site.delete_doc("ToDo", name)
    site.db.commit()


def test_the_csrf_header_has_frappes_name(http):
    http.login()
    token = re.search(r'csrf_token = "(\w+)"', http.get("/app").text)[1]
    call = {"url": "/api/method/frappe.client.get_count", "data": {"doctype": "User"}}
    assert http.post(**call).status_code == 400
    assert http.post(**call, headers={"X-Frappe-CSRF-Token": token}).json()["message"] >= 2


def test_any_host_name_reaches_the_site(http):
    for host in ("localhost", "links.example.com"):
        assert http.get("/api/method/ping", headers={"Host": host, "X-Frappe-Site-Name": None}).ok


def test_pages_have_frappe_from_their_first_script_on(http):
    page = http.get("/login").text
    assert page.index("window.frappe = ") < page.index("<script", page.index("window.frappe = "))
    assert http.get("/assets/frappe/images/default-avatar.png").ok


def test_the_site_is_prepared(site):
    assert site.utils.get_url() == harness.URL
    assert site.db.get_single_value("System Settings", "setup_complete")
    assert {"crm", "trackflow"} <= set(site.get_installed_apps())
