frappe.listview_settings["Click Daily Total"] = {
	hide_name_column: true,

	onload(listview) {
		if (!frappe.user.has_role(["System Manager", "TrackFlow Manager"])) return;
		listview.page.add_inner_button(__("Compare with Clicks"), () =>
			frappe.xcall("trackflow.api.clicks.check_totals").then(trackflow_show_differences)
		);
	},
};

function trackflow_show_differences({ number, first }) {
	if (!number) {
		frappe.msgprint({
			title: __("Totals Agree"),
			indicator: "green",
			message: __("All totals and counters are what the click events say."),
		});
		return;
	}
	const cells = (values) => values.map((value) => `<td>${frappe.utils.escape_html(String(value))}</td>`);
	const rows = first.map((each) => `<tr>${cells(each).join("")}</tr>`).join("");
	const titles = [__("Of"), __("Name"), __("Number"), __("Is"), __("Should Be")];
	const head = titles.map((title) => `<th scope="col">${title}</th>`).join("");
	const dialog = new frappe.ui.Dialog({
		title: __("{0} Numbers Differ", [number]),
		size: "large",
		primary_action_label: __("Put Right"),
		primary_action() {
			dialog.hide();
			frappe.xcall("trackflow.api.clicks.rebuild_totals").then(() =>
				frappe.show_alert({
					message: __("Totals are counted again in the background."),
					indicator: "green",
				})
			);
		},
	});
	dialog.$body.html(`<table class="table table-bordered"><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>`);
	dialog.show();
}
