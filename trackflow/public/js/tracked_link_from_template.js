frappe.ui.form.on("Tracked Link", {
	refresh(frm) {
		if (!frm.is_new() || !frappe.model.can_read("Link Template")) return;
		frm.add_custom_button(__("From Template"), () =>
			trackflow.link_from_template({
				link_template: frm.doc.link_template,
				values: JSON.parse(frm.doc.template_values || "{}"),
				done: (fields) => frm.set_value(fields),
			})
		);
	},
});
