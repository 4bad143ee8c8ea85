frappe.listview_settings["Tracked Link"] = {
	add_fields: ["status", "start_date", "expiry_date", "max_clicks", "click_count"],
	hide_name_column: true,

	button: {
		show: () => true,
		get_label: () => __("Copy"),
		get_description: () => __("Copy the short URL"),
		// Lists don't have the short URL: it depends on the domain of the link, or the site's primary one.
		action: ({ name }) =>
			frappe.db
				.get_doc("Tracked Link", name)
				.then(({ short_url }) => frappe.utils.copy_to_clipboard(short_url)),
	},

	get_indicator(doc) {
		const now = frappe.datetime.system_datetime();
		if (doc.status === "Archived") return [__("Archived"), "gray", "status,=,Archived"];
		if (doc.status === "Paused") return [__("Paused"), "orange", "status,=,Paused"];
		if (doc.expiry_date && doc.expiry_date <= now) {
			return [__("Expired"), "red", `status,=,Active|expiry_date,<=,${now}`];
		}
		if (doc.start_date && doc.start_date > now) {
			return [__("Scheduled"), "blue", `status,=,Active|start_date,>,${now}`];
		}
		if (doc.max_clicks && doc.click_count >= doc.max_clicks) {
			return [__("Used Up"), "red", "status,=,Active|max_clicks,>,0"];
		}
		return [__("Active"), "green", "status,=,Active"];
	},
};
