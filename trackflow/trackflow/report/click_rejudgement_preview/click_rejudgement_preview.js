frappe.query_reports["Click Rejudgement Preview"] = {
	filters: [
		{
			fieldname: "from_date",
			label: __("From Date"),
			fieldtype: "Date",
			default: frappe.datetime.add_days(frappe.datetime.get_today(), -7),
		},
		{
			fieldname: "to_date",
			label: __("To Date"),
			fieldtype: "Date",
			default: frappe.datetime.get_today(),
		},
		{
			fieldname: "tracked_link",
			label: __("Tracked Link"),
			fieldtype: "Link",
			options: "Tracked Link",
			// Not what is in the input: that is empty until Desk has asked for the link's title.
			get_value() {
				return this.value;
			},
		},
	],
	onload(report) {
		report.page.add_inner_button(__("Judge Again"), () => {
			const { from_date, to_date, tracked_link } = report.get_filter_values();
			// Not frappe.new_doc, which does not take dates along.
			frappe.model.with_doctype("Click Rejudgement", () => {
				const doc = frappe.model.get_new_doc("Click Rejudgement");
				Object.assign(doc, { from_date, to_date, tracked_link });
				frappe.set_route("Form", "Click Rejudgement", doc.name);
			});
		});
	},
};
