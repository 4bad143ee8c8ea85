"""What axe finds in parts of a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

CODE = Path(__file__).parents[2] / ".bench/desk/node_modules/axe-core/axe.min.js"
CHECK = """async ([include, exceptions]) => {
    // Desk keeps the pages that were left, and axe reads all that is there.
    const left = [...document.querySelectorAll(".page-container")].filter(each => each.style.display === "none");
    const marks = left.map(() => document.createComment("left"));
    left.forEach((each, i) => each.replaceWith(marks[i]));
    const options = { resultTypes: ["violations"], elementRef: true, preload: false, iframes: false };
    const found = await axe.run({ include }, options);
    marks.forEach((each, i) => each.replaceWith(left[i]));
    const is_known = (rule, { element }) => exceptions.some(([of, where]) => of === rule && element.matches(where));
    const told = ({ html, any }) => {
        const { fgColor, bgColor } = any[0]?.data || {};
        return html.replace(/\\s+/g, " ").slice(0, 160) + (fgColor ? ` (${fgColor} on ${bgColor})` : "");
    };
    return found.violations
        .filter(one => ["serious", "critical"].includes(one.impact))
        .map(one => ({ ...one, nodes: one.nodes.filter(node => !is_known(one.id, node)) }))
        .filter(one => one.nodes.length)
        .map(one => `${one.id}: ${one.help}: ${one.nodes.map(told).slice(0, 3).join(" | ")}`);
}"""

# What Desk draws itself, inside or around what is looked at: (rule, selector).
LISTS = (
    # Boxes to tick have no name, rows come before all else by the key Tab, initials of people are pale.
    ("label", ".list-row-checkbox"),
    ("label-title-only", ".list-check-all"),
    ("tabindex", ".list-row-container"),
    ("color-contrast", ".avatar-frame"),
)
TABLES = (
    # The filters below the heads, the box that takes what is pasted, columns of type Check.
    ("label", ".dt-filter, .dt-paste-target, .dt-cell input[type=checkbox]"),
    ("label-title-only", ".dt-filter"),
    ("tabindex", ".dt-filter"),
)
DIALOGS = (
    # Labels do not belong to their inputs, the cross has no name, the main button's blue is pale.
    ("label", "input[data-fieldtype], textarea[data-fieldtype]"),
    ("select-name", "select[data-fieldtype]"),
    ("button-name", ".btn-modal-close"),
    ("color-contrast", ".btn-modal-primary"),
)
WORKSPACES = (
    # The menus of cards and charts; the main button of the checklist.
    ("aria-allowed-attr", ".card-actions > a"),
    ("button-name", ".chart-menu"),
    ("color-contrast", ".onboarding-step-footer .btn-primary"),
)


def serious(page: Any, *places: str, but: tuple[tuple[str, str], ...] = ()) -> list[str]:
    """What is wrong in the visible elements that ``places`` (selectors) find, ``but`` what is Desk's own."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(CODE.read_text())
    shown = [page.locator(place).locator("visible=true") for place in places]
    for place, found in zip(places, shown, strict=True):
        assert found.count(), f"{place} is not shown"
    include = [each.element_handle() for found in shown for each in found.all()]
    return page.evaluate(CHECK, [include, list(map(list, but))])
