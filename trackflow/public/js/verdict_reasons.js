// Why a click got its verdict is stored in English; forms show it in the reader's language.
for (const doctype of ["Click Event", "Verdict Change"]) {
	frappe.ui.form.on(doctype, {
		refresh(frm) {
			const reasons = frm.doc.__onload?.reasons || {};
			for (const fieldname of ["verdict_reason", "old_reason", "new_reason"]) {
				const field = frm.fields_dict[fieldname];
				if (!field || !reasons[frm.doc[fieldname]]) continue;
				field.df.formatter = (value) => frappe.utils.escape_html(reasons[value] || value || "");
				field.refresh();
			}
		},
	});
}
