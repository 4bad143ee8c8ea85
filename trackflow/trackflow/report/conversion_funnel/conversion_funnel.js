{% include "trackflow/public/js/report_parts.js" %}

frappe.query_reports["Conversion Funnel"] = {
	filters: [
		...trackflow.reports.days(90),
		trackflow.reports.campaign(),
		trackflow.reports.link(),
		trackflow.reports.model(),
	],
	formatter: trackflow.reports.formatter(),
};
