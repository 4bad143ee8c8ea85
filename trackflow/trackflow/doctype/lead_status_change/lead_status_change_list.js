frappe.listview_settings["Lead Status Change"] = {
	hide_name_column: true,
};
