frappe.listview_settings["Deal Attribution"] = {
	add_fields: ["is_won"],
	hide_name_column: true,

	get_indicator(doc) {
		return doc.is_won
			? [__("Won"), "green", "is_won,=,1"]
			: [__("Not Won"), "gray", "is_won,=,0"];
	},
};
