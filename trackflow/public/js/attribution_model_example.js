// On the form of an attribution model: a made-up deal, and what the model as it stands gives each of its touches.
frappe.ui.form.on("Attribution Model", {
	refresh(frm) {
		show_example(frm);
		if (frm.trackflow_example_soon) return;
		frm.trackflow_example_soon = frappe.utils.debounce(() => show_example(frm), 300);
		// Numbers count as they are typed, not only when the field is left.
		$(frm.wrapper).on("input", "input", (event) => {
			if (example_fields().includes(event.target.dataset.fieldname)) frm.trackflow_example_soon();
		});
	},
	...Object.fromEntries(example_fields().map((fieldname) => [fieldname, example_soon])),
});

frappe.ui.form.on("Attribution Channel Rule", {
	channel_name: example_soon,
	match_conditions: example_soon,
	priority: example_soon,
	weight: example_soon,
	channel_rules_remove: example_soon,
});

function example_fields() {
	return [
		"model_type",
		"lookback_window_days",
		"time_decay_half_life_days",
		"position_based_first_weight",
		"position_based_last_weight",
		"milestone_first_weight",
		"milestone_lead_weight",
		"milestone_deal_weight",
		"milestone_won_weight",
		"states",
		"minimum_journeys",
		"chain_order",
		"custom_rules",
	];
}

function example_soon(frm) {
	if (frm.trackflow_example_soon) frm.trackflow_example_soon();
}

function example_value(frm, fieldname) {
	const field = frm.fields_dict[fieldname];
	const is_number = ["Int", "Percent"].includes(field.df.fieldtype);
	// Only the field that is being typed into is ahead of the document.
	const is_typed = is_number && field.$input && field.$input.is(":focus");
	return is_typed ? field.parse(field.$input.val()) : frm.doc[fieldname];
}

async function show_example(frm) {
	const { doc } = frm;
	const $wrapper = frm.get_field("example").$wrapper.addClass("trackflow-panel");
	if (!doc.model_type) return $wrapper.empty();
	const number = (frm.trackflow_example_number = (frm.trackflow_example_number || 0) + 1);
	const values = Object.fromEntries(example_fields().map((each) => [each, example_value(frm, each)]));
	Object.assign(values, { results: doc.results, channel_rules: doc.channel_rules || [] });
	const answer = await frappe.xcall("trackflow.api.attribution.example", { values });
	// An older answer may come after a newer one.
	if (number !== frm.trackflow_example_number || frm.doc.name !== doc.name) return;
	$wrapper.empty();
	if (answer.problem) {
		// The sentence comes escaped.
		const css = { borderLeft: "3px solid var(--orange-500)", paddingLeft: "8px" };
		$wrapper.append($("<p>", { role: "status", html: answer.problem, css }));
	} else {
		draw_example($wrapper, answer);
	}
}

function draw_example($wrapper, answer) {
	const heads = [
		{ label: __("When") },
		{ label: __("What Happened") },
		{ label: __("Channel") },
		{ label: __("Credit") },
		{ label: __("Share", null, "Part of a whole"), number: 1 },
		{ label: __("Of {0}", [format_currency(answer.value, answer.currency)]), number: 1 },
	];
	const milestones = [
		{ days: answer.lead_days, milestone: __("The lead is created") },
		{ days: answer.deal_days, milestone: __("The deal is created") },
		{ days: 0, milestone: __("The deal is won") },
	];
	const rows = [...answer.lines, ...milestones].sort((one, other) => other.days - one.days);
	$wrapper.append(
		trackflow.panels.table(
			__("Worked Example"),
			heads,
			rows.map((row) => (row.milestone ? milestone_cells(row) : touch_cells(row, answer)))
		)
	);
}

const days_before = (days) => (days ? __("{0} days before", [days]) : "");

function milestone_cells({ days, milestone }) {
	return [days_before(days), $("<em>", { text: milestone }), "", "", "", ""];
}

function touch_cells(row, { window_days, currency }) {
	const from = [row.source, row.medium].filter(Boolean).join(" / ") || __("Direct visit");
	const $what = $("<div>").append($("<div>", { text: from }));
	const more = row.days > window_days ? __("before the window of {0} days", [window_days]) : row.campaign;
	if (more) $what.append($("<div>", { text: more, class: "text-muted small" }));
	const $bar = $("<div>", { css: { background: "var(--bg-light-gray)", minWidth: "80px" } }).append(
		$("<div>", { css: { width: `${row.weight}%`, height: "12px", background: "var(--blue-400)" } })
	);
	return [
		days_before(row.days),
		$what,
		__(row.channel),
		$bar,
		trackflow.panels.percent(row.weight),
		format_currency(row.amount, currency),
	];
}
