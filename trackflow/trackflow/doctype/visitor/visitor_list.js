frappe.listview_settings["Visitor"] = {
	add_fields: ["has_converted"],
	hide_name_column: true,

	get_indicator(doc) {
		return doc.has_converted
			? [__("Converted"), "green", "has_converted,=,1"]
			: [__("Not Converted"), "gray", "has_converted,=,0"];
	},
};
