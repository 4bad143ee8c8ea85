{% include "trackflow/public/js/report_parts.js" %}

// Whoever reads this report can have it sent every Monday.
trackflow.reports.offer_digest = (report) => {
	const ask = (what, type = "POST") => frappe.call({ method: `trackflow.api.digest.${what}`, type });
	const labels = { subscribe: __("Email Me Weekly"), unsubscribe: __("Stop the Weekly Email") };
	const told = {
		subscribe: __("You get your campaigns of the last seven days by e-mail every Monday."),
		unsubscribe: __("You get no more weekly e-mails."),
	};
	const show = (what, next) => {
		report.page.remove_inner_button(labels[next]);
		report.page.add_inner_button(labels[what], () =>
			ask(what).then(() => {
				frappe.show_alert({ message: told[what], indicator: "green" });
				show(next, what);
			})
		);
	};
	ask("is_subscribed", "GET").then(({ message }) =>
		message ? show("unsubscribe", "subscribe") : show("subscribe", "unsubscribe")
	);
};

frappe.query_reports["Campaign Performance"] = {
	onload: trackflow.reports.offer_digest,
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
