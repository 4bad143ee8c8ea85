frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Clicks by Source"] = {
	method: "trackflow.api.charts.clicks_by_source",
	filters: [
		{
			fieldname: "days",
			label: __("Last Days"),
			fieldtype: "Select",
			options: ["7", "30", "90", "365"],
			default: "30",
			reqd: 1,
		},
		{ fieldname: "campaign", label: __("Campaign"), fieldtype: "Link", options: "Link Campaign" },
	],
};
