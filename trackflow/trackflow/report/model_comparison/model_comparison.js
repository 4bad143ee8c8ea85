{% include "trackflow/public/js/report_parts.js" %}

frappe.query_reports["Model Comparison"] = {
	filters: [
		{
			fieldname: "by",
			label: __("By"),
			fieldtype: "Select",
			options: [
				{ value: "campaign", label: __("Campaign") },
				{ value: "channel", label: __("Channel") },
				{ value: "link", label: __("Tracked Link") },
				{ value: "source", label: __("Source") },
				{ value: "medium", label: __("Medium") },
				{ value: "variant", label: __("Variant") },
			],
			default: "campaign",
		},
		{
			fieldname: "models",
			label: __("Models"),
			fieldtype: "MultiSelectList",
			get_data: (text) => frappe.db.get_link_options("Attribution Model", text, { is_active: 1 }),
		},
		...trackflow.reports.days(0),
		trackflow.reports.deals(),
	],
	get_datatable_options: trackflow.reports.with_totals,
	formatter: trackflow.reports.formatter({
		label: ({ key, link }, shown) => {
			const by = frappe.query_report.get_filter_value("by");
			if (!key) return "";
			if (by === "campaign") return trackflow.reports.form_link("Link Campaign", key, shown);
			return by === "link" && trackflow.reports.form_link("Tracked Link", link, shown);
		},
	}),
};
