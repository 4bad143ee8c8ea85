// `enabled` is hidden on the form: a button switches it.
frappe.ui.form.on("CRM Form Script", {
	refresh(frm) {
		frm.set_query("dt", { filters: { istable: 0 } });
		frm.add_custom_button(frm.doc.enabled ? __("Disable") : __("Enable"), () => {
			frm.set_value("enabled", frm.doc.enabled ? 0 : 1).then(() => frm.save());
		});
	},
});
