"""Commands for administrators: ``bench --site SITE trackflow ...``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import frappe
from frappe.commands import get_site, pass_context

since = click.option("--since", default="", help="Only days from this date on, as 2026-01-31.")
of_link = click.option("--link", default="", help="Only the Tracked Link of this name.")


@contextmanager
def _connected(context: dict) -> Iterator[None]:
    frappe.init(get_site(context))
    frappe.connect()
    try:
        yield
    finally:
        frappe.destroy()


@click.group("trackflow")
def trackflow() -> None:
    """Clicks and their totals."""


@trackflow.command("check-totals")
@since
@of_link
@pass_context
def check_totals(context: dict, since: str, link: str) -> None:
    """List where daily totals and counters are not what the click events say. Ends with 1 if there are any."""
    from trackflow.corrections import totals

    with _connected(context):
        found = totals.check(since, link)
    for each in found:
        click.echo(f"{each.doctype} {each.about}: {each.field} is {each.stored}, should be {each.counted}")
    click.echo(f"{len(found)} differences")
    raise SystemExit(1 if found else 0)


@trackflow.command("rebuild-totals")
@since
@of_link
@pass_context
def rebuild_totals(context: dict, since: str, link: str) -> None:
    """Put daily totals and counters right from the click events, while clicks may come in."""
    from trackflow.corrections import totals

    with _connected(context):
        click.echo(f"{totals.rebuild(since, link)} numbers were put right")


@trackflow.command("rejudge")
@click.option("--from", "first", required=True, help="The first day, as 2026-01-31.")
@click.option("--to", "last", required=True, help="The last day; it is included.")
@of_link
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@pass_context
def rejudge(context: dict, first: str, last: str, link: str, dry_run: bool) -> None:
    """Judge past clicks again with the rules of today, and correct all counters."""
    from frappe.utils import getdate

    from trackflow.corrections import rejudge as steps

    with _connected(context):
        frappe.set_user("Administrator")
        span = steps.Span(getdate(first), getdate(last), link)
        if dry_run:
            changed = sum(1 for _change in steps.preview(span))
        else:
            changed = sum(changed for _clicks, changed in steps.run(span))
    click.echo(f"{changed} clicks {'would get' if dry_run else 'got'} another verdict")


commands: list[Callable] = [trackflow]
