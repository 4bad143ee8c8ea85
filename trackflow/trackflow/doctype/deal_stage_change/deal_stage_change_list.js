frappe.listview_settings["Deal Stage Change"] = {
	hide_name_column: true,
};
