"""Sessions: which visit a click or page view belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from trackflow.domain.touchpoints import Touch

TIMEOUT = timedelta(minutes=30)


@dataclass(frozen=True)
class Session:
    """A visit. start and end are naive site time: the first and the last thing seen of the visitor."""

    name: str
    visitor_id: str
    start: datetime
    end: datetime
    source: str = ""
    medium: str = ""
    campaign: str = ""
    entry_page: str = ""
    exit_page: str = ""
    device_type: str = ""
    browser: str = ""
    os: str = ""
    clicks: int = 0
    page_views: int = 0

    @property
    def duration_seconds(self) -> int:
        return int((self.end - self.start).total_seconds())

    @property
    def is_bounce(self) -> bool:
        return self.clicks + self.page_views <= 1


def find(sessions: Iterable[Session], touch: Touch) -> Session | None:
    """Return the session that ``touch`` belongs to, or None if it begins one.

    A session ends after 30 minutes without activity, or when a touch brings a new campaign; a direct touch
    brings none. So only the session that was the latest at the touch's own time can take it, or, for a touch
    that arrives late, the one that began soon after it.
    """
    ordered = sorted(sessions, key=lambda session: (session.start, session.name))
    before = [session for session in ordered if session.start <= touch.at][-1:]
    after = [session for session in ordered if session.start > touch.at][:1]
    return next((s for s in before + after if _is_near(s, touch) and _is_same_visit(s, touch)), None)


def _is_near(session: Session, touch: Touch) -> bool:
    return session.start - TIMEOUT < touch.at < session.end + TIMEOUT


def _is_same_visit(session: Session, touch: Touch) -> bool:
    brought = (touch.source, touch.medium, touch.campaign)
    return touch.is_direct or brought == (session.source, session.medium, session.campaign)


def extend(session: Session, at: datetime, page: str, *, clicks: int = 0, page_views: int = 0) -> Session:
    """Return ``session`` with something seen at ``at`` (naive site time) on ``page``, early or late."""
    return replace(
        session,
        start=min(session.start, at),
        end=max(session.end, at),
        entry_page=page if at < session.start else session.entry_page,
        exit_page=page if at >= session.end else session.exit_page,
        clicks=session.clicks + clicks,
        page_views=session.page_views + page_views,
    )
