frappe.ui.form.on("Link Template", {
	refresh(frm) {
		preview(frm);
		if (frm.is_new() || !frm.doc.is_active || !frappe.model.can_create("Tracked Link")) return;
		frm.add_custom_button(__("Create Link"), () =>
			trackflow.new_link_from_template({
				link_template: frm.doc.name,
				values: entered_values(frm),
			})
		);
	},

	url_template: preview_soon,
});

frappe.ui.form.on("Template Variable", {
	variable_name: preview_soon,
	variable_type: preview_soon,
	default_value: preview_soon,
	description: preview_soon,
	validation_rules: preview_soon,
	variables_add: preview_soon,
	variables_remove: preview_soon,
});

// A row is changed field by field; the inputs are drawn again once, with what was entered before.
function preview_soon(frm) {
	clearTimeout(frm.preview_timer);
	frm.preview_timer = setTimeout(() => preview(frm), 300);
}

function preview(frm) {
	const $wrapper = frm.get_field("preview").$wrapper;
	if (!frm.doc.url_template) {
		frm.template_inputs = null;
		$wrapper.empty().append($("<p>", { class: "text-muted", text: __("Enter a URL template first.") }));
		return;
	}
	const values = entered_values(frm);
	frm.template_inputs = new trackflow.TemplateInputs({ parent: $wrapper, template: frm.doc, values });
	frm.template_inputs_of = frm.doc.name;
}

// One form shows all templates, one after the other.
function entered_values(frm) {
	return frm.template_inputs_of === frm.doc.name ? frm.template_inputs?.values() : {};
}
