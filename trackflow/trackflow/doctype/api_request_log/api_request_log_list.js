frappe.listview_settings["API Request Log"] = {
	hide_name_column: true,
};
