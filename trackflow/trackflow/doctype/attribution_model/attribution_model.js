const POLL_MS = 2000;

frappe.ui.form.on("Attribution Model", {
	refresh(frm) {
		show_results(frm);
		if (is_data_driven(frm)) frm.set_intro(frm.doc.findings_message || "", "orange");
		if (frm.is_new()) return;
		add_compute_button(frm);
		watch(frm);
	},
});

function is_data_driven(frm) {
	return (frm.doc.model_type || "").startsWith("Data-Driven");
}

function add_compute_button(frm) {
	if (!is_data_driven(frm) || !frm.perm[0].write) return;
	frm.add_custom_button(__("Compute Now"), async () => {
		await frappe.xcall("trackflow.api.attribution.compute", { model: frm.doc.name });
		frappe.show_alert({ message: __("Reading the journeys of closed deals..."), indicator: "blue" });
		watch(frm, true);
	});
}

// Asks how far the background jobs are, until there is nothing left to do.
async function watch(frm, expected = false) {
	const { name } = frm.doc;
	const state = await frappe.xcall("trackflow.api.attribution.progress", { model: name });
	if (frm.doc.name !== name || cur_frm !== frm) return;
	const is_busy = state.is_computing || state.is_pending;
	if (is_busy || expected) {
		show_progress(frm, state);
		frm.trackflow_was_busy = true;
		clearTimeout(frm.trackflow_timer);
		frm.trackflow_timer = setTimeout(() => watch(frm), POLL_MS);
	} else if (frm.trackflow_was_busy) {
		frm.trackflow_was_busy = false;
		frm.dashboard.hide_progress();
		if (!frm.is_dirty()) frm.reload_doc();
	}
}

function show_progress(frm, state) {
	const title = state.is_computing ? __("Reading journeys") : __("Deals are being credited again");
	const percent = state.total ? (100 * state.done) / state.total : 0;
	const counted = state.total ? __("{0} of {1}", [state.done, state.total]) : __("waiting for a worker");
	frm.dashboard.show_progress(title, Math.max(percent, 1), `${title}: ${counted}`);
}

function show_results(frm) {
	const field = frm.fields_dict.results_html;
	if (!field) return;
	const rows = JSON.parse(frm.doc.results || "[]");
	const measure =
		frm.doc.model_type === "Data-Driven Markov" ? __("Removal effect") : __("Shapley value");
	const heads = [
		{ label: __(frm.doc.states || "Channel") },
		{ label: __("Share", null, "Part of a whole"), number: 1 },
		{ label: measure, number: 1 },
	];
	const cells = rows.map((row) => [
		frm.doc.states === "Campaign" ? row.state : __(row.state),
		trackflow.panels.percent(100 * row.share, 2),
		format_number(row.effect, null, 6),
	]);
	field.$wrapper.empty();
	if (rows.length) field.$wrapper.append(trackflow.panels.table(__("Results"), heads, cells));
	else if (!frm.doc.findings_message)
		field.$wrapper.append($("<p class='text-muted'>").text(__("Nothing has been computed yet.")));
}
