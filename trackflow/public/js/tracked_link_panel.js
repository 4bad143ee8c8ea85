// On the form of a tracked link: where it would lead while one types, its clicks, and its variants.
frappe.ui.form.on("Tracked Link", {
	refresh(frm) {
		preview_while_typing(frm);
		if (!frm.is_new()) load_overview(frm);
	},
	...Object.fromEntries(preview_fields().map((fieldname) => [fieldname, show_preview])),
});

function preview_fields() {
	return ["destination_url", "campaign", "source", "medium", "content", "term", "additional_parameters"];
}

function preview_while_typing(frm) {
	if (!frm.trackflow_preview_soon) {
		frm.trackflow_preview_soon = frappe.utils.debounce(() => show_preview(frm), 300);
		$(frm.wrapper).on("input", "input, textarea", (event) => {
			if (preview_fields().includes(event.target.dataset.fieldname)) frm.trackflow_preview_soon();
		});
	}
	show_preview(frm);
}

// Texts count as they are typed; the others when they are chosen.
function typed_value(frm, fieldname) {
	const field = frm.fields_dict[fieldname];
	const is_text = ["Data", "Small Text"].includes(field.df.fieldtype);
	const typed = is_text && field.$input && field.$input.val();
	return typed || typed === "" ? typed : frm.doc[fieldname];
}

async function show_preview(frm) {
	const { name } = frm.doc;
	const values = Object.fromEntries(preview_fields().map((each) => [each, typed_value(frm, each)]));
	const number = (frm.trackflow_preview_number = (frm.trackflow_preview_number || 0) + 1);
	const answer = values.destination_url
		? await frappe.xcall("trackflow.api.links.preview", { values })
		: { url: "", problem: "" };
	// An older answer may come after a newer one.
	if (number !== frm.trackflow_preview_number || frm.doc.name !== name) return;
	const $wrapper = frm.get_field("destination_preview").$wrapper.empty().addClass("trackflow-panel");
	if (answer.problem) {
		// The sentence comes escaped.
		$wrapper.append($("<p>", { class: "text-danger small", html: answer.problem }));
	} else if (answer.url) {
		$wrapper.append(
			$("<div>", { class: "text-muted small", text: __("Visitors are sent to") }),
			$("<code>", { text: answer.url, class: "d-block mb-3", css: { overflowWrap: "anywhere" } })
		);
	}
}

function load_overview(frm) {
	const wrappers = ["days_chart", "audience", "variants_list"].map((each) => frm.get_field(each).$wrapper);
	trackflow.panels.load(frm, "trackflow.api.links.overview", { link: frm.doc.name }, wrappers, (answer) => {
		trackflow.panels.days_chart(wrappers[0], answer.days);
		show_audience(frm, wrappers[1].empty(), answer);
		show_variants(frm, wrappers[2].empty(), answer.variants);
	});
}

function show_audience(frm, $wrapper, answer) {
	if (!answer.clicks.length) {
		trackflow.panels.nothing($wrapper, __("Nobody has followed this link yet."));
		return;
	}
	if (answer.counted) {
		$wrapper.append(
			$("<p>", { class: "text-muted small", text: __("The last {0} human clicks", [answer.counted]) }),
			$("<div>", { class: "row" }).append(
				trackflow.panels.bars(__("Country"), answer.parts.country),
				trackflow.panels.bars(__("Device"), answer.parts.device_type),
				trackflow.panels.bars(__("Referrer"), answer.parts.referrer)
			)
		);
	}
	const rows = answer.clicks.map((click) => [
		{ text: frappe.datetime.str_to_user(click.click_timestamp), route: ["Click Event", click.name] },
		trackflow.panels.verdict(click.verdict),
		click.verdict_reason,
		click.country,
		[click.device_type && __(click.device_type), click.browser].filter(Boolean).join(", "),
		click.variant,
	]);
	const heads = [__("Last Clicks"), __("Verdict"), __("Reason"), __("Country"), __("Device"), __("Variant")];
	$wrapper.append(
		trackflow.panels.table(
			__("Last Clicks"),
			heads.map((label) => ({ label })),
			rows
		)
	);
}

function show_variants(frm, $wrapper, variants) {
	if (variants.length) {
		const heads = [
			{ label: __("Variant") },
			{ label: __("Destination") },
			{ label: __("Visitors"), number: 1 },
			{ label: __("Clicks"), number: 1 },
			{ label: __("Conversions"), number: 1 },
		];
		const rows = variants.map((variant) => [
			{ text: variant.variant_name, route: ["Campaign Link Variant", variant.name] },
			$("<span>", { text: variant.destination_url, css: { overflowWrap: "anywhere" } }),
			variant.active ? trackflow.panels.percent(100 * variant.share, 0) : __("Not active"),
			variant.clicks,
			variant.conversions,
		]);
		$wrapper.append(trackflow.panels.table(__("Variants"), heads, rows));
	} else {
		const text = __("All visitors go to the destination. Add variants to share them among several pages.");
		trackflow.panels.nothing($wrapper, text);
	}
	if (!frappe.model.can_create("Campaign Link Variant")) return;
	$("<button>", { class: "btn btn-default btn-sm", text: __("Add Variant") })
		.on("click", () => ask_for_variant(frm))
		.appendTo($wrapper);
}

function ask_for_variant(frm) {
	const dialog = new frappe.ui.Dialog({
		title: __("Add Variant"),
		fields: [
			{ fieldname: "variant_name", fieldtype: "Data", label: __("Variant Name"), reqd: 1 },
			{
				fieldname: "destination_url",
				fieldtype: "Small Text",
				label: __("Destination URL"),
				default: frm.doc.destination_url,
				reqd: 1,
			},
			{
				fieldname: "weight",
				fieldtype: "Int",
				label: __("Weight"),
				default: 50,
				description: __("How many visitors come here, relative to the other variants. 0 for none."),
			},
		],
		primary_action_label: __("Add"),
		async primary_action(values) {
			const doc = { doctype: "Campaign Link Variant", tracked_link: frm.doc.name, active: 1, ...values };
			await frappe.db.insert(doc);
			dialog.hide();
			// The button of the variant test comes with the first one.
			frm.refresh();
		},
	});
	dialog.show();
}
