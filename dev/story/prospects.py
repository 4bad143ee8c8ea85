"""Other people who became leads: how they came in the weeks before, and how far the sales talks with them are."""

from __future__ import annotations

from dataclasses import dataclass

from dev.story.plot import ADVERT, DEMO, OFFER, POSTER, PRICES, STAGES, Link, Visitor

MACHINE, CUP = (name for name, _destination in ADVERT.variants)


@dataclass(frozen=True)
class Step:
    """A click so many days ago."""

    days: int
    link: Link
    variant: str = ""


@dataclass(frozen=True)
class Prospect:
    """stage: of the deal, "" where there is only a lead."""

    first_name: str
    last_name: str
    organization: str
    visitor: Visitor
    steps: tuple[Step, ...]
    stage: str = ""
    worth: int = 0

    @property
    def lead(self) -> dict[str, str]:
        return {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "email": f"{self.first_name}.{self.last_name}@example.com".lower(),
            "organization": self.organization,
        }


WON, OFFERED, SHOWN = STAGES[-1], STAGES[2], STAGES[1]
PC, MAC = ("desktop", "Windows", "Chrome"), ("desktop", "Mac OS X", "Safari")
PHONE, IPHONE = ("mobile", "Android", "Chrome Mobile"), ("mobile", "iOS", "Mobile Safari")

PROSPECTS = (
    Prospect(
        "Jonas", "Keller", "Keller Law", Visitor("203.0.113.21", *PC),
        (Step(28, OFFER), Step(9, ADVERT, CUP), Step(8, DEMO)), WON, 8_400,
    ),
    Prospect(
        "Priya", "Raman", "Raman Studios", Visitor("203.0.113.58", *MAC),
        (Step(18, ADVERT, CUP), Step(14, PRICES)), WON, 15_600,
    ),
    Prospect(
        "Emil", "Lund", "Lund Boats", Visitor("198.51.100.33", *PHONE),
        (Step(21, POSTER), Step(14, OFFER), Step(13, PRICES), Step(3, DEMO)), WON, 6_200,
    ),
    Prospect(
        "Marta", "Silva", "Silva Dental", Visitor("203.0.113.99", *PC),
        (Step(11, ADVERT, CUP), Step(2, DEMO)), OFFERED, 9_800,
    ),
    Prospect(
        "Chloe", "Martin", "Atelier Martin", Visitor("198.51.100.142", *IPHONE),
        (Step(6, ADVERT, CUP),), SHOWN, 4_300,
    ),
    Prospect("Hana", "Sato", "Sato Interiors", Visitor("198.51.100.167", *IPHONE), (Step(14, OFFER),)),
    Prospect("Ben", "Osei", "Osei Print", Visitor("203.0.113.177", *PC), (Step(5, ADVERT, MACHINE),)),
)  # fmt: skip
