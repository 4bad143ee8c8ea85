frappe.ui.form.on("Identity Link", {
	refresh(frm) {
		if (frm.is_new()) return;
		open_button(frm, "CRM Lead", frm.doc.crm_lead, __("Open Lead"));
		open_button(frm, "CRM Deal", frm.doc.crm_deal, __("Open Deal"));
		if (!frm.perm[0]?.write) return;
		if (frm.doc.status === "Undone") {
			frm.add_custom_button(__("Link Again"), () => link_again(frm));
		} else {
			frm.add_custom_button(__("Undo"), () => undo(frm));
		}
	},
});

function open_button(frm, doctype, name, label) {
	if (name && frappe.model.can_read(doctype)) {
		frm.add_custom_button(label, () => frappe.set_route("Form", doctype, name));
	}
}

function undo(frm) {
	const dialog = new frappe.ui.Dialog({
		title: __("Undo This Link?"),
		fields: [
			{
				fieldtype: "HTML",
				options: `<p>${__(
					"The visitor's touches will no longer count for {0}, nor for anybody who has them through it. Credit is worked out again. The same rule won't link the two again until you do.",
					[frappe.utils.escape_html(frm.doc.crm_lead || frm.doc.crm_deal)]
				)}</p>`,
			},
			{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason"), reqd: 1 },
		],
		primary_action_label: __("Undo"),
		primary_action({ reason }) {
			dialog.hide();
			call(frm, "undo", { reason });
		},
	});
	dialog.show();
}

function link_again(frm) {
	frappe.confirm(
		__("The visitor's touches will count for {0} again. Credit is worked out again.", [
			frappe.utils.escape_html(frm.doc.crm_lead || frm.doc.crm_deal),
		]),
		() => call(frm, "redo", {})
	);
}

function call(frm, method, args) {
	return frappe.xcall(`trackflow.api.identity.${method}`, { link: frm.doc.name, ...args }).then(() => {
		frappe.show_alert({ message: __("Credit is worked out in the background."), indicator: "green" });
		frm.reload_doc();
	});
}
