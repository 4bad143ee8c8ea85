frappe.listview_settings["Visitor Session"] = {
	hide_name_column: true,
};
