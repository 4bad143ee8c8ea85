frappe.listview_settings["Link Conversion"] = {
	hide_name_column: true,
};
