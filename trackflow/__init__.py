"""TrackFlow: short links, visitors and marketing attribution for Frappe CRM."""

__version__ = "0.1.0"
