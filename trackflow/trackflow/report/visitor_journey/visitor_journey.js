{% include "trackflow/public/js/report_parts.js" %}

frappe.query_reports["Visitor Journey"] = {
	filters: [
		{ fieldname: "visitor", label: __("Visitor"), fieldtype: "Link", options: "Visitor" },
		// Not links: who has no right to leads and deals may still have one to visitors.
		{ fieldname: "lead", label: __("Lead"), fieldtype: "Data" },
		{ fieldname: "deal", label: __("Deal"), fieldtype: "Data" },
		...trackflow.reports.days(0),
	],
	formatter: trackflow.reports.formatter({
		detail: ({ tracked_link }, shown) =>
			tracked_link && trackflow.reports.form_link("Tracked Link", tracked_link, shown),
	}),
};
