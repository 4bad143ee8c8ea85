"""What a batch of clicks or page views changes: events, visitors, sessions, counters.

The database is read before and written after; everything between is decided here, on plain records.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from trackflow.domain import page_views, sessions
from trackflow.domain.clicks import Click, Ruling, Verdict, judge
from trackflow.domain.clients import Client, client
from trackflow.domain.consent import Consent
from trackflow.domain.daily_totals import Day, DayTally
from trackflow.domain.links import Utm
from trackflow.domain.page_views import PageView
from trackflow.domain.sessions import Session
from trackflow.domain.touchpoints import Touch, origin

# Robots and people who opted out leave no trace but the event itself.
_TRACELESS = (Verdict.BOT, Verdict.PREFETCH, Verdict.INTERNAL, Verdict.OPTED_OUT)


@dataclass(frozen=True)
class VisitorState:
    """A visitor as far as clicks write it: first touch, last seen, how often. Times are naive site time."""

    visitor_id: str
    first_seen: datetime
    last_seen: datetime
    source: str = ""
    medium: str = ""
    campaign: str = ""
    term: str = ""
    content: str = ""
    referrer: str = ""
    ip_address: str = ""
    user_agent: str = ""
    consent: str = Consent.NOT_REQUIRED.value
    clicks: int = 0
    sessions: int = 0
    page_views: int = 0


@dataclass(frozen=True)
class Reach:
    """A (link or campaign, visitor) pair, and when the visitor first got there."""

    doctype: str
    name: str
    visitor_id: str
    at: datetime

    @property
    def pair(self) -> tuple[str, str, str]:
        return self.doctype, self.name, self.visitor_id


@dataclass
class Tally:
    """What to add to the counters of a link, a campaign or a variant."""

    clicks: int = 0
    uniques: int = 0
    last_click: datetime | None = None

    def take_back(self, is_unique: bool) -> None:
        self.clicks -= 1
        self.uniques -= is_unique


@dataclass(frozen=True)
class SettledClick:
    click: Click
    ruling: Ruling
    client: Client
    session: str = ""
    visitor_id: str = ""
    is_unique: bool = False
    is_campaign_unique: bool = False


@dataclass(frozen=True)
class SettledPage:
    view: PageView
    session: str


@dataclass
class Known:
    """What the database knows of the visitors of a batch.

    human_clicks: times of their human clicks by (visitor, link); reached: pairs as in ``Reach.pair``.
    """

    visitors: dict[str, VisitorState] = field(default_factory=dict)
    sessions: dict[str, dict[str, Session]] = field(default_factory=dict)
    human_clicks: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)
    reached: set[tuple[str, str, str]] = field(default_factory=set)


@dataclass
class Ledger:
    """Takes clicks and page views in, one by one, and holds all that they change."""

    known: Known
    clicks: list[SettledClick] = field(default_factory=list)
    pages: list[SettledPage] = field(default_factory=list)
    visitors: dict[str, VisitorState] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    reaches: list[Reach] = field(default_factory=list)
    links: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    campaigns: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    variants: defaultdict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    days: defaultdict[Day, DayTally] = field(default_factory=lambda: defaultdict(DayTally))

    def take(self, click: Click) -> None:
        ruling = judge(click, self._nearest_human_click(click))
        session = visitor_id = ""
        if leaves_trace(click):
            # A duplicate adds no count.
            humans = int(ruling.verdict is Verdict.HUMAN)
            session = self._visit(click, _touch(click), click.destination_url, clicks=humans).name
            visitor_id = click.visitor_id
        uniques = self._count(click) if ruling.verdict is Verdict.HUMAN else (False, False)
        self.days[day_of(click)].add(ruling.verdict, *uniques)
        self.clicks.append(
            SettledClick(click, ruling, client(click.user_agent), session, visitor_id, *uniques)
        )

    def take_page(self, view: PageView, own_hosts: Collection[str] = ()) -> None:
        """Robots' page views change nothing. ``own_hosts``: as in ``page_views.touch_of``."""
        if view.leaves_trace:
            session = self._visit(view, page_views.touch_of(view, own_hosts), view.url, page_views=1)
            self.pages.append(SettledPage(view, session.name))

    def _nearest_human_click(self, click: Click) -> datetime | None:
        times = self.known.human_clicks.get((click.visitor_id, click.link), ())
        return min(times, key=lambda at: abs(at - click.at), default=None) if click.visitor_id else None

    def _visit(self, seen: Click | PageView, touch: Touch, page: str, **counts: int) -> Session:
        """Find or begin the session of a click or page view, and bring the visitor up to date."""
        own = self.known.sessions.setdefault(seen.visitor_id, {})
        found = sessions.find(own.values(), touch)
        session = sessions.extend(found or _new_session(seen, touch, page), seen.at, page, **counts)
        own[session.name] = self.sessions[session.name] = session
        self._see(seen, touch, sessions=int(found is None), **counts)
        return session

    def _see(
        self, seen: Click | PageView, touch: Touch, *, sessions: int, clicks: int = 0, page_views: int = 0
    ) -> None:
        known = self.known.visitors.get(seen.visitor_id)
        visitor = _new_visitor(seen, touch) if known is None or seen.at < known.first_seen else known
        before = known or visitor
        self.known.visitors[seen.visitor_id] = self.visitors[seen.visitor_id] = replace(
            visitor,
            last_seen=max(before.last_seen, seen.at),
            clicks=before.clicks + clicks,
            sessions=before.sessions + sessions,
            page_views=before.page_views + page_views,
        )

    def _count(self, click: Click) -> tuple[bool, bool]:
        """Count a human click; say whether it is the visitor's first on the link and in the campaign."""
        self.known.human_clicks.setdefault((click.visitor_id, click.link), []).append(click.at)
        is_unique = self._reach("Tracked Link", click.link, click)
        _add(self.links[click.link], click.at, is_unique)
        if click.variant:
            _add(self.variants[click.link, click.variant], click.at, is_unique)
        if not click.campaign:
            return is_unique, False
        is_campaign_unique = self._reach("Link Campaign", click.campaign, click)
        _add(self.campaigns[click.campaign], click.at, is_campaign_unique)
        return is_unique, is_campaign_unique

    def uncount(self, click: Click, session: str, *, is_unique: bool, is_campaign_unique: bool) -> None:
        """Take back a human click that was counted before, in the session of this name."""
        self.links[click.link].take_back(is_unique)
        if click.variant:
            self.variants[click.link, click.variant].take_back(is_unique)
        if click.campaign:
            self.campaigns[click.campaign].take_back(is_campaign_unique)
        if seen := self.known.visitors.get(click.visitor_id):
            left = replace(seen, clicks=seen.clicks - 1)
            self.known.visitors[click.visitor_id] = self.visitors[click.visitor_id] = left
        own = self.known.sessions.get(click.visitor_id, {})
        if session in own:
            own[session] = self.sessions[session] = replace(own[session], clicks=own[session].clicks - 1)

    def _reach(self, doctype: str, name: str, click: Click) -> bool:
        reach = Reach(doctype, name, click.visitor_id, click.at)
        is_new = bool(click.visitor_id) and reach.pair not in self.known.reached
        if is_new:
            self.known.reached.add(reach.pair)
            self.reaches.append(reach)
        return is_new


def leaves_trace(seen: Click | PageView) -> bool:
    """Say whether this is seen on a visitor; of robots and those who opted out only a click's event is kept."""
    if isinstance(seen, PageView):
        return seen.leaves_trace
    return bool(seen.visitor_id) and judge(seen, None).verdict not in _TRACELESS


def settle_pages(views: Iterable[PageView], known: Known, own_hosts: Collection[str] = ()) -> Ledger:
    """Return what page views change, given what is ``known`` (which is brought up to date on the way)."""
    ledger = Ledger(known)
    for view in sorted(views, key=lambda view: (view.at, view.name)):
        ledger.take_page(view, own_hosts)
    return ledger


def settle(clicks: Iterable[Click], known: Known) -> Ledger:
    """Return what ``clicks`` change, given what is ``known`` (which is brought up to date on the way)."""
    ledger = Ledger(known)
    for click in sorted(clicks, key=lambda click: (click.at, click.name)):
        ledger.take(click)
    return ledger


def day_of(click: Click) -> Day:
    """Return the daily totals that ``click`` belongs to: those of the day when it happened."""
    return Day(click.at.date(), click.link, click.campaign, click.variant)


def campaign_of(campaign: str, utm: Utm) -> str:
    """Return the name that stands for a campaign everywhere: the Link Campaign's, else the utm_campaign."""
    return campaign or utm.campaign


def _touch(click: Click) -> Touch:
    source, medium = origin(click.utm, click.referrer)
    return Touch(
        name=click.name,
        at=click.at,
        visitor_id=click.visitor_id,
        link=click.link,
        campaign=campaign_of(click.campaign, click.utm),
        source=source,
        medium=medium,
        term=click.utm.term,
        content=click.utm.content,
        variant=click.variant,
    )


def _new_session(began: Click | PageView, touch: Touch, page: str) -> Session:
    """What begins a session lends it its name, so that replaying a batch makes the same session."""
    seen = client(began.user_agent)
    return Session(
        name=began.name,
        visitor_id=began.visitor_id,
        start=began.at,
        end=began.at,
        source=touch.source,
        medium=touch.medium,
        campaign=touch.campaign,
        entry_page=page,
        exit_page=page,
        device_type=seen.device_type,
        browser=seen.browser,
        os=seen.os,
    )


def _new_visitor(seen: Click | PageView, touch: Touch) -> VisitorState:
    return VisitorState(
        visitor_id=seen.visitor_id,
        first_seen=seen.at,
        last_seen=seen.at,
        source=touch.source,
        medium=touch.medium,
        campaign=touch.campaign,
        term=touch.term,
        content=touch.content,
        referrer=seen.referrer,
        ip_address=seen.ip_address,
        user_agent=seen.user_agent,
        consent=seen.consent.value,
    )


def _add(tally: Tally, at: datetime, is_unique: bool) -> None:
    tally.clicks += 1
    tally.uniques += is_unique
    tally.last_click = max(tally.last_click or at, at)
