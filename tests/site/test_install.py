"""TrackFlow comes, is migrated, goes and comes again, with Frappe CRM and without. One site lives through it all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from tests import harness
from tests.site.install_probe import EDITED_SCRIPT, HANGING, LEAD, OURS
from tests.site.spare_site import REASON, spare_site

pytestmark = pytest.mark.skipif(not harness.bench(), reason=REASON)

ON_DASHBOARD = [
    "trackflow_leads", "trackflow_won_value", "trackflow_clicks", "trackflow_won_value_by_campaign",
    "trackflow_won_value_by_channel",
]  # fmt: skip
SCRIPTS = {"TrackFlow Lead", "TrackFlow Deal"}
MODELS = {
    "First Touch", "Last Touch", "Last Non-Direct", "Linear", "Time Decay", "Position Based", "W-Shaped", "Full Path",
    "Data-Driven Markov", "Data-Driven Shapley",
}  # fmt: skip


@pytest.fixture(scope="module")
def life() -> Iterator[dict[str, Any]]:
    """What the site looked like at each station, and what came of working with it."""
    with spare_site() as site:
        seen: dict[str, Any] = {"before": site.probe("snapshot")}
        site.install("trackflow")
        seen["alone"] = site.probe("use", "checklist", "snapshot")
        site.install("crm")
        seen["with crm"] = site.probe("checklist", "snapshot")
        seen["edited"] = site.probe("edit", "snapshot")
        site.migrate()
        seen["migrated"] = site.probe("snapshot")
        site.migrate()
        seen["migrated again"] = site.probe("snapshot")
        site.uninstall("trackflow")
        seen["uninstalled"] = site.probe("snapshot")
        site.install("trackflow")
        seen["again"] = site.probe("use", "credited_lead", "snapshot")
        site.uninstall("crm")
        seen["crm gone"] = site.probe("use", "snapshot")
        yield seen


def at(life: dict[str, Any], station: str) -> dict[str, Any]:
    return life[station]["snapshot"]


def differences(before: dict[str, Any], after: dict[str, Any], parts: Iterable[str]) -> list[str]:
    return [f"{part}: {before[part]} became {after[part]}" for part in parts if before[part] != after[part]]


def assert_it_works(used: dict[str, Any]) -> None:
    assert used["status"] == 302
    assert used["location"].startswith("https://shop.example.com/page?utm_source=newsletter")
    assert used["verdicts"] == ["human"]
    assert used["counters"] == [1, 1]
    assert used["learned"].startswith("There are 0 won and lost deals")


def scheduled() -> set[str]:
    """The jobs that the hooks name."""
    from trackflow.hooks import scheduler_events

    *by_name, of_cron = (
        jobs for kind, jobs in sorted(scheduler_events.items(), key=lambda each: each[0] == "cron")
    )
    return {job for jobs in [*by_name, *of_cron.values()] for job in jobs}


# ---------------------------------------------------------------- coming


def test_without_the_crm_links_and_clicks_work(life: dict[str, Any]) -> None:
    now = at(life, "alone")
    assert_it_works(life["alone"]["use"])
    assert now["columns"] == now["custom_fields"] == now["form_scripts"] == {}
    assert set(now["doctypes"]) == set(OURS)
    assert set(now["roles"]) == {"Campaign Manager", "TrackFlow Manager"}
    assert set(now["models"]) == MODELS
    assert now["settings"]["default_attribution_model"] == "Last Touch"
    assert set(now["workspaces"]) == {"TrackFlow", "Campaign Results"}
    assert {"Clicks by Day", "Clicks Today", "TrackFlow"} <= set(now["charts"])
    assert len(now["steps"]) == 6
    assert set(now["boards"]) == {"Campaigns by Status"}
    assert set(now["jobs"]) == scheduled()
    assert now["errors"] == []


def test_the_crm_brings_the_fields_and_scripts_when_it_comes_later(life: dict[str, Any]) -> None:
    now = at(life, "with crm")
    fields = set(now["custom_fields"])
    for doctype, fieldname in (
        ("CRM Lead", "trackflow_visitor_id"),
        ("CRM Lead", "trackflow_touch_count"),
        ("CRM Deal", "trackflow_attribution_model"),
        ("CRM Organization", "trackflow_engagement_score"),
    ):
        assert f"{doctype}-{fieldname}" in fields
        assert fieldname in now["columns"][doctype]
    assert set(now["form_scripts"]) == SCRIPTS
    assert [name for name in now["dashboard"] if name.startswith("trackflow_")] == ON_DASHBOARD
    assert {"trackflow_company_name", "trackflow_organization"} <= set(now["indexes"])
    # A standard one would not be drawn.
    assert ["trackflow", "TrackFlow", 0, 0] in now["menu"]
    assert {"models": now["models"], "roles": now["roles"]} == {
        "models": at(life, "alone")["models"],
        "roles": at(life, "alone")["roles"],
    }


def test_the_checklist_asks_for_leads_once_there_can_be_some(life: dict[str, Any]) -> None:
    done = ["TrackFlow: First Campaign", "TrackFlow: First Click", "TrackFlow: First Link"]
    need_the_crm = ["TrackFlow: First Lead", "TrackFlow: Web Form"]
    assert life["alone"]["checklist"] == {"is_complete": done, "is_skipped": need_the_crm}
    assert life["with crm"]["checklist"] == {"is_complete": done, "is_skipped": []}


# ---------------------------------------------------------------- staying


@pytest.mark.parametrize("station", ["migrated", "migrated again"])
def test_migrating_changes_nothing(life: dict[str, Any], station: str) -> None:
    before, after = at(life, "edited"), at(life, station)
    assert differences(before, after, before) == []


def test_what_an_administrator_changed_stays_changed(life: dict[str, Any]) -> None:
    now = at(life, "migrated again")
    assert now["form_scripts"]["TrackFlow Lead"] == EDITED_SCRIPT
    assert ["trackflow", "Adverts", 0, 1] in now["menu"]
    assert now["settings"]["attribution_window_days"] == "45"
    assert now["settings"]["default_attribution_model"] == "First Touch"
    assert now["labels"] == ["CRM Lead-trackflow_touch_count"]
    assert [name for name in ON_DASHBOARD if name not in now["dashboard"]] == ["trackflow_clicks"]
    assert now["files"] and now["tags"] == ["of a link"]
    assert now["hanging"] == list(HANGING)
    assert now["models"]["Linear"] != at(life, "with crm")["models"]["Linear"]


# ---------------------------------------------------------------- going


def test_nothing_of_trackflow_is_left(life: dict[str, Any]) -> None:
    before, now = at(life, "before"), at(life, "uninstalled")
    parts = (
        "custom_fields", "roles", "holders", "doctypes", "tables", "module", "workspaces", "models", "settings",
        "form_scripts", "indexes", "charts", "steps", "boards", "jobs", "logs", "labels", "files", "tags", "hanging",
        "defaults",
    )  # fmt: skip
    assert differences(before, now, parts) == []
    assert now["columns"] == {"CRM Lead": [], "CRM Deal": [], "CRM Organization": []}
    assert not [name for name in now["property_setters"] if "trackflow" in name]
    # The CRM came after TrackFlow, so its menu as it is without us is that before but for our entry.
    theirs = [entry for entry in at(life, "with crm")["menu"] if entry[0] != "trackflow"]
    assert now["menu"] == theirs
    theirs = [item for item in at(life, "with crm")["dashboard"] if item not in ON_DASHBOARD]
    assert now["dashboard"] == theirs


def test_what_is_not_trackflows_is_left_alone(life: dict[str, Any]) -> None:
    now = at(life, "uninstalled")
    assert now["lead"] == {**LEAD, "status": "New"}
    assert [name for name in now["property_setters"] if "job_title" in name]


# ---------------------------------------------------------------- coming again


def test_it_can_come_again_now_that_the_crm_is_there(life: dict[str, Any]) -> None:
    first, now = at(life, "with crm"), at(life, "again")
    # TrackFlow came after the CRM now: its entry stands behind the switch between apps.
    assert now["menu"][1] == ["trackflow", "TrackFlow", 0, 0]
    for part in (
        "custom_fields",
        "roles",
        "doctypes",
        "models",
        "jobs",
        "form_scripts",
        "workspaces",
        "charts",
        "steps",
        "dashboard",
    ):
        assert set(now[part]) == set(first[part]), part
    assert (now["columns"], now["tables"]) == (first["columns"], first["tables"])
    assert now["settings"]["default_attribution_model"] == "Last Touch"
    assert_it_works(life["again"]["use"])
    assert life["again"]["credited_lead"]["trackflow_touch_count"] == "1"
    assert now["lead"] == {**LEAD, "status": "New"}


def test_it_stays_when_the_crm_goes(life: dict[str, Any]) -> None:
    now = at(life, "crm gone")
    assert_it_works(life["crm gone"]["use"])
    assert now["custom_fields"] == {}
    assert now["columns"] == {}
    assert set(now["doctypes"]) == set(OURS)
    assert set(now["models"]) == MODELS


def test_nothing_went_wrong_unseen(life: dict[str, Any]) -> None:
    assert at(life, "crm gone")["errors"] == []
