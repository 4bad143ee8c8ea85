frappe.ui.form.on("Deal Stage Change", {
	refresh(frm) {
		if (!frm.doc.deal_id || !frappe.model.can_read("CRM Deal")) return;
		frm.add_custom_button(__("Open Deal"), () =>
			frappe.set_route("Form", "CRM Deal", frm.doc.deal_id)
		);
	},
});
