"""The demo story: how TrackFlow is used, told over HTTP on a running site.

Nothing here imports Frappe. Everybody in the story does what a person or a program outside would do: staff
log in and use the REST API, visitors click in browsers of their own. The way to read it:

    plot.py         who plays, which campaigns and links there are, who clicks what
    prospects.py    others who become leads, and how they came
    weeks.py        who clicked in the weeks before
    chapters.py     what they do, in this order; sales.py what becomes of it in the CRM
    cast.py         who is logged in, whose browser is whose
    facts.py        what the site knows afterwards
    report.py       how that is printed

    site_client.py  the REST API of a Frappe site
    browser.py      a visitor's browser
"""
