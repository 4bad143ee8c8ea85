"""TrackFlow's records, reports and papers over HTTP, as each role: there, or refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import frappe
import pytest

from tests.site import by_role, factory, samples
from tests.site import crm_factory as crm
from tests.site.by_role import ADMINISTERED, CAMPAIGNERS, KEPT, KINDS, MANAGERS, READ, REPORTS

pytestmark = crm.needs_crm

DOCTYPES = [*KEPT, *READ, *ADMINISTERED]
READERS = dict.fromkeys((*KEPT, *READ), CAMPAIGNERS) | dict.fromkeys(ADMINISTERED, MANAGERS)
WRITERS = dict.fromkeys(KEPT, CAMPAIGNERS) | dict.fromkeys((*READ, *ADMINISTERED), MANAGERS)
# {print format: DocType}
PAPERS = {"Campaign Report": "Link Campaign", "Deal Attribution Report": "Deal Attribution"}


@pytest.fixture(scope="module")
def records() -> Iterator[dict[str, str]]:
    """A record of each DocType."""
    _campaign, link = crm.campaign_link()
    crm.insert_deal(crm.insert_lead(crm.visited(link)))
    with factory.short_domain():
        made = samples.insert_all()
        newest = {
            doctype: frappe.db.get_value(doctype, {}, "name", order_by="creation desc")
            for doctype in DOCTYPES
            if not frappe.get_meta(doctype).issingle
        }
        waiting = _page_view_that_failed()
        made["Link Import Row"] = _line_of(made["Link Import"])
        made |= {waiting.doctype: waiting.name, "TrackFlow Settings": "TrackFlow Settings"}
        yield newest | made
        frappe.delete_doc(waiting.doctype, waiting.name)
        frappe.db.commit()


def _page_view_that_failed() -> Any:
    values = {"timestamp": frappe.utils.now_datetime(), "status": "Failed", "page_url": factory.DESTINATION}
    row = frappe.get_doc(doctype="Visitor Event Queue", **values).insert()
    frappe.db.commit()
    return row


def _line_of(link_import: str) -> str:
    values = {"link_import": link_import, "line": 1, "outcome": "Waiting"}
    name = frappe.get_doc(doctype="Link Import Row", **values).insert().name
    frappe.db.commit()
    return name


def answers(method: str, address: str, **options: Any) -> dict[str, Any]:
    return {kind: by_role.client_of(kind).request(method, address, **options) for kind in KINDS}


def answered(found: dict[str, Any]) -> set[str]:
    """Who was, without an error; everybody else was refused."""
    for kind, answer in found.items():
        assert by_role.is_refused(answer) or answer.ok, f"{kind}: {answer.status_code} {answer.text[-500:]}"
    return {kind for kind, answer in found.items() if answer.ok}


# ---------------------------------------------------------------- records


@pytest.mark.parametrize("doctype", DOCTYPES)
def test_who_reads_it(doctype: str, records: dict[str, str]) -> None:
    name = records[doctype]
    assert name, f"There is no {doctype} to ask for."
    found = answers("GET", f"/api/resource/{doctype}/{name}")
    assert answered(found) == READERS[doctype]
    for kind in set(KINDS) - READERS[doctype]:
        assert '"data"' not in found[kind].text
    if doctype != "TrackFlow Settings":
        assert answered(answers("GET", f"/api/resource/{doctype}", params={"limit": 1})) == READERS[doctype]


@pytest.mark.parametrize("doctype", DOCTYPES)
def test_who_changes_it(doctype: str, records: dict[str, str]) -> None:
    """As it is, so that it stays the same."""
    address = f"/api/resource/{doctype}/{records[doctype]}"
    assert answered(answers("PUT", address, json={})) == WRITERS[doctype]


@pytest.mark.parametrize("doctype", DOCTYPES)
def test_who_may_not_make_or_delete_it(doctype: str, records: dict[str, str]) -> None:
    before = frappe.db.count(doctype) if doctype != "TrackFlow Settings" else 1
    for kind in set(KINDS) - WRITERS[doctype]:
        client = by_role.client_of(kind)
        gone = client.delete(f"/api/resource/{doctype}/{records[doctype]}")
        made = client.post(f"/api/resource/{doctype}", json={})
        assert by_role.is_refused(gone) and by_role.is_refused(made), (kind, gone.text, made.text)
    frappe.db.commit()
    assert doctype == "TrackFlow Settings" or frappe.db.count(doctype) >= before


@pytest.mark.parametrize("kind", sorted(CAMPAIGNERS))
def test_who_keeps_links_makes_and_deletes_them(kind: str) -> None:
    client, made = by_role.client_of(kind), {"destination_url": factory.DESTINATION}
    answer = client.post("/api/resource/Tracked Link", json=made)
    assert answer.ok, answer.text
    name = answer.json()["data"]["name"]
    assert client.delete(f"/api/resource/Tracked Link/{name}").ok
    frappe.db.commit()
    assert not frappe.db.exists("Tracked Link", name)


# ---------------------------------------------------------------- reports, papers, pages


def own(doctype: str, **filters: Any) -> set[str]:
    return set(frappe.get_all(doctype, {"module": "TrackFlow", **filters}, pluck="name"))


def test_every_report_and_paper_is_in_its_table() -> None:
    assert own("Report") == {*REPORTS}
    assert own("Print Format") == {*PAPERS}
    assert own("Page") == {"trackflow-dashboard"}


@pytest.mark.parametrize("name", REPORTS)
def test_who_runs_a_report(name: str) -> None:
    asked = {"report_name": name, "filters": json.dumps(_filters(name))}
    found = answers("POST", "/api/method/frappe.desk.query_report.run", data=asked)
    assert answered(found) == REPORTS[name]


def _filters(name: str) -> dict[str, str]:
    today = frappe.utils.nowdate()
    return {"from_date": today, "to_date": today} if name == "Click Rejudgement Preview" else {}


@pytest.mark.parametrize("name", PAPERS)
def test_who_prints_a_paper(name: str, records: dict[str, str]) -> None:
    doctype = PAPERS[name]
    asked = {"doctype": doctype, "name": records[doctype], "format": name}
    found = answers("GET", "/printview", params=asked)
    # Whoever has no account is sent to log in by some versions.
    refused = {
        kind for kind, answer in found.items() if answer.status_code != 200 or "not permitted" in answer.text
    }
    assert refused == set(KINDS) - CAMPAIGNERS
    # Some versions repeat the name that was asked for.
    assert {kind for kind, answer in found.items() if 'class="trackflow-paper"' in answer.text} == CAMPAIGNERS
    html = answers("POST", "/api/method/frappe.www.printview.get_html_and_style", data={
        "doc": doctype, "name": records[doctype], "print_format": name,
    })  # fmt: skip
    assert answered(html) == CAMPAIGNERS


def test_who_opens_the_page() -> None:
    asked = {"name": "trackflow-dashboard"}
    assert answered(answers("POST", "/api/method/frappe.desk.desk_page.getpage", data=asked)) == CAMPAIGNERS


@pytest.mark.parametrize("name", ["TrackFlow", "Campaign Results"])
def test_who_has_the_workspace(name: str) -> None:
    method = "/api/method/frappe.desk.desktop.get_workspace_sidebar_items"
    found = answers("GET", method)
    seen = {kind for kind, answer in found.items() if answer.ok and name in _titles(answer)}
    assert seen == CAMPAIGNERS


def _titles(answer: Any) -> list[str]:
    return [page["title"] for page in answer.json()["message"]["pages"]]


@pytest.mark.parametrize("name", ["Clicks Today", "Won Value of Campaigns", "Clicks Failed"])
def test_who_reads_a_number_card(name: str) -> None:
    card = frappe.get_doc("Number Card", name)
    asked = {"doc": frappe.as_json(card.as_dict()), "filters": card.filters_json}
    method = "/api/method/frappe.desk.doctype.number_card.number_card.get_result"
    allowed = MANAGERS if name == "Clicks Failed" else CAMPAIGNERS
    assert answered(answers("POST", method, data=asked)) == allowed
