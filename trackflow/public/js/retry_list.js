frappe.provide("trackflow");

// A list of what waits and may have failed: an action for what is ticked, a button for all.
trackflow.retry_list = (method) => ({
	hide_name_column: true,
	onload(listview) {
		const retry = (names) =>
			frappe.xcall(method, { names: JSON.stringify(names) }).then((number) => {
				frappe.show_alert(
					number
						? { message: __("Tried again: {0}", [number]), indicator: "green" }
						: { message: __("None of what was chosen has failed."), indicator: "orange" }
				);
				listview.clear_checked_items();
				listview.refresh();
			});
		listview.page.add_actions_menu_item(__("Try Again"), () => retry(listview.get_checked_items(true)), false);
		listview.page.add_inner_button(__("Try All Failed Again"), () => retry([]));
	},
});
