frappe.provide("trackflow");

// Adds entries to the menu Actions of a list; `run` gets the names of the rows that are ticked.
trackflow.add_bulk_actions = function (listview, actions) {
	actions.forEach(({ label, run }) =>
		listview.page.add_actions_menu_item(label, () => run(listview.get_checked_items(true)), false)
	);
};

// Changes documents on the server and tells row by row which could not be changed, and why.
trackflow.change_many = async function (listview, method, args) {
	const { message } = await frappe.call({ method, args, freeze: true });
	if (!message) return;
	listview.clear_checked_items();
	// A list that was loaded less than three seconds ago would not ask again.
	listview.last_args = null;
	listview.refresh();
	const { changed, unchanged, failed } = message;
	const told = [__("{0} changed.", [changed])];
	if (unchanged) told.push(__("{0} were so already.", [unchanged]));
	if (!failed.length) {
		frappe.show_alert({ message: told.join(" "), indicator: "green" });
		return;
	}
	told.push(__("{0} could not be changed:", [failed.length]));
	frappe.msgprint({
		title: __("Not All Could Be Changed"),
		indicator: "orange",
		message: told.join(" ") + reasons(failed),
	});

	function reasons(rows) {
		const esc = frappe.utils.escape_html;
		const lines = rows.map(
			({ name, title, reason }) => `<tr>
				<td><a href="${frappe.utils.get_form_link(listview.doctype, name)}">${esc(title)}</a></td>
				<td>${esc(reason)}</td>
			</tr>`
		);
		const head = [__("Title"), __("Reason")].map((label) => `<th scope="col">${label}</th>`).join("");
		return `<table class="table table-sm mt-3"><thead><tr>${head}</tr></thead><tbody>${lines.join("")}</tbody></table>`;
	}
};
