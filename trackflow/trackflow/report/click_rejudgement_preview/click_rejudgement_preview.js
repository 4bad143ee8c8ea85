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
		{ fieldname: "tracked_link", label: __("Tracked Link"), fieldtype: "Link", options: "Tracked Link" },
	],
	onload(report) {
		report.page.add_inner_button(__("Judge Again"), () => {
			const { from_date, to_date, tracked_link } = report.get_filter_values();
			frappe.new_doc("Click Rejudgement", { from_date, to_date, tracked_link });
		});
	},
};
