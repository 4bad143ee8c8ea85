"""The Attribution Models that every site has."""

import frappe

MODELS = {
    "Last Touch": "All credit to the last touch before the outcome.",
    "First Touch": "All credit to the touch that brought the visitor first.",
    "Last Non-Direct": "All credit to the last touch that came from somewhere.",
    "Linear": "The same credit to each touch.",
    "Time Decay": "The closer to the outcome, the more credit; half of it for each half-life.",
    "Position Based": "Most credit to the first and the last touch, the rest to those between.",
    "W-Shaped": "30 % each to the first touch and those before lead and deal were created, 10 % to all others.",
    "Full Path": "22.5 % each to the first touch and those before lead, deal and win, 10 % to all others.",
    "Data-Driven Markov": "Credit by how many deals would be lost without a channel, learned from won and lost deals.",
    "Data-Driven Shapley": "Credit by what a channel adds to others on average, learned from won and lost deals.",
}


def create() -> None:
    """Create those that are missing; what an administrator changed stays as it is."""
    for name, description in MODELS.items():
        if not frappe.db.exists("Attribution Model", name):
            model = frappe.get_doc(
                doctype="Attribution Model", model_name=name, model_type=name, description=description
            )
            # Runs during installation, where nobody is asked for rights.
            model.insert(ignore_permissions=True)
