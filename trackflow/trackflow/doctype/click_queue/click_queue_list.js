frappe.listview_settings["Click Queue"] = {
	hide_name_column: true,
	onload(listview) {
		listview.page.add_actions_menu_item(
			__("Try Again"),
			() => trackflow_retry(listview, listview.get_checked_items(true)),
			false
		);
		listview.page.add_inner_button(__("Try All Failed Again"), () => trackflow_retry(listview, []));
	},
};

function trackflow_retry(listview, names) {
	frappe.xcall("trackflow.api.clicks.retry", { names: JSON.stringify(names) }).then((number) => {
		frappe.show_alert(
			number
				? { message: __("{0} clicks are tried again.", [number]), indicator: "green" }
				: { message: __("No failed clicks were chosen."), indicator: "orange" }
		);
		listview.clear_checked_items();
		listview.refresh();
	});
}
