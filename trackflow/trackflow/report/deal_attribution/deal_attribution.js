{% include "trackflow/public/js/report_parts.js" %}

frappe.query_reports["Deal Attribution"] = {
	filters: [
		...trackflow.reports.days(0),
		trackflow.reports.model(),
		trackflow.reports.deals(),
		trackflow.reports.campaign(),
		trackflow.reports.link(),
		{ fieldname: "channel", label: __("Channel"), fieldtype: "Data" },
		{ fieldname: "deal", label: __("Deal"), fieldtype: "Data" },
	],
	tree: true,
	name_field: "title",
	initial_depth: 0,
	formatter: trackflow.reports.formatter({
		touches: ({ deal }, shown) => deal && trackflow.reports.report_link("Visitor Journey", { deal }, shown),
		title: ({ tracked_link }, shown) =>
			tracked_link && trackflow.reports.form_link("Tracked Link", tracked_link, shown),
	}),
};
