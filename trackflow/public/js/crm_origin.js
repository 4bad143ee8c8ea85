// On the Desk forms of leads, deals and organizations: where they came from, and what earned them. The server draws it,
// because Frappe CRM's pages and paper show the same.
frappe.provide("trackflow.origin");

// Each of these forms brings this file.
if (!trackflow.origin.show) {
	trackflow.origin.show = function (frm) {
		const field = frm.get_field("trackflow_origin");
		// Somebody may have hidden or removed it.
		if (!field || frm.is_new()) return;
		const $wrapper = field.$wrapper.empty();
		// Most who open a lead never look at this tab.
		trackflow.panels.once_visible($wrapper[0], () => trackflow.origin.load(frm, $wrapper, 0));
	};

	trackflow.origin.load = function (frm, $wrapper, times) {
		const args = { doctype: frm.doctype, name: frm.doc.name };
		trackflow.panels.load(frm, "trackflow.api.attribution.panel", args, [$wrapper], (answer) => {
			// The texts in it come escaped.
			$wrapper.html(answer.html);
			if (answer.to_print) $wrapper.append(trackflow.origin.print_button(answer.to_print));
			// Recomputing takes seconds, or minutes while all deals wait for a model that was changed.
			if (!answer.is_pending || times >= 20) return;
			setTimeout(() => {
				if (frm.doc.name === args.name && $wrapper.is(":visible"))
					trackflow.origin.load(frm, $wrapper, times + 1);
			}, 3000);
		});
	};

	trackflow.origin.print_button = (attribution) =>
		$("<button>", { class: "btn btn-default btn-xs mt-3", text: __("Print Report") }).on("click", () =>
			frappe.set_route("print", "Deal Attribution", attribution)
		);

	["CRM Lead", "CRM Deal", "CRM Organization"].forEach((doctype) =>
		frappe.ui.form.on(doctype, { refresh: trackflow.origin.show })
	);
}
