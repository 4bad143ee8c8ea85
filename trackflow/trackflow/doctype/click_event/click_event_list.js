frappe.listview_settings["Click Event"] = {
	add_fields: ["verdict"],
	hide_name_column: true,

	get_indicator(doc) {
		const [label, colour] = {
			human: [__("Human"), "green"],
			bot: [__("Bot"), "red"],
			prefetch: [__("Prefetch"), "orange"],
			internal: [__("Internal"), "blue"],
			duplicate: [__("Duplicate", null, "Click"), "yellow"],
			opted_out: [__("Opted Out"), "purple"],
		}[doc.verdict] || [__("Not Judged"), "gray"];
		return [label, colour, `verdict,=,${doc.verdict}`];
	},
};
