"""Tracked links as the redirect needs them: read from the database, kept in Redis.

A link (or the policy) is written to the cache by whoever saves or deletes it, after the commit, and filled in by
a reader only where nothing is there yet: a reader that is slow with an old row can't put it over a newer one.
Where Redis has nothing and MariaDB is away, what web processes have read lately has to do (``link_memory``).
"""

import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import frappe
from redis.exceptions import RedisError

from trackflow import link_memory, link_passwords, outages, settings, targeting
from trackflow.domain import macros
from trackflow.domain.destinations import ascii_url, with_parameters
from trackflow.domain.links import Availability, Link, Utm, Variant
from trackflow.domain.policy import Policy

# The shape of what is cached; raised when Link or Policy change, so that an update never reads old records.
CACHE_VERSION = 4
CACHE_SECONDS = int(timedelta(hours=1).total_seconds())
_POLICY_KEY = f"trackflow:{CACHE_VERSION}:policy"
# Tracked Link's fields for where visitors go in one state, by that state.
FALLBACK_FIELDS = {
    state.value: f"fallback_url_{state.value}" for state in Availability if state is not Availability.OPEN
}


def resolve(code: str) -> tuple[Link | None, Policy]:
    """Return the link with ``code`` (None if there is none) and the site's policy: one round trip to Redis.

    Codes are unique whatever their case, so they are found whatever their case; where case matters, the
    redirect's rules look at it. Unknown codes are not kept: a code works the moment it exists. Without Redis
    both come from the database. Raises what the database raises when that is away, too, and nobody
    remembers them.
    """
    cached_link, cached_policy = _read_cache(_link_key(code), _POLICY_KEY)
    link = cached_link or _read(_link_key(code), partial(load, code))
    return link, cached_policy or _read(_POLICY_KEY, settings.load_policy)


def policy() -> Policy:
    """Return the site's policy, for requests that no link can answer."""
    (cached,) = _read_cache(_POLICY_KEY)
    return cached or _read(_POLICY_KEY, settings.load_policy)


def load(code: str) -> Link | None:
    """Return the link with ``code`` as it stands in the database."""
    link, campaign = frappe.qb.DocType("Tracked Link"), frappe.qb.DocType("Link Campaign")
    rows = (
        frappe.qb.from_(link)
        .left_join(campaign)
        .on(link.campaign == campaign.name)
        .select(
            link.name, link.short_code, link.destination_url, link.target_url, link.status, link.campaign,
            link.source, link.medium, link.content, link.term, link.start_date, link.expiry_date,
            link.fallback_url, link.redirect_status, link.append_visitor_id, link.additional_parameters,
            link.forward_query, link.query_conflict, link.ios_url, link.android_url,
            link.max_clicks, link.password_protected, *(link[name] for name in FALLBACK_FIELDS.values()),
            campaign.campaign_id, campaign.source.as_("campaign_source"), campaign.medium.as_("campaign_medium"),
        )
        .where(link.short_code == code)
    ).run(as_dict=True)  # fmt: skip
    return _from_row(rows[0]) if rows else None


def utm_of(row: dict) -> Utm:
    """Return the UTM parameters of a link row, with its campaign's where it has none of its own."""
    return Utm(
        source=row.get("source") or row.get("campaign_source") or "",
        medium=row.get("medium") or row.get("campaign_medium") or "",
        campaign=row.get("campaign_id") or "",
        term=row.get("term") or "",
        content=row.get("content") or "",
    )


def target_url(destination_url: str, utm: Utm, additional_parameters: str | dict | None) -> str:
    """Return ``destination_url`` with the UTM and the additional parameters in its query."""
    additional = frappe.parse_json(additional_parameters) if additional_parameters else {}
    return with_parameters(destination_url, utm.parameters() | {k: str(v) for k, v in additional.items()})


def target_url_of(link: dict, campaign: dict | None) -> str:
    """Return the target URL of a Tracked Link with the fields of its campaign (None without one)."""
    campaign = campaign or {}
    inherited = {"campaign_source": campaign.get("source"), "campaign_medium": campaign.get("medium")}
    utm = utm_of({**link, **inherited, "campaign_id": campaign.get("campaign_id")})
    return target_url(link["destination_url"], utm, link.get("additional_parameters"))


def refresh_campaign(campaign: str) -> None:
    """Bring the links of ``campaign`` up to date with its source, medium and id."""
    fields = ["campaign_id", "source", "medium"]
    row = frappe.db.get_value("Link Campaign", campaign, fields, as_dict=True)
    names = ["name", "short_code", "destination_url", "source", "medium", "term", "content"]
    for link in frappe.get_all(
        "Tracked Link", {"campaign": campaign}, [*names, "additional_parameters"], order_by="name asc"
    ):
        values = {"campaign_id": row.campaign_id, "target_url": target_url_of(link, row)}
        frappe.db.set_value("Tracked Link", link.name, values, update_modified=False)
        publish(link.short_code)


def publish(code: str) -> None:
    """Put the link with ``code`` as it now stands into the cache, once the transaction is committed."""
    frappe.db.after_commit.add(lambda: _write(code))


def publish_policy(*_doc_event: object) -> None:
    """Put the policy as it now stands into the cache, once the transaction is committed."""
    frappe.db.after_commit.add(_write_policy)


def _write(code: str) -> None:
    """A code without a link is written down too (readers look again in the database): see above."""
    _to_cache(_link_key(code), load(code), only_if_missing=False)


def _write_policy() -> None:
    _to_cache(_POLICY_KEY, settings.load_policy(), only_if_missing=False)


def _from_row(row: dict) -> Link:
    """URLs are made ASCII here, once, as the Location header wants them: that is what browsers would do."""
    utm = utm_of(row)

    def built(destination_url: str) -> str:
        return ascii_url(target_url(destination_url, utm, row.additional_parameters))

    return _noting_macros(
        Link(
            name=row.name,
            code=row.short_code,
            target_url=ascii_url(row.target_url),
            status=row.status,
            campaign=row.campaign or "",
            utm=utm,
            starts_at=row.start_date,
            expires_at=row.expiry_date,
            fallback_url=ascii_url(row.fallback_url or ""),
            fallbacks=_fallbacks(row),
            max_clicks=row.max_clicks or 0,
            password_hash=link_passwords.hash_of(row.name) if row.password_protected else "",
            redirect_status=int(row.redirect_status or 302),
            append_visitor_id=bool(row.append_visitor_id),
            variants=_variants(row.name, built),
            rules=targeting.load_rules(row.name, built),
            ios_url=ascii_url(row.ios_url or ""),
            android_url=ascii_url(row.android_url or ""),
            forward_query=bool(row.forward_query),
            visitor_wins=row.query_conflict == "Visitor wins",
        )
    )


def _noting_macros(link: Link) -> Link:
    """Most links have no macros, and the redirect need not look for them each time."""
    urls = [link.target_url, link.fallback_url, link.ios_url, link.android_url]
    urls += [url for _state, url in link.fallbacks]
    urls += [one.target_url for one in (*link.variants, *link.rules)]
    return replace(link, has_macros=any(map(macros.found_in, urls)))


def _fallbacks(row: dict) -> tuple[tuple[str, str], ...]:
    urls = {state: row[fieldname] for state, fieldname in FALLBACK_FIELDS.items()}
    return tuple((state, ascii_url(url)) for state, url in urls.items() if url)


def _variants(link: str, built: Callable[[str], str]) -> tuple[Variant, ...]:
    variants = frappe.get_all(
        "Campaign Link Variant",
        filters={"tracked_link": link, "active": 1},
        fields=["variant_name", "destination_url", "weight"],
        order_by="variant_name asc",
    )
    return tuple(Variant(v.variant_name, built(v.destination_url), v.weight) for v in variants)


def _link_key(code: str) -> str:
    return f"trackflow:{CACHE_VERSION}:link:{code.lower()}"


def _read_cache(*keys: str) -> list:
    made = [frappe.cache.make_key(key) for key in keys]
    try:
        values = frappe.cache.mget(made)
    except RedisError:
        return [None] * len(keys)
    for key, value in zip(made, values, strict=True):
        if value:
            link_memory.shared.note(key, value)
    return [value and pickle.loads(value) for value in values]


def _read(key: str, load: Callable[[], Link | Policy | None]) -> Link | Policy | None:
    """Return what MariaDB says, and keep it; or what is remembered, while it is away."""
    try:
        value = load()
    except Exception as error:
        remembered = _recall(key) if outages.is_outage(error) else None
        if remembered is None:
            raise
        return remembered
    if value is not None:
        _to_cache(key, value, only_if_missing=True)
    return value


def _recall(key: str) -> Link | Policy | None:
    packed = link_memory.shared.recall(frappe.cache.make_key(key))
    return packed and pickle.loads(packed)


def _to_cache(key: str, value: Link | Policy | None, *, only_if_missing: bool) -> None:
    made, packed = frappe.cache.make_key(key), pickle.dumps(value)
    link_memory.shared.note(made, packed)
    try:
        frappe.cache.set(made, packed, ex=CACHE_SECONDS, nx=only_if_missing)
    except RedisError:
        frappe.logger("trackflow").warning("Redis does not take the cached links")
