frappe.listview_settings["TrackFlow API Key"] = {
	add_fields: ["is_active"],
	hide_name_column: true,

	get_indicator(doc) {
		return doc.is_active
			? [__("Active"), "green", "is_active,=,1"]
			: [__("Inactive"), "gray", "is_active,=,0"];
	},
};
