frappe.provide("trackflow.reports");

// Filters and links that the reports share. Each report includes this file.
Object.assign(trackflow.reports, {
	days(back = 30) {
		const today = frappe.datetime.get_today();
		return [
			{
				fieldname: "from_date",
				label: __("From Date"),
				fieldtype: "Date",
				default: back ? frappe.datetime.add_days(today, -back) : undefined,
			},
			{
				fieldname: "to_date",
				label: __("To Date"),
				fieldtype: "Date",
				default: back ? today : undefined,
			},
		];
	},
	campaign() {
		return { fieldname: "campaign", label: __("Campaign"), fieldtype: "Link", options: "Link Campaign" };
	},
	link() {
		return {
			fieldname: "tracked_link",
			label: __("Tracked Link"),
			fieldtype: "Link",
			options: "Tracked Link",
			// Not what is in the input: that is empty until Desk has asked for the link's title.
			get_value() {
				return this.value;
			},
		};
	},
	model() {
		return {
			fieldname: "attribution_model",
			label: __("Attribution Model"),
			fieldtype: "Link",
			options: "Attribution Model",
			get_query: () => ({ filters: { is_active: 1 } }),
		};
	},
	deals() {
		return {
			fieldname: "deals",
			label: __("Deals"),
			fieldtype: "Select",
			options: [
				{ value: "won", label: __("Won") },
				{ value: "all", label: __("Won, Lost and Open") },
			],
			default: "won",
		};
	},
	select(fieldname, label, options) {
		const choices = options.map((value) => ({ value, label: __(value) }));
		return { fieldname, label, fieldtype: "Select", options: [{ value: "", label: "" }, ...choices] };
	},
	// The days, model and kind of deals that were chosen, for the report behind a figure.
	chosen(more) {
		const { from_date, to_date, attribution_model, deals } = frappe.query_report.get_filter_values();
		const values = { from_date, to_date, attribution_model, deals, ...more };
		return Object.fromEntries(Object.entries(values).filter(([, value]) => value));
	},
	report_link(report, filters, shown) {
		const route = frappe.utils.generate_route({
			type: "report",
			is_query_report: 1,
			name: encodeURIComponent(report),
			route_options: filters,
		});
		return `<a href="${route}">${shown}</a>`;
	},
	// The list of the events behind a number, of the same days, campaign and link.
	events_link(filters, shown) {
		const { from_date, to_date, campaign, tracked_link } = frappe.query_report.get_filter_values();
		const wanted = { ...filters, campaign, tracked_link };
		const chosen = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value));
		if (from_date || to_date) {
			const last = `${to_date || frappe.datetime.get_today()} 23:59:59`;
			chosen.click_timestamp = JSON.stringify(["between", [from_date || "1970-01-01", last]]);
		}
		const route = frappe.utils.generate_route({
			type: "doctype",
			name: "Click Event",
			doctype: "Click Event",
			doc_view: "List",
			route_options: chosen,
		});
		return `<a href="${route}">${shown}</a>`;
	},
	form_link(doctype, name, shown) {
		return `<a href="${frappe.utils.get_form_link(doctype, name)}">${shown}</a>`;
	},
	// Totals are added up where they are shown, so that an export has no row that looks like one more record, and
	// ratios, marked with disable_total, have none.
	with_totals(options) {
		return Object.assign(options, { showTotalRow: true });
	},
	// What there is no figure for stays empty instead of 0.
	formatter(links = {}) {
		return (value, row, column, data, default_formatter) => {
			if (value == null || value === "") return "";
			const shown = default_formatter(value, row, column, data);
			const link = data && value && links[column.fieldname];
			return link ? link(data, shown) || shown : shown;
		};
	},
});
