"""A stand-in for Frappe CRM, for TrackFlow's local bench only. The version is the one whose interface it shows."""

__version__ = "1.34.0"
