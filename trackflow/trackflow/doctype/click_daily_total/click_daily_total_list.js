frappe.listview_settings["Click Daily Total"] = {
	hide_name_column: true,
};
