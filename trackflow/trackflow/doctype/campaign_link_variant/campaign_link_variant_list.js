frappe.listview_settings["Campaign Link Variant"] = {
	add_fields: ["active"],
	hide_name_column: true,

	get_indicator(doc) {
		return doc.active
			? [__("Active"), "green", "active,=,1"]
			: [__("Inactive"), "gray", "active,=,0"];
	},
};
