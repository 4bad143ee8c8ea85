frappe.ui.form.on("Tracked Link", {
	refresh(frm) {
		if (frm.is_new()) return;
		add_buttons(frm);
		add_variant_test(frm);
		show_qr_code(frm);
	},
});

function add_buttons(frm) {
	frm.add_custom_button(__("Copy Short URL"), () =>
		frappe.utils.copy_to_clipboard(frm.doc.short_url)
	);
	frm.add_custom_button(__("Open"), () => window.open(frm.doc.short_url, "_blank", "noopener"));
}

async function add_variant_test(frm) {
	const { name } = frm.doc;
	const variants = await frappe.db.count("Campaign Link Variant", { filters: { tracked_link: name } });
	if (!variants || frm.doc.name !== name) return;
	frm.add_custom_button(__("Variant Test"), () =>
		frappe.set_route("query-report", "Variant Test", { tracked_link: name })
	);
}

function show_qr_code(frm) {
	const $image = $("<img>", {
		// As an image no script that the SVG might hold can run.
		src: "data:image/svg+xml;charset=utf-8," + encodeURIComponent(frm.doc.qr_code || ""),
		alt: __("QR code of {0}", [frm.doc.short_url]),
		width: 148,
		height: 148,
		class: "border rounded",
		css: { background: "white" },
	});
	const $downloads = $("<div>", { class: "ml-4" }).append(
		download_button(frm, "png", __("Download PNG")),
		download_button(frm, "svg", __("Download SVG")),
		$("<button>", { class: "btn btn-default btn-sm", text: __("Other Size...") }).on("click", () =>
			ask_for_qr_code(frm)
		)
	);
	frm.get_field("qr_preview")
		.$wrapper.empty()
		.append($("<div>", { class: "d-flex align-items-center mb-4" }).append($image, $downloads));
}

function download_button(frm, file_format, label) {
	const query = $.param({ link: frm.doc.name, file_format });
	const $button = $("<a>", {
		href: `/api/method/trackflow.api.links.qr_code?${query}`,
		class: "btn btn-default btn-sm",
		text: label,
	});
	return $("<p>").append($button);
}

function ask_for_qr_code(frm) {
	const dialog = new frappe.ui.Dialog({
		title: __("Download QR Code"),
		fields: [
			{
				fieldname: "file_format",
				fieldtype: "Select",
				label: __("Format"),
				options: [
					{ value: "png", label: __("PNG, for screens and documents") },
					{ value: "svg", label: __("SVG, for print of any size") },
				],
				default: "png",
				reqd: 1,
			},
			{
				fieldname: "size",
				fieldtype: "Int",
				label: __("Width and Height in Pixels"),
				description: __("From 64 to 4096. A code 5 cm wide in print takes 600 pixels."),
				default: 600,
				reqd: 1,
			},
			{
				fieldname: "margin",
				fieldtype: "Int",
				label: __("Margin"),
				description: __("In modules, the small squares of the code. Scanners want 4."),
				default: frm.doc.qr_margin,
			},
		],
		primary_action_label: __("Download"),
		primary_action: async (values) => (await download_qr_code(frm, values)) && dialog.hide(),
	});
	dialog.show();
}

// Fetched rather than opened, so that what can't be drawn is explained here and not on a page of its own.
async function download_qr_code(frm, values) {
	const query = $.param({ link: frm.doc.name, ...values });
	const answer = await fetch(`/api/method/trackflow.api.links.qr_code?${query}`, {
		headers: { Accept: "application/json" },
	});
	if (!answer.ok) {
		frappe.request.cleanup({}, await answer.json());
		return false;
	}
	const address = URL.createObjectURL(await answer.blob());
	$("<a>", { href: address, download: `${frm.doc.short_code}.${values.file_format}` })[0].click();
	URL.revokeObjectURL(address);
	return true;
}
