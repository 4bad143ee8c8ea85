frappe.listview_settings["Deal Link Association"] = {
	hide_name_column: true,
};
