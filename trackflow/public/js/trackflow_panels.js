// What forms show beside their fields: charts, bars and tables, drawn with Frappe's own colours.
frappe.provide("trackflow.panels");

// Frappe's green and red are too pale to be read by everybody, and so are its muted text and code in the dark.
frappe.dom.set_style(
	`.trackflow-panel .text-success { color: #14683f !important; }
	.trackflow-panel .text-danger { color: #a32020 !important; }
	[data-theme="dark"] .trackflow-panel .text-success { color: #6fcf9f !important; }
	[data-theme="dark"] .trackflow-panel .text-danger { color: #f5a3a3 !important; }
	[data-theme="dark"] .trackflow-panel .text-muted { color: #c7c7c7 !important; }
	[data-theme="dark"] .trackflow-panel code { color: inherit; }`,
	"trackflow-panels"
);

// Bars by day; `rows` are {date, clicks, visitors}.
trackflow.panels.days_chart = function (wrapper, rows) {
	const $wrapper = $(wrapper).empty();
	if (!rows.some((row) => row.clicks)) {
		return trackflow.panels.nothing($wrapper, __("No human clicks in the last {0} days.", [rows.length]));
	}
	const total = rows.reduce((sum, row) => sum + row.clicks, 0);
	const $chart = $("<div>", {
		role: "img",
		"aria-label": __("{0} clicks in {1} days", [total, rows.length]),
	}).appendTo($wrapper);
	trackflow.panels.once_visible($chart[0], () => trackflow.panels.draw_days($chart[0], rows));
};

// A chart measures the element it is drawn in, which has no width in a tab or page that is hidden.
trackflow.panels.once_visible = function (element, draw) {
	const observer = new ResizeObserver(() => {
		if (!element.clientWidth) return;
		observer.disconnect();
		draw();
	});
	observer.observe(element);
};

trackflow.panels.draw_days = function (element, rows) {
	// Charts are drawn again when their width changes, and days are moved to their places after they were written.
	const drawn = frappe.utils.debounce(() => trackflow.panels.give_last_day_room(element), 200);
	new MutationObserver(drawn).observe(element, { childList: true, subtree: true });
	return frappe.utils.make_chart(element, {
		type: "axis-mixed",
		height: 240,
		// Bars that still grow when the form is left or drawn again raise an error in the browser.
		animate: 0,
		disableEntryAnimation: 1,
		colors: ["blue", "green"],
		axisOptions: { xIsSeries: 1, numberFormatter: trackflow.panels.short_number },
		data: {
			labels: rows.map((row) => trackflow.panels.short_day(row.date)),
			datasets: [
				{ name: __("Clicks"), chartType: "bar", values: rows.map((row) => row.clicks) },
				// A line of one point has no path, which browsers complain about.
				{ name: __("New Visitors"), chartType: rows.length > 1 ? "line" : "bar", values: rows.map((row) => row.visitors) },
			],
		},
	});
};

// Charts write the last day in any case, also into the one before.
trackflow.panels.give_last_day_room = function (element) {
	const written = [...element.querySelectorAll(".x.axis text")].filter((text) => text.textContent);
	const [before, last] = written.slice(-2).map((text) => text.getBoundingClientRect());
	// Where the chart can't be seen nothing has a width.
	if (last?.width && before.right + 6 > last.left) written.at(-2).textContent = "";
};

// Frappe writes 100 as 100.00 below an axis.
trackflow.panels.short_number = (number) =>
	Math.abs(number) < 1000 ? String(number) : frappe.utils.format_chart_axis_number(number);

// As "Nov 25", so that many of them fit below a chart.
trackflow.panels.short_day = (day) => {
	const language = (frappe.boot.lang || "en").replace("_", "-");
	const text = new Date(`${day}T00:00`).toLocaleDateString(language, { month: "short", day: "numeric" });
	// "25. Nov." without the last dot, as on the workspace: more days fit.
	return text.replace(/\.$/, "");
};

// As the user writes numbers.
trackflow.panels.percent = (value, decimals = 1) => `${format_number(value, null, decimals)} %`;

// A list of [what, number] with bars; the numbers' sum is 100 %.
trackflow.panels.bars = function (title, rows) {
	const total = rows.reduce((sum, [, number]) => sum + number, 0) || 1;
	const $box = $("<div>", { class: "col-sm-4 mb-4" }).append($("<h6>", { text: title, class: "mb-2" }));
	rows.forEach(([what, number]) => {
		const percent = (100 * number) / total;
		const $text = $("<div>", { class: "d-flex justify-content-between small" }).append(
			$("<span>", { text: what, class: "ellipsis", title: what }),
			$("<span>", { text: `${number} (${trackflow.panels.percent(percent, 0)})`, class: "text-muted ml-2 text-nowrap" })
		);
		const $bar = $("<div>", { css: { background: "var(--bg-light-gray)", borderRadius: "3px" } }).append(
			$("<div>", {
				css: { width: `${percent}%`, height: "5px", background: "var(--blue-400)", borderRadius: "3px" },
			})
		);
		$box.append($("<div>", { class: "mb-2" }).append($text, $bar));
	});
	return $box;
};

// Rows of cells; a cell is a text, or {text, route} for a link, or {text, colour} for an indicator, or an element.
// `name` tells those who can't see the table what it is about.
trackflow.panels.table = function (name, heads, rows) {
	const right = (head) => (head.number ? "text-right" : "");
	const $head = $("<tr>").append(
		...heads.map((head) => $("<th>", { text: head.label, class: right(head), scope: "col" }))
	);
	const $rows = rows.map((cells) =>
		$("<tr>").append(
			...cells.map((cell, i) => $("<td>", { class: right(heads[i]) }).append(draw_cell(cell)))
		)
	);
	const $table = $("<table>", { class: "table table-sm" }).append(
		$("<thead>").append($head),
		$("<tbody>").append(...$rows)
	);
	return trackflow.panels.wide(name, $table);

	function draw_cell(cell) {
		if (cell instanceof $ || cell instanceof Node) return cell;
		if (cell && cell.route) {
			return $("<a>", { text: cell.text, href: frappe.utils.get_form_link(...cell.route) });
		}
		if (cell && cell.colour) {
			return $("<span>", { text: cell.text, class: `indicator-pill no-indicator-dot ${cell.colour}` });
		}
		return document.createTextNode(cell === null || cell === undefined ? "" : String(cell));
	}
};

// Wide tables are pushed sideways on a phone, not the whole page; with the keyboard they can be where it stops.
trackflow.panels.wide = function (name, $table) {
	const $box = $("<div>", { role: "group", "aria-label": name, css: { overflowX: "auto" } }).append($table);
	const look = ([{ target }]) => $box.attr("tabindex", target.scrollWidth > target.clientWidth ? 0 : null);
	new ResizeObserver(look).observe($box[0]);
	return $box;
};

trackflow.panels.nothing = ($wrapper, text) => $wrapper.append($("<p>", { text, class: "text-muted" }));

// Ask the server for what a form shows; `draw` is called only if the form still shows the same document.
trackflow.panels.load = async function (frm, method, args, wrappers, draw) {
	const { name } = frm.doc;
	wrappers.forEach((wrapper) => $(wrapper).addClass("trackflow-panel"));
	let answer;
	try {
		answer = await frappe.xcall(method, args);
	} catch {
		// Frappe has shown why.
		wrappers.forEach((wrapper) =>
			trackflow.panels.nothing($(wrapper).empty(), __("This could not be loaded. Reload the form."))
		);
		return;
	}
	if (frm.doc.name === name) draw(answer);
};

trackflow.panels.verdict = (verdict) => {
	const [text, colour] = {
		human: [__("Human"), "green"],
		bot: [__("Bot"), "red"],
		prefetch: [__("Prefetch"), "orange"],
		internal: [__("Internal"), "blue"],
		duplicate: [__("Duplicate", null, "Click"), "yellow"],
		opted_out: [__("Opted Out"), "purple"],
	}[verdict] || [__("Not Judged"), "gray"];
	return { text, colour };
};
