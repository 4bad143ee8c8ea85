{% include "trackflow/public/js/report_parts.js" %}

frappe.query_reports["Cohorts"] = {
	filters: [...trackflow.reports.days(365), trackflow.reports.campaign(), trackflow.reports.model()],
	get_datatable_options: trackflow.reports.with_totals,
	formatter: trackflow.reports.formatter(),
};
