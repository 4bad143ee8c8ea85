frappe.listview_settings["Tracked Link"] = {
	add_fields: ["status", "start_date", "expiry_date"],
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
		return [__("Active"), "green", "status,=,Active"];
	},
};
