frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Campaigns by Credited Value"] = {
	method: "trackflow.api.charts.campaigns_by_credited_value",
	filters: [
		{
			fieldname: "days",
			label: __("Last Days"),
			fieldtype: "Select",
			options: ["7", "30", "90", "365"],
			default: "365",
			reqd: 1,
		},
		{
			fieldname: "attribution_model",
			label: __("Attribution Model"),
			fieldtype: "Link",
			options: "Attribution Model",
		},
	],
};
