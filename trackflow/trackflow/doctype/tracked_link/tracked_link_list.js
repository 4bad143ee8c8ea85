frappe.listview_settings["Tracked Link"] = {
	add_fields: ["status", "start_date", "expiry_date", "max_clicks", "click_count"],
	hide_name_column: true,

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
