app_name = "trackflow"
app_title = "TrackFlow"
app_publisher = "TrackFlow contributors"
app_description = "Short links, visitors and marketing attribution for Frappe CRM"
app_email = "hello@trackflow.dev"
app_license = "mit"

app_home = "/app/trackflow"
add_to_apps_screen = [
    {
        "name": "trackflow",
        "logo": "/assets/trackflow/images/logo.svg",
        "title": "TrackFlow",
        "route": "/app/trackflow",
        "has_permission": "trackflow.api.desk.may_open_app",
    }
]
# Frappe CRM draws those that are standard only if it knows them by name, so this one is not.
standard_dropdown_items = [
    {
        "name1": "trackflow",
        "label": "TrackFlow",
        "type": "Route",
        "icon": "link",
        "route": "/app/trackflow",
        "open_in_new_window": 1,
        "is_standard": 0,
    }
]

after_install = "trackflow.setup.install.after_install"
after_migrate = "trackflow.setup.install.after_migrate"
before_uninstall = "trackflow.setup.uninstall.before_uninstall"
after_app_install = "trackflow.setup.install.after_app_install"
after_app_uninstall = "trackflow.setup.uninstall.after_app_uninstall"

extend_bootinfo = ["trackflow.onboarding.follow"]

update_website_context = ["trackflow.tracker.include_in_pages"]

before_request = ["trackflow.redirect.before_request"]

_ORIGIN_JS = ["public/js/trackflow_panels.js", "public/js/crm_origin.js"]

doctype_js = {
    "Attribution Model": ["public/js/trackflow_panels.js", "public/js/attribution_model_example.js"],
    "Click Event": "public/js/verdict_reasons.js",
    "CRM Deal": _ORIGIN_JS,
    "CRM Lead": _ORIGIN_JS,
    "CRM Organization": _ORIGIN_JS,
    "Link Campaign": [
        "public/js/qr_sheet.js",
        "public/js/link_template.js",
        "public/js/trackflow_panels.js",
        "public/js/link_campaign_panel.js",
    ],
    "Link Import": "public/js/trackflow_panels.js",
    "Link Template": ["public/js/trackflow_panels.js", "public/js/link_template.js"],
    "Tracked Link": [
        "public/js/link_template.js",
        "public/js/tracked_link_from_template.js",
        "public/js/trackflow_panels.js",
        "public/js/tracked_link_panel.js",
    ],
    "TrackFlow Settings": "public/js/trackflow_panels.js",
    "Verdict Change": "public/js/verdict_reasons.js",
    "Visitor": ["public/js/trackflow_panels.js", "public/js/visitor_journey.js"],
}
doctype_list_js = {
    "Link Campaign": ["public/js/bulk_changes.js", "public/js/link_campaign_list_bulk.js"],
    "Tracked Link": [
        "public/js/trackflow_panels.js",
        "public/js/link_template.js",
        "public/js/qr_sheet.js",
        "public/js/bulk_changes.js",
        "public/js/tracked_link_list_bulk.js",
    ],
}

calendars = ["Link Campaign"]

# For print formats.
jinja = {"methods": ["trackflow.panels.paper.trackflow_campaign", "trackflow.panels.paper.trackflow_deal"]}

doc_events = {
    "CRM Lead": {
        "before_insert": "trackflow.integrations.crm.lead.before_insert",
        "validate": "trackflow.integrations.crm.lead.validate",
        "after_insert": "trackflow.integrations.crm.lead.after_insert",
        "on_change": "trackflow.integrations.crm.lead.on_change",
        "after_rename": "trackflow.integrations.crm.lead.after_rename",
        "after_delete": "trackflow.integrations.crm.lead.after_delete",
    },
    "CRM Deal": {
        "before_insert": "trackflow.integrations.crm.deal.before_insert",
        "validate": "trackflow.integrations.crm.deal.validate",
        "after_insert": "trackflow.integrations.crm.deal.after_insert",
        "on_change": "trackflow.integrations.crm.deal.on_change",
        "after_rename": "trackflow.integrations.crm.deal.after_rename",
        "after_delete": "trackflow.integrations.crm.deal.after_delete",
    },
    "CRM Organization": {
        "validate": "trackflow.integrations.crm.people.validate_organization",
        "after_rename": "trackflow.integrations.crm.people.after_rename",
        "after_delete": "trackflow.integrations.crm.people.after_delete",
    },
    "Contact": {
        "on_update": "trackflow.integrations.crm.people.on_update_contact",
        "after_rename": "trackflow.integrations.crm.people.after_rename",
        "after_delete": "trackflow.integrations.crm.people.after_delete_contact",
    },
    "CRM Dashboard": {"before_insert": "trackflow.setup.crm_dashboard.before_insert"},
    "System Settings": {"on_update": "trackflow.links.publish_policy"},
}

# A conversion goes with its lead or deal, and must not keep anybody from deleting them.
ignore_links_on_delete = ["Conversion"]

# They call the CRM's own, and add the data of TrackFlow's items.
override_whitelisted_methods = {
    "crm.api.dashboard.get_dashboard": "trackflow.api.crm_dashboard.get_dashboard",
    "crm.api.dashboard.reset_to_default": "trackflow.api.crm_dashboard.reset_to_default",
}

override_doctype_dashboards = {
    "CRM Lead": "trackflow.integrations.crm.dashboards.lead",
    "CRM Deal": "trackflow.integrations.crm.dashboards.deal",
}

scheduler_events = {
    "daily": [
        "trackflow.anomalies.run",
        "trackflow.attribution.data_driven.compute_all",
        "trackflow.organizations.fade",
    ],
    "weekly_long": ["trackflow.destination_checks.run"],
    "cron": {"* * * * *": ["trackflow.ingest.run"]},
    "hourly": [
        "trackflow.campaigns.follow_dates",
        "trackflow.credit.catch_up",
        "trackflow.organizations.follow_visits",
        "trackflow.attribution.rebuild.catch_up",
        "trackflow.corrections.bursts.catch_up",
    ],
}

default_log_clearing_doctypes = {
    "Click Queue": 7,
    "Link Claim": 1,
    "API Request Log": 90,
    "Visitor Event Queue": 7,
}
