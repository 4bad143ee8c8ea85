frappe.listview_settings["Visitor Event"] = {
	hide_name_column: true,
};
