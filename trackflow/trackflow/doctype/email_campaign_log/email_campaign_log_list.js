frappe.listview_settings["Email Campaign Log"] = {
	hide_name_column: true,
};
