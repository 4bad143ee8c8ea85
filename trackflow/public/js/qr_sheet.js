frappe.provide("trackflow");

// Asks for the page and downloads the PDF that `method` answers with.
trackflow.ask_for_qr_sheet = function ({ method, args, hint, filename }) {
	const dialog = new frappe.ui.Dialog({
		title: __("QR Code Sheet"),
		fields: [
			{
				fieldname: "page_size",
				fieldtype: "Select",
				label: __("Page Size"),
				options: ["A4", "Letter"],
				default: "A4",
				reqd: 1,
			},
			{
				fieldname: "per_page",
				fieldtype: "Select",
				label: __("Codes on a Page"),
				options: ["1", "2", "4", "6", "12", "20", "30"],
				default: "12",
				reqd: 1,
				description: hint,
			},
		],
		primary_action_label: __("Download PDF"),
		primary_action: async (values) =>
			(await trackflow.download(method, { ...args, ...values }, filename)) && dialog.hide(),
	});
	dialog.show();
};

// Fetched rather than opened, so that what can't be made is explained here and not on a page of its own.
trackflow.download = async function (method, args, filename) {
	const answer = await fetch(`/api/method/${method}`, {
		method: "POST",
		headers: {
			Accept: "application/json",
			"Content-Type": "application/json",
			"X-Frappe-CSRF-Token": frappe.csrf_token,
		},
		body: JSON.stringify(args),
	});
	if (!answer.ok) {
		frappe.request.cleanup({}, await answer.json());
		return false;
	}
	const address = URL.createObjectURL(await answer.blob());
	$("<a>", { href: address, download: filename })[0].click();
	URL.revokeObjectURL(address);
	return true;
};
