frappe.ui.form.on("Deal Attribution", {
	refresh(frm) {
		if (frm.doc.deal_id) show_state(frm);
		if (!frm.doc.deal_id || !frappe.model.can_read("CRM Deal")) return;
		frm.add_custom_button(__("Open Deal"), () =>
			frappe.set_route("Form", "CRM Deal", frm.doc.deal_id)
		);
	},
});

// What stands here may be about to change. Looks again until it has, and then shows the new figures.
async function show_state(frm, was_pending = false) {
	const name = frm.doc.name;
	const { message: state } = await frappe.call({
		method: "trackflow.api.pending.deal_state",
		args: { deal: frm.doc.deal_id },
	});
	if (!state || cur_frm !== frm || frm.doc.name !== name) return;
	frm.dashboard.clear_headline();
	frappe.listview_settings["Deal Attribution"].note_state(frm.doc.deal_id, state);
	frm.toolbar.set_indicator();
	if (state.is_pending) {
		frm.dashboard.set_headline_alert(__("This deal's credit is being recomputed."), "orange");
		setTimeout(() => show_state(frm, true), 3000);
	} else if (state.failed_at) {
		const text = __("Recomputing this deal's credit failed and is tried again hourly: {0}", [
			frappe.utils.escape_html(state.message),
		]);
		frm.dashboard.set_headline_alert(text, "red");
	} else if (was_pending) {
		frm.reload_doc();
	}
}
