{% include "trackflow/public/js/report_parts.js" %}

frappe.query_reports["Lead Attribution"] = {
	filters: [
		...trackflow.reports.days(),
		trackflow.reports.campaign(),
		{ fieldname: "source", label: __("Source"), fieldtype: "Data" },
		{ fieldname: "status", label: __("Status"), fieldtype: "Data" },
	],
	get_datatable_options: trackflow.reports.with_totals,
	formatter: trackflow.reports.formatter({
		touches: ({ lead }, shown) => trackflow.reports.report_link("Visitor Journey", { lead }, shown),
	}),
};
