frappe.ui.form.on("Visitor", {
	refresh(frm) {
		if (!frm.doc.crm_lead || !frappe.model.can_read("CRM Lead")) return;
		frm.add_custom_button(__("Open Lead"), () =>
			frappe.set_route("Form", "CRM Lead", frm.doc.crm_lead)
		);
	},
});
