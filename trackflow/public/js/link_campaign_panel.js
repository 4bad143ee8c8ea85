// On the form of a campaign: the way from clicks to won value, its days, and its links with their figures.
frappe.ui.form.on("Link Campaign", {
	refresh(frm) {
		if (frm.is_new()) return;
		const wrappers = ["funnel", "days_chart", "links_list"].map((each) => frm.get_field(each).$wrapper);
		trackflow.panels.load(
			frm,
			"trackflow.api.campaigns.overview",
			{ campaign: frm.doc.name },
			wrappers,
			(answer) => {
				show_funnel(frm, wrappers[0].empty(), answer);
				trackflow.panels.days_chart(wrappers[1], answer.days);
				show_links(frm, wrappers[2].empty(), answer);
			}
		);
	},
});

function show_funnel(frm, $wrapper, { funnel, model, currency }) {
	const steps = [
		[__("Clicks"), funnel.clicks, open_clicks],
		[__("Visitors"), funnel.visitors],
		[__("Leads"), funnel.leads],
		[__("Deals"), funnel.deals],
		[__("Deals Won"), funnel.won],
	].filter(([, number]) => number !== undefined);
	const most = Math.max(...steps.map(([, number]) => number), 1);
	const $steps = $("<div>", { class: "mb-3" });
	steps.forEach(([label, number, open], i) => {
		// A deal may come of few clicks: less than a pixel would look like nothing.
		const width = number ? Math.max((100 * number) / most, 0.5) : 0;
		const before = i ? steps[i - 1][1] : 0;
		const rate = before ? __("{0} % of {1}", [format_number((100 * number) / before, null, 1), steps[i - 1][0]]) : "";
		const $number = open
			? $("<a>", { href: "#", text: number }).on("click", (event) => open(event, frm))
			: $("<span>", { text: number });
		$steps.append(
			$("<div>", { class: "d-flex align-items-center mb-2" }).append(
				$("<div>", { text: label, css: { width: "115px", flex: "none" } }),
				$("<div>", { class: "flex-grow-1", css: { background: "var(--bg-light-gray)" } }).append(
					$("<div>", { css: { width: `${width}%`, height: "18px", background: "var(--blue-400)" } })
				),
				$("<div>", { class: "text-right ml-2", css: { width: "60px", flex: "none" } }).append($number),
				$("<div>", {
					class: "text-muted small ml-2 hidden-xs",
					text: rate,
					css: { width: "150px", flex: "none" },
				})
			)
		);
	});
	$wrapper.append($steps);
	if (funnel.value === undefined) return;
	const value = format_currency(funnel.value, currency);
	const text = __("Won value: {0}, as the model {1} shares it.", [value, __(model)]);
	$wrapper.append($("<p>", { text }));
}

function open_clicks(event, frm) {
	event.preventDefault();
	frappe.set_route("List", "Click Event", "List", { campaign: frm.doc.name, verdict: "human" });
}

function show_links(frm, $wrapper, { links, more_links, funnel, currency }) {
	if (!links.length) {
		trackflow.panels.nothing($wrapper, __("This campaign has no links yet. Choose New Link above."));
		return;
	}
	const heads = [
		{ label: __("Link") },
		{ label: __("Short Code") },
		{ label: __("Status") },
		{ label: __("Clicks"), number: 1 },
		{ label: __("Visitors"), number: 1 },
		{ label: __("Conversions"), number: 1 },
		...(funnel.value === undefined ? [] : [{ label: __("Won Value"), number: 1 }]),
	];
	const colours = { Active: "green", Paused: "orange", Archived: "gray" };
	const rows = links.map((link) => [
		{ text: link.title, route: ["Tracked Link", link.name] },
		link.short_code,
		{ text: __(link.status), colour: colours[link.status] },
		link.click_count,
		link.unique_visitor_count,
		link.conversion_count,
		...(funnel.value === undefined ? [] : [format_currency(link.value, currency)]),
	]);
	$wrapper.append(trackflow.panels.table(__("Links"), heads, rows));
	if (more_links <= 0) return;
	$("<a>", { href: "#", text: __("{0} more links", [more_links]) })
		.on("click", (event) => {
			event.preventDefault();
			frappe.set_route("List", "Tracked Link", "List", { campaign: frm.doc.name });
		})
		.appendTo($wrapper);
}
