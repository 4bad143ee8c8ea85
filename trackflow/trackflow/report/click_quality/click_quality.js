{% include "trackflow/public/js/report_parts.js" %}

frappe.query_reports["Click Quality"] = {
	filters: [
		...trackflow.reports.days(),
		trackflow.reports.campaign(),
		trackflow.reports.link(),
	],
	get_datatable_options: trackflow.reports.with_totals,
	formatter: trackflow.reports.formatter({
		requests: ({ key, is_kept }, shown) => is_kept && trackflow.reports.events_link(key, shown),
	}),
};
