const LOOK_EVERY_MS = 2000;
const ENDED = ["Completed", "Completed with Failures"];

frappe.ui.form.on("Link Import", {
	refresh(frm) {
		clearTimeout(frm.look_timer);
		["preview", "progress_bar", "failures"].forEach((each) =>
			frm.get_field(each).$wrapper.empty().addClass("trackflow-panel")
		);
		if (frm.is_new()) return;
		frm.doc.status === "Draft" ? offer_preview(frm) : follow(frm);
	},

	setup(frm) {
		frm.set_query("link_template", () => ({ filters: { is_active: 1 } }));
	},
});

// ------------------------------------------------------------ before the import

function offer_preview(frm) {
	frm.add_custom_button(__("Preview"), () => preview(frm));
	if (frappe.model.can_create("Tracked Link")) {
		frm.add_custom_button(__("Start Import"), () => saved(frm, () => start(frm)));
	}
	frm.get_field("preview").$wrapper.append(
		$("<p>", { class: "text-muted", text: __("Preview shows what the import would do, and creates nothing.") })
	);
}

function saved(frm, then) {
	return frm.is_dirty() ? frm.save().then(then) : then();
}

function preview(frm) {
	return saved(frm, () =>
		frappe
			.xcall("trackflow.api.imports.preview", { name: frm.doc.name })
			.then((found) => show_preview(frm.get_field("preview").$wrapper.empty(), found))
	);
}

function show_preview($wrapper, found) {
	const told = [
		__("{0} rows: {1} links can be created, {2} rows can't.", [found.total, found.ready, found.failing]),
	];
	if (found.unread.length) told.push(__("Columns that are not read: {0}", [found.unread.join(", ")]));
	if (found.clicks) {
		told.push(__("{0} clicks counted elsewhere stay out of the counters here.", [found.clicks]));
	}
	told.forEach((text) => $("<p>", { text }).appendTo($wrapper));
	$wrapper.append(table_of(found.rows));
	if (found.rows.length < found.total) {
		$("<p>", { class: "text-muted", text: __("Not all rows are shown.") }).appendTo($wrapper);
	}
}

function table_of(rows) {
	const head = [__("Line"), __("Short Code"), __("Destination URL"), __("Title"), __("Reason")];
	const $head = $("<tr>").append(head.map((text) => $("<th>", { text, class: "text-nowrap", scope: "col" })));
	// Addresses have no place of their own to break at; words have.
	const css = { wordBreak: "break-word", minWidth: "20em" };
	const $rows = rows.map((row) => {
		const cells = row.reason
			? [$("<td>", { text: row.cells, colspan: 3, css }), $("<td>", { class: "text-danger", text: row.reason })]
			: [
					$("<td>", { text: row.short_code || __("generated") }).toggleClass("text-muted", !row.short_code),
					$("<td>", { text: row.destination_url, css }),
					$("<td>", { text: row.title }),
					$("<td>"),
			  ];
		return $("<tr>").append($("<td>", { text: row.line, class: "text-nowrap" }), cells);
	});
	const $table = $("<table>", { class: "table table-bordered table-sm" }).append(
		$("<thead>").append($head),
		$("<tbody>").append($rows)
	);
	return trackflow.panels.wide(__("Link Import"), $table);
}

function start(frm) {
	return frappe
		.xcall("trackflow.api.imports.start", { name: frm.doc.name })
		.then(() => frm.reload_doc());
}

// ------------------------------------------------------------ during and after it

function follow(frm) {
	const name = frm.doc.name;
	return frappe.xcall("trackflow.api.imports.state", { name }).then((state) => {
		if (frm.doc.name !== name || !frm.wrapper || !$(frm.wrapper).is(":visible")) return;
		show_progress(frm, state);
		show_counts(frm, state);
		show_buttons(frm, state);
		if (state.status !== frm.doc.status) {
			frm.reload_doc();
		} else if (state.at_work) {
			frm.look_timer = setTimeout(() => follow(frm), LOOK_EVERY_MS);
		}
	});
}

function show_progress(frm, state) {
	const failed = state.total_rows ? (100 * state.failed_count) / state.total_rows : 0;
	const text = __("{0} of {1} rows: {2} links created, {3} rows failed", [
		state.created_count + state.failed_count,
		state.total_rows,
		state.created_count,
		state.failed_count,
	]);
	const bar = (percent, color) =>
		$("<div>", { class: `progress-bar ${color}`, css: { width: `${percent}%` } });
	frm.get_field("progress_bar")
		.$wrapper.empty()
		.append(
			$("<div>", { class: "progress mb-2" }).append(
				bar(state.progress - failed, "bg-success"),
				bar(failed, "bg-danger")
			),
			$("<p>", { text })
		);
	const $failures = frm.get_field("failures").$wrapper.empty();
	if (state.failures.length) $failures.append(table_of(state.failures));
	if (state.failures.length < state.failed_count) {
		$("<p>", { class: "text-muted", text: __("Not all rows are shown.") }).appendTo($failures);
	}
}

// Only for show: the fields belong to the job.
function show_counts(frm, state) {
	const fields = ["total_rows", "created_count", "failed_count", "progress"];
	fields.forEach((fieldname) => (frm.doc[fieldname] = state[fieldname]));
	frm.refresh_fields(fields);
}

function show_buttons(frm, state) {
	frm.clear_custom_buttons();
	if (state.at_work) {
		frm.add_custom_button(__("Stop"), () => frappe.xcall("trackflow.api.imports.stop", { name: frm.doc.name }));
	} else if (!ENDED.includes(state.status) && frappe.model.can_create("Tracked Link")) {
		frm.add_custom_button(__("Resume"), () => start(frm));
	}
	if (state.failed_count) {
		const query = $.param({ name: frm.doc.name });
		frm.add_custom_button(__("Download Failed Rows"), () =>
			$("<a>", { href: `/api/method/trackflow.api.imports.failed_rows?${query}`, download: "" })[0].click()
		);
	}
	frm.add_custom_button(__("Show Rows"), () =>
		frappe.set_route("List", "Link Import Row", { link_import: frm.doc.name })
	);
}
