frappe.ui.form.on("Click Rejudgement", {
	onload(frm) {
		if (frm.is_new() && !frm.doc.to_date) {
			frm.set_value("to_date", frappe.datetime.get_today());
		}
	},

	refresh(frm) {
		frm.add_custom_button(__("What Would Change"), () => {
			frappe.set_route("query-report", "Click Rejudgement Preview", {
				from_date: frm.doc.from_date,
				to_date: frm.doc.to_date,
				tracked_link: frm.doc.tracked_link,
			});
		});
		if (!frm.is_new() && frm.doc.status !== "Finished" && frm.perm[0]?.write) {
			frm.add_custom_button(__("Continue"), () =>
				frm.call("continue_work").then(() => {
					frappe.show_alert({ message: __("Clicks are judged in the background."), indicator: "green" });
				})
			);
		}
		if (!frm.is_new()) {
			frm.add_custom_button(__("Refresh"), () => frm.reload_doc());
		}
	},
});
