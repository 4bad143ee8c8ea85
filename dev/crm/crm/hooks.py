"""This is NOT Frappe CRM. It is a stand-in for development: see the README beside this package.

It carries the DocTypes and behaviour of Frappe CRM that TrackFlow meets, under the same names, so that TrackFlow can be
tried and tested where Frappe CRM itself can't be installed. On a real bench install Frappe CRM and never this.
"""

app_name = "crm"
app_title = "Frappe CRM"
app_publisher = "TrackFlow contributors"
app_description = "Development stand-in for Frappe CRM"
app_email = "dev@example.com"
app_license = "MIT"

after_install = "crm.install.after_install"
after_migrate = ["crm.fcrm.doctype.fcrm_settings.fcrm_settings.after_migrate"]

doc_events = {
    "Contact": {"validate": ["crm.api.contact.validate"]},
    "ToDo": {"after_insert": ["crm.api.todo.after_insert"]},
}

# Entries of the portal's user menu; FCRM Settings collects them from every installed app.
standard_dropdown_items = [
    {"name1": "app_selector", "label": "Apps", "type": "Route", "route": "#", "is_standard": 1},
    {
        "name1": "support_link",
        "label": "Support",
        "type": "Route",
        "icon": "life-buoy",
        "route": "https://t.me/frappecrm",
        "is_standard": 1,
    },
    {
        "name1": "docs_link",
        "label": "Docs",
        "type": "Route",
        "icon": "book-open",
        "route": "https://docs.frappe.io/crm",
        "is_standard": 1,
    },
    {
        "name1": "toggle_theme",
        "label": "Toggle theme",
        "type": "Route",
        "icon": "moon",
        "route": "#",
        "is_standard": 1,
    },
    {
        "name1": "settings",
        "label": "Settings",
        "type": "Route",
        "icon": "settings",
        "route": "#",
        "is_standard": 1,
    },
    {"name1": "separator", "label": "", "type": "Separator", "is_standard": 1},
    {
        "name1": "logout",
        "label": "Log out",
        "type": "Route",
        "icon": "log-out",
        "route": "#",
        "is_standard": 1,
    },
]
