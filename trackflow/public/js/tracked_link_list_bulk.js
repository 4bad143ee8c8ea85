trackflow.add_ways_to_make_links = function (listview) {
	if (!frappe.model.can_create("Tracked Link")) return;
	if (frappe.model.can_read("Link Template")) {
		listview.page.add_inner_button(__("From Template"), () => trackflow.new_link_from_template({}));
	}
	if (frappe.model.can_create("Link Import")) {
		listview.page.add_inner_button(__("Import"), () => frappe.new_doc("Link Import"));
	}
};

// Tags are added with Frappe's own action.
trackflow.add_link_actions = function (listview) {
	trackflow.add_bulk_actions(listview, [
		{ label: __("QR Code Sheet"), run: (links) => trackflow.ask_for_sheet_of_links(links) },
	]);
	if (!frappe.model.can_write("Tracked Link")) return;
	const set_status = (status) => (links) =>
		trackflow.change_many(listview, "trackflow.api.bulk.set_link_status", { links, status });
	trackflow.add_bulk_actions(listview, [
		{ label: __("Pause"), run: set_status("Paused") },
		{ label: __("Activate"), run: set_status("Active") },
		{ label: __("Archive"), run: set_status("Archived") },
		{ label: __("Move to Campaign"), run: (links) => trackflow.move_links(listview, links) },
	]);
};

trackflow.ask_for_sheet_of_links = (links) =>
	trackflow.ask_for_qr_sheet({
		method: "trackflow.api.links.qr_sheet",
		args: { links },
		hint: __("{0} links, with title and short URL, by title.", [links.length]),
		filename: "qr-codes.pdf",
	});

trackflow.move_links = (listview, links) =>
	frappe.prompt(
		{
			fieldname: "campaign",
			fieldtype: "Link",
			label: __("Campaign"),
			options: "Link Campaign",
			description: __("Leave it empty to take the links out of their campaigns. Past clicks stay where they were counted."),
		},
		({ campaign }) =>
			trackflow.change_many(listview, "trackflow.api.bulk.move_links", {
				links,
				campaign: campaign || "",
			}),
		__("Move {0} Links", [links.length]),
		__("Move")
	);

frappe.listview_settings["Tracked Link"].onload = function (listview) {
	trackflow.add_ways_to_make_links(listview);
	trackflow.add_link_actions(listview);
};
