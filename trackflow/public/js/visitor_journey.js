// On the form of a visitor: what they did, the oldest first, a page at a time.
frappe.ui.form.on("Visitor", {
	refresh(frm) {
		if (frm.is_new()) return;
		const $wrapper = frm.get_field("journey").$wrapper.empty();
		const $earlier = $("<button>", { class: "btn btn-default btn-xs mb-3", text: __("Show Earlier") });
		const $list = $("<ol>", { class: "list-unstyled mb-0" });
		$wrapper.append($earlier.hide(), $list);
		load_journey(frm, $list, $earlier, null);
	},
});

function load_journey(frm, $list, $earlier, before) {
	$earlier.prop("disabled", true);
	const args = { visitor: frm.doc.name, before: before && JSON.stringify(before) };
	trackflow.panels.load(frm, "trackflow.api.visitors.journey", args, [$list], (answer) => {
		$list.prepend(answer.entries.map(draw_entry));
		if (!before && !answer.entries.length) {
			$list.append($("<li>", { class: "text-muted", text: __("Nothing is known of this visitor.") }));
		}
		$earlier
			.prop("disabled", false)
			.toggle(!!answer.before)
			.off("click")
			.on("click", () => load_journey(frm, $list, $earlier, answer.before));
	});
}

function draw_entry(entry) {
	const told = tell(entry);
	const $what = $("<div>").append(
		$("<a>", {
			text: told.text,
			href: frappe.utils.get_form_link(entry.doctype, entry.name),
			class: entry.doctype === "Visitor Session" ? "font-weight-bold" : "",
		})
	);
	if (told.pill) {
		const { text, colour } = told.pill;
		$what.append($("<span>", { text, class: `indicator-pill no-indicator-dot ml-2 ${colour}` }));
	}
	const details = told.details.filter(Boolean).join(" \u00b7 ");
	if (details)
		$what.append(
			$("<div>", { text: details, class: "text-muted small", css: { overflowWrap: "anywhere" } })
		);
	if (told.link) $what.append($("<div>").append(told.link));
	const is_visit = entry.doctype === "Visitor Session";
	return $("<li>", {
		class: "d-flex flex-wrap py-2",
		css: {
			borderTop: is_visit ? "1px solid var(--border-color)" : "none",
			paddingLeft: is_visit ? 0 : "16px",
		},
	}).append(
		$("<div>", {
			class: "text-muted small mr-3",
			text: frappe.datetime.str_to_user(entry.time),
			css: { width: "140px", flex: "none" },
		}),
		$what.css({ flex: "1 1 200px", minWidth: 0 })
	)[0];
}

function tell(entry) {
	const tellers = {
		"Visitor Session": tell_visit,
		"Click Event": tell_click,
		"Visitor Event": (event) => ({ text: __(event.event_type), details: [event.page_url] }),
		Conversion: tell_conversion,
	};
	return tellers[entry.doctype](entry);
}

function tell_visit(visit) {
	const from = [visit.source, visit.medium].filter(Boolean).join(" / ");
	return {
		text: from ? __("Visit from {0}", [from]) : __("Direct visit"),
		details: [visit.campaign, visit.device_type && __(visit.device_type), visit.browser, visit.os],
	};
}

function tell_click(click) {
	return {
		text: __("Followed the link {0}", [click.title]),
		pill: click.verdict === "human" ? null : trackflow.panels.verdict(click.verdict),
		details: [click.verdict_reason, click.campaign, click.variant, click.country],
	};
}

function tell_conversion(conversion) {
	const { reference_doctype: doctype, reference_name: name } = conversion;
	const value = conversion.value ? format_currency(conversion.value, conversion.currency) : "";
	const readable = name && frappe.model.can_read(doctype);
	return {
		text: __("Conversion: {0}", [__(conversion.conversion_type)]),
		pill: { text: __("Converted"), colour: "green" },
		details: [value, conversion.source_campaign],
		link:
			readable &&
			$("<a>", {
				text: `${__(doctype)} ${name}`,
				class: "small",
				href: frappe.utils.get_form_link(doctype, name),
			}),
	};
}
