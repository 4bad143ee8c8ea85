frappe.ui.form.on("Lead Status Change", {
	refresh(frm) {
		if (!frm.doc.lead_id || !frappe.model.can_read("CRM Lead")) return;
		frm.add_custom_button(__("Open Lead"), () =>
			frappe.set_route("Form", "CRM Lead", frm.doc.lead_id)
		);
	},
});
