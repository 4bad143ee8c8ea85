frappe.listview_settings["Link Import Row"] = {
	add_fields: ["outcome"],

	get_indicator(doc) {
		const colors = { Waiting: "gray", Created: "green", Failed: "red" };
		return [__(doc.outcome), colors[doc.outcome], `outcome,=,${doc.outcome}`];
	},
};
