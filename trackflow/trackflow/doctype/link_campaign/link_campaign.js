frappe.ui.form.on("Link Campaign", {
	refresh(frm) {
		if (frm.is_new() || !frappe.model.can_create("Tracked Link")) return;
		frm.add_custom_button(__("New Link"), () =>
			frappe.new_doc("Tracked Link", { campaign: frm.doc.name })
		);
	},
});
