frappe.listview_settings["Link Import Row"] = {
	hide_name_column: true,
};
