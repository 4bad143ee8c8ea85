{% include "trackflow/public/js/report_parts.js" %}

frappe.query_reports["Link Performance"] = {
	filters: [
		...trackflow.reports.days(),
		trackflow.reports.campaign(),
		trackflow.reports.select("status", __("Status"), ["Active", "Paused", "Archived"]),
		trackflow.reports.model(),
		trackflow.reports.deals(),
	],
	get_datatable_options: trackflow.reports.with_totals,
	formatter: trackflow.reports.formatter({
		title: ({ tracked_link }, shown) => trackflow.reports.form_link("Tracked Link", tracked_link, shown),
		left_out: ({ tracked_link }, shown) =>
			trackflow.reports.report_link("Click Quality", trackflow.reports.chosen({ tracked_link }), shown),
		amount: ({ tracked_link }, shown) =>
			trackflow.reports.report_link("Deal Attribution", trackflow.reports.chosen({ tracked_link }), shown),
	}),
};
