frappe.listview_settings["Conversion"] = {
	hide_name_column: true,
};
