"""The rules of TrackFlow on plain records.

Nothing in here knows Frappe, a database or the time of day: clock, salt and randomness are passed in. The
same code therefore serves the redirect inside Frappe, the background jobs and a server without Frappe.
"""
