{% include "trackflow/public/js/report_parts.js" %}

frappe.query_reports["Click Quality"] = {
	filters: [
		...trackflow.reports.days(),
		trackflow.reports.campaign(),
		trackflow.reports.link(),
	],
	get_datatable_options: trackflow.reports.with_totals,
	formatter: trackflow.reports.formatter({
		requests: ({ verdict, reason, is_kept }, shown) =>
			is_kept && trackflow.reports.events_link({ verdict, verdict_reason: reason }, shown),
	}),
};
