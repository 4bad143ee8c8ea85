{% include "trackflow/public/js/report_parts.js" %}

frappe.query_reports["Click Rejudgement Preview"] = {
	filters: [...trackflow.reports.days(7), trackflow.reports.link()],
	onload(report) {
		report.page.add_inner_button(__("Judge Again"), () => {
			const { from_date, to_date, tracked_link } = report.get_filter_values();
			// Not frappe.new_doc, which does not take dates along.
			frappe.model.with_doctype("Click Rejudgement", () => {
				const doc = frappe.model.get_new_doc("Click Rejudgement");
				Object.assign(doc, { from_date, to_date, tracked_link });
				frappe.set_route("Form", "Click Rejudgement", doc.name);
			});
		});
	},
};
