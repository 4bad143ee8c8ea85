trackflow.add_campaign_actions = function (listview) {
	if (!frappe.model.can_write("Link Campaign")) return;
	const set_status = (status) => (campaigns) =>
		trackflow.change_many(listview, "trackflow.api.bulk.set_campaign_status", { campaigns, status });
	trackflow.add_bulk_actions(listview, [
		{ label: __("Pause"), run: set_status("Paused") },
		{ label: __("Reopen"), run: set_status("Active") },
		{ label: __("Close"), run: set_status("Completed") },
	]);
};

frappe.listview_settings["Link Campaign"].onload = trackflow.add_campaign_actions;
