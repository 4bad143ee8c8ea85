{% include "trackflow/public/js/report_parts.js" %}

frappe.query_reports["Channel Overview"] = {
	filters: [...trackflow.reports.days(), trackflow.reports.model(), trackflow.reports.deals()],
	get_datatable_options: trackflow.reports.with_totals,
	formatter: trackflow.reports.formatter({
		amount: ({ key }, shown) =>
			trackflow.reports.report_link("Deal Attribution", trackflow.reports.chosen({ channel: key }), shown),
	}),
};
