import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, cstr, flt

from trackflow import messages, settings
from trackflow.attribution import data_driven
from trackflow.attribution import models as attribution_models
from trackflow.attribution import rebuild as attribution_rebuild
from trackflow.domain.attribution import DATA_DRIVEN
from trackflow.domain.attribution.markov import HIGHEST_ORDER
from trackflow.domain.attribution.models import USUAL_MILESTONE_WEIGHTS
from trackflow.domain.errors import Refused
from trackflow.setup.standard_models import MODELS

# What the credit of deals depends on, besides channel_rules.
PARAMETERS = (
    "model_type", "is_active", "lookback_window_days", "time_decay_half_life_days", "position_based_first_weight",
    "position_based_last_weight", *attribution_models.MILESTONES, "states", "minimum_journeys", "chain_order",
    "random_seed", "custom_rules",
)  # fmt: skip
RULE_FIELDS = ("channel_name", "match_conditions", "priority", "weight")


class AttributionModel(Document):
    """How the credit for a deal is shared among the touches that led to it.

    What data-driven models found is written by ``trackflow.attribution.data_driven``.
    """

    def validate(self) -> None:
        self._keep_findings()
        self.check_parameters()
        if not self.is_active and self.name == settings.default_model():
            frappe.throw(_("This is the default model. Choose another one in TrackFlow Settings first."))
        self._is_changed = self._counts() != self._counts_before()
        if self._is_changed:
            self.pending_change = attribution_rebuild.new_token()

    def check_parameters(self) -> None:
        """Fill in the usual milestones where there are none. Raises ValidationError for what can't be."""
        self._check_ends()
        self._check_milestones()
        self._check_data_driven()
        self._check_rules()

    def on_update(self) -> None:
        if not self._is_changed:
            return
        attribution_rebuild.enqueue()
        if self.is_active and self.model_type in DATA_DRIVEN:
            data_driven.enqueue(self.name)

    def on_trash(self) -> None:
        if self.name == settings.default_model():
            frappe.throw(_("This is the default model. Choose another one in TrackFlow Settings first."))
        if self.name in MODELS:
            frappe.throw(
                _(
                    "This standard model would come back with the next update. Take away its check Is Active instead."
                )
            )

    def _keep_findings(self) -> None:
        """They are written in the background, so a form that was opened before would overwrite them."""
        kept = (*data_driven.FOUND_FIELDS, "pending_change")
        if self.is_new():
            self.update(dict.fromkeys(kept))
        else:
            self.update(
                frappe.db.get_value(self.doctype, self.name, kept, as_dict=True, for_update=True) or {}
            )

    def _counts(self) -> list:
        """Return all that the credit of deals depends on."""
        values = [
            cstr(self.get(name)) if isinstance(self.get(name), str) else flt(self.get(name))
            for name in PARAMETERS
        ]
        return [*values, [[cstr(row.get(name)) for name in RULE_FIELDS] for row in self.channel_rules]]

    def _counts_before(self) -> list | None:
        before = self.get_doc_before_save()
        return before._counts() if before else None

    def _check_ends(self) -> None:
        first, last = flt(self.position_based_first_weight), flt(self.position_based_last_weight)
        if min(first, last) < 0 or first + last > 100:
            frappe.throw(
                _("First and last touch get {0} % and {1} %. Together they can have from 0 to 100 %.").format(
                    first, last
                )
            )

    def _check_milestones(self) -> None:
        """Fill in the usual weights where there are none."""
        usual = USUAL_MILESTONE_WEIGHTS.get(self.model_type)
        if not usual:
            return
        if not attribution_models.milestone_weights(self):
            self.update(dict(zip(attribution_models.MILESTONES, map(float, usual), strict=True)))
        weights = [flt(self.get(name)) for name in attribution_models.MILESTONES]
        if min(weights) < 0 or sum(weights) > 100:
            frappe.throw(
                _(
                    "The milestones get {0} % in all. Together they can have from 0 to 100 %, each at least 0."
                ).format(sum(weights))
            )

    def _check_data_driven(self) -> None:
        if self.model_type not in DATA_DRIVEN:
            return
        if not 1 <= cint(self.chain_order) <= HIGHEST_ORDER:
            frappe.throw(_("The order of the chain can be from 1 to {0}.").format(HIGHEST_ORDER))
        if cint(self.minimum_journeys) < 2:
            frappe.throw(
                _("Data-driven models need at least 2 journeys: one that was won and one that was lost.")
            )

    def _check_rules(self) -> None:
        try:
            attribution_models.grouping(self)
            frappe.parse_json(self.custom_rules or "{}")
            custom = attribution_models.custom_rules(self)
        except Refused as refused:
            messages.throw(refused, _("This rule can't be used"))
        except ValueError:
            frappe.throw(
                _('The custom rules are no valid JSON. Example: {"channels": {"Email": 2}, "otherwise": 1}')
            )
        if self.model_type == "Custom" and not self.channel_rules and custom == type(custom)():
            frappe.throw(
                _(
                    "A model of the type Custom needs a channel rule or custom rules. Without them it would be Linear."
                )
            )
