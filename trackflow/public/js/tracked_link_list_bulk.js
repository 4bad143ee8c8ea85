trackflow.add_ways_to_make_links = function (listview) {
	if (!frappe.model.can_create("Tracked Link")) return;
	if (frappe.model.can_read("Link Template")) {
		listview.page.add_inner_button(__("From Template"), () => trackflow.new_link_from_template({}));
	}
	if (frappe.model.can_create("Link Import")) {
		listview.page.add_inner_button(__("Import"), () => frappe.new_doc("Link Import"));
	}
};

frappe.listview_settings["Tracked Link"].onload = trackflow.add_ways_to_make_links;
