frappe.listview_settings["Link Campaign"] = {
	add_fields: ["status", "start_date", "end_date"],

	get_indicator(doc) {
		const colours = { Draft: "gray", Active: "green", Paused: "orange", Completed: "blue" };
		return [__(doc.status), colours[doc.status] || "gray", `status,=,${doc.status}`];
	},
};
