"""Who plays, and what they plan: a firm that sells espresso machines to offices runs a few campaigns.

All addresses are from the ranges that are kept free for documentation (RFC 5737, RFC 2606).
"""

from __future__ import annotations

from dataclasses import dataclass, field

# For a site that answers on this machine alone. It has to please Frappe's password policy.
STAFF_PASSWORD = "Steam-Whistle-92-Crema"
OFFICE_NETWORK = "192.0.2.0/24"
OFFICE_ADDRESS = "192.0.2.10"


@dataclass(frozen=True)
class Employee:
    first_name: str
    last_name: str
    email: str
    role: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


MANAGER = Employee("Maya", "Lindqvist", "maya@example.com", "Campaign Manager")
SALESPERSON = Employee("Samir", "Haddad", "samir@example.com", "Sales User")


@dataclass(frozen=True)
class Visitor:
    """device, os and browser say which real user agent is taken; robots go by a pattern of their name."""

    address: str
    device: str = ""
    os: str = ""
    browser: str = ""
    robot: str = ""


VERA = Visitor("203.0.113.17", "desktop", "Windows", "Chrome")
TOM = Visitor("198.51.100.4", "mobile", "iOS", "Mobile Safari")
INES = Visitor("198.51.100.88", "mobile", "Android", "Chrome Mobile")
RAJ = Visitor("203.0.113.140", "desktop", "Linux", "Firefox")
LENA = Visitor("203.0.113.201", "desktop", "Mac OS X", "Safari")
PREVIEW_ROBOT = Visitor("198.51.100.230", robot="LinkedInBot")
OFFICE_PC = Visitor(OFFICE_ADDRESS, "desktop", "Windows", "Edge")


@dataclass(frozen=True)
class Campaign:
    """starts and ends: in days from today."""

    name: str
    kind: str
    source: str
    medium: str
    budget: int
    spent: int
    starts: int
    ends: int


NEWSLETTER = Campaign("Spring Newsletter", "Email", "newsletter", "email", 3_000, 2_400, -45, 20)
LINKEDIN = Campaign("LinkedIn Launch", "Social", "linkedin", "social", 9_000, 7_400, -35, 25)
LAST_SEASON = Campaign("Winter Offer", "Email", "newsletter", "email", 2_500, 2_500, -80, -50)
FAIR = Campaign("Trade Fair Vienna", "Event", "fair", "print", 4_500, 0, 4, 7)
CAMPAIGNS = (NEWSLETTER, LINKEDIN, LAST_SEASON, FAIR)

OFFER_PAGE = "spring-offer"
FORM = "request-a-demo"
FORM_PAGE = "demo-request"


@dataclass(frozen=True)
class Link:
    """A destination that begins with / is a page of the site itself. seen_on: what browsers send as Referer."""

    title: str
    destination: str
    campaign: Campaign | None = None
    source: str = ""
    medium: str = ""
    content: str = ""
    seen_on: str = ""
    rules: tuple[dict[str, str], ...] = field(default=(), hash=False)
    # {name: what follows the destination}
    variants: tuple[tuple[str, str], ...] = ()


OFFER = Link("Spring offer, newsletter button", f"/{OFFER_PAGE}", NEWSLETTER, content="button")
PRICES = Link("Price list, newsletter footer", "https://example.com/prices", NEWSLETTER, content="footer")
DEMO = Link(
    "Ask for a demo, LinkedIn post", f"/{FORM_PAGE}", LINKEDIN, content="post",
    seen_on="https://www.linkedin.com/",
)  # fmt: skip
POSTER = Link(
    "Poster at the trade fair", "https://example.com/fair", source="trade-fair", medium="print",
    rules=({"rule_name": "Phones", "device": "Mobile", "destination_url": "https://example.com/fair/mobile"},),
)  # fmt: skip
ADVERT = Link(
    "Free trial, LinkedIn advert", f"/{FORM_PAGE}", LINKEDIN, content="advert",
    seen_on="https://www.linkedin.com/",
    variants=(("Machine", "?picture=machine"), ("First cup", "?picture=cup")),
)  # fmt: skip
WINTER = Link("Winter offer, newsletter", f"/{OFFER_PAGE}", LAST_SEASON, content="button")
LINKS = (OFFER, PRICES, DEMO, POSTER, ADVERT, WINTER)

TEMPLATE = {
    "url_template": "https://example.com/{page}?issue={issue}&size={size}",
    "description": "For the monthly newsletter.",
    "variables": [
        {"variable_name": "page", "variable_type": "Text", "description": "Path of the page"},
        {"variable_name": "issue", "variable_type": "Number", "default_value": "7"},
        {
            "variable_name": "size",
            "variable_type": "Choice",
            "default_value": "Office",
            "validation_rules": '{"choices": ["Office", "Kitchen", "Bar"]}',
        },
    ],
}
TEMPLATE_NAME = "Newsletter page"


@dataclass(frozen=True)
class Visit:
    """verdict: what TrackFlow should make of the (last) click."""

    who: Visitor
    link: Link
    verdict: str = "human"
    clicks: int = 1


VISITS = (
    Visit(VERA, OFFER),
    Visit(TOM, OFFER, "duplicate", clicks=2),
    Visit(RAJ, OFFER),
    Visit(VERA, PRICES),
    Visit(LENA, PRICES),
    Visit(PREVIEW_ROBOT, DEMO, "bot"),
    Visit(INES, DEMO, "prefetch"),
    Visit(INES, DEMO),
    Visit(TOM, POSTER),
)
# Vera comes back from LinkedIn, and this time she asks for a demo.
LAST_VISIT = Visit(VERA, DEMO)

WEB_LEAD = {
    "first_name": "Vera",
    "last_name": "Novak",
    "email": "vera.novak@example.com",
    "organization": "Novak Architects",
}
PHONE_LEAD = {
    "first_name": "Oskar",
    "last_name": "Berg",
    "email": "oskar.berg@example.com",
    "organization": "Berg Logistics",
}
DEAL_WORTH = 12_000
STAGES = ("Qualification", "Demo/Making", "Proposal/Quotation", "Negotiation", "Won")
