frappe.listview_settings["Identity Link"] = {
	hide_name_column: true,
};
