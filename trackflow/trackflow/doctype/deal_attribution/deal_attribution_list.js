// Deals and models that are being recomputed: what the list shows of them is about to change.
const due = { deals: {}, models: [] };

frappe.listview_settings["Deal Attribution"] = {
	add_fields: ["is_won", "deal_id", "attribution_model"],
	hide_name_column: true,

	async refresh(listview) {
		const { message } = await frappe.call("trackflow.api.pending.deals");
		const changed = JSON.stringify(message) !== JSON.stringify(due);
		Object.assign(due, message);
		if (changed) listview.render_list();
	},

	// The form knows better by now, and draws its indicator from here, too.
	note_state(deal, state) {
		delete due.deals[deal];
		if (state.is_pending) due.deals[deal] = false;
		else if (state.failed_at) due.deals[deal] = true;
		else due.models = [];
	},

	get_indicator(doc) {
		if (due.deals[doc.deal_id]) return [__("Failed"), "red", `deal_id,=,${doc.deal_id}`];
		if (doc.deal_id in due.deals || due.models.includes(doc.attribution_model))
			return [__("Being Recomputed"), "orange", `deal_id,=,${doc.deal_id}`];
		return doc.is_won
			? [__("Won"), "green", "is_won,=,1"]
			: [__("Not Won"), "gray", "is_won,=,0"];
	},
};
