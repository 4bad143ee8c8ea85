{% include "trackflow/public/js/report_parts.js" %}

frappe.query_reports["Campaign Performance"] = {
	filters: [
		...trackflow.reports.days(),
		trackflow.reports.campaign(),
		trackflow.reports.select("status", __("Status"), ["Draft", "Active", "Paused", "Completed"]),
		trackflow.reports.select("campaign_type", __("Type"), [
			"Email",
			"Social",
			"Paid Search",
			"Display",
			"Affiliate",
			"Event",
			"Print",
			"Referral",
			"Other",
		]),
		trackflow.reports.model(),
		trackflow.reports.deals(),
	],
	get_datatable_options: trackflow.reports.with_totals,
	formatter: trackflow.reports.formatter({
		clicks: ({ campaign }, shown) =>
			trackflow.reports.report_link("Link Performance", trackflow.reports.chosen({ campaign }), shown),
		amount: ({ campaign }, shown) =>
			trackflow.reports.report_link("Deal Attribution", trackflow.reports.chosen({ campaign }), shown),
	}),
};
