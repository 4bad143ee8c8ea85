frappe.provide("trackflow.dashboard");

// The parts of the dashboard, drawn from one answer of the server. Texts go through .text(), never into HTML.
Object.assign(trackflow.dashboard, {
	number: (value) => frappe.format(value, { fieldtype: "Int" }, { inline: true }),
	share: (value) => (format_number(value, null, Number.isInteger(value) ? 0 : 2)),
	money: (value) => $("<div>").html(frappe.format(value, { fieldtype: "Currency" }, { inline: true })).text(),

	empty($wrapper, is_filtered) {
		const text = is_filtered
			? __("Nothing matches these filters in this period.")
			: __("Nothing happened in this period. Share a short link, and its clicks appear here.");
		const $box = $("<div>", { class: "tfd-empty text-center text-muted" }).append($("<p>", { text }));
		if (!is_filtered && frappe.model.can_create("Tracked Link")) {
			$box.append(
				$("<button>", { class: "btn btn-primary btn-sm", text: __("New Link") }).on("click", () =>
					frappe.new_doc("Tracked Link")
				)
			);
		}
		$wrapper.append($box);
	},

	// What stands on each card: the number, how it is written, and the report behind it.
	cards(answer) {
		const parts = trackflow.dashboard;
		const rate = (total) => (total.visitors ? (100 * total.leads) / total.visitors : 0);
		const one = (label, help, read, write, report) => ({ label, help, read, write, report });
		return [
			one(__("Clicks"), __("Clicks by people"), (t) => t.clicks, parts.number, "Link Performance"),
			one(__("New Visitors"), __("Who came for the first time"), (t) => t.visitors, parts.number, "Channel Overview"),
			one(__("Leads"), __("Visitors who became leads"), (t) => t.leads, parts.number, "Lead Attribution"),
			one(__("Leads per Visitor"), __("Leads divided by new visitors"), rate, (rate) => trackflow.panels.percent(rate), "Conversion Funnel"),
			one(__("Deals Won"), __("Under filters, the shares of them"), (t) => t.deals, parts.share, "Deal Attribution"),
			one(
				__("Won Value"),
				__("As {0} credits it", [__(answer.model)]),
				(t) => t.amount,
				parts.money,
				"Campaign Performance"
			),
		];
	},

	numbers(answer, about) {
		const $row = $("<section>", { class: "tfd-cards", "aria-label": __("Figures of the period") });
		trackflow.dashboard.cards(answer).forEach((card) => {
			const value = card.read(answer.total);
			const $link = trackflow.dashboard.report_link(card.report, about, card.write(value)).addClass("tfd-value");
			$row.append(
				$("<div>", { class: "tfd-card", title: card.help }).append(
					$("<div>", { class: "tfd-label", text: card.label }),
					$link,
					trackflow.dashboard.change(value, answer.total_before && card.read(answer.total_before), answer)
				)
			);
		});
		return $row;
	},

	// How much more or less than in the period before; in words, since colours don't reach everybody.
	change(value, before, answer) {
		if (before === null || before === undefined) return $("<div>", { class: "tfd-change" });
		const title = __("{0} to {1}", answer.before.map((day) => frappe.datetime.str_to_user(day)));
		if (!before) {
			const text = value ? __("nothing in the period before") : __("as in the period before");
			return $("<div>", { class: "tfd-change text-muted", text, title });
		}
		const percent = Math.round((100 * (value - before)) / before);
		const text = percent > 0 ? __("{0} % more", [percent]) : percent < 0 ? __("{0} % less", [-percent]) : __("as before");
		const colour = percent > 0 ? "tfd-more" : percent < 0 ? "tfd-less" : "text-muted";
		return $("<div>", { class: `tfd-change ${colour}`, text, title });
	},

	days(answer) {
		const $section = $("<section>", { class: "tfd-box", "aria-labelledby": "tfd-days" }).append(
			$("<h5>", { id: "tfd-days", text: __("Clicks and New Visitors") })
		);
		const $chart = $("<div>", { role: "img", "aria-label": trackflow.dashboard.days_text(answer.days) });
		$section.append($chart, trackflow.dashboard.days_table(answer.days));
		trackflow.panels.once_visible($chart[0], () => trackflow.panels.draw_days($chart[0], answer.days));
		return $section;
	},

	days_text(rows) {
		const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
		return __("{0} clicks and {1} new visitors; the table below has the same numbers.", [sum("clicks"), sum("visitors")]);
	},

	days_table(rows) {
		const heads = [{ label: __("Date") }, { label: __("Clicks"), number: 1 }, { label: __("New Visitors"), number: 1 }];
		const cells = rows.map((row) => [frappe.datetime.str_to_user(row.date), row.clicks, row.visitors]);
		return $("<details>").append($("<summary>", { text: __("As a table") }), trackflow.panels.table(__("Clicks"), heads, cells));
	},

	tables(answer, about) {
		const parts = trackflow.dashboard;
		const by = (name, title) => parts.table(title, answer.by[name], (row) => parts.origin_link(name, row, about));
		const $grid = $("<div>", { class: "tfd-grid" }).append(
			parts.table(__("Campaigns"), answer.by.campaign, (row) => ({ text: row.title, route: ["Link Campaign", row.name] })),
			parts.table(__("Links"), answer.links, (row) => ({ text: row.title, route: ["Tracked Link", row.name] }), false),
			by("channel", __("Channels")),
			by("source", __("Sources")),
			by("medium", __("Media"))
		);
		return $grid.append(...parts.audience(answer.audience));
	},

	// A lead knows its campaign and source, not its link.
	table(title, rows, name, has_leads = true) {
		const heads = [
			{ label: __("Name") },
			{ label: __("Clicks"), number: 1 },
			...(has_leads ? [{ label: __("Leads"), number: 1 }] : []),
			{ label: __("Deals"), number: 1 },
			{ label: __("Won Value"), number: 1 },
		];
		const leads = (row) => (has_leads ? [number(row.leads)] : []);
		const { number, share, money } = trackflow.dashboard;
		const cells = rows.map((row) => [name(row), number(row.clicks), ...leads(row), share(row.deals), money(row.amount)]);
		return trackflow.dashboard.box(title, cells.length ? trackflow.panels.table(title, heads, cells) : null);
	},

	box(title, $content) {
		const $nothing = $("<p>", { class: "text-muted", text: __("Nothing in this period.") });
		return $("<section>", { class: "tfd-box", "aria-label": title }).append(
			$("<h5>", { text: title }),
			$content || $nothing
		);
	},

	// A source, medium or channel leads to this page, filtered by it.
	origin_link(name, row, about) {
		const text = row.name ? (name === "channel" ? __(row.name) : row.name) : __("none");
		if (!row.name) return text;
		const filters = { ...about.chosen, [name]: row.name };
		const $link = trackflow.dashboard.link(text, "trackflow-dashboard", filters);
		// Desk does nothing on the way to the page that is open.
		return $link.on("click", (event) => {
			if (event.ctrlKey || event.metaKey || event.shiftKey) return;
			event.preventDefault();
			frappe.route_options = filters;
			frappe.pages["trackflow-dashboard"].trackflow_dashboard.show();
		});
	},

	audience({ counted, parts }) {
		const title = { country: __("Countries"), device_type: __("Devices"), referrer: __("Referrers") };
		return Object.entries(parts).map(([name, rows]) => {
			const $bars = counted ? trackflow.panels.bars("", rows).removeClass("col-sm-4 mb-4") : null;
			$bars?.find("h6").remove();
			const $note = $("<p>", { class: "text-muted small", text: __("of the last {0} clicks", [counted]) });
			return trackflow.dashboard.box(title[name], $bars && $bars.append($note));
		});
	},

	report_link(report, about, text) {
		return trackflow.dashboard.link(text, `query-report/${encodeURIComponent(report)}`, about.chosen);
	},

	// Desk reads the filters of a report from the address, also in another tab.
	link(text, route, filters) {
		const start = frappe.utils.get_form_link("x", "y").split("/")[1];
		return $("<a>", { text, href: `/${start}/${route}?${new URLSearchParams(filters)}` });
	},

	now($wrapper, answer) {
		const text = __("{0} clicks by {1} visitors in the last 30 minutes", [answer.clicks, answer.visitors]);
		const $latest = answer.latest.length ? trackflow.dashboard.latest(answer.latest) : "";
		const is_open = $wrapper.find("details").prop("open");
		$wrapper
			.empty()
			.addClass("tfd-box")
			.append(
				$("<h5>", { id: "tfd-now", text: __("Right Now") }),
				$("<p>", { "aria-live": "polite", text }),
				$latest
			);
		$wrapper.find("details").prop("open", is_open);
	},

	latest(rows) {
		const heads = [__("Time"), __("Link"), __("Campaign"), __("Country"), __("Device")].map((label) => ({ label }));
		const cells = rows.map((row) => [
			$("<span>").html(comment_when(row.time, true)),
			{ text: row.title, route: ["Tracked Link", row.link] },
			row.campaign,
			row.country,
			row.device,
		]);
		const $summary = $("<summary>", { text: __("Last Clicks") });
		return $("<details>").append($summary, trackflow.panels.table(__("Last Clicks"), heads, cells));
	},

	export_rows(answer) {
		const heads = [
			__("Part"),
			__("Name"),
			__("Clicks"),
			__("New Visitors"),
			__("Leads"),
			__("Deals"),
			__("Won Value"),
		];
		const row = (part, name, n) => [part, name, n.clicks, n.visitors, n.leads ?? "", n.deals ?? "", n.amount ?? ""];
		const named = (part, rows) => rows.map((each) => row(part, each.title || each.name || __("none"), each));
		const rows = [
			heads,
			row(__("Total"), answer.period.filter(Boolean).join(" - "), answer.total),
			...answer.days.map((day) => row(__("Day"), day.date, day)),
			...named(__("Campaign"), answer.by.campaign),
			...named(__("Link"), answer.links.map((each) => ({ ...each, leads: "", visitors: "" }))),
			...named(__("Channel"), answer.by.channel.map((each) => ({ ...each, name: __(each.name) }))),
			...named(__("Source"), answer.by.source),
			...named(__("Medium"), answer.by.medium),
		];
		// What begins like a formula is one to a spreadsheet.
		const safe = (cell) => (typeof cell === "string" && /^[=+\-@\t]/.test(cell) ? `'${cell}` : cell);
		return rows.map((cells) => cells.map(safe));
	},
});
