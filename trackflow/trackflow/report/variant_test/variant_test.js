{% include "trackflow/public/js/report_parts.js" %}

frappe.query_reports["Variant Test"] = {
	filters: [
		// Not reqd: Desk looks before the link of the route has arrived. The report asks for it itself.
		trackflow.reports.link(),
		...trackflow.reports.days(0),
	],
	formatter(value, row, column, data, default_formatter) {
		if (column.fieldname === "variant" && data?.variant_id) {
			const url = frappe.utils.get_form_link("Campaign Link Variant", data.variant_id);
			return `<a href="${url}">${frappe.utils.escape_html(value)}</a>`;
		}
		if (value == null && column.fieldtype !== "Check") return "";
		const text = default_formatter(value, row, column, data);
		if (!["chance", "value_chance"].includes(column.fieldname)) return text;
		const colour = value >= 95 ? "green" : value >= 80 ? "orange" : "gray";
		return `<span class="indicator ${colour}">${format_number(value, null, 1)} %</span>`;
	},
	onload(report) {
		report.page.add_inner_button(__("Variants"), () => {
			const tracked_link = report.get_filter_value("tracked_link");
			frappe.set_route("List", "Campaign Link Variant", { tracked_link });
		});
	},
};
